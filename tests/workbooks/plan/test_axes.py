"""Axes of grades in the plan workbook: further ones beside the first, and files that know of none."""

import pytest

from policies.models import Axis, Grade, Scale
from reviews.models import PublishedJudgement, ReportJudgement
from tests.workbooks.plan import books, full_plan
from tests.workbooks.plan.books import bring_in
from workbooks.plan.importing import ImportRefused


def axis_of(model):
    return sorted(model.objects.values_list("axis__key", "code" if model is Grade else "starts_on"))


def test_a_file_without_axes_makes_the_first_one(cast):
    tables = {name: full_plan.full()[name] for name in ("plan", "sources")}
    grades = [{"code": "A", "label": "順調", "order": 1, "tone": "on_track"}]
    scales = [{"starts_on": full_plan.MARCH, "note": "厳しくした。"}]
    bring_in(books.written(tables | {"grades": grades, "scales": scales}), cast.office)
    assert list(Axis.objects.values_list("key", "name", "order", "judge")) == [("main", "", 1, "department")]
    assert (axis_of(Grade), axis_of(Scale)) == ([("main", "A")], [("main", full_plan.MARCH)])

    # It says nothing of an axis that is there and has been named.
    Axis.objects.update(name="実施状況")
    assert bring_in(books.written(tables | {"grades": grades}), cast.office).is_empty
    assert Axis.objects.get().name == "実施状況"


def test_the_grades_of_two_axes_may_have_the_same_codes(cast):
    bring_in(books.written(full_plan.full()), cast.office)
    assert axis_of(Grade) == [
        ("main", "-"),
        ("main", "A"),
        ("main", "B"),
        ("main", "◎"),
        ("outcome", "-"),
        ("outcome", "A"),
    ]
    found = ReportJudgement.objects.order_by("report__round__as_of")
    assert [(row.axis.key, row.grade.label) for row in found] == [("outcome", "届いた"), ("outcome", "対象外")]
    frozen = PublishedJudgement.objects.get()
    assert (frozen.axis.key, frozen.axis_name, frozen.grade_label) == ("outcome", "達成の度合い", "届いた")


@pytest.mark.parametrize(
    ("sheet", "row", "wrong", "message"),
    [
        (
            "judgements",
            0,
            {"grade": "B"},
            "シート「2番目からの軸の評価（judgements）」 2行目 列「記号（grade）」: シート「評価（grades）」にありません。そのシートに行を加えるか、この値を直してください。（値「outcome / B」）",
        ),
        (
            "judgements",
            1,
            {"axis": "main"},
            "シート「2番目からの軸の評価（judgements）」 3行目: 1番目の軸（main）の評価は、報告のシートの評価の列に入力します。この行を消してください。",
        ),
        (
            "published_judgements",
            0,
            {"grade_code": "◎"},
            "シート「公表した、2番目からの軸の評価（published_judgements）」 2行目 列「評価（grade_code）」: この調査の評価にない記号です。"
            "シート「評価（grades）」にあるのは -、A です。（値「◎」）",
        ),
        (
            "axes",
            0,
            {"judge": "committee"},
            "シート「評価の軸（axes）」 2行目: 1番目の軸は、記号が main、評価する者が推進担当課です。ほかの軸の並び順は2からにしてください。",
        ),
        ("axes", 1, {"name": None}, "シート「評価の軸（axes）」 3行目: 2番目からの軸には、名称を入力してください。"),
    ],
)
def test_what_no_axis_can_be_is_refused(cast, sheet, row, wrong, message):
    tables = full_plan.full()
    tables[sheet][row] |= wrong
    with pytest.raises(ImportRefused) as caught:
        bring_in(books.written(tables), cast.office)
    assert message in [str(problem) for problem in caught.value.comparison.problems]


def test_an_axis_that_judges_cannot_be_deleted(cast):
    bring_in(books.written(full_plan.full()), cast.office)
    tables = {"plan": full_plan.full()["plan"], "axes": [{"key": "outcome", "delete": True}]}
    with pytest.raises(ImportRefused) as caught:
        bring_in(books.written(tables), cast.office)
    assert str(caught.value.comparison.problems[0]) == (
        "シート「評価の軸（axes）」 2行目 列「delete」: 評価（grades）の outcome / A、評価（grades）の outcome / -、評価の基準（scales）の outcome / 2015-03-31 など6か所で"
        "使われているため削除できません。先にそちらを直すか削除してください。（値「outcome」）"
    )
