"""Lines of other records on a page: two that say the same, that change places, and that somebody else adds."""

import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from zeal import zeal_ignore

from accounts import roles
from accounts.models import Membership
from committee.models import CommitteeMember
from tests.staff.addresses import url
from tests.staff.forms import filled

pytestmark = pytest.mark.django_db
OVERLAPS = (
    "保存していません。ほかの行か、ほかの人がいま保存した内容と重なっています。確かめて直し、もう一度保存してください。"
    "行どうしで入れ替えるときは、一方をいったん削除して保存してください。"
)


def errors(page):
    found = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', page.text, re.DOTALL)
    return [text for each in found for text in re.findall("<li>(.*?)</li>", each)]


@pytest.fixture(autouse=True)
def each_line_is_looked_up():
    """Django asks for each line that is sent back."""
    with zeal_ignore():
        yield


@pytest.fixture
def person(cast):
    """Of two departments."""
    Membership.objects.create(user=cast.reporter, department=cast.zeimu)
    return cast.reporter


def departments(person):
    return list(person.memberships.order_by("pk").values_list("department__name", flat=True))


def test_departments_of_a_person(person, client, cast):
    client.force_login(cast.root)
    opened = filled(client.get(url(person)))
    first, second = (opened[f"memberships-{line}-department"] for line in range(2))
    twice = client.post(url(person), opened | {"memberships-1-department": first})
    assert errors(twice) == [
        "「部署」が同じ行が、二つ以上あります。一方を直すか、削除してください。",
        "ほかの行と同じです。",
    ]
    swapped = client.post(
        url(person),
        opened | {"name": "新しい氏名", "memberships-0-department": second, "memberships-1-department": first},
    )
    assert errors(swapped) == [OVERLAPS]
    assert filled(swapped)["name"] == "新しい氏名"
    assert departments(person) == ["財政課", "税務課"]
    # The second one goes, and the first one becomes what it was.
    sent = opened | {"memberships-0-department": second, "memberships-1-DELETE": "on"}
    assert client.post(url(person), sent).status_code == 302
    assert departments(person) == ["税務課"]


def test_two_people_add_the_same_line(person, client, cast):
    Membership.objects.filter(department=cast.zeimu).delete()
    client.force_login(cast.root)
    other = Client()
    other.force_login(cast.root)
    opened = filled(client.get(url(person)))
    new = {"memberships-TOTAL_FORMS": "2", "memberships-1-department": cast.zeimu.pk}
    assert other.post(url(person), opened | new).status_code == 302
    assert errors(client.post(url(person), opened | new)) == [OVERLAPS]
    assert departments(person) == ["財政課", "税務課"]


@pytest.fixture
def committee(plan, cast):
    """Of two, the first one in the chair."""
    cast.stranger.groups.set([Group.objects.get(name=roles.COMMITTEE)])
    for user in (cast.committee, cast.stranger):
        plan.members.create(user=user, is_chair=user == cast.committee)
    return plan


def chairs(plan):
    return list(plan.members.filter(is_chair=True).values_list("user__username", flat=True))


def test_a_committee_has_one_chair(committee, client, cast):
    client.force_login(cast.office)
    opened = filled(client.get(url(committee)))
    two = client.post(url(committee), opened | {"members-1-is_chair": "on"})
    assert errors(two) == ["委員長は、一つの計画に一人です。ほかの人の「委員長」の印を外してください。"]
    assert chairs(committee) == ["committee"]
    handed_on = {name: value for name, value in opened.items() if name != "members-0-is_chair"}
    assert client.post(url(committee), handed_on | {"members-1-is_chair": "on"}).status_code == 302
    assert chairs(committee) == ["stranger"]


def test_a_member_who_may_not_sign_in_any_more_does_not_close_the_page_of_the_plan(committee, client, cast):
    client.force_login(cast.office)
    cast.committee.is_active = False
    cast.committee.save()
    opened = filled(client.get(url(committee)))
    assert opened["members-0-user"] == str(cast.committee.pk)
    assert client.post(url(committee), opened | {"name": "新しい名称"}).status_code == 302
    committee.refresh_from_db()
    assert committee.name == "新しい名称"
    assert CommitteeMember.objects.filter(user=cast.committee).exists()
    cast.reporter.is_active = False
    cast.reporter.save()
    refused = client.post(url(committee), opened | {"members-1-user": cast.reporter.pk})
    assert errors(refused) == ["正しく選択してください。選択したものは候補にありません。"]


@pytest.mark.parametrize("initial", [None, "", "x", "999999999999"])
@pytest.mark.parametrize("seen", [None, '{"a:b:c:d": 1, "memberships:x": 2, ":::": 3, "nothing": [1], "": {}}'])
def test_marks_and_counts_that_no_page_sends_are_no_error_of_ours(seen, initial, person, client, cast):
    client.force_login(cast.root)
    sent = filled(client.get(url(person))) | {"memberships-0-department": "", "memberships-INITIAL_FORMS": initial}
    person.memberships.filter(department=cast.zaisei).delete()  # the first line
    sent |= {"_seen": seen or sent["_seen"]}
    answer = client.post(url(person), {name: value for name, value in sent.items() if value is not None})
    assert answer.status_code in (200, 302)
    assert departments(person) == ["税務課"]
