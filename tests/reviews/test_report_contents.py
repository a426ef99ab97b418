"""What a report may say, and what must be there when it is handed in."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from policies.models import Grade
from programs.models import Indicator
from reviews import workflow
from reviews.models import Report, ReportActual, ReportEffect
from reviews.report_figures import Actual, Amount
from tests import factories


def all_reports():
    """All rows and all history, to see that nothing changed."""
    return list(Report.objects.order_by("pk").values()), Report.history.count()


def test_a_draft_may_be_incomplete_but_not_be_submitted(opened, cast):
    report = factories.report(opened, 1)
    report = workflow.save_draft(report, {}, by=cast.reporter, version=report.version)
    with pytest.raises(ValidationError) as refused:
        workflow.submit(report, by=cast.reporter)
    assert refused.value.message_dict == {
        "grade": ["評価を選んでください。"],
        "progress": ["取組状況を入力してください。"],
    }


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (
            {"delay_reason": ""},
            {"delay_reason": ["評価が「B 予定よりも遅れている」のときは、遅れの理由を入力してください。"]},
        ),
        ({"remedy": " 　"}, {"remedy": ["評価が「B 予定よりも遅れている」のときは、対応策を入力してください。"]}),
        (
            {"recovery_on": None},
            {"recovery_on": ["評価が「B 予定よりも遅れている」のときは、回復予定日を入力してください。"]},
        ),
        ({"progress": "\u3000\n"}, {"progress": ["取組状況を入力してください。"]}),
        (
            {"delay_reason": "", "remedy": "", "recovery_on": None},
            {
                "delay_reason": ["評価が「B 予定よりも遅れている」のときは、遅れの理由を入力してください。"],
                "remedy": ["評価が「B 予定よりも遅れている」のときは、対応策を入力してください。"],
                "recovery_on": ["評価が「B 予定よりも遅れている」のときは、回復予定日を入力してください。"],
            },
        ),
    ],
)
def test_a_behind_grade_needs_reason_remedy_and_recovery_date(opened, cast, missing, message):
    report = factories.report(opened, 1)
    filled = factories.content(opened.plan, "B", **missing)
    report = workflow.save_draft(report, filled, by=cast.reporter, version=report.version)
    before = all_reports()
    with pytest.raises(ValidationError) as refused:
        workflow.submit(report, by=cast.reporter)
    assert refused.value.message_dict == message
    assert all_reports() == before


@pytest.mark.parametrize("code", ["S", "A"])
def test_other_grades_need_no_recovery(opened, cast, code):
    assert factories.handed_in(opened, 1, code, by=cast.reporter).state == "submitted"


@pytest.mark.parametrize("day", [date(2014, 9, 29), date(2014, 9, 30)])
def test_recovery_must_lie_after_the_as_of_date(opened, cast, day):
    report = factories.report(opened, 1)
    before = all_reports()
    filled = factories.content(opened.plan, "B", recovery_on=day)
    with pytest.raises(ValidationError) as refused:
        workflow.save_draft(report, filled, by=cast.reporter, version=report.version)
    assert refused.value.message_dict == {
        "recovery_on": ["回復予定日は、調査の基準日（平成26年9月30日）より後の日にしてください。"]
    }
    assert all_reports() == before


def test_recovery_on_the_day_after_the_as_of_date_is_accepted(opened, cast):
    assert factories.handed_in(opened, 1, "B", by=cast.reporter, recovery_on=date(2014, 10, 1)).is_behind


def test_a_grade_of_another_plan_is_refused(opened, cast):
    other = factories.small_plan("other")
    report = factories.report(opened, 1)
    with pytest.raises(ValidationError) as refused:
        workflow.save_draft(
            report, {"grade": Grade.objects.get(plan=other, code="A")}, by=cast.reporter, version=report.version
        )
    assert refused.value.message_dict == {
        "grade": ["「A 予定どおりに進捗」は別の計画のものです。同じ計画のものを選んでください。"]
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("progress", "あ" * 4001, "この値は 4000 文字以下でなければなりません( 4001 文字になっています)。"),
        ("remedy", "あ" * 2001, "この値は 2000 文字以下でなければなりません( 2001 文字になっています)。"),
        ("recovery_on", "来年", "“来年” は無効な日付形式です。YYYY-MM-DD 形式にしなければなりません。"),
    ],
)
def test_content_out_of_bounds_is_refused(opened, cast, field, value, message):
    report = factories.report(opened, 1)
    with pytest.raises(ValidationError) as refused:
        workflow.save_draft(report, {field: value}, by=cast.reporter, version=report.version)
    assert refused.value.message_dict == {field: [message]}


def test_a_draft_cannot_carry_anything_but_content(opened, cast):
    report = factories.report(opened, 1)
    with pytest.raises(ValueError, match=r"not content of a report: \['state'\]"):
        workflow.save_draft(report, {"state": "approved"}, by=cast.office, version=report.version)


def test_figures_are_saved_with_the_report_and_replaced_as_a_whole(opened, cast, plan):
    indicator = Indicator.objects.create(program=plan.programs.get(number="1"), number=1, name="収納率", unit="%")
    key = (indicator.pk, 2014)

    def save(**content):
        report = factories.report(opened, 1)
        workflow.save_draft(report, content, by=cast.reporter, version=report.version)
        return (
            list(ReportActual.objects.values_list("fiscal_year", "value", "is_forecast", "note")),
            list(ReportEffect.objects.values_list(*Amount._fields)),
        )

    saving, revenue = Amount(2014, "saving", "actual", -5), Amount(2014, "revenue", "budget", 7, "算定は別紙")
    actual = (2014, Decimal("76.1"), True, "")
    assert save(actuals={key: Actual(Decimal("76.1"), True)}, effects=[saving, revenue]) == (
        [actual],
        [tuple(revenue), tuple(saving)],
    )
    assert save(progress="数はそのまま") == ([actual], [tuple(revenue), tuple(saving)])
    assert save(effects=[(2014, "saving", "actual", 9)]) == ([actual], [(2014, "saving", "actual", 9, "", "", "")])
    assert save(actuals={key: Actual(None)})[0] == []
    history = ReportEffect.history.order_by("history_id").values_list(
        "history_type", "amount", "history_user__username"
    )
    assert list(history) == [(kind, amount, "reporter") for kind, amount in (("+", -5), ("+", 7), ("-", 7), ("~", 9))]
    assert [row.history_type for row in ReportActual.history.order_by("history_id")] == ["+", "-"]


def test_figures_that_make_no_sense_are_refused_and_nothing_is_saved(opened, cast, plan):
    mine, other = (
        Indicator.objects.create(program=plan.programs.get(number=number), number=1, name="指標") for number in "12"
    )
    report = factories.report(opened, 1)
    same = [(2014, "saving", "actual", 1)] * 2
    for content, field, message in (
        ({"actuals": {(other.pk, 2014): Actual(1)}}, "actuals", "この項目にない指標の実績です。"),
        ({"actuals": {(mine.pk, 2014): Actual("多い")}}, "actuals", "指標（2014年度） 実績値: "),
        ({"effects": same}, "effects", "平成26年度の歳出削減（実績）が二つ以上あります。一つにまとめてください。"),
        ({"effects": [(2014, "saving", "actual", 10**13)]}, "effects", "2014年度 金額（千円）: "),
        ({"effects": [(2014, "保存", "actual", 1)]}, "effects", "2014年度 種類: "),
    ):
        with pytest.raises(ValidationError) as refused:
            workflow.save_draft(report, {"progress": "x", **content}, by=cast.reporter, version=report.version)
        [text] = refused.value.message_dict[field]
        assert text.startswith(message)
    assert (factories.report(opened, 1).version, ReportActual.objects.count(), ReportEffect.objects.count()) == (
        1,
        0,
        0,
    )
