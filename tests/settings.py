"""Settings of the test run: the product's own, made fast. DATABASE_URL chooses the database, as in production."""

from pathlib import Path

from kodaira_reform.settings import *  # noqa: F403
from kodaira_reform.settings import BASE_DIR, CACHES, DATABASES, INSTALLED_APPS, MIDDLEWARE, STORAGES, env

SECRET_KEY = "only-for-tests-" + "x" * 50
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # tests sign in hundreds of times
API_REQUESTS_PER_MINUTE = 0  # switched on by the tests of the limit
CACHE_PAGES = False  # switched on by the tests of what is kept
VERSION_SECONDS = 3600
AXES_ENABLED = False  # switched on by the tests of the lock-out

# A query per row is an error in every test that runs on PostgreSQL: looking for it costs a tenth of the time, and each test
# runs there in `make test` or in `make soak` (docs/decisions/0050).
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
    MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
ZEAL_RAISE = True
# Single rows by key, as often as a request names one: every act of reviews/workflow.py locks its own round and report,
# a form of several choices of one kind looks up each, a page about a user is opened by a user, signing out reads the
# session and then deletes it, and the history of an item reads what it leaves out once for every row that it writes.
ZEAL_ALLOWLIST = [
    {"model": model, "field": "get()"}
    for model in (
        "reviews.Round",
        "reviews.Report",
        "accounts.Department",
        "accounts.User",
        "policies.Edition",
        "programs.Program",
        "sessions.Session",
    )
]

# Two test runs at once on one machine need a folder each.
TEST_DIR = Path(env.str("TEST_DIR", default=str(BASE_DIR / "var" / "test")))
TEST_DIR.mkdir(parents=True, exist_ok=True)
# Made from the models in two seconds; tests/repository/test_schema.py holds that the migrations give the same.
DATABASES["default"]["TEST"] = {"MIGRATE": False}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A real file: the browser tests' server thread and processes of their own must see the same rows.
    DATABASES["default"]["TEST"]["NAME"] = TEST_DIR / "db.sqlite3"
SHARED_DIR = TEST_DIR / "shared"
for _name in ("shared", "requests"):
    CACHES[_name] |= {"BACKEND": "core.caches.SharedFileCache", "LOCATION": SHARED_DIR / _name}
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "import_export": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": TEST_DIR / "uploads"},
    },
    "exports": {
        **STORAGES["exports"],
        "OPTIONS": {**STORAGES["exports"]["OPTIONS"], "location": TEST_DIR / "exports"},
    },
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
LOGGING = {"version": 1, "disable_existing_loggers": False}
