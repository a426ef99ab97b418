"""Settings from the environment: bad values stop the start with a message, and production is checked as production."""

import os
import re
import subprocess
import sys

import pytest

from tests.repository.packages import ROOT

KEY = "".join(map(chr, range(48, 123)))
EMAIL_URL = (
    "EMAIL_URL: smtp://host:25、smtp+tls://user:password@host:587、smtp+ssl://user:password@host:465、consolemail://"
    " のいずれかの形にしてください。"
)
CACHE_URL = (
    "CACHE_URL: redis://host:6379/0、rediss://user:password@host:6379/0、redis://host:6379/0?key_prefix=plan"
    " のいずれかの形にしてください。"
)
PRODUCTION = {"SECRET_KEY": KEY, "HTTPS": "1", "ALLOWED_HOSTS": "plan.city.example"}


def python(code, tmp_path, **env):
    """Run Python in a process of its own, with the product's settings and only these variables."""
    clean = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "kodaira_reform.settings", "PYTHONUTF8": "1"}
    # Empty values also keep a developer's .env out.
    clean |= {
        "DEBUG": "",
        "HTTPS": "",
        "SECRET_KEY": "",
        "EMAIL_URL": "",
        "CACHE_URL": "",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'own.sqlite3'}",
    }
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=clean | env, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DEBUG", "yes", "DEBUG='yes': 1 / 0 / true / false / on / off のいずれかにしてください。"),
        ("HTTPS", "maybe", "HTTPS='maybe': 1 / 0 / true / false / on / off のいずれかにしてください。"),
        (
            "DATABASE_URL",
            "mysql://root@localhost/db",
            "DATABASE_URL: sqlite:// か postgresql:// で始まるアドレスにしてください。",
        ),
        (
            "DATABASE_URL",
            "var/db.sqlite3",
            "DATABASE_URL: sqlite:// か postgresql:// で始まるアドレスにしてください。",
        ),
        (
            "DATABASE_URL",
            "postgresql://plan@127.0.0.1:port/plan",
            "DATABASE_URL: sqlite:// か postgresql:// で始まるアドレスにしてください。",
        ),
        (
            "API_REQUESTS_PER_MINUTE",
            "-1",
            "API_REQUESTS_PER_MINUTE='-1': 0 以上の整数にしてください。",
        ),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL='LOUD': DEBUG / INFO / WARNING / ERROR / CRITICAL のいずれかにしてください。"),
        *(
            ("EMAIL_URL", value, EMAIL_URL)
            for value in ("mail.city.example", "smtp://", "smtp://host:x", "smtp://h?a=1")
        ),
        *(
            ("CACHE_URL", value, CACHE_URL)
            for value in (
                *("127.0.0.1:6379", "memcached://127.0.0.1:11211", "locmemcache://", "redis://", "redis:///0"),
                *(
                    "redis://host:x/0",
                    "redis://host:0/0",
                    "redis://host:65536",
                    "redis://host/plan",
                    "redis://host/0/1",
                ),
                *("redis://one:6379,two:6379/0", "redis://host/0?db=1", "redis://host/0#plan", "rediscache://host/0"),
            )
        ),
        (
            "DEFAULT_FROM_EMAIL",
            "行政経営課",
            "DEFAULT_FROM_EMAIL='行政経営課': plan@city.example か 行政経営課 <plan@city.example> の形にしてください。",
        ),
        (
            "SITE_URL",
            "plan.city.example",
            "SITE_URL='plan.city.example': https://plan.city.example の形にしてください。",
        ),
        ("SITE_URL", "https://h/path", "SITE_URL='https://h/path': https://plan.city.example の形にしてください。"),
        (
            "EMAIL_URL",
            "smtp://mail.city.example",
            "DEFAULT_FROM_EMAIL が設定されていません。EMAIL_URL でメールを送るときは必要です。",
        ),
    ],
)
def test_a_bad_value_stops_the_start(tmp_path, name, value, message):
    done = python("import django; django.setup()", tmp_path, **{name: value})
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        f"django.core.exceptions.ImproperlyConfigured: {message}",
    )


def test_the_server_does_not_start_without_a_secret_key(tmp_path):
    done = python("import kodaira_reform.wsgi", tmp_path)
    assert done.returncode == 1
    assert "SECRET_KEY が設定されていません。" in done.stderr


def test_gunicorn_accepts_its_configuration_and_the_application(tmp_path):
    code = "from gunicorn.app.wsgiapp import run; run()"
    done = python(
        f"import sys; sys.argv[1:] = ['--check-config', 'kodaira_reform.wsgi']; {code}", tmp_path, **PRODUCTION
    )
    assert done.returncode == 0, done.stderr


def test_mail_settings_are_read_from_one_address(tmp_path):
    code = (
        "import django; django.setup(); from django.conf import settings as s; print(s.EMAIL_BACKEND, s.EMAIL_HOST,"
        " s.EMAIL_PORT, s.EMAIL_HOST_USER, s.EMAIL_HOST_PASSWORD, s.EMAIL_USE_TLS, s.DEFAULT_FROM_EMAIL, s.SITE_URL)"
    )
    assert python(code, tmp_path).stdout.split() == [
        *("django.core.mail.backends.console.EmailBackend", "25", "False"),
        *("noreply@localhost", "http://127.0.0.1:8000"),
    ]
    env = {"EMAIL_URL": "smtp+tls://plan:p%40ss@mail.city.example", "DEFAULT_FROM_EMAIL": "plan@city.example"}
    missing = python(code, tmp_path, **env)
    assert missing.stderr.splitlines()[-1].endswith(
        "SITE_URL が設定されていません。EMAIL_URL でメールを送るときは必要です。"
    )
    assert python(code, tmp_path, **env, SITE_URL="https://plan.city.example/").stdout.split() == [
        *("django.core.mail.backends.smtp.EmailBackend", "mail.city.example", "587", "plan", "p@ss", "True"),
        *("plan@city.example", "https://plan.city.example"),
    ]


def test_the_shared_caches_are_read_from_one_address(tmp_path):
    code = (
        "import django; django.setup(); from django.conf import settings\n"
        "for name in ('shared', 'requests'):\n"
        "    c = settings.CACHES[name]\n"
        "    print(c['BACKEND'].rpartition('.')[2], c['LOCATION'], c.get('KEY_PREFIX'), c['TIMEOUT'])"
    )
    assert python(code, tmp_path).stdout.splitlines() == [
        f"SharedFileCache {ROOT}/var/shared/shared None None",
        f"SharedFileCache {ROOT}/var/shared/requests None 120",
    ]
    for url, location, prefix in (
        ("redis://127.0.0.1:6379/9", "redis://127.0.0.1:6379/9", "plan"),
        ("redis://cache.city.example", "redis://cache.city.example", "plan"),
        ("rediss://u:p%40ss@h:6379/0?key_prefix=kodaira", "rediss://u:p%40ss@h:6379/0", "kodaira"),
    ):
        assert python(code, tmp_path, CACHE_URL=url).stdout.splitlines() == [
            f"RedisCache {location} {prefix}:shared 2592000",
            f"RedisCache {location} {prefix}:requests 120",
        ]


def manage(*arguments):
    return f"from django.core.management import execute_from_command_line as run; run(['manage.py', *{arguments}])"


def test_a_demonstration_answers_an_unknown_address_in_japanese(tmp_path):
    code = (
        "import django; django.setup(); from django.test import Client;"
        " answer = Client(headers={'host': 'localhost'}).get('/nowhere/'); print(answer.status_code, answer.text)"
    )
    done = python(code, tmp_path, DEBUG="1", HTTPS="0")
    assert done.stdout.startswith("404 ")
    assert "<h1>ページが見つかりません</h1>" in done.stdout


def test_no_warning_about_production_settings(tmp_path):
    done = python(manage("check", "--deploy", "--fail-level", "WARNING"), tmp_path, **PRODUCTION)
    assert (done.returncode, done.stdout, done.stderr) == (0, "System check identified no issues (0 silenced).\n", "")


def test_no_migration_is_missing(tmp_path):
    done = python(manage("makemigrations", "--check", "--dry-run"), tmp_path)
    assert (done.returncode, done.stdout) == (0, "No changes detected\n")


def test_sqlite_waits_for_other_writers_and_checks_foreign_keys(tmp_path):
    code = (
        "import django; django.setup(); from django.db import connection as c; k = c.cursor();"
        "print([k.execute(f'PRAGMA {p}').fetchone()[0] for p in"
        " ('journal_mode', 'foreign_keys', 'busy_timeout', 'synchronous')])"
    )
    done = python(code, tmp_path)
    assert (done.stdout, done.stderr) == ("['wal', 1, 20000, 1]\n", "")


def test_every_variable_is_documented():
    settings = (ROOT / "kodaira_reform/settings.py").read_text()
    read = set(re.findall(r'(?:env\.\w+|_flag|_level|_whole)\(\s*"([A-Z_]+)"', settings))
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE))
    example = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert example == read
    assert table == read | {"WEB_CONCURRENCY"}
