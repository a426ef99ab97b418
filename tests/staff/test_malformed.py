"""Conditions of lists, keys and choices as no page sends them: refused or not found, in every list, never an error of ours."""

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client

from accounts import roles
from committee.models import Meeting
from tests.staff.addresses import list_url

QUERIES = [
    *(
        "_to_field=x",
        "_to_field=id",
        "_popup=",
        "_popup=1",
        "_facets=x",
        "all=x",
        "e=1",
        "=",
        "&&",
        "%00",
        "state__exact=%00",
    ),
    *("p=999999", "p=-1", "p=abc", "p=99999999999999999999", "o=abc", "o=1.2.-99", "o=99999999999999999999"),
    *("q=%00", "q=%ff%fe", "q=%22", "q=%27%5C", f"q={'a+' * 400}", f"q={'%E3%81%82' * 900}", "a" * 3000),
    *(
        "id__exact=x",
        "id__in=1,x",
        "id__isnull=x",
        "id__exact=1&id__exact=x",
        "id__regex=(",
        "id__iregex=(",
        "pk__gt=9" * 30,
    ),
    *(
        "plan=x",
        "plan=99999999999999999999",
        "plan__id__exact=-1",
        "plan__id__exact=99999999999999999999",
        "plan__exact=x",
    ),
    *(
        "round=x",
        "year=x",
        "policy=x",
        "department=x",
        "edition=x",
        "state=x",
        "is_active__exact=maybe",
        "next=//elsewhere",
    ),
    *("held_on__year=99999999999", "held_on__gte=2014-13-45", "held_on__year=x&held_on__month=99", "plan__password=x"),
]
KEYS = ["9" * 30, "-1", "0", "1_5F", "_00", "1.5", "1e5", "%E3%81%82", "1%0a", "%2e%2e", "a" * 2000]
CHOSEN = ["x", "", "-1", "9" * 30, "1.5"]
REFUSED = {200, 302, 400, 403, 404, 405}
EVERY = [model._meta.label_lower for model in admin.site._registry]


@pytest.fixture
def root(filled, cast):
    client = Client(raise_request_exception=False)
    client.force_login(cast.root)
    return client


def status(send, *sent):
    """What a request answers. One that the database refuses is undone, as it is where no test stands around it."""
    before = transaction.savepoint()
    answer = send(*sent).status_code
    transaction.savepoint_rollback(before)
    return answer


@pytest.mark.parametrize(
    "label",
    [one if one == Meeting._meta.label_lower else pytest.param(one, marks=pytest.mark.soak) for one in sorted(EVERY)],
)
def test_what_is_malformed_is_refused(root, label):
    addresses = [f"{list_url(label)}?{query}" for query in QUERIES]
    addresses += [list_url(label, f"{key}/{act}/") for key in KEYS for act in ("change", "delete", "history")]
    wrong = {address[:90]: found for address in addresses if (found := status(root.get, address)) not in REFUSED}
    sent = [{"action": act, "_selected_action": one} for act in ("delete_selected", "no_such") for one in CHOSEN]
    wrong |= {str(data): found for data in sent if (found := status(root.post, list_url(label), data)) not in REFUSED}
    assert wrong == {}
    assert [root.get(list_url(label, f"{key}/change/")).status_code for key in ("9" * 30, "0", "x")] == [404] * 3


def test_a_choice_of_several_with_a_key_that_no_column_holds_is_refused(cast):
    client = Client(raise_request_exception=False)
    client.force_login(cast.root)
    page = client.get(f"/admin/accounts/user/{cast.reporter.pk}/change/")
    form = page.context_data["adminform"].form
    lines = [one.formset.prefix for one in page.context_data["inline_admin_formsets"]]
    sent = {name: form[name].value() or "" for name in form.fields}
    sent |= {f"{prefix}-{count}_FORMS": "0" for prefix in lines for count in ("TOTAL", "INITIAL")}
    answer = client.post(page.request["PATH_INFO"], sent | {"groups": ["9" * 30]})
    assert answer.status_code in (200, 400)  # SQLite cannot be asked for it, PostgreSQL finds nothing
    assert list(cast.reporter.groups.values_list("name", flat=True)) == [roles.REPORTER]
