"""Hints: what is pointed out, what is not, and that a whole round costs a fixed number of queries."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from programs.models import Indicator, IndicatorTarget
from reviews import workflow
from reviews.hints import ActualFact, ReportFacts, hints, hints_of_round
from reviews.report_figures import Actual
from tests import factories

PLAIN = ReportFacts(date(2014, 9, 30), "A 予定どおり", "on_track", "説明会を開いた。", last_progress="準備した。")


def codes(**changes):
    return [hint.code for hint in hints(replace(PLAIN, **changes))]


def actual(better, target, value):
    return ActualFact("収納率", "%", better, target and Decimal(target), value and Decimal(value))


def test_a_plain_report_has_no_hint_and_an_empty_one_neither():
    assert hints(PLAIN) == []
    assert hints(ReportFacts(date(2014, 9, 30))) == []


def test_a_grade_against_the_targets_is_pointed_out_in_the_direction_that_counts():
    for better, target, value, missed in (
        ("up", "77.5", "76.1", True), ("up", "77.5", "77.5", False), ("up", "77.5", "80", False),
        ("down", "10", "11", True), ("down", "10", "9", False), ("none", "10", "9", False),
        ("up", None, "1", False), ("up", "1", None, False),
    ):  # fmt: skip
        found = codes(actuals=[actual(better, target, value)])
        assert found == (["target_missed"] if missed else []), (better, target, value)
    assert codes(tone="behind", actuals=[actual("up", "77.5", "76.1")]) == []
    [hint] = hints(replace(PLAIN, actuals=[actual("up", "77.5000", "76.1")]))
    assert hint.text == ("評価は「A 予定どおり」ですが、指標「収納率」は目標に届いていません（目標77.5%、実績76.1%）。")


def test_the_other_hints():
    assert codes(tone="ahead") == ["no_evidence"]
    assert codes(tone="ahead", evidence="議事録") == []
    assert codes(last_progress="説明会を 開いた。") == ["same_text"]
    assert codes(progress="", last_progress="") == []
    assert codes(effects=[(2014, ""), (2014, "算定は別紙")]) == ["effect_without_note"]
    late = {"tone": "behind", "last_recovery_on": date(2014, 9, 30)}
    assert codes(**late) == ["recovery_passed"]
    assert codes(**late | {"last_recovery_on": date(2014, 10, 1)}) == []
    assert codes(**late | {"tone": "on_track"}) == []


def test_the_hints_of_a_whole_round(cast, django_assert_num_queries):
    plan = factories.small_plan("large", programs=30)
    indicator = Indicator.objects.create(program=plan.programs.get(number="2"), number=1, name="収納率", unit="%")
    edition = plan.editions.get(key="fy2013-revision")
    IndicatorTarget.objects.create(indicator=indicator, edition=edition, fiscal_year=2014, value=80)
    factories.published_round(plan, {1: "B", 2: "A"}, by=cast.office)
    opened = workflow.open_round(plan.rounds.get(state="planned"), by=cast.office)
    factories.handed_in(opened, 1, "A", by=cast.office)  # the text of the last time
    effects = [(2014, "saving", "actual", 5)]
    actuals = {(indicator.pk, 2014): Actual(Decimal(79))}
    factories.handed_in(opened, 2, "A", by=cast.office, progress="別の文章", actuals=actuals, effects=effects)
    factories.handed_in(opened, 4, "S", by=cast.office)
    with django_assert_num_queries(5):
        found = hints_of_round(opened)
    numbers = {report.pk: report.program.number for report in opened.reports.select_related("program")}
    assert {numbers[pk]: [hint.code for hint in shown] for pk, shown in found.items()} == {
        "1": ["same_text"],
        "2": ["target_missed", "effect_without_note"],
        "4": ["no_evidence"],
    }
    second = factories.report(opened, 2)
    assert hints_of_round(opened, [second]) == {second.pk: found[second.pk]}
