"""The letters of charts are large enough to read, and none stands on another."""

import pytest
from django.core.management import call_command

from tests.browser.people import PHONE
from tests.soak import others_in_soak

pytestmark = pytest.mark.django_db(transaction=True)
LEAST = 12  # pixels
PAGES = {
    "sample": ["", "effects/", "policies/4/", "programs/1/", "programs/30/", "revisions/fy2013-revision/"],
    "sample-2": ["", "effects/", "policies/2/", "programs/R1-1/", "progress/", "revisions/extension/"],
}
# (how large the smallest letters of a chart are, the words that stand on each other)
LETTERS = """() => [...document.querySelectorAll("svg.plot")].map(chart => {
  const scale = chart.getBoundingClientRect().width / chart.viewBox.baseVal.width;
  const words = [...chart.querySelectorAll("text")].filter(word => word.textContent.trim());
  const boxes = words.map(word => [word.textContent, word.getBoundingClientRect()]);
  const size = Math.min(...words.map(word => parseFloat(getComputedStyle(word).fontSize) * scale));
  const over = boxes.flatMap(([one, a], index) => boxes.slice(index + 1)
    .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 6 && b.top < a.bottom - 6)
    .map(([other]) => `${one} / ${other}`));
  return {title: chart.querySelector("title").textContent, size, over};
})"""


@pytest.mark.parametrize("plan", others_in_soak(PAGES, ["sample"]))
def test_letters_of_charts_are_read_on_a_phone_and_on_a_desk(plan, db, someone):
    call_command("load_sample", every=plan != "sample", verbosity=0)
    small, over, seen = [], [], 0
    for reader in (someone(PHONE), someone({"width": 1280, "height": 900})):
        for page in PAGES[plan]:
            reader.go(f"/plans/{plan}/{page}")
            for chart in reader.page.evaluate(LETTERS):
                seen += 1
                where = (reader.page.viewport_size["width"], page, chart["title"])
                small += [(*where, chart["size"])] if chart["size"] < LEAST else []
                over += [(*where, chart["over"])] if chart["over"] else []
    assert (small, over) == ([], [])
    assert seen >= 12
