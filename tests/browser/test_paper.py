"""What a reader prints: words of a table keep their line, and a page takes no more sheets than it needs."""

import pytest
from django.core.management import call_command

from tests.browser.measures import printed
from tests.browser.people import DESK

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pdf]
# Of the sample's 62 items: how many sheets at most, and how often a word stands whole on a line.
SHEETS = {
    "programs/": (3, {"S計画を上回る": 6, "A計画のとおり": 48, "B計画より遅れ": 8, "情報システム課": 8, "訂正あり": 1}),
    "policies/4/": (3, {"A計画のとおり": 15}),
    "effects/": (7, {"一致": 19, "272,470千円": 4}),
}


def test_words_of_a_table_keep_their_line_on_paper(db, someone, tmp_path):
    call_command("load_sample", verbosity=0)
    page = someone(DESK).page
    found = {}
    for address, (_most, words) in SHEETS.items():
        page.goto(f"/plans/sample/{address}")
        sheets = printed(page, tmp_path / "page.pdf")
        lines = ["".join(line.split()) for sheet in sheets for line in sheet]
        found[address] = len(sheets), {word: sum(line.count(word) for line in lines) for word in words}
    assert {address: words for address, (_, words) in found.items()} == {
        address: words for address, (_, words) in SHEETS.items()
    }
    assert {address: sheets for address, (sheets, _) in found.items() if sheets > SHEETS[address][0]} == {}
