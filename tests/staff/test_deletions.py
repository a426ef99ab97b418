"""No door of the admin deletes what was frozen, published or answered, nor what was shown by an act. The list of models is
the admin's own registry."""

import datetime

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction

from committee.models import Meeting, Opinion
from core.acts import WrongState
from figures.version import RULES
from policies.models import Withdrawable
from policies.publicity import withdraw
from programs.models import (
    PlanIndicator,
    PlanIndicatorActual,
    PlanIndicatorTarget,
    Program,
    Revision,
    RevisionMark,
)
from programs.plan_indicators import publish
from reviews.models import Report
from tests.staff.forms import filled
from workbooks.plan.changes import RawTable
from workbooks.plan.importing import import_tables
from workbooks.plan.sheets import SHEETS
from workbooks.plan.tables import load

LINES = (PlanIndicatorTarget, PlanIndicatorActual)
# Public as soon as they are saved, and corrected as they were written; nothing that was shown by an act goes with them.
SAVED_IS_PUBLIC = {
    *("policies.viewpoint", "policies.position", "policies.scale", "policies.delaycause"),
    *("programs.indicatoractual", "programs.revisionmark", "reviews.effect"),
    *("committee.keyprogram", "figures.publishedfigure"),
    *("policies.lineageplan", "policies.lineagefigure", "policies.lineagenote"),
}


@pytest.fixture
def shown(filled, cast):
    """With an answered opinion that is not public, and one of each that was public and was withdrawn."""
    day = datetime.date(2015, 5, 1)
    given = {"plan": filled, "given_on": day, "text": "意見"}
    Opinion.objects.create(key="2015-1", **given, disposition="adopted", answer="反映します。", answered_on=day)
    Opinion.objects.create(key="2015-2", **given, withdrawn="誤り")
    Meeting.objects.create(plan=filled, held_on=day, withdrawn="誤り")
    item = Program.objects.create(
        plan=filled, policy=filled.policies.first(), number="98", public_at="2015-05-01T00:00Z"
    )
    withdraw(item, reason="誤り", by=cast.office)
    return filled


def public_rows(model):
    """Those that citizens read, those that were taken back, and those that were answered."""
    rows = set(model._base_manager.filter(RULES[model].condition)) if model in RULES else set()
    if issubclass(model, Withdrawable):
        rows |= {row for row in model._base_manager.all() if row.stays}
    if model is Report:
        rows |= set(Report.objects.all())
    return rows


def lines_deleted(client, page):
    """The public lines of other records that go with the check boxes on the page of a record."""
    form = filled(client.get(page))
    boxes = {f"{name.removesuffix('-id')}-DELETE": "on" for name, pk in form.items() if name.endswith("-id") and pk}
    before = {line for model in LINES for line in public_rows(model)}
    with transaction.atomic():
        client.post(page, form | boxes)
        gone = before - {line for model in LINES for line in public_rows(model)}
        transaction.set_rollback(True)
    return gone


def deleted(client, model, pk):
    """Through which doors a row goes; nothing is lost by asking."""
    address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    action = {"action": "delete_selected", ACTION_CHECKBOX_NAME: [pk], "post": "yes"}
    doors = []
    for door, data in ((f"{address}{pk}/delete/", {"post": "yes"}), (address, action)):
        with transaction.atomic():
            client.post(door, data)
            if not model._base_manager.filter(pk=pk).exists():
                doors.append(door)
            transaction.set_rollback(True)
    return doors


MODELS = sorted(
    (model for model in admin.site._registry if model._meta.label != "auth.Group"), key=lambda model: model._meta.label
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_what_was_public_is_deleted_through_no_door(client, shown, cast, model):
    client.force_login(cast.root)
    rows = public_rows(model)
    gone = [door for row in rows for door in deleted(client, model, row.pk)]
    assert bool(gone) is (bool(rows) and model._meta.label_lower in SAVED_IS_PUBLIC)
    for resource in getattr(
        admin.site._registry[model], "resource_classes", ()
    ):  # a list only adds and changes, whatever it has in it
        assert not resource().for_delete({"delete": "TRUE", "DELETE": "1", "削除": "はい"}, model())


def test_lines_of_other_records_stay_with_what_was_published(client, shown, cast):
    client.force_login(cast.root)
    indicator = PlanIndicator.objects.create(plan=shown, number=7, name="自主財源比率", unit="%")
    indicator.actuals.create(fiscal_year=2013, value=60)
    indicator.targets.create(edition=shown.editions.filter(frozen_at__isnull=False).first(), fiscal_year=2014, value=61)
    publish(indicator, by=cast.office)
    assert all(public_rows(model) for model in LINES)
    assert lines_deleted(client, f"/admin/programs/planindicator/{indicator.pk}/change/") == set()
    kinds = {inline.model for each in admin.site._registry.values() for inline in each.inlines}
    assert kinds & RULES.keys() == set()  # others stand on the page of a published indicator alone


def test_a_revision_to_a_frozen_edition_stays_whoever_deletes_it(shown):
    with pytest.raises(
        WrongState, match="確定した版への見直しは削除できません。誤りは、見直しの画面で直してください。"
    ):
        Revision.objects.get(to_edition__frozen_at__isnull=False).delete()


def by_workbook(plan, sheet, key, by):
    """Whether a row goes with a workbook that asks for it and for all that names it in the plan."""
    stored = load(plan).rows
    values = stored[sheet.name][key]
    row = {name: values[name] for name in sheet.key} | {"delete": "TRUE"}
    tables = [RawTable("plan", ("slug",), ((2, {"slug": plan.slug}),)), RawTable(sheet.name, tuple(row), ((2, row),))]
    return not import_tables(tables, by=by, dry_run=True).problems


@pytest.mark.parametrize("sheet", [each for each in SHEETS if each.scope], ids=lambda sheet: sheet.name)
def test_what_was_public_is_deleted_by_no_workbook(shown, cast, sheet):
    RevisionMark.objects.all().delete()  # it would keep the revision
    public = {row.pk for row in public_rows(sheet.model)}
    keys = [key for key, pk in load(shown).pks[sheet.name].items() if pk in public]
    gone = [key for key in keys if by_workbook(shown, sheet, key, cast.root)]
    assert bool(gone) is (bool(keys) and sheet.model._meta.label_lower in SAVED_IS_PUBLIC)
