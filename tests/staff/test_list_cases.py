"""Lists as people and programs really leave them, through the door of the admin. tests/staff/cases/ holds the files."""

from pathlib import Path

import pytest

from committee.models import Opinion
from programs.models import Program
from tests.staff.files import problems
from tests.workbooks.plan import books

CASES = Path(__file__).parent / "cases"


@pytest.fixture
def office(client, cast):
    """The office, and the plan that the lists are about."""
    books.bring_in((CASES / "plan.xlsx").read_bytes(), cast.office)
    client.force_login(cast.office)
    return client


def case(name):
    return (CASES / f"{name}.xlsx").read_bytes()


@pytest.mark.parametrize("name", ["merged_source", "merged_note"])
def test_merged_cells_are_refused_and_erase_nothing(name, office, preview):
    before = list(Program.objects.order_by("pk").values())
    [(_row, _column, text)] = problems(preview("programs.program", case(name)))
    assert "のセルが結合されています。結合を解除し、1つのセルに1つの値を入れてください。" in text
    assert list(Program.objects.order_by("pk").values()) == before


def test_strict_open_xml_is_read(office, preview):
    response = preview("programs.program", case("strict"))
    assert problems(response) == []
    assert response.context_data["result"].totals["new"] + response.context_data["result"].totals["update"] >= 1


def test_a_key_that_became_a_date_is_refused_with_its_place(office, preview):
    [(row, column, text)] = problems(preview("committee.opinion", case("key_as_date")))
    assert (row, column) == (2, "")
    assert text.startswith("セルの値が日付（2027-03-01）になっています。")
    assert Opinion.objects.count() == 0


def test_a_row_far_below_is_not_dropped(office, preview):
    response = preview("programs.program", case("row_far_below"))
    found = problems(response)
    read = response.context_data.get("result")
    assert found or read.totals["new"] == 2
