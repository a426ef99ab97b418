"""What a reader prints: words of a table keep their line, and a page takes no more sheets than it needs."""

import pytest
from django.core.management import call_command

from tests.browser.kinds import kinds
from tests.browser.measures import printed
from tests.browser.people import DESK

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pdf]
# Of the sample's 62 items: how many sheets at most, and how often a word stands whole on a line.
SHEETS = {
    "programs/": (3, {"S計画を上回る": 6, "A計画のとおり": 48, "B計画より遅れ": 8, "情報システム課": 8, "訂正あり": 1}),
    "policies/4/": (3, {"A計画のとおり": 15}),
    "progress/": (1, {"B計画より遅れ": 10, "評価の基準の変更": 1}),
    "effects/": (7, {"一致": 19, "272,470千円": 4}),
}
NAMES = "h1, h2, h3, h4, caption, summary, .named, .legend li, .meetings > li > p:first-child"
FEWEST = 5  # lines of a sheet, with the address below it


def ends_badly(page, sheets):
    """Names that are the last of a sheet, and sheets with next to nothing on them: number → what stands there."""
    names = {"".join(name.split()) for name in page.locator(NAMES).all_text_contents()}
    alone = {number: lines[-2] for number, lines in enumerate(sheets, 1) if "".join(lines[-2].split()) in names}
    bare = {number: lines for number, lines in enumerate(sheets, 1) if len(sheets) > 1 and len(lines) < FEWEST}
    return alone | bare


def test_words_of_a_table_keep_their_line_on_paper(db, someone, tmp_path):
    call_command("load_sample", verbosity=0)
    page = someone(DESK).page
    found = {}
    for address, (_most, words) in SHEETS.items():
        page.goto(f"/plans/sample/{address}")
        sheets = printed(page, tmp_path / "page.pdf")
        assert ends_badly(page, sheets) == {}, address
        lines = ["".join(line.split()) for sheet in sheets for line in sheet]
        found[address] = len(sheets), {word: sum(line.count(word) for line in lines) for word in words}
    assert {address: words for address, (_, words) in found.items()} == {
        address: words for address, (_, words) in SHEETS.items()
    }
    assert {address: sheets for address, (sheets, _) in found.items() if sheets > SHEETS[address][0]} == {}


@pytest.mark.soak
def test_what_names_something_is_never_the_last_of_a_sheet(db, someone, tmp_path):
    """Nor does a sheet hold next to nothing. (The report of a round is a book: tests/website/test_report.py.)"""
    call_command("load_official", verbosity=0)
    call_command("load_sample", every=True, verbosity=0)
    page = someone(DESK).page
    found = {}
    for kind, address in kinds().items():
        if not kind.endswith(": report"):
            page.goto(address)
            if bad := ends_badly(page, printed(page, tmp_path / "page.pdf")):
                found[kind] = bad
    assert found == {}
