"""Codes of what is known, at every door where one is typed: the grade ○ is meant by 〇 and ◯ too, a source 資料✓ by 資料✔."""

import datetime

import tablib

from core.cells import cell_for
from policies.models import Grade, Source, Viewpoint
from programs.editions import freeze
from programs.errata import correct_content
from programs.models import ProgramEdition
from reviews import corrections, past
from reviews.models import PublishedReport, Round
from staff.axes import GradeResource
from tests import factories
from tests.kept import kept
from tests.workbooks.survey.doors import REFUSED, answers
from tests.workbooks.survey.sheets import changes, faults, row_of
from workbooks.plan.changes import RawTable
from workbooks.plan.compare import compare
from workbooks.plan.stored_plan import load
from workbooks.survey import layout

GRADES = {"○": "○", "〇": "○", "◯": "○", "\u200b◯\ufe00": "○", "×": REFUSED, "◎": REFUSED, "５": REFUSED}
SOURCES = {"資料✓": "資料✓", "資料✔": "資料✓", "資料☑ ": "資料✓", "資料×": REFUSED, "Ｓ１": "S1"}
DAY = datetime.date(2014, 9, 30)


@kept
def judged(plan, cast):
    """The plan has a grade ○, and a source 資料✓, beside its others; its second axis has a grade ○ of its own."""
    factories.written(plan)
    factories.further_axes(plan)
    for axis in plan.axes.filter(key__in=["main", "outcome"]):
        Grade.objects.create(plan=plan, axis=axis, code="○", label="よい", tone="on_track", order=9)
    Source.objects.create(plan=plan, key="資料✓", title="確かめた資料", publisher="小平市")
    freeze(plan.editions.get(key="original"), by=cast.office)
    return plan


def in_workbook(plan, sheet, column, **row):
    """What a cell of the plan workbook is in the row that it would make; `row` is the rest of that row."""

    def read(typed):
        table = RawTable(sheet, (*row, column), ((2, {**row, column: typed}),))
        found = compare([table], load(plan))
        if any(problem.column == column for problem in found.problems):
            return REFUSED
        [changed] = [*found.sheets[sheet].changed, *found.sheets[sheet].created]
        key = getattr(changed, "key", changed)
        return found.final[sheet][key][column]

    return read


def test_a_grade(judged, cast):
    frozen = PublishedReport(round=Round(plan=judged, as_of=DAY), actuals=[], effects=[])
    frozen.round.framework = {"axes": [{"key": "outcome", "name": "達成度", "grades": [{"code": "○"}]}]}

    def past_result(typed):
        [result] = past.read_results(judged.rounds.first(), f"1\t{typed}\tA")
        return result.grade.code

    def past_judgement(typed):
        [result] = past.read_results(judged.rounds.first(), f"1\tA\t{typed}")
        return result.judgements["outcome"].code

    judgement = {"as_of": DAY, "program": "1", "axis": "outcome"}
    doors = {
        "past result": past_result,
        "past judgement": past_judgement,
        "report in a plan workbook": in_workbook(judged, "reports", "grade", as_of=DAY, program="1"),
        "judgement in a plan workbook": in_workbook(judged, "judgements", "grade", **judgement),
        "erratum of a report": lambda typed: corrections.read_new(frozen, "grade", typed),
        "erratum of a judgement": lambda typed: corrections.read_new(frozen, "judgement:outcome", typed),
    }
    assert {name: answers(read, GRADES) for name, read in doors.items()} == dict.fromkeys(doors, GRADES)


def test_a_grade_in_a_survey_sheet(plan, desk, opened):
    Grade.objects.create(plan=plan, code="○", label="よい", tone="on_track", order=9)
    found = {}
    for typed in GRADES:
        book = desk.download()
        book.put(layout.REPORTS, row_of(book, 1), 評価=typed)
        uploaded = desk.upload(book)
        change = changes(uploaded).get(("1", "grade"))
        found[typed] = change[1].partition(" ")[0] if change else REFUSED
        assert bool(change) != any(message.startswith("評価") for _, message in faults(uploaded))
    assert found == GRADES


def test_a_source(judged, cast):
    content = ProgramEdition.objects.get(program__number="1", edition__key="original")

    def of_content(typed):
        correct_content(content, "source", typed, reason="誤り", by=cast.office)
        return ProgramEdition.objects.get(pk=content.pk).source.key

    cell = cell_for(Viewpoint._meta.get_field("source"))
    doors = {
        "list": lambda typed: cell.clean(typed, {"計画": "kodaira-2"}).key,
        "plan workbook": in_workbook(judged, "viewpoints", "source", order=1),
        "erratum of a content": of_content,
    }
    assert {name: answers(read, SOURCES) for name, read in doors.items()} == dict.fromkeys(doors, SOURCES)


def test_the_row_of_a_grade(judged, cast):
    """A row for ◯ is the row of the grade ○; two rows for it are refused; a plan that has both keeps them apart."""

    def label_of(typed, *more):
        table = [(2 + place, {"code": code, "label": "とてもよい"}) for place, code in enumerate([typed, *more])]
        found = compare([RawTable("grades", ("code", "label"), tuple(table))], load(judged))
        assert [change.key for change in found.sheets["grades"].changed] == [("main", "○")]
        return [str(problem) for problem in found.problems]

    def listed(*codes):
        table = tablib.Dataset(headers=["計画", "記号", "名称", "並び順", "意味"])
        for code in codes:
            table.append(["kodaira-2", code, "とてもよい", 9, "予定どおり"])
        result = GradeResource().import_data(table, dry_run=True, user=cast.office)
        return [str(error.error) for row in result.error_rows for error in row.errors], result.totals["update"]

    assert [label_of(typed) for typed in "○〇◯"] == [[], [], []]
    assert [listed(typed) for typed in "○〇◯"] == [([], 1)] * 3
    assert label_of("〇", "◯") == [
        "シート「評価（grades）」 3行目 列「評価の軸（axis）」: 評価の軸と記号が2行目と同じです。1行にまとめてください。（値「main / ○」）"
    ]
    assert listed("〇", "◯") == (["2行目と同じものです。どちらかの行を削除してください。"], 1)


def test_two_codes_that_differ_by_the_sign_alone_stay_apart(judged):
    main = judged.axes.get(key="main")
    Grade.objects.create(plan=judged, axis=main, code="◯", label="大きな丸", tone="partly", order=10)
    read = in_workbook(judged, "reports", "grade", as_of=DAY, program="1")
    assert answers(read, GRADES) == GRADES | {"◯": "◯", "\u200b◯\ufe00": "◯", "〇": REFUSED}
    assert compare([], load(judged)).problems == []
