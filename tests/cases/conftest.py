"""The plan that the sheets, lists and workbooks of this folder are about."""

from types import SimpleNamespace

from accounts.models import Department, Membership
from policies.models import Grade, Plan
from reviews import workflow
from reviews.models import Report, ReportEffect
from tests.cases.files import data_of
from tests.kept import kept
from tests.staff.conftest import confirm, preview  # noqa: F401 - fixtures
from tests.workbooks.plan import books


@kept
def bugs(cast):
    """The plan `bugs`, whose last round is open: its reporter has begun with item 28, as base_survey.xlsx shows it."""
    books.bring_in(data_of("00_base_plan"), cast.office)
    plan, department = Plan.objects.get(slug="bugs"), Department.objects.get(city="見本市", code="sangyo")
    Membership.objects.create(user=cast.reporter, department=department)
    opened = workflow.open_round(plan.rounds.get(as_of="2015-09-30"), by=cast.office)
    draft = Report.objects.get(round=opened, program__number="28")
    for year, basis, amount, note in ((2014, "actual", 1500, "積算による"), (2015, "budget", 800, "予算")):
        ReportEffect.objects.create(
            report=draft, fiscal_year=year, kind="saving", basis=basis, amount=amount, note=note
        )  # fmt: skip
    texts = {"progress": "既にある記入", "delay_reason": "理由", "remedy": "対応"}
    grade = Grade.objects.main_of(plan).get(code="B")
    workflow.save_draft(draft, {"grade": grade, **texts}, by=cast.reporter, version=draft.version)
    return SimpleNamespace(plan=plan, round=opened, department=department)
