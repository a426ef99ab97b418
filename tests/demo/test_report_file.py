"""The report of a round as paper: an item stands on one sheet, and nothing is torn from what it names."""

import subprocess

import pytest
from django.core.management import call_command

from tests.reading import read
from tests.soak import others_in_soak

pytestmark = pytest.mark.pdf
# The sheets of paper at most; an item that would need a second one begins on a new one.
SHEETS = [("kodaira-2", "2016-03-31", 2), ("sample-2", "2025-03-31", 20), ("sample", "2016-03-31", 68)]


@pytest.mark.parametrize(("slug", "as_of", "most"), others_in_soak(SHEETS, SHEETS[:1]))
def test_an_item_stands_on_one_sheet_and_no_name_is_the_last_of_it(db, client, tmp_path, slug, as_of, most):
    call_command("load_official", verbosity=0)
    if slug != "kodaira-2":
        call_command("load_sample", every=True, verbosity=0)
    address = f"/plans/{slug}/report/{as_of}"
    page = read(client.get(f"{address}/"))
    file = tmp_path / "report.pdf"
    file.write_bytes(client.get(f"{address}.pdf").content)
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    sheets = [["".join(line.split()) for line in sheet.splitlines() if line.strip()] for sheet in text.split("\f")[:-1]]
    assert 2 <= len(sheets) <= most
    names = {"".join(name.split()) for tag in ("h2", "h3", "h4", "caption") for name in page.texts.get(tag, ())}
    assert {number: lines[-2] for number, lines in enumerate(sheets, 1) if lines[-2] in names} == {}
    # Each further sheet of items begins with an item, or with the name of its policy: none goes on from the sheet before.
    items = {"".join(name.split()) for name in page.texts.get("h4", ()) if not name.startswith("意見")}
    begun = {name: number for number, lines in enumerate(sheets, 1) for name in lines if name in items}
    assert set(begun) == items
    of_items = range(min(begun.values()), max(begun.values())) if begun else ()
    assert {number + 1: sheets[number][1] for number in of_items if sheets[number][1] not in names} == {}
