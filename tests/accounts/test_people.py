"""Passwords that whoever knows the person would try, the last superuser, and people who leave."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short-one", "12 文字以上"),
        ("yamada-2026-spring", "含むパスワード"),
        ("xYAMADAx-2026-plan", "含むパスワード"),
        ("ｙａｍａｄａ２０２６春計画", "含むパスワード"),
        ("y4m4d4-2026-plan", "含むパスワード"),
        ("ya\u200bma\u00adda-2026-plan", "含むパスワード"),
        ("adamay-2026-plan", "含むパスワード"),
        ("hanako.koho@plan!", "含むパスワード"),
        ("山田だけの秘密の言葉です", "含むパスワード"),
        ("ヤマダハナコの計画2026", "含むパスワード"),
        ("はなこさんの計画はすてき", "含むパスワード"),
        ("password1234", None),
        ("482913004517", None),
    ],
)
def test_a_password_is_long_and_not_the_name(password, reason):
    user = User(username="yamada", name="山田 やまだはなこ ハナコ", email="hanako.koho@city.example")
    with pytest.raises(ValidationError) as caught:
        validate_password(password, user)
    assert reason is None or reason in " ".join(caught.value.messages)


@pytest.mark.parametrize("password", ["kumo-no-ue-de-3-nen", "誰にも言わない長い合言葉", "correct horse battery"])
def test_a_good_password_is_taken(password):
    validate_password(password, User(username="ya", name="山田 花子", email="k@city.example"))


def form(person, **changes):
    """What the page of a person posts."""
    client = Client()
    client.force_login(User.objects.get(username="root"))
    address = f"/admin/accounts/user/{person.pk}/change/"
    shown = client.get(address).context_data["adminform"].form
    data = {name: value for name, value in shown.initial.items() if value not in (None, False) and name != "password"}
    data["groups"] = [group.pk for group in data.get("groups", [])]
    data |= {f"memberships-{part}": 0 for part in ("TOTAL_FORMS", "INITIAL_FORMS")} | changes
    return client.post(address, {name: value for name, value in data.items() if value is not False})


@pytest.mark.parametrize("field", ["is_superuser", "is_active", "is_staff"])
def test_the_last_superuser_stays(cast, field):
    answer = form(cast.root, **{field: False})
    assert answer.status_code == 200
    assert "システム管理者がほかにいないため" in answer.text
    cast.root.refresh_from_db()
    assert getattr(cast.root, field)
    form(cast.office, is_superuser="on")
    assert form(cast.root, **{field: False}).status_code == 302
    cast.root.refresh_from_db()
    assert not getattr(cast.root, field)


def test_the_last_superuser_goes_on_signing_in_with_a_password(cast):
    address = f"/admin/accounts/user/{cast.root.pk}/password/"
    client = Client()
    client.force_login(cast.root)
    answer = client.post(address, {"usable_password": "false", "unset-password": ""})
    assert answer.status_code == 200
    assert "システム管理者がほかにいないため" in answer.text
    cast.root.refresh_from_db()
    assert cast.root.has_usable_password()
    # One who cannot sign in is no second one.
    cast.office.is_superuser = True
    cast.office.set_unusable_password()
    cast.office.save()
    assert "システム管理者がほかにいないため" in form(cast.root, is_active=False).text
    cast.office.set_password("correct horse battery")
    cast.office.save()
    assert client.post(address, {"usable_password": "false", "unset-password": ""}).status_code == 302
    cast.root.refresh_from_db()
    assert not cast.root.has_usable_password()


def test_people_are_not_deleted(cast):
    client = Client()
    client.force_login(cast.root)
    assert client.get(f"/admin/accounts/user/{cast.viewer.pk}/delete/").status_code == 403
    page = client.get(f"/admin/accounts/user/{cast.viewer.pk}/change/")
    assert "利用者は削除できません" in page.text
    assert f"/user/{cast.viewer.pk}/delete/" not in page.text
    chosen = {"action": "delete_selected", "_selected_action": [cast.viewer.pk], "post": "yes"}
    client.post("/admin/accounts/user/", chosen)
    assert User.objects.filter(pk=cast.viewer.pk).exists()
