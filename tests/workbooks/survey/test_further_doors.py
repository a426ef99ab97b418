"""The inputs of test_doors.py at the doors for which a person types or pastes: pages of acts, both guides for tables, addresses."""

from decimal import Decimal
from types import SimpleNamespace

from django.contrib import admin

from opendata.tables.catalogue import TABLES
from programs.models import Indicator, PlanIndicator, ProgramEdition
from programs.plan_indicators import correct_indicator, publish
from reviews import settling
from staff.content_form import form_of
from staff.fields import AmountField
from staff.plan_indicators import TargetInline
from tests import factories
from tests.kept import kept
from tests.workbooks.survey.doors import NUMBERS, REFUSED, answers
from workbooks.tables import cells
from workbooks.tables.published import values

# A guide takes the unit beside the number: it asks about it, and a percentage is a number there.
WITH_UNIT = NUMBERS | {"68.1%": Decimal("68.1")}


@kept
def plan_indicator(plan, cast):
    factories.written(plan)
    made = PlanIndicator.objects.create(plan=plan, number=1, name="自主財源比率", unit="%", baseline=Decimal(60))
    publish(made, by=cast.office)
    return made


def test_numbers_typed_into_forms(plan_indicator, rf, cast, plan):
    request = rf.get("/")
    request.user, request.resolver_match = cast.root, SimpleNamespace(kwargs={})
    page = admin.site.get_model_admin(PlanIndicator)
    form = page.get_form(request, None)(None)
    inline = TargetInline(PlanIndicator, admin.site).get_formset(request, plan_indicator).form(None)
    content = form_of(ProgramEdition.objects.get(program__number="1", edition__key="original"))
    indicator = Indicator.objects.get(program__number="1")
    doors = {
        "the indicator of a plan": form.fields["baseline"],
        "its target": inline.fields["value"],
        "the baseline of an item's": content.fields[f"i{indicator.pk}-baseline"],
        "its target in an edition": content.fields[f"i{indicator.pk}-value_2011"],
        "an effect": AmountField(),
    }
    assert {name: answers(field.clean) for name, field in doors.items()} == dict.fromkeys(doors, NUMBERS)


def test_numbers_given_to_acts(plan_indicator, cast, plan):
    indicator = Indicator.objects.select_related("program__plan").get(program__number="1")
    source = plan.sources.get()

    def settle(typed):
        how = {"source": source, "settled_on": factories.RELEASED.replace(year=2015), "by": cast.office}
        return settling.settle(indicator.program, (indicator, 2013), typed, **how).value

    def correct(typed):
        correct_indicator(plan_indicator, "baseline", typed, reason="誤り", by=cast.office)
        return PlanIndicator.objects.get().baseline

    assert answers(settle) == NUMBERS
    assert answers(correct) == NUMBERS


def test_numbers_in_tables_that_people_made(db):
    def of_an_office(typed):
        found = cells.amount(typed)
        return REFUSED if found is None else found.value

    def of_a_city(typed):
        [found] = values.read(typed)
        return REFUSED if found.value is None else found.value

    assert answers(of_an_office) == WITH_UNIT
    assert answers(of_a_city) == WITH_UNIT


def test_an_address_takes_what_its_list_names_or_says_what_is_wrong(client, cast, plan):
    """Values of addresses are one spelling each, so that one page has one address; only full-width digits are read too."""
    factories.published_round(plan, {1: "A"}, by=cast.office)
    table_with = {name: table for table in TABLES for name in table.filters}
    taken = {}
    for name, table in {**table_with, "per_page": TABLES[0]}.items():
        address = f"/api/v1/plans/kodaira-2/{table.name.replace('_', '-')}"
        found = {typed: client.get(address, {name: typed}).status_code for typed in NUMBERS}
        assert set(found.values()) <= {200, 400}, address
        taken[name] = {typed for typed, status in found.items() if status == 200}
    assert taken.pop("per_page") == {"５", "57"}
    assert taken == {key: set() for key in ["policy", "fiscal_year", "round", "edition", "program"]}
