"""Columns that a sheet has only where they are of use, and the last report's text, which is there to be copied."""

import pytest

from figures.models import PublishedFigure
from reviews.models import Effect, ReportEffect
from tests import factories
from tests.workbooks.survey.sheets import Book, changes, faults, row_of
from workbooks.survey.layout import EFFECTS, GUIDE, REPORTS

WITHOUT = ["項目", "年度", "種類", "根拠", "金額（千円）", "補足", "key"]
WITH = ["項目", "年度", "種類", "根拠", "会計", "数え方", "金額（千円）", "補足", "key"]
EMPTY = "一般会計か特別会計か、単年度・累計・継続のどれかが分からない金額は、「会計」「数え方」を空欄にします。"
BUDGET = {"fiscal_year": 2014, "kind": "saving", "basis": "budget", "amount": 1}


def guide(book):
    return [cell.value for cell in book[GUIDE]["B"]]


def test_a_plan_without_accounts_and_series_is_not_asked_for_them(desk):
    book = desk.download()
    assert book.titles(EFFECTS) == WITHOUT
    assert EMPTY not in guide(book)


@pytest.mark.parametrize("of", ["report", "item", "print"])
def test_one_amount_of_the_plan_that_says_them_brings_the_columns(desk, opened, of):
    report = factories.report(opened, 3)
    if of == "report":
        ReportEffect.objects.create(report=report, account="special", **BUDGET)
    elif of == "item":
        Effect.objects.create(program=report.program, series="carried", **BUDGET)
    else:
        PublishedFigure.objects.create(
            plan=opened.plan, source=opened.plan.sources.first(), printed="1百万円", unit="千円", series="cumulative"
        )  # fmt: skip
    book = desk.download()
    assert book.titles(EFFECTS) == WITH
    assert EMPTY in guide(book)
    book.put(EFFECTS, 4, 会計="一般会計", 数え方="累計")
    uploaded = desk.upload(book)
    assert faults(uploaded) == []
    assert changes(uploaded)["1", "effect/2014/saving/budget/general/cumulative/amount"] == ("", "1200", False)


def test_a_sheet_of_either_shape_is_read_whatever_the_plan_does_now(desk, opened, sheet):
    ReportEffect.objects.create(report=factories.report(opened, 3), account="special", **BUDGET)
    wide = desk.download().put(EFFECTS, 4, 補足="広い").saved()
    assert changes(desk.upload(Book(sheet).put(EFFECTS, 4, 補足="狭い"))) == {
        ("1", "effect/2014/saving/budget/note"): ("委託の見直し", "狭い", False)
    }
    ReportEffect.objects.exclude(account="").delete()
    assert desk.download().titles(EFFECTS) == WITHOUT
    assert changes(desk.upload(wide))["1", "effect/2014/saving/budget/note"] == ("委託の見直し", "広い", False)


def test_the_last_text_stands_in_full_to_be_copied_and_is_never_read(desk, opened):
    report = factories.report(opened, 1)
    long = "説明会を開いた。\n" + "あ" * 1500
    report.program.reports.exclude(pk=report.pk).update(progress=long)
    book = desk.download()
    cell = book.cell(REPORTS, row_of(book, 1), "前回の取組状況")
    assert (cell.value, cell.protection.locked, book[REPORTS].protection.selectLockedCells) == (long, True, False)
    assert "「前回の取組状況」はコピーして、「取組状況」に値だけを貼り付けられます。" in book[REPORTS]["A2"].value
    assert any("「前回の取組状況」のセルをコピーし" in str(line) for line in guide(book))
    cell.value = "ここに書いても読まない"
    assert changes(desk.upload(book)) == {}
    book.put(REPORTS, row_of(book, 1), 取組状況=long)
    assert changes(desk.upload(book)) == {("1", "progress"): ("", long, False)}


def test_a_sheet_from_before_there_was_the_column_is_read(desk):
    book = desk.download().put(REPORTS, 4, 取組状況="済み")
    book[REPORTS].delete_cols(book.column(REPORTS, "前回の取組状況"))
    assert changes(desk.upload(book)) == {("1", "progress"): ("", "済み", False)}


def test_rows_of_indicators_and_effects_are_as_high_as_their_texts(desk, opened):
    report = factories.report(opened, 1)
    indicator = report.program.indicators.get()
    low = desk.download()["成果指標"].row_dimensions[4].height
    type(indicator).objects.filter(pk=indicator.pk).update(
        name="データを使ったアプリケーションやウェブページの数と利用者の数"
    )
    Effect.objects.create(program=report.program, note="補足", **BUDGET)
    effect = ReportEffect.objects.create(
        report=report, note="空調の設定を改めた。" * 12, **(BUDGET | {"basis": "actual"})
    )
    book = desk.download()
    row = next(row for row in range(4, 12) if book.cell(EFFECTS, row, "補足").value == effect.note)
    assert (low, book["成果指標"].row_dimensions[4].height) == (18.0, 32.0)
    assert book[EFFECTS].row_dimensions[row].height > 48
