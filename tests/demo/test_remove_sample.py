"""`remove_sample`: nothing of the fictional plan is left, nothing of another one is touched; where a demonstration is refused."""

import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from accounts.models import Department, Membership, User
from demo.production import settings_of_production
from policies.models import Plan
from tests.repository.packages import ROOT

UNCOUNTED = {"contenttypes.ContentType", "auth.Permission", "auth.Group", "sessions.Session"}


def rows():
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label not in UNCOUNTED
    }


def run(name, **options):
    out = StringIO()
    call_command(name, stdout=out, **options)
    return out.getvalue()


def test_the_sample_goes_whole_and_the_rest_stays(plan, cast, client):
    Membership.objects.create(
        user=cast.reporter, department=Department.objects.create(city="別の市", code="a", name="課")
    )
    before = rows()
    run("load_sample")
    city = Department.objects.get(city="見本市", code="sangyo")
    Membership.objects.create(user=cast.reporter, department=city)  # as a demonstration account has it
    client.force_login(cast.root)
    sample = Plan.objects.get(slug="sample")
    client.post(f"/admin/policies/plan/{sample.pk}/change/", {})
    assert sum(rows().values()) > sum(before.values()) + 5_000
    assert run("remove_sample") == f"架空の計画「{sample}」を、履歴を含めて消しました。\n"
    assert {name: (before[name], count) for name, count in rows().items() if before[name] != count} == {}
    connection.check_constraints()
    assert list(Plan.objects.values_list("slug", flat=True)) == [plan.slug]
    assert run("remove_sample") == "架空の計画はありません。何も変えていません。\n"
    run("load_sample")
    assert Plan.objects.filter(slug="sample").exists()


@pytest.mark.soak
def test_a_department_that_another_plan_uses_stays(plan, cast):
    run("load_sample")
    used = Department.objects.filter(city="見本市").first()
    from programs.models import ProgramEdition, Responsibility

    content = ProgramEdition.objects.filter(edition__plan=plan).first()
    Responsibility.objects.create(program_edition=content, department=used, order=9)
    run("remove_sample")
    assert list(Department.objects.filter(city="見本市")) == [used]
    assert Responsibility.objects.filter(department=used).count() == 1
    connection.check_constraints()


def test_production_does_not_load_it_unasked(db):
    with override_settings(SECRET_KEY_IS_CONFIGURED=True, DEBUG=False):
        with pytest.raises(CommandError, match="架空の計画が市民に公開されます。"):
            run("load_sample")
        assert not Plan.objects.exists()
        assert not User.objects.filter(username="sample").exists()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("SECRET_KEY=x\nDEBUG=1\nALLOWED_HOSTS=localhost\nDATABASE_URL=\n", []),
        ("SECRET_KEY=x\n", ["SECRET_KEY"]),
        ("DEBUG=1\nDATABASE_URL=postgresql:///plan\n", ["DATABASE_URL"]),
        ("ALLOWED_HOSTS=plan.city.example\nHTTPS=1\nEMAIL_URL=smtp://h\n", ["ALLOWED_HOSTS", "HTTPS", "EMAIL_URL"]),
    ],
)
def test_settings_of_a_server_are_known_in_the_file(tmp_path, text, names):
    path = tmp_path / ".env"
    path.write_text(text)
    assert settings_of_production(path) == names


def test_make_run_has_its_own_database_and_asks_first():
    """Whatever .env and the environment name."""
    done = subprocess.run(
        ["make", "--dry-run", "run"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "DATABASE_URL": "postgresql:///plan", "ALLOWED_HOSTS": "plan.city.example"},
        capture_output=True,
        text=True,
        check=True,
    )
    commands = [line for line in done.stdout.splitlines() if "manage.py" in line]
    assert "manage.py refuse_production" in commands[0]
    assert len(commands) == 7
    for line in commands:
        assert line.startswith(
            "DATABASE_URL=sqlite:///var/demo.sqlite3 ALLOWED_HOSTS=localhost,127.0.0.1 EMAIL_URL= "
        ), line
    assert not Path(ROOT, ".env").exists() or settings_of_production(Path(ROOT, ".env")) == []
