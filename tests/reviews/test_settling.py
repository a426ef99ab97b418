"""決算で確定した値: it holds from then on and later reports do not replace it; what was published stays beside it."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from core.acts import NotAllowed
from policies.models import Plan, Source
from programs.models import Indicator, IndicatorActual
from reviews import workflow
from reviews.models import Effect, EffectPlace, PublishedReport, ReportErratum, Settlement
from reviews.report_figures import Actual
from reviews.settling import settle
from tests import factories
from tests.reading import read

OCTOBER = datetime.date(2015, 10, 1)
PLACE = EffectPlace(2014, "saving", "actual")


@pytest.fixture
def item(plan, cast):
    """A forecast of item 1 and an indicator that was reported for 2014."""
    program = plan.programs.get(number="1")
    indicator = Indicator.objects.create(program=program, number=1, name="収納率", unit="%")
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    told = {
        "effects": [(2014, "saving", "forecast", 1200)],
        "actuals": {(indicator.pk, 2014): Actual(Decimal("96.5"), True)},
    }
    workflow.approve(factories.handed_in(opened, 1, by=cast.office, **told), by=cast.office)
    workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)
    return program


def settled(program, cast, subject=PLACE, value="1.3百万円", **more):
    how = {"source": program.plan.sources.get(), "settled_on": OCTOBER, "by": cast.office} | more
    return settle(program, subject, value, **how)


def test_the_settled_amount_holds_beside_what_was_published(item, cast, client):
    row = settled(item, cast, note="決算書")
    assert (row.value, row.before, row.before_basis, row.settled_by) == (1300, 1200, "forecast", cast.office)
    held = Effect.objects.filter(program=item).order_by("basis")
    assert [(one.basis, one.amount, one.source) for one in held] == [
        ("actual", Decimal(1300), row.source),
        ("forecast", Decimal(1200), None),
    ]
    assert [one["amount"] for one in PublishedReport.objects.get(program=item).effects] == [1200]
    assert (ReportErratum.objects.count(), Settlement.history.get().history_user) == (0, cast.office)
    page = read(client.get("/plans/kodaira-2/programs/1/"))
    [said] = [text for text in page.texts["li"] if "決算で確定" in text]
    assert said.startswith(
        "効果額 平成26年度 歳出削減（実績）：決算で確定 1,300千円（平成27年（2015年）10月1日）、それまでの値 1,200千円（見込）決算書"
    )
    [_head, line] = client.get("/plans/kodaira-2/data/settlements.csv").getvalue().decode("utf-8-sig").splitlines()
    assert line == "kodaira-2,1,2014,,saving,,,1300,千円,1200,forecast,2015-10-01,決算書,S1,false"


def test_later_reports_and_corrections_leave_a_settled_value_alone(item, cast, plan):
    indicator = item.indicators.get()
    settled(item, cast)
    settled(item, cast, (indicator, 2014), "97.2")
    later = workflow.open_round(plan.rounds.last(), by=cast.office)
    told = {
        "effects": [(2014, "saving", "actual", 9), (2015, "saving", "actual", 5)],
        "actuals": {(indicator.pk, 2014): Actual(Decimal(1))},
    }
    workflow.approve(factories.handed_in(later, 1, by=cast.office, **told), by=cast.office)
    workflow.publish(later, by=cast.office, accept_unreported=True)
    amounts = {(one.fiscal_year, one.basis): one.amount for one in Effect.objects.filter(program=item)}
    assert amounts == {(2014, "actual"): 1300, (2014, "forecast"): 1200, (2015, "actual"): 5}
    actual = IndicatorActual.objects.get(indicator=indicator, fiscal_year=2014)
    assert (actual.value, actual.is_forecast) == (Decimal("97.2"), False)
    [of_indicator] = Settlement.objects.filter(indicator=indicator)
    assert (of_indicator.before, of_indicator.before_basis) == (Decimal("96.5"), "forecast")
    row = PublishedReport.objects.get(program=item, round=later)
    workflow.correct(row, "effects:2014:saving:actual", "1300", reason="誤記", by=cast.office)
    workflow.correct(row, "effects:2014:saving:actual", "8", reason="誤記", by=cast.office)
    assert Effect.objects.get(program=item, fiscal_year=2014, basis="actual").amount == 1300
    again = settled(item, cast, value="1310")
    assert (again.before, again.before_basis) == (1300, "actual")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": "約1300"}, "「約1300」は金額として読めません。千円単位の数だけを入力するか"),
        ({"value": ""}, "決算で確定した値を入力してください。"),
        (
            {"settled_on": datetime.date(2015, 3, 31)},
            "平成26年度の決算は、年度が終わったあと（2015年4月1日以後）の日にしてください。",
        ),
        ({"settled_on": datetime.date(2099, 4, 1)}, "確定した日は、今日までの日にしてください。"),
    ],
)
def test_what_cannot_be_settled_is_refused_in_words(item, cast, change, message):
    with pytest.raises(ValidationError) as refused:
        settled(item, cast, **change)
    [[text]] = refused.value.message_dict.values()
    assert text.startswith(message)
    assert Settlement.objects.count() == 0


def test_who_may_settle_and_twice_the_same_is_refused(item, cast):
    for who in (cast.reporter, cast.committee, cast.viewer):
        with pytest.raises(NotAllowed):
            settled(item, cast, by=who)
    settled(item, cast)
    with pytest.raises(ValidationError, match="決算で確定した値と同じです"):
        settled(item, cast, value="1300")
    other = Plan.objects.create(slug="x", city="x", name="x", first_fiscal_year=2011, last_fiscal_year=2015)
    source = Source.objects.create(plan=other, key="S9", title="別")
    with pytest.raises(ValidationError, match="同じ計画の出典"):
        settled(item, cast, value="1", source=source)


def test_the_office_settles_on_a_page_of_its_own(item, cast, client):
    client.force_login(cast.office)
    address = f"/admin/reviews/settlement/settle/{item.pk}/"
    assert address in client.get(f"/admin/programs/program/{item.pk}/change/").text
    asked = read(client.get(address))
    assert "決算で確定した値を登録する" in asked.texts["h1"]
    typed = {"subject": "effect:2014:saving:actual", "value": "百", "settled_on": "平成27年10月1日"}
    wrong = client.post(address, typed)
    assert wrong.status_code == 400
    assert "このフィールドは必須です。" in wrong.text
    response = client.post(address, typed | {"source": item.plan.sources.get().pk, "value": "1,300"})
    assert (response.status_code, Settlement.objects.get().value) == (302, 1300)
    assert "効果額 平成26年度 歳出削減（実績）：1,300千円" in client.get(address).text
    client.force_login(cast.reporter)
    assert client.get(address).status_code == 403
