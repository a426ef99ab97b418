"""A site with a row of every model, and the addresses of its rows."""

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import Department, User
from committee.models import KeyProgram, Meeting, Opinion
from figures.models import PublishedFigure
from policies.models import (
    DelayCause,
    LineageFigure,
    LineageNote,
    LineagePlan,
    Plan,
    Position,
    Scale,
    Source,
    Viewpoint,
)
from programs.models import (
    ContentErratum,
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    LateContent,
    PlanIndicator,
    PlanIndicatorErratum,
    Program,
    ProgramEdition,
    RevisionMark,
    YearPlan,
)
from reviews import workflow
from reviews.models import Notice, Redaction, Report, Round, Settlement
from tests import factories
from tests.kept import kept
from tests.repository.addresses import OTHER_PREFIXES, PLAN_PREFIXES
from workbooks.survey import acts
from workbooks.survey.sheet import survey_sheet


@kept
def site(plan, cast):
    """A plan with one row of every model, each with history; the second round published, the first
    open, the report of item 1 there a draft."""
    source = Source.objects.get()
    Viewpoint.objects.create(plan=plan, kind="goal", order=1, name="視点")
    line = LineagePlan.objects.create(plan=plan, key="before", order=1, name="前の計画")
    LineageFigure.objects.create(plan=plan, lineage=line, key="before.all", as_of="2011-03-31", value=100)
    LineageNote.objects.create(plan=plan, lineage=line, key="before.1", kind="revision", text="見直した。")
    Position.objects.create(
        plan=plan, order=1, layer="計画", name="計画", first_fiscal_year=2011, last_fiscal_year=2015
    )
    Scale.objects.create(plan=plan, starts_on="2016-03-31", note="厳しくした")
    DelayCause.objects.create(plan=plan, name="予算", order=1)
    Meeting.objects.create(plan=plan, held_on="2014-10-31", **factories.PUBLIC)
    Opinion.objects.create(plan=plan, key="2014-1", given_on="2014-10-31", text="意見", author=cast.committee)
    PublishedFigure.objects.create(
        plan=plan,
        key="items",
        measure="item_count",
        label="項目数",
        printed="3",
        unit="項目",
        source=source,
        locator="1",
    )
    PublishedFigure.objects.create(
        plan=plan,
        key="revised",
        measure="revised_items",
        edition=plan.editions.get(key="fy2013-revision"),
        label="見直した項目数",
        printed="2",
        unit="項目",
        source=source,
        locator="2",
    )
    factories.written(plan)
    factories.revised(plan)
    for model in (
        *(Program, ProgramEdition, YearPlan, Indicator, IndicatorTarget, IndicatorActual),
        *(RevisionMark, KeyProgram),
    ):
        model.objects.first().save()
    PlanIndicatorErratum.objects.create(
        plan=plan,
        indicator=PlanIndicator.objects.create(plan=plan, number=1, name="自主財源比率"),
        corrected_on="2014-10-31",
        field="unit",
        label="単位",
        new="%",
        reason="もれ",
        corrected_by=cast.office,
    )
    late = factories.published_round(plan, {1: "A"}, by=cast.office, as_of=plan.rounds.last().as_of)
    workflow.correct(late.published_reports.first(), "grade", "B", reason="誤り", by=cast.office)
    Settlement.objects.create(
        plan=plan, program=plan.programs.first(), fiscal_year=2014, kind="saving", value=1, settled_on="2015-10-01",
        source=source, settled_by=cast.office,
    )  # fmt: skip
    LateContent.objects.create(
        plan=plan,
        program_edition=ProgramEdition.objects.first(),
        learned_on="2014-10-31",
        fields="実施内容",
        source=source,
        reason="見つかった",
        learned_by=cast.office,
    )
    ContentErratum.objects.create(
        plan=plan,
        program_edition=ProgramEdition.objects.first(),
        corrected_on="2014-10-31",
        field="contents",
        label="実施内容",
        reason="誤り",
        corrected_by=cast.office,
    )
    Redaction.objects.create(plan=plan, place="会議", fields="場所", count=1, reason="氏名", redacted_at=timezone.now())
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    Notice.objects.create(
        round=opened, kind="opened", user=cast.reporter, address="r@example.jp", sent_at=timezone.now(), result="sent"
    )
    sheet = survey_sheet(opened, cast.zaisei, by=cast.reporter)
    acts.receive(sheet, "調査票.xlsx", opened, cast.zaisei, by=cast.reporter)
    return factories.report(opened, 1)


def instance(route, report):
    """The row that an address of the admin is about."""
    if route.startswith("admin/figures/publishedfigure/tables/"):
        return report.program.plan
    for prefix, model in (PLAN_PREFIXES | OTHER_PREFIXES).items():
        if route.startswith(prefix):
            return {Report: report, Round: report.round, User: User.objects.get(username="colleague")}.get(
                model
            ) or model.objects.first()
    return report.program.plan


def address(route, report):
    row = instance(route, report)
    history = row.history.first().pk if hasattr(row, "history") else 0
    parts = {
        "<path:content_type_id>": ContentType.objects.get_for_model(Plan).pk,
        "<path:object_id>": row.pk,
        "<int:pk>": row.pk,
        "<int:round>": report.round_id,
        "<int:program>": report.program_id,
        "<int:edition>": report.program.plan.editions.first().pk,
        "<int:department>": Department.objects.get(code="zaisei").pk,
        "<id>": row.pk,
        "^([^/]+)/history/([^/]+)/$": f"{row.pk}/history/{history}/",
        "^(?P<app_label>policies|programs|committee|reviews|figures|accounts|workbooks)/$": "policies/",
        "(?P<url>.*)$": "nowhere/",
        "<item:number>/charts/<slug:chart>": "1/charts/indicator-1",
        "<slug:chart>": "trend",
        "<drawn:form>": "svg",
        "<slug:slug>": "kodaira-2",
        "<str:code>": "zaisei",
        "<slug:key>": "fy2013-revision",
        "<slug:plan>": "kodaira-2",
        "<slug:name>": "sources",
        "<slug:kind>": "package",
        "<int:export>": "999",
        "<int:number>": 1,
        "<item:number>": "1",
        "<day:as_of>": "2014-09-30",
        "<day:held_on>": "2014-10-31",
    }
    for part, value in parts.items():
        route = route.replace(part, str(value))
    return f"/{route}"
