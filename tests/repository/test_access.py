"""Every address of the site, asked by every kind of person: the expected answers as one table.

The addresses come from the URL configuration, so a new one without a row in the table fails here. POST sends an empty
form: what counts is whether the person gets as far as the form. Nobody ever gets a 500.
"""

from contextlib import nullcontext
from unittest.mock import patch

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client

from accounts.models import User
from policies.models import Plan
from tests.repository.addresses import PEOPLE, ROUTES, TABLE, row_of
from tests.repository.every_model import address
from tests.soak import whole_in_soak


@pytest.fixture(autouse=True)
def no_typesetting(monkeypatch):
    """Not every machine can make PDF files; what they hold is tested in tests/website/test_packet.py."""
    for module in ("committee", "report", "item_sheets"):
        monkeypatch.setattr(f"website.{module}.pdf_of", lambda html, stylesheet: b"%PDF-")


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


# Models whose rights differ: what departments write, what is promised, what is said to it, and what nobody but the administrator sees.
MODELS = (*("reviews/report", "programs/programedition", "committee/opinion", "accounts/user"),)
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
        (f"/admin/reviews/report/{HUGE}/approve/", 404),
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
