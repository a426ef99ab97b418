"""Every published number can be read: no table is cut off on a desk, a phone shows where there is more, paper sums once.
And no page is endless."""

import pytest
from django.core.management import call_command

from tests.browser.kinds import PLANS, kinds
from tests.browser.measures import printed, unfold
from tests.browser.people import PHONE

pytestmark = pytest.mark.django_db(transaction=True)
# One of each kind of page that has tables, and those of them whose tables are the widest.
WIDEST = [
    *("", "programs/", "programs/1/", "progress/2016-03-31/", "revisions/fy2013-revision/", "effects/"),
    *("committee/2016-05-27/", "figures/", "data/"),
]
KINDS = [
    *("", "about/", "policies/1/", "programs/", "programs/1/", "progress/", "progress/2016-03-31/", "revisions/"),
    *("revisions/fy2013-revision/", "effects/", "committee/", "committee/2016-05-27/", "figures/", "data/"),
]
OTHER = ["/plans/", "/glossary/", "/api/v1/docs"]
# Tables that are wider than their box, with the sign of the box that says so.
WIDE = """() => [...document.querySelectorAll("table")].map((table) => {
  const box = table.closest(".scroll") ?? table.parentElement;
  const style = getComputedStyle(box);
  return {
    caption: (table.caption ?? table).textContent.trim().slice(0, 40),
    over: table.scrollWidth - box.clientWidth,
    signed: style.overflowX === "auto" && style.backgroundImage.includes("linear-gradient"),
  };
}).filter((each) => each.over > 1)"""
HEIGHT = "document.documentElement.scrollHeight"
TALLEST = {1280: 8000, 360: 12_000}
OVERVIEW = 3400  # on a desk
PRINTED = "/plans/sample/effects/"  # with a row group for each of 26 items
FEWEST = 8  # lines of a sheet of paper that is not the last
OVERVIEWS = ("/plans/sample/", "/plans/kodaira-2/")  # of the second sample: tests/browser/test_questions.py
FOOTERS = """() => [...document.querySelectorAll("tfoot")].map((foot) => getComputedStyle(foot).display)"""


def addresses(whole):
    if not whole:
        return [f"/plans/sample/{page}" for page in WIDEST]
    pages = [f"/plans/sample/{page}" for page in KINDS]
    pages += [f"/plans/kodaira-2/{page}" for page in KINDS if "2016-05-27" not in page]
    pages += [f"/plans/sample/programs/{number}/" for number in range(2, 63)]
    pages += [f"/plans/sample/policies/{number}/" for number in range(2, 6)]
    pages += [f"/plans/sample-2/{page}" for page in PLANS["sample-2"].values()]
    return [*pages, *OTHER]


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_no_number_of_a_table_is_cut_off_and_no_page_is_endless(whole, db, someone, tmp_path):
    call_command("load_sample", verbosity=0, all=whole)
    if whole:
        call_command("load_official", verbosity=0)
    desk, phone = someone({"width": 1280, "height": 900}), someone(PHONE)
    cut, unsigned, sums, endless, bare = {}, {}, {}, {}, {}
    for address in addresses(whole):
        desk.go(address)
        if (height := desk.page.evaluate(HEIGHT)) > (OVERVIEW if address in OVERVIEWS else TALLEST[1280]):
            endless["desk", address] = height
        if whole or address == PRINTED:
            *sheets, _last = printed(desk.page, tmp_path / "page.pdf")
            if short := [number for number, lines in enumerate(sheets, 1) if len(lines) < FEWEST]:
                bare[address] = short
        unfold(desk.page)
        if found := desk.page.evaluate(WIDE):
            cut[address] = found
        desk.page.emulate_media(media="print")
        if set(desk.page.evaluate(FOOTERS)) - {"table-row-group"}:
            sums[address] = True
        desk.page.emulate_media(media="null")
        phone.go(address)
        if (height := phone.page.evaluate(HEIGHT)) > TALLEST[360]:
            endless["phone", address] = height
        unfold(phone.page)
        if found := [each for each in phone.page.evaluate(WIDE) if not each["signed"]]:
            unsigned[address] = found
    assert (cut, unsigned, sums, endless, bare) == ({}, {}, {}, {}, {})


@pytest.mark.soak
@pytest.mark.parametrize("width", [640, 768], ids=["desk at 200 %", "tablet"])
def test_between_a_phone_and_a_desk_every_table_stands_within_its_box(width, db, someone):
    call_command("load_official", verbosity=0)
    call_command("load_sample", every=True, verbosity=0)
    page = someone({"width": width, "height": 1024}).page
    wider = {}
    for kind, address in kinds().items():
        page.goto(address)
        unfold(page)
        if found := page.evaluate(WIDE):
            wider[kind] = found
    assert wider == {}
