"""Settings from the environment: bad values stop the start with a message, and production is checked as production."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from tests.product import python, settings_with
from tests.repository.packages import ROOT
from tests.soak import others_in_soak

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


BAD = [
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
        for value in (
            *("mail.city.example", "smtp://", "smtp://host:x", "smtp://h?a=1"),
            *("filemail:///tmp/mails", "memorymail://", "dummymail://"),
        )
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
]


@pytest.mark.parametrize(("name", "value", "message"), BAD)
def test_a_bad_value_is_refused_with_what_is_right(name, value, message):
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_with(**{name: value})
    assert str(refused.value) == message


@pytest.mark.parametrize(("name", "value", "message"), others_in_soak(BAD, BAD[:1]))
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


def test_mail_settings_are_read_from_one_address():
    def mail(**env):
        found = settings_with(**env)
        names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS")
        values = [getattr(found, f"EMAIL_{name}", "") for name in names]
        return [found.EMAIL_BACKEND, *values, found.DEFAULT_FROM_EMAIL, found.SITE_URL]

    assert mail() == [
        *("django.core.mail.backends.console.EmailBackend", "", 25, "", "", False),
        *("noreply@localhost", "http://127.0.0.1:8000"),
    ]
    env = {"EMAIL_URL": "smtp+tls://plan:p%40ss@mail.city.example", "DEFAULT_FROM_EMAIL": "plan@city.example"}
    with pytest.raises(
        ImproperlyConfigured, match=r"SITE_URL が設定されていません。EMAIL_URL でメールを送るときは必要です。$"
    ):
        mail(**env)
    assert mail(**env, SITE_URL="https://plan.city.example/") == [
        *("django.core.mail.backends.smtp.EmailBackend", "mail.city.example", 587, "plan", "p@ss", True),
        *("plan@city.example", "https://plan.city.example"),
    ]


def test_the_shared_caches_are_read_from_one_address():
    def caches(**env):
        found = settings_with(**env).CACHES
        return [
            (cache["BACKEND"].rpartition(".")[2], str(cache["LOCATION"]), cache.get("KEY_PREFIX"), cache["TIMEOUT"])
            for cache in (found["shared"], found["requests"])
        ]

    assert caches() == [
        ("SharedFileCache", f"{ROOT}/var/shared/shared", None, None),
        ("SharedFileCache", f"{ROOT}/var/shared/requests", None, 120),
    ]
    for url, location, prefix in (
        ("redis://127.0.0.1:6379/9", "redis://127.0.0.1:6379/9", "plan"),
        ("redis://cache.city.example", "redis://cache.city.example", "plan"),
        ("rediss://u:p%40ss@h:6379/0?key_prefix=kodaira", "rediss://u:p%40ss@h:6379/0", "kodaira"),
    ):
        assert caches(CACHE_URL=url) == [
            ("SharedRedisCache", location, f"{prefix}:shared", 2592000),
            ("SharedRedisCache", location, f"{prefix}:requests", 120),
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


def test_production_settings_lack_nothing_but_what_is_missing(tmp_path):
    """The checkout of the tests has no static files collected, and no mail server; a whole installation is in test_operations.py."""
    done = python(manage("check", "--deploy"), tmp_path, **PRODUCTION)
    assert done.returncode == 0
    assert set(re.findall(r"\((\w+\.W\d+)\)", done.stderr)) - {"plan.W004"} == {
        *("plan.W001", "plan.W003", "plan.W005", "plan.W006")
    }


@pytest.mark.django_db
def test_no_migration_is_missing(capsys):
    call_command("makemigrations", check_changes=True, dry_run=True)
    assert capsys.readouterr().out == "No changes detected\n"


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
