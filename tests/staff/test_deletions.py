"""No door of the admin deletes what was frozen, published or answered, nor what was shown by an act. The list of models is
the admin's own registry."""

import datetime

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction

from committee.models import Meeting, Opinion
from figures.version import RULES
from policies.models import Withdrawable
from policies.publicity import withdraw
from programs.models import Program
from reviews.models import Report

# Public as soon as they are saved, and corrected as they were written; nothing that was shown by an act goes with them.
SAVED_IS_PUBLIC = {
    *("policies.viewpoint", "policies.position", "policies.scale", "policies.delaycause"),
    *("programs.indicatoractual", "programs.revisionmark"),
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
