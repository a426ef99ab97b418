"""One table: what each input is at each door (form, survey sheet, plan workbook, list, erratum). The answer is the same."""

import datetime
import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from openpyxl.utils import get_column_letter

from core.cells import cell_for
from core.grammar import Unreadable
from policies.models import Plan
from programs.models import IndicatorActual, Program
from reviews import corrections
from reviews.models import PublishedReport, Round
from staff import fields
from staff.lists.formats import Xlsx
from tests.soak import whole_in_soak
from tests.workbooks.survey.doors import ANSWERS, REFUSED
from tests.workbooks.survey.sheets import changes, faults, row_of
from workbooks.plan import reading
from workbooks.plan.sheets import BY_NAME
from workbooks.survey import layout
from workbooks.survey.changes import preview

# What only a cell can hold: a program has made it of what was typed.
CELLS = {
    True: (REFUSED, REFUSED, REFUSED),
    datetime.time(9, 30): (REFUSED, REFUSED, REFUSED),
    datetime.date(2015, 9, 30): (REFUSED, REFUSED, datetime.date(2015, 9, 30)),
}
IN_CELLS = [
    *(pair for pair in ANSWERS.items() if pair[0] != "縦\x0bタブ"),
    *CELLS.items(),
]  # openpyxl writes no such text


def answer(read, value):
    try:
        return read(value)
    except (Unreadable, ValidationError):
        return REFUSED


@pytest.mark.parametrize(("value", "expected"), ANSWERS.items())
def test_form(value, expected):
    typed = "57" if value == 56.99999999999999 else str(value).removesuffix(".0")
    doors = (fields.NumberField(required=False), fields.TextField(required=False), fields.DayField(required=False))
    found = tuple(answer(door.clean, typed) for door in doors)
    assert found == (expected[0], expected[1], expected[2])


@pytest.mark.parametrize(("value", "expected"), ANSWERS.items())
def test_erratum(value, expected):
    row = PublishedReport(round=Round(plan=Plan(), as_of=datetime.date(2014, 9, 30)), actuals=[], effects=[])

    def corrected(field):
        return answer(lambda typed: corrections.read_new(row, field, typed), value)

    assert corrected("actuals:1:2014") == (REFUSED if expected[0] == REFUSED else f"{expected[0]:f}")
    assert corrected("progress") == expected[1]
    assert corrected("recovery_on") == (REFUSED if expected[2] == REFUSED else expected[2].isoformat())


def in_a_cell(value):
    book = openpyxl.Workbook()
    book.active.title = "data"
    book.active.append(["見出し"])
    cell = book.active.cell(2, 1)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(("value", "expected"), IN_CELLS)
def test_list(value, expected):
    [[cell]] = Xlsx().create_dataset(in_a_cell(value))
    kinds = (
        IndicatorActual._meta.get_field("value"),
        Program._meta.get_field("note"),
        Program._meta.get_field("added_on"),
    )
    assert tuple(answer(cell_for(kind).clean, cell) for kind in kinds) == expected


@pytest.mark.parametrize(("value", "expected"), IN_CELLS)
def test_plan_workbook(value, expected):
    data = in_a_cell(value)
    book = openpyxl.load_workbook(io.BytesIO(data))
    book["data"].title = "programs"
    book["programs"]["A1"].value = "note"
    stream = io.BytesIO()
    book.save(stream)
    [table] = reading.read_book(stream.getvalue()).tables
    [(_, row)] = table.rows
    columns = (
        BY_NAME["indicator_actuals"].by_name["value"],
        BY_NAME["programs"].by_name["note"],
        BY_NAME["programs"].by_name["added_on"],
    )
    assert tuple(answer(column.parse, row["note"]) for column in columns) == expected


@pytest.mark.parametrize("values", whole_in_soak(IN_CELLS[::3], IN_CELLS))
def test_survey_sheet(values, desk, cast, opened):
    """Inputs in turn in one sheet's cells, as its reporter would bring it back."""
    for value, (number, text, day) in values:
        book = desk.download()
        put = (
            (layout.ACTUALS, 4, "実績値", "actual/1/value", number),
            (layout.REPORTS, row_of(book, 1), "取組状況", "progress", text),
            (layout.REPORTS, row_of(book, 1), "回復予定日", "recovery_on", day),
        )
        for sheet, row, title, *_ in put:
            book.put(sheet, row, **{title: value})
            if isinstance(value, str):
                book.cell(sheet, row, title).data_type = "s"
        uploaded = desk.upload(book)
        wrong = [message for _, message in faults(uploaded)]
        found = changes(uploaded)
        for _, _, title, name, expected in put:
            if expected == REFUSED:
                assert any(message.startswith(title) for message in wrong), (value, title)
            else:
                assert not any(message.startswith(title) for message in wrong), (value, title)
                new = found["1", name][1]
                assert new.replace("（見込）", "") in {shown(expected)}, (value, title, new)


def shown(value):
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, datetime.date) else value


def test_a_cell_shown_as_percent_is_taken_as_it_is_shown_and_said(desk, opened):
    book = desk.download()
    cell = book.cell(layout.ACTUALS, 4, "実績値")
    cell.value, cell.number_format = 0.681, "0.0%"
    uploaded = desk.upload(book)
    assert changes(uploaded)["1", "actual/1/value"][1] == "68.1"
    assert preview(uploaded).notes == [
        f"「成果指標」シート {cell.coordinate}: 百分率（%）の書式で表示されている値を、表示のとおり 68.1 と読みました。"
    ]


def test_merged_cells_erase_nothing(desk, opened):
    book = desk.download()
    row, column = row_of(book, 1), book.column(layout.REPORTS, "取組状況")
    book.put(layout.REPORTS, row, 取組状況="まとめて").put(layout.REPORTS, row + 1, 取組状況="消えては困る")
    book[layout.REPORTS].merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=column)
    letter = get_column_letter(column)
    assert faults(desk.upload(book))[0] == (
        f"「報告」シート {letter}{row}",
        f"{letter}{row}:{letter}{row + 1} のセルが結合されています。結合を解除し、1つのセルに1つの内容を入れてください。",
    )
