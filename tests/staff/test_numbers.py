"""Numbers of the staff's pages stand there as people type them: 90 and not 90.0000, and a page sent back as it is changes none."""

from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import models

from figures.models import PublishedFigure
from programs.content import Target
from programs.contents import content_of
from programs.models import Indicator, IndicatorActual, IndicatorTarget, PlanIndicator, ProgramEdition
from reviews import workflow
from reviews.models import Report
from reviews.report_figures import Actual, Amount
from staff.content_form import form_of
from staff.report_figure_forms import FigureForms
from tests import factories
from tests.kept import kept
from tests.staff.addresses import list_url
from tests.staff.forms import filled


@kept
def numbers(plan, cast):
    """A round number and one with places in everything that holds numbers; an open round in which item 1 is reported."""
    factories.written(plan)
    indicator = Indicator.objects.get(program__number="1")
    Indicator.objects.update(baseline=Decimal(90))
    IndicatorTarget.objects.update(value=Decimal(100))
    indicator.actuals.create(fiscal_year=2013, value=Decimal("1234.5"))
    whole = PlanIndicator.objects.create(plan=plan, number=1, name="自主財源比率", unit="%", baseline=Decimal(60))
    whole.targets.create(edition=plan.editions.get(key="original"), fiscal_year=2013, value=Decimal(70))
    whole.actuals.create(fiscal_year=2013, value=Decimal("72.5"))
    PublishedFigure.objects.create(
        plan=plan, key="f", measure="item_count", label="項目数", printed="62", value=Decimal(62), unit="項目",
        source=plan.sources.get(), locator="1頁",
    )  # fmt: skip
    plan.money_unit = "百万円"
    plan.save()
    report = factories.report(workflow.open_round(plan.rounds.last(), by=cast.office), 1)
    figures = {
        "actuals": {(indicator.pk, report.round.fiscal_year): Actual(Decimal(80))},
        "effects": [Amount(2014, "revenue", "actual", Decimal(130700))],
    }
    workflow.save_draft(report, figures, version=report.version, by=cast.reporter)
    return report


def shown(form, name):
    """What stands in a field, and whether sending it back is a change."""
    text = form[name].value()
    return text, form.fields[name].has_changed(form.get_initial_for_field(form.fields[name], name), text or "")


def test_the_form_of_a_content(numbers):
    content = ProgramEdition.objects.select_related("edition").get(program__number="1", edition__key="original")
    pk = Indicator.objects.get(program=content.program_id).pk
    key = f"i{pk}"
    form = form_of(content)
    assert (shown(form, f"{key}-baseline"), shown(form, f"{key}-value_2011")) == (("90", False), ("100", False))
    assert content_of(content).indicators[key].targets[2011] == Target(Decimal(100), "以上")


def test_the_form_of_a_report(numbers):
    figures = FigureForms(Report.objects.get(pk=numbers.pk))
    [line] = figures.lines
    assert shown(line.form, "value") == ("80", False)
    assert shown(figures.effects.forms[0], "amount") == ("130.7", False)  # of 百万円, the plan's unit


def test_the_report_as_those_read_it_who_do_not_write_it(numbers, client, cast):
    client.force_login(cast.viewer)
    page = client.get(list_url("reviews.report", f"{numbers.pk}/change/")).text
    assert "実績 80" in page
    assert "0000" not in page


ROWS = {
    "figures.publishedfigure": {"value": "62"},
    "programs.indicator": {"baseline": "90"},
    "programs.indicatoractual": {"value": "1234.5"},
    "programs.indicatortarget": {"value": "100"},
    "programs.planindicator": {"baseline": "60", "targets-0-value": "70", "actuals-0-value": "72.5"},
}


@pytest.mark.parametrize("label", ROWS)
def test_every_form_of_a_record(label, client, cast, numbers):
    client.force_login(cast.office)
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)
    address = list_url(label, f"{model.objects.first().pk}/change/")
    page = client.get(address)
    sent = filled(page)
    assert {name: sent[name] for name in ROWS[label]} == ROWS[label]
    form = page.context_data["adminform"].form
    lines = [line for each in page.context_data["inline_admin_formsets"] for line in each.formset.initial_forms]
    changed = {name for each in (form, *lines) for name in each.fields if shown(each, name)[1]}
    assert changed == set()
    before = list(model.objects.values())
    assert client.post(address, sent | {"_save": "1"}).status_code == 302
    assert list(model.objects.values()) == before


@pytest.mark.parametrize(
    ("label", "texts"), [("programs.indicator", ["90"]), ("programs.planindicator", ["60", "70", "72.5"])]
)
def test_a_page_that_is_only_read(label, texts, client, cast, numbers):
    client.force_login(cast.viewer)
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)
    page = client.get(list_url(label, f"{model.objects.first().pk}/change/")).text
    assert [text for text in texts if f">{text}<" not in page] == []
    assert "0000" not in page


def test_a_year_that_is_only_read_stands_in_the_japanese_calendar_and_before_its_value(client, cast, numbers):
    client.force_login(cast.office)
    page = client.get(list_url("programs.indicatoractual", f"{IndicatorActual.objects.get().pk}/change/")).text
    assert ">平成25年度（2013年度）<" in page
    assert page.index("平成25年度（2013年度）") < page.index('name="value"')


def test_the_history_of_a_number(client, cast, numbers):
    actual = IndicatorActual.objects.get()
    actual.value = Decimal(1300)
    actual.save()
    client.force_login(cast.office)
    page = client.get(list_url("programs.indicatoractual", f"{actual.pk}/history/")).text
    assert "1,234.5" in page
    assert "1,300" in page
    assert "0000" not in page


def test_no_list_shows_a_number_as_it_is_stored():
    """Django would write as many places as the column has."""
    stored = {
        (model._meta.label_lower, name)
        for model, one in admin.site._registry.items()
        for name in one.list_display
        if name in {field.name for field in model._meta.fields if isinstance(field, models.DecimalField)}
    }
    assert stored == set()
