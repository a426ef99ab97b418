"""Builders of small plans for tests. Plain functions: a test reads what it gets."""

import datetime

from accounts.models import Department
from committee.models import KeyProgram
from policies.models import Axis, Direction, Edition, Grade, Plan, Policy, Source
from programs.models import (
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    Program,
    ProgramEdition,
    Responsibility,
    Revision,
    RevisionMark,
    YearPlan,
)
from reviews import workflow
from reviews.models import Report, Round

RELEASED = datetime.date(2014, 11, 20)
GRADES = (
    ("S", "予定以上に進捗", "ahead"),
    ("A", "予定どおりに進捗", "on_track"),
    ("B", "予定よりも遅れている", "behind"),
)


# Of what an act has shown to citizens.
PUBLIC = {"public_at": datetime.datetime(2014, 4, 1, tzinfo=datetime.UTC)}
# The actual of an indicator as a published report holds it.
FROZEN_ACTUAL = {
    "indicator": 1,
    "name": "収納率",
    "unit": "%",
    "fiscal_year": 2014,
    "target": "77.5",
    "target_text": "以上",
    "value": "76.1",
    "is_forecast": True,
    "note": "",
}


def small_plan(slug="kodaira-2", *, programs=3, is_public=True):
    """A plan 2011–2015 with one direction, two policies, `programs` items, two editions, S/A/B and two planned rounds.

    Items are numbered from 1; odd ones belong to policy 1 and department zaisei (財政課), even ones to policy 2 and
    zeimu (税務課). Item 3 has no name and a provisional number.
    """
    plan = Plan.objects.create(
        slug=slug, city="小平市", name="テスト計画", first_fiscal_year=2011, last_fiscal_year=2015, is_public=is_public
    )
    source = Source.objects.create(plan=plan, key="S1", title="テスト資料", publisher="小平市", **PUBLIC)
    direction = Direction.objects.create(plan=plan, number=1, name="基盤の強化", source=source)
    policies = [
        Policy.objects.create(plan=plan, direction=direction, number=number, name=name, source=source)
        for number, name in ((1, "財政基盤の強化"), (2, "執行体制の再構築"))
    ]
    editions = [
        Edition.objects.create(plan=plan, key=key, name=name, first_fiscal_year=first, last_fiscal_year=2015)
        for key, name, first in (("original", "当初", 2011), ("fy2013-revision", "改訂版", 2014))
    ]
    departments = [
        Department.objects.get_or_create(city="小平市", code=code, defaults={"name": name})[0]
        for code, name in (("zaisei", "財政課"), ("zeimu", "税務課"))
    ]
    items = Program.objects.bulk_create(
        [_program(plan, policies[(number + 1) % 2], number, source) for number in range(1, programs + 1)]
    )
    for edition in editions:
        contents = ProgramEdition.objects.bulk_create([ProgramEdition(program=p, edition=edition) for p in items])
        Responsibility.objects.bulk_create(
            [
                Responsibility(program_edition=content, department=departments[(int(content.program.number) + 1) % 2])
                for content in contents
            ]
        )
    for order, (code, label, tone) in enumerate(GRADES, start=1):
        Grade.objects.create(plan=plan, code=code, label=label, tone=tone, order=order)
    for as_of in (datetime.date(2014, 9, 30), datetime.date(2015, 3, 31)):
        Round.objects.create(plan=plan, as_of=as_of, edition=editions[1], **PUBLIC)
    return plan


def further_axes(plan):
    """達成度, which the departments judge too, and 委員会評価. Both have a grade A, as the first axis has."""
    plan.axes.update(name="実施状況")
    for order, (key, name, judge, grades) in enumerate(
        [
            ("outcome", "達成度", "department", (("A", "届いた", "done"), ("B", "届いていない", "behind"))),
            ("committee", "委員会評価", "committee", (("A", "妥当", "on_track"), ("C", "見直しが必要", "behind"))),
        ],
        start=2,
    ):
        axis = Axis.objects.create(plan=plan, key=key, name=name, judge=judge, order=order)
        for place, (code, label, tone) in enumerate(grades, start=1):
            Grade.objects.create(plan=plan, axis=axis, code=code, label=label, tone=tone, order=place)


def _program(plan, policy, number, source):
    unnamed = number == 3
    program = Program(
        plan=plan,
        policy=policy,
        number=str(number),
        name="" if unnamed else f"項目{number}の取組",
        number_is_provisional=unnamed,
        source=source,
        **PUBLIC,
    )
    program.derive()
    return program


def content(plan, code="A", **values):
    """What a person types into a complete report."""
    grade = Grade.objects.main_of(plan).get(code=code)
    filled = {"grade": grade, "progress": "説明会を3回開いた。"}
    if grade.tone == "behind":
        filled |= {
            "delay_reason": "関係者との調整に時間を要した。",
            "remedy": "協議の回数を増やす。",
            "recovery_on": datetime.date(2016, 3, 31),
        }
    return filled | values


def report(round_, number):
    return Report.objects.get(round=round_, program__number=str(number))


def handed_in(round_, number, code="A", *, by, **values):
    """The report of an item, filled in and submitted."""
    draft = report(round_, number)
    draft = workflow.save_draft(draft, content(round_.plan, code, **values), by=by, version=draft.version)
    return workflow.submit(draft, by=by)


def published_round(plan, grades, *, by, as_of=None):
    """Open a round (the first planned one), report `grades` ({item number: grade code}), approve and publish it."""
    planned = plan.rounds.filter(state=Round.State.PLANNED)
    round_ = workflow.open_round(planned.get(as_of=as_of) if as_of else planned.first(), by=by)
    for number, code in grades.items():
        workflow.approve(handed_in(round_, number, code, by=by), by=by)
    return workflow.publish(round_, by=by, accept_unreported=True, freeze_edition=True)


def written(plan, *, key="original"):
    """Every item of an edition with a text, year plans of 2011 and 2014, and an indicator with targets of both years."""
    edition = plan.editions.get(key=key)
    contents = list(ProgramEdition.objects.filter(edition=edition).order_by("program__sort_key"))
    for content in contents:
        content.contents, content.planned_years = "税の収納率を上げる。", "平成23年度～平成27年度"
    ProgramEdition.objects.bulk_update(contents, ["contents", "planned_years"])
    years = ((2011, "検討", "70"), (2014, "実施", "77.5"))
    YearPlan.objects.bulk_create(
        [
            YearPlan(program_edition=content, fiscal_year=year, text=text)
            for content in contents
            for year, text, _ in years
        ]
    )
    indicators = Indicator.objects.bulk_create(
        [
            Indicator(
                program_id=one.program_id, number=1, name="収納率", unit="%", baseline="68.1", baseline_fiscal_year=2010
            )
            for one in contents
        ]
    )
    IndicatorTarget.objects.bulk_create(
        [
            IndicatorTarget(indicator=one, edition=edition, fiscal_year=year, value=value, text="以上")
            for one in indicators
            for year, _, value in years
        ]
    )
    return contents


def revised(plan):
    """An actual of every indicator, the revision, and for every item a mark of it and a year as key item."""
    before, after = plan.editions.order_by("first_fiscal_year")
    revision = Revision.objects.create(
        plan=plan, from_edition=before, to_edition=after, purpose="社会の変化に合わせる。"
    )
    programs = list(plan.programs.all())
    IndicatorActual.objects.bulk_create(
        [
            IndicatorActual(indicator=one, fiscal_year=2012, value="71.2")
            for one in Indicator.objects.filter(program__plan=plan)
        ]
    )
    RevisionMark.objects.bulk_create(
        [RevisionMark(revision=revision, program=one, aspect="contents") for one in programs]
    )
    KeyProgram.objects.bulk_create([KeyProgram(program=one, fiscal_year=2014) for one in programs])
    return revision
