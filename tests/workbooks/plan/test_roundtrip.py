"""Export → import into an empty database → export gives the same cells."""

import datetime
import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.management import call_command

from accounts.models import User
from policies.models import Plan
from programs.models import ContentErratum, Program, Responsibility
from reviews.models import Contribution, PublishedReport, Redaction, Report, ReportErratum, Round
from tests.soak import others_in_soak
from tests.workbooks.plan import books, filled, full_plan, states
from tests.workbooks.plan.books import bring_in
from workbooks.plan import dictionary
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book
from workbooks.plan.sheets import SHEETS
from workbooks.plan.writing import TooLong, to_cell


def test_every_column_comes_back_cell_by_cell(cast):
    tables = filled.filled()
    assert filled.columns_left_empty(tables) == filled.EMPTY
    bring_in(books.written(tables), cast.office)
    first = books.exported("midori")
    given = {name: len(rows) for name, rows in tables.items()}
    found = {name: len(rows) - 1 for name, rows in books.cells(first).items() if name != "README"}
    assert found == given
    assert list(given) == [sheet.name for sheet in SHEETS]

    again = bring_in(first, cast.office)
    assert again.is_empty
    assert sum(one.unchanged for one in again.sheets.values()) == sum(given.values())

    books.empty_database()
    bring_in(first, cast.root)
    cells = books.cells(books.exported("midori"))
    assert cells == books.cells(first)
    come_back = {name: [dict(zip(rows[0], row, strict=True)) for row in rows[1:]] for name, rows in cells.items()}
    assert filled.columns_left_empty(come_back) == filled.EMPTY


def test_what_follows_from_the_rows_is_written_too(cast):
    bring_in(books.written(full_plan.full()), cast.office)
    assert Program.objects.get(number="2").search_text == "+補助金の見直し"
    report = Report.objects.get(program__number="2", round__as_of=full_plan.SEPTEMBER)
    assert (report.tone, report.grade.code) == ("behind", "B")
    people = (report.updated_by, report.submitted_by, report.approved_by, report.published_by)
    assert people == (cast.office,) * 4
    assert Report.objects.get(program__number="10", round__as_of=full_plan.SEPTEMBER).submitted_by is None
    assert Round.objects.get(as_of=full_plan.SEPTEMBER).published_by == cast.office
    assert Contribution.objects.get().updated_by == cast.office
    assert Redaction.objects.get().redacted_by is None  # whoever imports did not take anything out
    assert {erratum.corrected_by for erratum in ReportErratum.objects.select_related("corrected_by")} == {cast.office}
    published = PublishedReport.objects.get(program__number="2")
    assert published.departments == [{"code": "kyodo", "name": "協働課"}, {"code": "old", "name": "旧課"}]
    assert (published.department_codes, published.sort_key) == (";kyodo;old;", "000002")
    in_order = Responsibility.objects.filter(program_edition__edition__key="original").order_by("order")
    assert [(row.order, row.department.code) for row in in_order.select_related("department")] == [
        (1, "kyodo"),
        (2, "old"),
    ]
    for sheet in SHEETS:
        if hasattr(sheet.model, "history"):
            rows = sheet.model.objects.filter(
                **({sheet.scope: Plan.objects.get().pk} if sheet.scope else {"city": "みどり市"})
            )
            created = sheet.model.history.filter(history_type="+", history_user=cast.office, id__in=rows.values("pk"))
            assert created.count() == rows.count(), sheet.name


def test_official_facts_come_back_cell_by_cell(cast, tmp_path, capsys):
    call_command("load_official")
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    call_command("export_plan", "kodaira-2", str(first))
    books.empty_database()
    call_command("import_plan", str(first), "--by", "office")
    call_command("export_plan", "kodaira-2", str(second))
    cells = books.cells(first.read_bytes())
    assert cells == books.cells(second.read_bytes())
    assert len(cells["programs"]) == 63
    before = books.everything()
    capsys.readouterr()
    call_command("load_official")
    assert capsys.readouterr().out == "公式データ: 新しく登録するものはありません。\n"
    assert books.everything() == before


# Published with unknown contents, learned later, an erratum of each kind, something taken out.
_OF_EACH_KIND = [states.walk, states.late_contents, states.content_errata, states.redaction]


@pytest.mark.parametrize("reached", others_in_soak(states.STATES, _OF_EACH_KIND), ids=lambda reached: reached.__name__)
def test_whatever_was_done_comes_back_cell_by_cell(plan, cast, reached):
    """Into an empty database in which nobody works, and what citizens read of it is the same."""
    reached(plan, cast)
    first = books.exported("kodaira-2")
    cells, told = books.cells(first), books.open_tables("kodaira-2")
    books.empty_database()
    User.objects.update(is_superuser=False, is_active=False)

    read = read_book(first)
    assert (read.problems, import_tables(read.tables, by=None).problems) == ([], [])
    again = books.cells(books.exported("kodaira-2"))
    assert list(again) == list(cells)
    for sheet, rows in cells.items():
        assert again[sheet] == rows, sheet
    assert books.open_tables("kodaira-2") == told
    assert import_tables(read.tables, by=None, dry_run=True).is_empty


def test_file_is_for_machines(cast):
    """ASCII names in row 1, no merged cells, no formulas, numbers and dates as such, risky text as text."""
    bring_in(books.written(full_plan.full()), cast.office)
    book = openpyxl.load_workbook(io.BytesIO(books.exported("midori")))
    assert book.sheetnames == ["README", *(sheet.name for sheet in SHEETS)]
    for sheet in book:
        assert [cell.value for cell in sheet[1] if not cell.value.isascii()] == []
        assert sheet.merged_cells.ranges == set()
        assert [cell.coordinate for row in sheet for cell in row if cell.data_type in "fe"] == []
    programs = {row[0].value: row for row in book["programs"]}
    assert list(programs) == ["number", "2", "10", "R1-1"]
    header = [cell.value for cell in book["programs"][1]]
    name = programs["2"][header.index("name")]
    assert (name.value, name.data_type, name.quotePrefix) == ("+補助金の見直し", "s", True)
    ended = programs["R1-1"][header.index("ended_on")]
    assert (ended.value.date(), ended.number_format) == (full_plan.MARCH, "yyyy-mm-dd")
    targets = list(book["indicator_targets"].values)
    assert [row[4] for row in targets] == ["value", 77, 12345678901.5678]
    readme = list(book["README"].values)
    assert readme[0] == dictionary.HEADERS
    assert readme[6][-1] == "架空のデータです。実在の自治体の計画ではありません。"
    amount = next(row for row in readme if row[0] == "effects" and row[2] == "amount")
    assert amount[1:7] == ("効果額", "amount", "金額（千円）", "数値", "必須", "同じ行の unit")
    tone = next(row for row in readme if row[0] == "grades" and row[2] == "tone")
    assert tone[7] == (
        "ahead=予定以上; on_track=予定どおり; partly=一部だけ予定どおり; behind=遅れ; not_started=未着手; done=完了; "
        "ended=終了・中止; excluded=評価の対象外; none=どれでもない"
    )


def test_value_is_written_as_excel_can_hold_it():
    moment = datetime.datetime(2014, 3, 31, 15, 0, 1, tzinfo=datetime.UTC)
    given = [None, "", True, 5, Decimal("77.5000"), Decimal("100.0000"), datetime.date(1900, 3, 1), moment, ("a", "b")]
    assert [to_cell(value) for value in given] == [
        None,
        "",
        True,
        5,
        Decimal("77.5"),
        100,
        datetime.date(1900, 3, 1),
        datetime.datetime(2014, 4, 1, 0, 0, 1),  # noqa: DTZ001 - Excel's dates have no zone
        "a;b",
    ]
    # More digits than a number of Excel has, and a day before its calendar begins.
    assert to_cell(Decimal("12345678901234.5678")) == "12345678901234.5678"
    assert to_cell(datetime.date(1900, 2, 28)) == "1900-02-28"


def test_text_that_no_cell_can_hold_is_not_cut_off(plan, cast, tmp_path):
    ContentErratum.objects.create(
        plan=plan,
        corrected_on=full_plan.MARCH,
        program_edition=plan.editions.first().contents.first(),
        field="contents",
        label="実施内容",
        old="長" * 32_768,
        reason="誤記",
        corrected_by=cast.office,
    )
    with pytest.raises(TooLong, match="シート「計画内容の正誤（content_errata）」の 1 の誤（old）は 32,768字あり"):
        books.exported("kodaira-2")


def test_missing_sheets_columns_and_rows_mean_not_touched(cast):
    bring_in(books.written(full_plan.full()), cast.office)
    before = books.everything()
    tables = {
        "plan": [{"slug": "midori"}],
        "programs": [{"number": "１０", "name": "名前が決まった項目"}],
        "indicator_actuals": [{"program": "2", "indicator": 1, "fiscal_year": "平成27年度", "value": "８０"}],
    }
    result = bring_in(books.written(tables), cast.office)
    (change,) = result.sheets["programs"].changed
    assert (change.key, change.fields) == (("10",), {"name": ("", "名前が決まった項目")})
    assert list(result.sheets["indicator_actuals"].created) == [("2", 1, 2015)]
    assert (result.count("created"), result.count("changed"), result.count("deleted")) == (1, 1, 0)
    after = books.everything()
    differs = {name for name in before if before[name] != after[name]}
    assert differs == {
        "programs.Program",
        "programs.HistoricalProgram",
        "programs.IndicatorActual",
        "programs.HistoricalIndicatorActual",
    }
    assert Program.objects.get(number="10").search_text == "名前が決まった項目"


def test_rows_go_by_the_column_delete_alone(cast):
    bring_in(books.written(full_plan.full()), cast.office)
    tables = {
        "plan": [{"slug": "midori"}],
        "departments": [{"code": "old", "delete": None}, {"code": "kyodo", "delete": "いいえ"}],
        "program_editions": [{"program": "2", "edition": "r1", "delete": True}],
        "year_plans": [{"program": "2", "edition": "r1", "fiscal_year": 2015, "delete": "TRUE"}],
        "opinions": [{"key": "2014-2", "delete": 1}, {"key": "never there", "delete": True}],
        "key_programs": [{"program": "10", "fiscal_year": 2014, "delete": "はい"}],
    }
    result = bring_in(books.written(tables), cast.office)
    assert result.count("deleted") == 4
    left = books.cells(books.exported("midori"))
    assert {name: len(left[name]) - 1 for name in ("departments", "program_editions", "year_plans", "opinions")} == {
        "departments": 3,
        "program_editions": 2,
        "year_plans": 2,
        "opinions": 1,
    }
    assert Responsibility.history.filter(history_type="-", history_user=cast.office).count() == 1
    assert Program.editions.rel.related_model.history.filter(history_type="-").count() == 1


def test_department_that_others_use_outside_the_plan_stays(cast):
    tables = {
        "plan": [{"slug": "b", "city": "小平市", "name": "計画", "first_fiscal_year": 2016, "last_fiscal_year": 2018}],
        "departments": [{"code": "zaisei", "name": "財政課"}],
    }
    bring_in(books.written(tables), cast.office)
    tables["departments"] = [{"code": "zaisei", "delete": True}]
    before = books.everything()
    with pytest.raises(Exception, match="1件の誤りがあります") as caught:
        bring_in(books.written(tables), cast.office)
    assert str(caught.value.comparison.problems[0]) == (
        "シート「部署（departments）」 列「delete」: 計画ブックの外（所属）で使われているため削除できません。この欄を空にしてください。（値「zaisei」）"
    )
    assert books.everything() == before
