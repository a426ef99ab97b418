"""Reports and packets as paper: an item stands on one sheet, nothing is torn from what it names, no number broken."""

import subprocess

import pytest
from django.core.management import call_command

from tests.reading import read
from tests.soak import others_in_soak

pytestmark = pytest.mark.pdf
# The sheets of paper at most; an item that would need a second one begins on a new one.
SHEETS = [("kodaira-2", "2016-03-31", 2), ("sample-2", "2025-03-31", 20), ("sample", "2016-03-31", 68)]


def sheets_of(client, address, file):
    """The lines of each sheet of a PDF file, without blanks."""
    file.write_bytes(client.get(address).content)
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    return [["".join(line.split()) for line in sheet.splitlines() if line.strip()] for sheet in text.split("\f")[:-1]]


@pytest.mark.parametrize(("slug", "as_of", "most"), others_in_soak(SHEETS, SHEETS[:1]))
def test_an_item_stands_on_one_sheet_and_no_name_is_the_last_of_it(db, client, tmp_path, slug, as_of, most):
    call_command("load_official", verbosity=0)
    if slug != "kodaira-2":
        call_command("load_sample", every=True, verbosity=0)
    address = f"/plans/{slug}/report/{as_of}"
    page = read(client.get(f"{address}/"))
    sheets = sheets_of(client, f"{address}.pdf", tmp_path / "report.pdf")
    assert 2 <= len(sheets) <= most
    names = {"".join(name.split()) for tag in ("h2", "h3", "h4", "caption") for name in page.texts.get(tag, ())}
    assert {number: lines[-2] for number, lines in enumerate(sheets, 1) if lines[-2] in names} == {}
    # Each further sheet of items begins with an item, or with the name of its policy: none goes on from the sheet before.
    items = {"".join(name.split()) for name in page.texts.get("h4", ()) if not name.startswith("意見")}
    begun = {name: number for number, lines in enumerate(sheets, 1) for name in lines if name in items}
    assert set(begun) == items
    of_items = range(min(begun.values()), max(begun.values())) if begun else ()
    assert {number + 1: sheets[number][1] for number in of_items if sheets[number][1] not in names} == {}


@pytest.mark.soak
@pytest.mark.parametrize(
    ("slug", "held_on", "most", "rows"),
    [
        ("sample", "2016-05-27", 4, ["計6488062", "方針4収入を増やし支出を見直す取組3123018"]),
        ("sample-2", "2025-06-05", 2, ["計2152000019", "重点改革項目1市民に近い手続14000005"]),
    ],
)
def test_a_row_of_a_packet_is_one_line(db, client, tmp_path, slug, held_on, most, rows):
    call_command("load_sample", every=True, verbosity=0)
    sheets = sheets_of(client, f"/plans/{slug}/committee/{held_on}/packet.pdf", tmp_path / "packet.pdf")
    assert len(sheets) <= most
    assert [row for row in rows if row not in sheets[0]] == []
