"""Every address of the site, asked by every kind of person: the expected answers as one table.

The addresses come from the URL configuration, so a new one without a row in the table fails here. POST sends an empty
form: what counts is whether the person gets as far as the form. Nobody ever gets a 500.
"""

from contextlib import nullcontext
from unittest.mock import patch

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client
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
from tests.repository.addresses import OTHER_PREFIXES, PEOPLE, PLAN_PREFIXES, ROUTES, TABLE, row_of
from tests.soak import whole_in_soak
from workbooks.survey import acts
from workbooks.survey.sheet import survey_sheet


@pytest.fixture(autouse=True)
def no_typesetting(monkeypatch):
    """Not every machine can make PDF files; what they hold is tested in tests/website/test_packet.py."""
    for module in ("committee", "report", "sheets"):
        monkeypatch.setattr(f"website.{module}.pdf_of", lambda html, stylesheet: b"%PDF-")


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
        "<int:number>": 1,
        "<item:number>": "1",
        "<day:as_of>": "2014-09-30",
        "<day:held_on>": "2014-10-31",
    }
    for part, value in parts.items():
        route = route.replace(part, str(value))
    return f"/{route}"


@pytest.fixture
def people(cast):
    """Each of PEOPLE. They are the same objects for all requests, which read what they may do only once."""
    return {who: AnonymousUser() if who == "anonymous" else User.objects.get(username=who) for who in PEOPLE}


# Whose pages are written out; for the others it is enough that they get one.
READERS = ("anonymous", "reporter", "root")


def answers(people, url, method, readers=READERS):
    """The status that each person gets, in the order of PEOPLE; what a request changes is taken back."""
    statuses = []
    client = Client(raise_request_exception=False)
    for who, person in people.items():
        # A picture is cut out of what a page's template writes.
        is_read = method == "get" and (who in readers or "/charts/" in url)
        with (
            transaction.atomic(),
            patch("django.contrib.auth.middleware.auth.get_user", return_value=person),
            nullcontext() if is_read else patch.object(Template, "render", return_value=""),
        ):
            response = getattr(client, method)(url)
            if response.streaming:
                b"".join(response.streaming_content)  # read to its end, the file that is sent is closed
            statuses.append(str(response.status_code))
            transaction.set_rollback(True)
        client.cookies.clear()
    return " ".join(statuses)


# Models whose rights differ: what departments write, what is asked, promised, said to it, written by the office, by nobody else.
MODELS = (
    *("reviews/report", "reviews/round", "programs/programedition", "committee/opinion"),
    *("policies/policy", "accounts/user"),
)
TABLES = ("programs", "programs/<item:number>", "reports", "opinions", "long")


def one_of_each_kind(found):
    """Of the admin's addresses that every model has, those of MODELS; of the API's tables, TABLES; and all others."""
    ends = [route.split("/", 3)[3] for route in found if route.startswith("admin/") and route.count("/") > 2]
    shared = {end for end in ends if ends.count(end) > len(MODELS)}
    return [
        route
        for route in found
        if not (
            (route.startswith("admin/") and route.count("/") > 2 and route.split("/", 3)[3] in shared)
            or route.startswith("api/v1/plans/<slug:plan>/")
        )
        or route.startswith(tuple(f"admin/{model}/" for model in MODELS))
        or route in [f"api/v1/plans/<slug:plan>/{table}" for table in TABLES]
    ]


@pytest.mark.parametrize("asked", whole_in_soak(one_of_each_kind(ROUTES), ROUTES))
def test_every_address_answers_each_person_as_the_table_says(asked, site, people):
    wrong = {}
    for route in asked:
        url, wanted = address(route, site), TABLE.get(row_of(route), ("", ""))
        # Public pages do not ask who reads them (tests/website/test_leaks.py), and root sees the most of any other.
        some, readers = (PEOPLE[:1], PEOPLE) if not route.startswith("admin/") else (PEOPLE, PEOPLE[-1:])
        if asked is ROUTES:
            some, readers = PEOPLE, READERS
        for method, row in zip(("get", "post"), wanted, strict=True):
            status = dict(zip(PEOPLE, row.split(), strict=False))
            got = answers({who: people[who] for who in some}, url, method, readers)
            if got != " ".join(status.get(who, "") for who in some):
                wrong[route, method] = got
    assert wrong == {}


def test_the_table_has_a_row_for_every_address_and_none_for_one_that_is_gone():
    assert set(TABLE) == {row_of(route) for route in ROUTES}


def test_nobody_sees_a_plan_that_is_not_public(site, people):
    Plan.objects.update(is_public=False)
    public = [route for route in ROUTES if route.startswith("plans/<slug:slug>/")]
    assert len(public) >= 10
    for route in public:
        assert answers(people, address(route, site), "get") == " ".join(["404"] * len(PEOPLE)), route


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_public_pages_are_only_read(site, method):
    for route in ROUTES:
        if not route.startswith("admin/"):
            assert getattr(Client(), method)(address(route, site)).status_code == 405, route


HUGE = 10**24


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/nowhere/", 404),
        ("/plans/none/", 404),
        ("/plans/kodaira-2/policies/99/", 404),
        ("/plans/kodaira-2/charts/nix.svg", 404),
        ("/plans/kodaira-2/charts/revision-nix.csv", 404),
        ("/plans/kodaira-2/charts/trend.png", 404),
        ("/plans/kodaira-2/policies/1/charts/indicator-99.svg", 404),
        ("/plans/kodaira-2/programs/1/charts/trend.svg", 404),
        (f"/plans/kodaira-2/policies/{HUGE}/", 404),
        ("/plans/kodaira-2/programs/99/", 404),
        (f"/plans/kodaira-2/programs/{'9' * 500}/", 404),
        ("/plans/kodaira-2/programs/%00/", 404),
        ("/plans/kodaira-2/programs/１/", 404),
        ("/plans/kodaira-2/progress/2014-09-29/", 404),
        ("/plans/kodaira-2/revisions/nix/", 404),
        ("/plans/kodaira-2/revisions/fy2013-revision/?aspect=nix", 400),
        ("/plans/kodaira-2/progress/2014-02-30/", 404),
        ("/plans/kodaira-2/progress/0000-00-00/", 404),
        ("/plans/kodaira-2/programs/?round=yesterday", 400),
        (f"/plans/kodaira-2/programs/?policy={HUGE}", 400),
        ("/plans/kodaira-2/programs/?policy=x", 400),
        ("/plans/kodaira-2/programs/?grade=Z", 400),
        ("/plans/kodaira-2/programs/?q=%00", 400),
        ("/plans/kodaira-2/programs.csv?grade=Z", 400),
        ("/plans/kodaira-2/programs.xlsx?grade=Z", 400),
        ("/plans/kodaira-2/programs/?page=0", 404),
        ("/plans/kodaira-2/programs/?page=x", 400),
        (f"/plans/kodaira-2/programs/?page={HUGE}", 404),
        ("/%00", 404),
        ("/%ff%fe", 404),
    ],
)
def test_what_does_not_exist_is_said_in_japanese(site, url, status):
    response = Client(raise_request_exception=False).get(url)
    assert response.status_code == status
    assert '<html lang="ja"' in response.text


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"/admin/reviews/report/{HUGE}/change/", 404),
        ("/admin/reviews/report/x/change/", 404),
        ("/admin/reviews/report/%00/change/", 404),
        ("/admin/reviews/report/999/approve/", 302),
        (f"/admin/reviews/report/{HUGE}/approve/", 302),
        ("/admin/reviews/round/999/open/", 404),
        (f"/admin/reviews/round/{HUGE}/publish/", 404),
        ("/admin/reviews/report/?round=x", 200),
        (f"/admin/reviews/report/?round={HUGE}", 200),
        ("/admin/reviews/report/?department=x", 200),
        (f"/admin/reviews/report/?department={HUGE}", 200),
        ("/admin/reviews/report/?leading=x", 200),
        (f"/admin/reviews/report/?leading={HUGE}", 200),
        ("/admin/reviews/report/?supporting=none", 200),
        ("/admin/reviews/round/999/board/", 404),
        ("/admin/reviews/notice/?round=x", 200),
        ("/admin/reviews/report/?state__exact=x", 200),
        ("/admin/reviews/report/?q=%00", 200),
        ("/admin/reviews/report/?p=x", 200),
        ("/admin/reviews/report/?o=99.-99", 200),
        ("/admin/reviews/report/?nonsense=1", 302),
    ],
)
def test_an_address_of_the_admin_that_makes_no_sense(site, url, status):
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="office"), "django.contrib.auth.backends.ModelBackend")
    assert client.get(url).status_code == status
