"""Every list of the admin: who opens it, what it costs, and that nothing in it answers 500."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Department
from committee.models import Meeting
from figures.models import PublishedFigure
from policies.models import Grade, Policy, Source
from programs.models import Program
from reviews import workflow
from reviews.models import Notice
from tests import factories
from tests.soak import others_in_soak, whole_in_soak
from tests.staff.addresses import list_url

MODELS = sorted(model._meta.label_lower for model in admin.site._registry)
STAFF = {"accounts.department", "accounts.user", "reviews.notice", "reviews.redaction"}
# Logs, written by acts alone: read on the screen only, neither imported nor exported.
LOGS = {"reviews.notice", "workbooks.surveyupload"}
FILES = [label for label in MODELS if label not in LOGS]
# One of what is kept differently: people, opinions, the framework, contents, acts, records, logs.
ONE_OF_EACH = [
    "accounts.department",
    "committee.opinion",
    "policies.policy",
    "programs.programedition",
    "reviews.publishedreport",
    "reviews.report",
    "workbooks.surveyupload",
]
EACH_MODEL = others_in_soak(MODELS, ONE_OF_EACH)
BUSIEST = ["programs.programedition", "reviews.report"]  # the two with filters, acts and rules of their own
RECORDS = {
    "programs.planindicatorerratum",
    "reviews.settlement",
    "programs.contenterratum",
    "programs.latecontent",
    "reviews.reporterratum",
    "reviews.publishedreport",
    "reviews.redaction",
}  # read only, and taken from the public site


def test_every_model_has_its_list():
    assert MODELS == [
        "accounts.department",
        "accounts.user",
        "committee.keyprogram",
        "committee.meeting",
        "committee.opinion",
        "figures.publishedfigure",
        "policies.axis",
        "policies.delaycause",
        "policies.direction",
        "policies.edition",
        "policies.grade",
        "policies.lineagefigure",
        "policies.lineagenote",
        "policies.lineageplan",
        "policies.plan",
        "policies.policy",
        "policies.position",
        "policies.scale",
        "policies.source",
        "policies.viewpoint",
        "programs.contenterratum",
        "programs.indicator",
        "programs.indicatoractual",
        "programs.indicatortarget",
        "programs.latecontent",
        "programs.planindicator",
        "programs.planindicatorerratum",
        "programs.program",
        "programs.programedition",
        "programs.revision",
        "programs.revisionmark",
        "programs.yearplan",
        "reviews.notice",
        "reviews.publishedreport",
        "reviews.redaction",
        "reviews.report",
        "reviews.reporterratum",
        "reviews.round",
        "reviews.settlement",
        "workbooks.surveyupload",
    ]


def filled(slug, programs, by):
    """A plan with rows in every list; the number of the long ones follows `programs`."""
    plan = factories.small_plan(slug, programs=programs)
    source = plan.sources.get()
    factories.written(plan)
    factories.revised(plan)
    row = factories.published_round(plan, {1: "A"}, by=by).published_reports.first()
    workflow.correct(row, "grade", "B", reason="誤り", by=by)
    workflow.open_round(plan.rounds.last(), by=by)
    for number in range(programs):
        meeting = Meeting.objects.create(plan=plan, held_on=f"2014-{number % 12 + 1:02}-{number // 12 + 1:02}")
        meeting.documents.add(source)
        Department.objects.create(city=slug, code=f"d{number}", name=f"課{number}")
        Source.objects.create(plan=plan, key=f"X{number}", title="資料")
        Notice.objects.create(
            round=plan.rounds.first(),
            kind="late",
            user=by,
            address="office@example.jp",
            sent_at=timezone.now(),
            result="sent",
        )
        PublishedFigure.objects.create(
            plan=plan, key=f"f{number}", measure="item_count", label="項目数", printed="62", unit="項目", source=source,
            locator="1頁",
        )  # fmt: skip
    return plan


@pytest.mark.parametrize("labels", whole_in_soak(ONE_OF_EACH, MODELS))
def test_no_list_and_no_export_costs_more_with_60_rows_than_with_3(labels, client, cast):
    files = [label for label in labels if label in FILES]
    requests = [(label, act, None) for label in labels for act in ("", "?q=1", "add/")]
    requests += [(label, act, None) for label in files for act in ("export/", "import/")]
    requests += [(label, "export/", {"format": ending, "resource": "0"}) for label in files for ending in ("0", "1")]

    def queries():
        client.force_login(cast.root)
        counts = {}
        for label, act, data in requests:
            with CaptureQueriesContext(connection) as captured:
                response = client.get(list_url(label, act)) if data is None else client.post(list_url(label, act), data)
            if data is None:
                assert response.status_code in (200, 403)
            elif label in LOGS:
                assert response.status_code == 403
            else:
                refused = label in RECORDS and response.status_code == 403
                assert refused or response.headers["Content-Disposition"].startswith("attachment")
            counts[label, act, str(data)] = len(captured)
        return counts

    for slug in ("one", "two"):  # two plans from the start: with one there is less to filter
        filled(slug, 3, cast.office)
    queries()  # fills the cache of content types
    few = queries()
    filled("three", 60, cast.office)
    assert queries() == few
    assert {what: count for what, count in few.items() if count > 20 and what[2] == "None"} == {}


CONTENTS = {f"programs.{name}" for name in ("programedition", "yearplan", "indicator", "indicatortarget")}
MADE_BY_ACTS = CONTENTS | {"reviews.report"} | RECORDS  # or, of a content, on its page
OPEN = {
    "reporter": set(MODELS) - STAFF - {"committee.opinion"},
    "stranger": set(MODELS) - STAFF - {"committee.opinion"},
    "viewer": set(MODELS) - STAFF - {"committee.opinion", "workbooks.surveyupload"},
    "committee": set(MODELS) - STAFF - {"reviews.report", "workbooks.surveyupload"},
    "office": set(MODELS) - {"accounts.user"},
    "root": set(MODELS),
}
ADD = {
    "committee": {"committee.opinion"},
    "office": set(FILES) - {"accounts.user"} - MADE_BY_ACTS,
    "root": set(FILES) - MADE_BY_ACTS,
}
EXPORT = {
    "reporter": {"reviews.report"},
    "stranger": {"reviews.report"},
    "office": OPEN["office"] - LOGS - RECORDS,
    "root": OPEN["root"] - LOGS - RECORDS,
}
IMPORT = {**EXPORT, "root": set(FILES) - {"accounts.user"} - RECORDS}


@pytest.mark.sqlite_first
@pytest.mark.parametrize("who", sorted(OPEN))
@pytest.mark.parametrize(("act", "allowed"), [("", OPEN), ("add/", ADD), ("export/", EXPORT), ("import/", IMPORT)])
@pytest.mark.parametrize("labels", whole_in_soak(ONE_OF_EACH, MODELS))
def test_each_person_opens_the_lists_of_the_role(labels, who, act, allowed, client, cast, plan):
    client.force_login(getattr(cast, who))
    asked = [label for label in labels if act not in ("export/", "import/") or label in FILES]
    answers = {label: client.get(list_url(label, act)).status_code for label in asked}
    assert answers == {label: 200 if label in allowed.get(who, set()) else 403 for label in asked}


@pytest.mark.sqlite_first
@pytest.mark.parametrize("label", EACH_MODEL)
@pytest.mark.parametrize("act", ["", "add/", "import/", "process_import/", "export/", "1/change/", "1/history/"])
def test_a_visitor_is_sent_to_sign_in(label, act, client, db):
    assert client.get(list_url(label, act)).url.startswith("/admin/login/?next=")


@pytest.mark.parametrize("label", others_in_soak(MODELS, BUSIEST))
@pytest.mark.parametrize("act", ["0/change/", "abc/change/", "0/history/", "abc/history/", "abc/delete/"])
def test_an_unknown_record_is_a_404_or_forbidden(label, act, client, cast):
    client.force_login(cast.root)
    assert client.get(list_url(label, act)).status_code in (403, 404)


@pytest.mark.parametrize("label", others_in_soak(MODELS, BUSIEST))
@pytest.mark.parametrize("query", ["?p=999", "?o=99", "?no_such=1", "?q=%00", "?plan__id__exact=x", "?e=1"])
@pytest.mark.parametrize("act", ["", "export/"])
def test_a_bad_filter_is_no_500(label, query, act, client, cast, plan):
    client.force_login(cast.root)
    expected = (403,) if act and label in RECORDS | {"workbooks.surveyupload"} else (200, 302, 400)
    assert client.get(list_url(label, act) + query).status_code in expected


@pytest.mark.parametrize("label", EACH_MODEL)
def test_every_record_opens_with_its_form_and_history(label, client, cast):
    filled("full", 3, cast.office)
    client.force_login(cast.root)
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)
    record = model.objects.first()
    if record is not None:
        assert client.get(list_url(label, f"{record.pk}/change/")).status_code == 200
        frozen = label == "reviews.publishedreport"  # its history is its errata, on its page
        assert client.get(list_url(label, f"{record.pk}/history/")).status_code == (302 if frozen else 200)


@pytest.mark.parametrize(
    "label",
    others_in_soak(
        [label for label in FILES if label not in {"accounts.user"} | MADE_BY_ACTS],
        ["accounts.department", "committee.opinion", "policies.policy", "programs.program", "reviews.round"],
    ),
)
def test_an_empty_form_is_refused_with_errors_at_its_fields(label, client, cast, plan):
    client.force_login(cast.root)
    page = client.get(list_url(label, "add/"))
    empty = {
        f"{formset.prefix}-{name}": "0"
        for formset in (inline.formset for inline in page.context_data["inline_admin_formsets"])
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    response = client.post(list_url(label, "add/"), empty)
    assert response.status_code == 200
    assert response.context_data["adminform"].form.errors


@pytest.mark.parametrize("who", ["reporter", "office"])
@pytest.mark.parametrize(
    "address",
    ["/admin/accounts/user/1/password/", "/admin/auth/group/", "/admin/auth/user/", "/admin/axes/accessattempt/"],
)
def test_people_and_roles_are_not_reached(who, address, client, cast):
    client.force_login(getattr(cast, who))
    assert client.get(address).status_code in (403, 404)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("q=こうもく１", []),
        ("q=項目１", ["1"]),
        ("q=２", ["2"]),
        ("named=no", ["3"]),
        ("named=yes", ["1", "2"]),
        ("number_is_provisional__exact=1", ["3"]),
        ("policy=x", []),
    ],
)
def test_the_list_of_items_finds(query, numbers, client, cast, plan):
    client.force_login(cast.reporter)
    response = client.get(f"/admin/programs/program/?{query}")
    assert [program.number for program in response.context_data["cl"].result_list] == numbers


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("", None),
        ("plan__id__exact={plan}", ["方針1 財政基盤の強化", "方針2 執行体制の再構築"]),
        ("policy={policy}", ["方針1 財政基盤の強化", "方針2 執行体制の再構築"]),
        ("policy=999", []),
    ],
)
def test_the_policy_filter_names_policies_of_the_chosen_plan_only(query, offered, client, cast, plan):
    factories.small_plan("other")
    client.force_login(cast.office)
    query = query.format(plan=plan.pk, policy=plan.policies.first().pk)
    filters = {
        spec.title: [label for _pk, label in spec.lookup_choices]
        for spec in client.get(f"/admin/programs/program/?{query}").context_data["cl"].filter_specs
        if hasattr(spec, "lookup_choices")
    }
    assert filters.get("方針") == offered


def test_a_form_offers_only_records_of_its_own_plan(client, cast, plan):
    factories.small_plan("other")
    client.force_login(cast.office)
    program = plan.programs.first()
    form = client.get(f"/admin/programs/program/{program.pk}/change/").context_data["adminform"].form
    assert set(form.fields["policy"].queryset) == set(Policy.objects.filter(plan=plan))
    adding = client.get("/admin/programs/program/add/").context_data["adminform"].form
    assert "方針1 財政基盤の強化（テスト計画）" in dict(adding.fields["policy"].choices).values()


def test_a_fiscal_year_may_be_typed_in_the_japanese_calendar(client, cast, plan):
    client.force_login(cast.office)
    data = {"plan": plan.pk, "order": "1", "layer": "プラン", "name": "計画"}
    years = {"first_fiscal_year": "平成２３年度", "last_fiscal_year": "H27"}
    assert client.post("/admin/policies/position/add/", data | years).status_code == 302
    position = plan.positions.get()
    assert (position.first_fiscal_year, position.last_fiscal_year) == (2011, 2015)


@pytest.mark.parametrize(
    ("label", "pick"),
    [
        ("programs.program", lambda plan: plan.programs.get(number="1")),
        ("policies.grade", lambda plan: plan.grades.get(code="A")),
        ("policies.policy", lambda plan: plan.policies.first()),
        ("policies.plan", lambda plan: plan),
        ("policies.source", lambda plan: plan.sources.get()),
        ("accounts.department", lambda plan: Department.objects.get(code="zaisei")),
    ],
)
def test_what_published_data_stands_on_is_protected(label, pick, client, cast, plan):
    factories.published_round(plan, {1: "A"}, by=cast.office)
    record = pick(plan)
    client.force_login(cast.office)
    response = client.post(list_url(label, f"{record.pk}/delete/"), {"post": "yes"})
    assert response.status_code == 200
    assert "保護" in response.content.decode() or "削除できません" in response.content.decode()
    selected = {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"}
    assert client.post(list_url(label), selected).status_code == 200
    assert type(record).objects.filter(pk=record.pk).exists()


def test_a_grade_in_use_keeps_its_meaning(client, cast, plan):
    factories.published_round(plan, {1: "A"}, by=cast.office)
    client.force_login(cast.office)

    def fields(code):
        grade = Grade.objects.get(plan=plan, code=code)
        return set(client.get(f"/admin/policies/grade/{grade.pk}/change/").context_data["adminform"].form.fields)

    assert fields("S") - fields("A") == {"axis", "code", "tone"}


@pytest.mark.parametrize(("is_public", "shown"), [(True, True), (False, False)])
def test_the_public_page_is_offered_when_citizens_may_open_it(is_public, shown, client, cast):
    plan = factories.small_plan("other", is_public=is_public)
    client.force_login(cast.office)
    program = Program.objects.get(plan=plan, number="1")
    html = client.get(f"/admin/programs/program/{program.pk}/change/").content.decode()
    assert ('href="/plans/other/programs/1/"' in html) is shown
