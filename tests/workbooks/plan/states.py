"""States that a plan comes into by acts, for tests that write it out and bring it in again. Each begins with a small plan."""

import dataclasses
import datetime
from decimal import Decimal
from types import SimpleNamespace

from django.core.management import call_command

from accounts import departments
from policies.models import Axis, Grade, Plan, Scale
from policies.publicity import withdraw
from programs import editions, late, lifetime, plan_indicators
from programs.content import Content, IndicatorContent, Target
from programs.contents import content_of, save_content
from programs.errata import correct_content
from programs.models import Indicator, PlanIndicator, Program, ProgramEdition
from reviews import past, workflow
from reviews.models import EffectPlace, PublishedReport, Round
from reviews.redaction import redact
from reviews.report_figures import Actual, Amount
from reviews.settling import settle
from tests import factories
from tests.workbooks.plan import books

DAY, OCTOBER = datetime.date(2015, 1, 15), datetime.date(2015, 10, 1)
SECRET = "山田サクラ"
_PROMISE = Content(
    texts={"contents": "窓口を一つにする。"},
    year_plans={2011: "検討", 2014: "－"},
    no_plan=frozenset({2014}),
    indicators={"n1": IndicatorContent(name="収納率", unit="%", targets={2014: Target(Decimal("97.25"), "以上")})},
)


def walk(plan, cast):
    """The walk of the README: the official plan, item 27 written down, reported, and published with what is not known."""
    books.empty_database()
    call_command("load_official", verbosity=0)
    plan = Plan.objects.get(slug="kodaira-2")
    cast = SimpleNamespace(
        **vars(cast) | {"zaisei": factories.Department.objects.create(city=plan.city, code="x", name="行財政課")}
    )
    item, edition = plan.programs.get(number="27"), plan.editions.get(key="original")
    editions.begin(edition, by=cast.office, programs=[item])
    content = ProgramEdition.objects.get(program=item, edition=edition)
    save_content(content, Content(texts={"contents": "見直す。"}, departments=(cast.zaisei.pk,)), by=cast.office)
    first = plan.rounds.filter(state=Round.State.PLANNED, edition=edition).order_by("as_of").first()
    opened = workflow.open_round(first, by=cast.office)
    workflow.approve(factories.handed_in(opened, 27, by=cast.office), by=cast.office)
    workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)


def unknown_contents(plan, cast):
    """Published with an edition that says nothing about any item, and not even has one of them."""
    ProgramEdition.objects.filter(program__number="3").delete()
    factories.published_round(plan, {1: "A", 2: "B"}, by=cast.office)


def late_contents(plan, cast):
    edition = plan.editions.get(key="original")
    ProgramEdition.objects.filter(edition=edition, program__number="3").delete()
    edition = editions.freeze(edition, by=cast.office, accept_incomplete=True)
    told = {"source": plan.sources.get(), "learned_on": DAY, "reason": "計画書が見つかったため。", "by": cast.office}
    late.learn(plan.programs.get(number="3"), edition, _PROMISE, **told)
    first = plan.programs.get(number="1")
    known = content_of(ProgramEdition.objects.get(program=first, edition=edition))
    more = Content(texts=known.texts | {"contents": "あとで分かった。"}, departments=known.departments)
    late.learn(first, edition, more, **told)


def content_errata(plan, cast):
    factories.written(plan)
    edition = editions.freeze(plan.editions.get(key="original"), by=cast.office, accept_incomplete=True)
    content = ProgramEdition.objects.get(edition=edition, program__number="1")
    for field, new in (
        ("contents", "=税の収納率を上げる。"),
        ("planned_years", ""),
        ("departments", "zeimu、zaisei"),
        ("year_plans:2011", ""),
        ("year_plans:2013", "試行"),
        ("no_plan:2014", "はい"),
        ("indicators:1:baseline", "68.25"),
        ("targets:1:2014:value", "78"),
        ("targets:1:2012:text", "増加"),
    ):
        correct_content(content, field, new, reason="誤記", by=cast.office, corrected_on=DAY)


def _reported(plan, cast):
    """A round whose item 1 has an actual and effects, with notes and a department that helped."""
    factories.written(plan, key="fy2013-revision")
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    indicator = Indicator.objects.get(program__plan=plan, program__number="1")
    told = {
        "effects": [(2014, "saving", "forecast", Decimal("1200.5")), (2014, "revenue", "planned", -300)],
        "actuals": {(indicator.pk, 2014): Actual(Decimal("96.5"), True)},
    }
    workflow.approve(factories.handed_in(opened, 1, by=cast.office, **told), by=cast.office)
    workflow.approve(
        factories.handed_in(opened, 2, "B", by=cast.office, progress=f"担当の{SECRET}が調べた。"), by=cast.office
    )
    workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)
    return indicator


def report_errata(plan, cast):
    _reported(plan, cast)
    for number, field, new in (
        ("1", "progress", "説明会を4回開いた。"),
        ("1", "name", "項目1の正しい名称"),
        ("1", "departments", "財政課、税務課"),
        ("1", "actuals:1:2014", "97"),
        ("1", "actuals:1:2014:note", "決算前"),
        ("1", "effects:2014:saving:forecast", ""),
        ("1", "effect_notes:2014:revenue:planned", "見直した。"),
        ("2", "grade", "A"),
        ("2", "remedy", ""),
        ("2", "recovery_on", ""),
    ):
        row = PublishedReport.objects.get(number=number)
        workflow.correct(row, field, new, reason="転記の誤り", by=cast.office, corrected_on=DAY)


def plan_indicator_errata(plan, cast):
    made = PlanIndicator.objects.create(
        plan=plan, number=1, name="自主財源比率", unit="%", baseline=Decimal("58.2"), source=plan.sources.get()
    )
    PlanIndicator.objects.create(plan=plan, number=2, policy=plan.policies.first(), name="職員数", unit="人")
    edition = plan.editions.get(key="original")
    made.targets.create(edition=edition, fiscal_year=2013, value=60, text="以上", note="一般会計")
    made.actuals.create(fiscal_year=2013, value=61, is_forecast=True)
    made.actuals.create(fiscal_year=2013, value=Decimal("62.5"), note="決算による")
    editions.freeze(edition, by=cast.office, accept_incomplete=True)
    plan_indicators.publish(made, by=cast.office)
    for field, new in (
        ("unit", "％"),
        ("targets:original:2013:note", ""),
        ("actuals:2013:value", "62.6"),
        ("forecasts:2013:value", ""),
    ):
        plan_indicators.correct_indicator(made, field, new, reason="誤記", by=cast.office, corrected_on=DAY)
    made.actuals.create(fiscal_year=2014, value=59)  # a draft until the next act


def settlement(plan, cast):
    indicator = _reported(plan, cast)
    item, how = indicator.program, {"source": plan.sources.get(), "settled_on": OCTOBER, "by": cast.office}
    settle(item, EffectPlace(2014, "saving", "actual"), "1.3百万円", note="決算書", **how)
    settle(item, EffectPlace(2014, "saving", "actual"), "1,310千円", **how)
    settle(item, EffectPlace(2013, "revenue", "actual", "special"), "0", **how)
    settle(item, (indicator, 2014), "96.75", **how)


def redaction(plan, cast):
    _reported(plan, cast)
    row = PublishedReport.objects.get(number="2")
    workflow.correct(row, "remedy", f"{SECRET}と協議する。", reason="転記の誤り", by=cast.office, corrected_on=DAY)
    redact(SECRET, reason="氏名が載っていたため", by=cast.root)


def past_rounds(plan, cast):
    first = plan.rounds.first()
    results = past.read_results(first, "1\tA\t窓口を一つにした。\n2\t予定よりも遅れている\n3\t\n")
    rate = plan.programs.get(number="1").indicators.create(number=9, name="来庁者の満足度", unit="%")
    reached = {
        "actuals": {(rate.pk, 2014): Actual(Decimal("88.5"), True)},
        "effects": [Amount(2014, "saving", "forecast", 1300)],
    }
    results[0] = dataclasses.replace(results[0], **reached)
    past.register_past(
        first, results, source=plan.sources.get(), released_on=datetime.date(2014, 11, 20), by=cast.office
    )
    factories.published_round(plan, {1: "S", 3: "A"}, by=cast.office)


def withdrawn_records(plan, cast):
    plan.meetings.create(held_on=DAY, place="市役所", **factories.PUBLIC)
    plan.opinions.create(key="2014-1", given_on=DAY, text="早めに。", published_on=DAY)
    for record in (plan.programs.get(number="3"), plan.meetings.get(), plan.opinions.get(), plan.rounds.last()):
        withdraw(record, reason="誤って公開したため。", by=cast.office)
    withdraw(
        plan.sources.create(key="S2", title="別の資料", **factories.PUBLIC), reason="別の計画の資料", by=cast.office
    )
    plan.programs.create(number="4", name="まだ公開していない項目", policy=plan.policies.first())


def further_axes(plan, cast):
    factories.further_axes(plan)
    grades = {each.axis.key + each.code: each for each in Grade.objects.filter(plan=plan).select_related("axis")}
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    for number, code in ((1, "A"), (2, "B")):
        told = {"judgements": {"outcome": grades[f"outcome{code}"]}}
        report = factories.handed_in(opened, number, by=cast.office, **told)
        report = workflow.judge(report, {"committee": grades["committeeC"]}, by=cast.office, version=report.version)
        workflow.approve(report, by=cast.office)
    workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)
    row = PublishedReport.objects.get(number="1")
    for axis, new in (("outcome", "B"), ("committee", "A"), ("committee", "")):
        workflow.correct(row, f"judgement:{axis}", new, reason="転記の誤り", by=cast.office, corrected_on=DAY)
    report = factories.report(workflow.open_round(plan.rounds.last(), by=cast.office), 1)
    told = factories.content(plan, "B") | {"judgements": {"outcome": grades["outcomeA"]}}
    workflow.save_draft(report, told, by=cast.office, version=report.version)


def ended_items(plan, cast):
    """One ends and goes on elsewhere, one is merged, one is listed twice; its department is renamed two times."""
    one, two, three = plan.programs.all()
    factories.published_round(plan, {1: "A", 2: "B", 3: "S"}, by=cast.office)
    lifetime.carry(one, "next-plan", "R1-1", on=DAY, by=cast.office, note="続ける。")
    lifetime.merge(two, three, on=DAY, by=cast.office)
    three.relisted_in.add(plan.policies.get(number=2))
    renamed = departments.rename(cast.zaisei, code="zaimu", name="財務課", on=DAY, by=cast.office)
    departments.rename(renamed, code="zaimu-2", name="財務総務課", on=OCTOBER, by=cast.office)
    factories.published_round(plan, {3: "A"}, by=cast.office)


def scale_change(plan, cast):
    factories.further_axes(plan)
    Scale.objects.create(plan=plan, starts_on=DAY, name="新しい基準", note="厳しくした。", source=plan.sources.get())
    committee = Axis.objects.get(plan=plan, key="committee")
    Scale.objects.create(plan=plan, axis=committee, starts_on=DAY, note="分け方を変えた。")
    outcome = Grade.objects.get(plan=plan, axis__key="outcome", code="A")
    for _ in range(2):
        opened = workflow.open_round(plan.rounds.filter(state=Round.State.PLANNED).first(), by=cast.office)
        report = factories.handed_in(opened, 1, by=cast.office, judgements={"outcome": outcome})
        workflow.approve(report, by=cast.office)
        workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)


def extended_period(plan, cast):
    editions.freeze(plan.editions.get(key="original"), by=cast.office, accept_incomplete=True)
    years = {"first_fiscal_year": 2015, "last_fiscal_year": 2017}
    longer = editions.prepare(plan, key="extension", name="延長版", by=cast.office, **years)
    content = longer.contents.get(program=Program.objects.get(plan=plan, number="1"))
    save_content(content, Content(texts={"contents": "延ばす。"}, year_plans={2017: "実施"}), by=cast.office)
    editions.freeze(longer, by=cast.office, accept_incomplete=True)


STATES = (
    walk,
    unknown_contents,
    late_contents,
    content_errata,
    report_errata,
    plan_indicator_errata,
    settlement,
    redaction,
    past_rounds,
    withdrawn_records,
    further_axes,
    ended_items,
    scale_change,
    extended_period,
)
