"""The small plans of tests/cases, brought in as an office would and asked at every door."""

from contextlib import nullcontext

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from figures.ledger import reconcile
from figures.models import PublishedFigure
from policies.models import Plan
from tests.cases.files import path_of
from tests.reading import csv_rows, read


def bring_in(name, slug=""):
    """Import a case by the command; its plan."""
    User.objects.get_or_create(username="root", defaults={"is_superuser": True, "is_active": True})
    call_command("import_plan", str(path_of(name)), verbosity=0)
    return Plan.objects.get(slug=slug or name)


def refusal(name):
    """What the command says when it refuses a case."""
    with pytest.raises(CommandError) as caught:
        bring_in(name)
    return str(caught.value)


def ledger(plan):
    """key → (status, computed value)"""
    return {row.figure.key: (str(row.status), row.computed) for row in reconcile(plan)}


def reasons(plan):
    return {row.figure.key: row.reason for row in reconcile(plan)}


def checked(plan, capsys):
    """What `check_figures` prints; it ends with 1 where something differs."""
    capsys.readouterr()
    differs = any(row.status.differs for row in reconcile(plan))
    with pytest.raises(SystemExit) if differs else nullcontext():
        call_command("check_figures", plan.slug)
    return capsys.readouterr().out


def page(client, plan, path=""):
    """A page of the plan, read."""
    answer = client.get(f"/plans/{plan.slug}/{path}")
    assert answer.status_code == 200, path
    return read(answer)


def rows_of(client, plan, path):
    """A CSV file as dictionaries."""
    answer = client.get(f"/plans/{plan.slug}/{path}")
    return csv_rows(answer.getvalue())


def table(client, plan, name):
    """An open table by the API, as dictionaries."""
    answer = client.get(f"/api/v1/plans/{plan.slug}/{name}")
    assert answer.status_code == 200, name
    found = answer.json()
    return found["items"]


def figure(plan, key, measure, value, **values):
    """A published figure of a plan, printed as its value."""
    values.setdefault("unit", "項目")
    return PublishedFigure.objects.create(
        plan=plan, key=key, measure=measure, label=key, printed=str(value), value=value, source=plan.sources.get(),
        locator="表", **values,
    )  # fmt: skip
