"""Departments that are renamed and merged, and the roles."""

from datetime import date

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts import roles
from accounts.models import Department, Membership, User


def department(code, successor=None):
    return Department.objects.create(city="小平市", code=code, name=f"{code}課", successor=successor)


@pytest.fixture
def chain(db):
    """zaisei ← kaikei ← suito (renamed twice), zaisei ← kanzai (merged); zeimu stands alone."""
    zaisei = department("zaisei")
    kaikei = department("kaikei", zaisei)
    suito = department("suito", kaikei)
    kanzai = department("kanzai", zaisei)
    return {d.code: d for d in (zaisei, kaikei, suito, kanzai, department("zeimu"))}


def member_of(*departments):
    user = User.objects.create_user(username="someone", name="誰か")
    for d in departments:
        Membership.objects.create(user=user, department=d)
    return user


@pytest.mark.parametrize(
    ("own", "owned"),
    [
        (["zaisei"], ["kaikei", "kanzai", "suito", "zaisei"]),
        (["kaikei"], ["kaikei", "suito"]),
        (["suito"], ["suito"]),
        (["zeimu"], ["zeimu"]),
        (["kanzai", "zeimu"], ["kanzai", "zeimu"]),
        ([], []),
    ],
)
def test_a_department_owns_what_its_predecessors_owned(chain, own, owned, django_assert_num_queries):
    user = member_of(*(chain[code] for code in own))
    with django_assert_num_queries(2):
        ids = user.owned_departments()
    assert sorted(d.code for d in chain.values() if d.pk in ids) == owned
    assert len(ids) == len(owned)


def test_owned_departments_end_even_if_successors_form_a_ring(chain):
    Department.objects.filter(code="zaisei").update(successor=chain["suito"])  # past clean(), as an import could
    ids = member_of(chain["kaikei"]).owned_departments()
    assert sorted(d.code for d in chain.values() if d.pk in ids) == ["kaikei", "kanzai", "suito", "zaisei"]


def test_a_ring_of_successors_is_refused(chain):
    chain["zaisei"].successor = chain["suito"]
    with pytest.raises(ValidationError) as refused:
        chain["zaisei"].full_clean()
    assert refused.value.message_dict == {
        "successor": ["引き継ぎが輪になっています。今の担当となる部署を選んでください。"]
    }


def test_a_ring_below_a_department_does_not_hang_its_form(chain):
    Department.objects.filter(code="zaisei").update(successor=chain["suito"])
    chain["zeimu"].successor = Department.objects.get(code="kaikei")
    with pytest.raises(ValidationError):
        chain["zeimu"].full_clean()


def test_a_new_department_may_follow_an_old_one(chain):
    Department(city="小平市", code="shin", name="新課", successor=chain["zeimu"]).full_clean()


def test_two_cities_may_have_a_department_of_one_code_but_one_city_not(chain):
    Department.objects.create(city="見本市", code="zeimu", name="税務課")
    with pytest.raises(IntegrityError), transaction.atomic():
        department("zeimu")


def test_a_department_is_not_its_own_successor(chain):
    with pytest.raises(IntegrityError), transaction.atomic():
        Department.objects.filter(code="zeimu").update(successor=chain["zeimu"])


def test_a_department_does_not_end_before_it_begins(chain):
    with pytest.raises(IntegrityError), transaction.atomic():
        Department.objects.filter(code="zeimu").update(valid_from=date(2014, 4, 1), valid_to=date(2014, 3, 31))


def granted(role):
    permissions = Permission.objects.filter(group__name=role).values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in permissions}


@pytest.mark.django_db
def test_every_role_has_exactly_its_permissions():
    assert set(Group.objects.values_list("name", flat=True)) == set(roles.all_rights()) == set(roles.DESCRIPTIONS)
    for role, expected in roles.all_rights().items():
        assert granted(role) == expected, role


@pytest.mark.django_db
def test_only_superusers_touch_users():
    assert not [
        permission
        for permissions in roles.all_rights().values()
        for permission in permissions
        if permission.endswith(("_user", "_membership", "_group", "_permission"))
    ]


@pytest.mark.parametrize(
    ("role", "writes"),
    [
        (roles.REPORTER, {"reviews.change_report", "reviews.import_report"}),
        (roles.COMMITTEE, {"committee.add_opinion", "committee.change_opinion"}),
        (roles.VIEWER, set()),
    ],
)
def test_roles_other_than_the_office_write_little(role, writes):
    reading = ("view_", "export_")
    assert {p for p in roles.all_rights()[role] if not p.partition(".")[2].startswith(reading)} == writes


@pytest.mark.django_db
def test_migrate_again_restores_the_permissions_and_changes_nothing_else():
    group = Group.objects.get(name=roles.VIEWER)
    group.permissions.add(Permission.objects.get(codename="change_report"))
    group.permissions.remove(Permission.objects.get(codename="view_plan"))
    own = Group.objects.create(name="監査")
    own.permissions.add(Permission.objects.get(codename="view_plan"))
    for _ in range(2):
        call_command("migrate", verbosity=0)
        assert granted(roles.VIEWER) == roles.all_rights()[roles.VIEWER]
        assert granted("監査") == {"policies.view_plan"}
        assert Group.objects.count() == 5


@pytest.mark.django_db
def test_demo_accounts_are_refused_in_production(settings):
    for settings.DEBUG, settings.ALLOWED_HOSTS in ((False, ["localhost"]), (True, ["plan.city.example"])):
        with pytest.raises(CommandError, match=r"本番では「manage\.py createsuperuser」"):
            call_command("demo_accounts")
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_demo_accounts_are_one_per_role_and_keep_a_changed_password(settings, capsys):
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["localhost", "127.0.0.1", "[::1]"]
    call_command("demo_accounts")
    made = {u.username: sorted(u.groups.values_list("name", flat=True)) for u in User.objects.all()}
    assert made == {role: [role] for role in roles.all_rights()} | {"admin": []}
    assert list(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == ["admin"]
    assert User.objects.filter(is_staff=True).count() == 5
    assert sorted(Membership.objects.values_list("user__username", "department__code")) == [
        ("reporter", "demo"),
        ("viewer", "demo"),
    ]
    output = capsys.readouterr().out
    for username in made:
        assert User.objects.get(username=username).check_password(f"{username}-demo")
        assert output.count(f"{username}-demo") == 1

    office = User.objects.get(username="office")
    office.set_password("changed")
    office.groups.clear()
    office.save()
    call_command("demo_accounts")
    output = capsys.readouterr().out
    assert "office-demo" not in output
    assert "（変更済み。そのままにしました）" in output
    office.refresh_from_db()
    assert (office.check_password("changed"), office.groups.count(), User.objects.count()) == (True, 0, 5)


@pytest.mark.django_db
def test_demo_accounts_join_a_department_of_the_fictional_city_when_it_is_there(settings, capsys):
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["localhost", "127.0.0.1", "[::1]"]
    Department.objects.create(city="見本市", code="sangyo", name="産業振興課")
    Department.objects.create(city="見本市", code="nozei", name="納税課")
    call_command("demo_accounts")
    assert sorted(Membership.objects.values_list("user__username", "department__code")) == [
        ("reporter", "demo"),
        ("reporter", "sangyo"),
        ("viewer", "demo"),
        ("viewer", "sangyo"),
    ]
    assert "小平市の「行財政課（実演用）」と見本市の「産業振興課」に所属しています。" in capsys.readouterr().out
