"""Settings, read from the environment (and from a file `.env` beside manage.py); docs/operations.md lists every variable.

Without any variable the project runs on SQLite for this machine only, with debugging off. A value that cannot be read
stops the start with a message: a production server must not fall back to something that merely works.
"""

import os
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.utils import get_random_secret_key
from django.core.validators import validate_email
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

# Where somebody has installed lxml, openpyxl would parse with it, and without the guard of defusedxml.
os.environ["OPENPYXL_LXML"] = "False"

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def _flag(name: str) -> bool:
    """Read an on/off variable; anything but the six known words is an error, not "off"."""
    words = {"1": True, "true": True, "on": True, "": False, "0": False, "false": False, "off": False}
    value = env.str(name, default="").strip().lower()
    if value not in words:
        raise ImproperlyConfigured(f"{name}={value!r}: 1 / 0 / true / false / on / off のいずれかにしてください。")
    return words[value]


def _level(name: str) -> str:
    value = env.str(name, default="INFO").strip().upper()
    if value not in (levels := ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")):
        raise ImproperlyConfigured(f"{name}={value!r}: {' / '.join(levels)} のいずれかにしてください。")
    return value


def _whole(name: str, default: int) -> int:
    value = env.str(name, default="").strip() or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise ImproperlyConfigured(f"{name}={value!r}: 0 以上の整数にしてください。")
    return int(value)


DEBUG = _flag("DEBUG")

# Management commands run without a configured key (a random one lives as long as the process);
# kodaira_reform/wsgi.py refuses to serve with it, because sessions would not survive a restart.
SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_IS_CONFIGURED = bool(SECRET_KEY)
if not SECRET_KEY_IS_CONFIGURED:
    SECRET_KEY = get_random_secret_key() + get_random_secret_key()

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# The plan that is also served at "/".
DEFAULT_PLAN = env.str("DEFAULT_PLAN", default="kodaira-2")

# How citizens reach whoever runs the site; stands at the end of every public page.
CONTACT = env.str("CONTACT", default="").strip()
# What the pages about the site itself say: who runs it, and a text of one's own for each; "\\n" begins a new line.
OPERATOR = env.str("OPERATOR", default="").strip()
ABOUT_TEXT = env.str("ABOUT_TEXT", default="", multiline=True).strip()
ACCESSIBILITY_TEXT = env.str("ACCESSIBILITY_TEXT", default="", multiline=True).strip()
PRIVACY_TEXT = env.str("PRIVACY_TEXT", default="", multiline=True).strip()

# How often one address may ask the API in a minute; 0 is without limit.
API_REQUESTS_PER_MINUTE = _whole("API_REQUESTS_PER_MINUTE", 300)
# Whose address that is (core/client_address.py): what as many proxies of ours have written at the end of X-Forwarded-For.
TRUSTED_PROXIES = _whole("TRUSTED_PROXIES", 1 if _flag("HTTPS") else 0)

INSTALLED_APPS = [
    "staff.apps.ReformAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "import_export",
    "simple_history",
    "axes",
    "django_tasks",
    "django_tasks_db",
    "core",
    "accounts",
    "policies",
    "programs",
    "reviews",
    "committee",
    "figures",
    "workbooks",
    "opendata",
    "website",
    "staff",
    "demo",
    "tools",
]

MIDDLEWARE = [
    "opendata.faults.FaultsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "opendata.page_cache.PageCacheMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "opendata.api.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
if DEBUG:
    MIDDLEWARE.insert(
        MIDDLEWARE.index("django.contrib.sessions.middleware.SessionMiddleware"),
        "opendata.errors.not_found_in_japanese",
    )

ROOT_URLCONF = "kodaira_reform.urls"
WSGI_APPLICATION = "kodaira_reform.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "opendata.frame.frame",
            ],
            "builtins": ["core.templatetags.facts"],
        },
    },
]


# Seconds to connect; a connection whose other end is gone is found within a minute, written data within ten seconds.
_CONNECTION = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def _database() -> dict[str, Any]:
    """The database that DATABASE_URL names; a file in var/ without it."""
    url = env.str("DATABASE_URL", default="").strip() or f"sqlite:///{quote(str(VAR_DIR / 'db.sqlite3'))}"
    try:
        config: dict[str, Any] = env.db_url_config(url)
    except ValueError:  # a port that is no number
        config = {}
    match config.get("ENGINE"):
        case "django.db.backends.sqlite3":
            VAR_DIR.mkdir(exist_ok=True)
            config["OPTIONS"] = {
                # A writer takes the lock when its transaction begins and waits for it there; with the default a
                # transaction that first reads fails at its first write when somebody else has written meanwhile.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            }
        case "django.db.backends.postgresql":
            # Nobody waits for ever: for a connection, for a lock, or, having one, for a process that has forgotten it.
            # What a statement of a page may take, and a server that does not answer: core/faults.py.
            options = config.setdefault("OPTIONS", {})
            options["options"] = " ".join(
                [options.get("options", ""), "-c lock_timeout=15s -c idle_in_transaction_session_timeout=120s"]
            ).strip()
            for name, value in _CONNECTION.items():
                options.setdefault(name, value)
            config |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
        case _:
            raise ImproperlyConfigured("DATABASE_URL: sqlite:// か postgresql:// で始まるアドレスにしてください。")
    return config


DATABASES = {"default": _database()}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What takes longer than a page may is done by a worker, `manage.py db_worker`; its queue is in the database.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# What all workers know together, where no Redis is named; it may be deleted at any time.
SHARED_DIR = VAR_DIR / "shared"


# A connection that Redis has closed is opened again; a Redis that does not answer is not asked again.
_AGAIN = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))


def _shared_cache(name: str, timeout: int | None, entries: int) -> dict[str, Any]:
    """A cache of all workers: in the Redis that CACHE_URL names, or in files of this machine."""
    url = env.str("CACHE_URL", default="").strip()
    if not url:
        return {
            "BACKEND": "core.caches.SharedFileCache",
            "LOCATION": SHARED_DIR / name,
            "TIMEOUT": timeout,
            "OPTIONS": {"MAX_ENTRIES": entries},
        }
    try:
        parts = urlsplit(url)
        config: dict[str, Any] = env.cache_url_config(url)
        valid = parts.scheme in ("redis", "rediss") and parts.hostname and parts.port != 0 and not parts.fragment
        valid = valid and not config.get("OPTIONS") and re.fullmatch(r"(?:/\d*)?", parts.path)
    except (ValueError, ImproperlyConfigured):  # ValueError: a port that is no number
        valid = False
    if not valid:
        raise ImproperlyConfigured(
            "CACHE_URL: redis://host:6379/0、rediss://user:password@host:6379/0、redis://host:6379/0?key_prefix=plan"
            " のいずれかの形にしてください。"
        )
    return {
        "BACKEND": "core.caches.SharedRedisCache",
        "LOCATION": config["LOCATION"],
        "KEY_PREFIX": f"{config.get('key_prefix', 'plan')}:{name}",
        "TIMEOUT": timeout or 30 * 24 * 60 * 60,
        # An answer waits no longer for it.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": _AGAIN},
    }


CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # PDF files that were made.
    "shared": _shared_cache("shared", timeout=None, entries=5000),
    # How often each address has asked the API in this minute; longer than the minute, because it may end meanwhile.
    "requests": _shared_cache("requests", timeout=120, entries=20_000),
}
# Whoever develops or demonstrates sees at once what was changed.
CACHE_PAGES = not DEBUG
# How old what a process knows of the published version may be (figures/version.py).
VERSION_SECONDS = 0.5
# What each worker keeps of public pages and files, compressed and not (opendata/page_cache.py).
PAGE_CACHE_BYTES = 64 * 1024 * 1024

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.passwords.NotLikeTheName"},
    {
        "NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"

# Ten wrong passwords for one name from one address lock that pair for half an hour; a hundred the name (accounts/sign_in.py).
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.5
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # who goes on guessing does not keep the name locked
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HANDLER = "accounts.sign_in.Handler"
AXES_CLIENT_IP_CALLABLE = "core.client_address.client_address"
AXES_LOCKOUT_TEMPLATE = "staff/lockout.html"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "import_export": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": VAR_DIR / "uploads",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    # Files that the office asked for, each for a week (workbooks/exports.py). They hold what is not public.
    "exports": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": VAR_DIR / "exports",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or not SECRET_KEY_IS_CONFIGURED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
        # The web server reads these; everything else is the service's own.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
WHITENOISE_USE_FINDERS = DEBUG or not SECRET_KEY_IS_CONFIGURED

# Import and export ask for the rights of their own; seeing a list is not enough.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_USE_TRANSACTIONS = True
# Between preview and confirmation a file waits in a private folder that all workers share (STORAGES below).
IMPORT_EXPORT_TMP_STORAGE_CLASS = "import_export.tmp_storages.MediaStorage"

SIMPLE_HISTORY_REVERT_DISABLED = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # the admin's stylesheet carries some of its icons as data
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 60 * 60  # a working day
CSRF_FAILURE_VIEW = "staff.unsent.csrf_failure"
# Forms without their files: a table of 10 MB that is pasted comes twice, as text and as the page that it was; a list of
# choices has a line for each of 20 000 rows at most.
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# Behind a proxy that ends TLS (docs/operations.md); off on a developer's machine, where there is no certificate.
if _flag("HTTPS"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = _whole("HSTS_SECONDS", 365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = _flag("HSTS_SUBDOMAINS")
    # A list in browsers is about a whole domain, which is more than this site.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True


def _email() -> dict[str, Any]:
    """How EMAIL_URL says that e-mails are sent; without it they are written to standard output and reach nobody."""
    url = env.str("EMAIL_URL", default="").strip() or "consolemail://"
    try:
        config: dict[str, Any] = env.email_url_config(url)
    except (ValueError, ImproperlyConfigured):  # ValueError: a port that is no number
        config = {}
    backend = config.get("EMAIL_BACKEND", "")
    sends = backend.endswith(".smtp.EmailBackend")
    known = sends or backend.endswith(".console.EmailBackend")
    if not known or config.get("OPTIONS") or (sends and not config["EMAIL_HOST"]):
        raise ImproperlyConfigured(
            "EMAIL_URL: smtp://host:25、smtp+tls://user:password@host:587、smtp+ssl://user:password@host:465、"
            "consolemail:// のいずれかの形にしてください。"
        )
    return config | {"sends": sends}


def _sender(required: bool) -> str:
    value = env.str("DEFAULT_FROM_EMAIL", default="").strip()
    if required and not value:
        raise ImproperlyConfigured("DEFAULT_FROM_EMAIL が設定されていません。EMAIL_URL でメールを送るときは必要です。")
    try:
        validate_email(parseaddr(value or "noreply@localhost")[1])
    except ValidationError as error:
        raise ImproperlyConfigured(
            f"DEFAULT_FROM_EMAIL={value!r}: plan@city.example か 行政経営課 <plan@city.example> の形にしてください。"
        ) from error
    return value or "noreply@localhost"


def _site(required: bool) -> str:
    value = env.str("SITE_URL", default="").strip().rstrip("/")
    if required and not value:
        raise ImproperlyConfigured("SITE_URL が設定されていません。EMAIL_URL でメールを送るときは必要です。")
    parts = urlsplit(value or "http://127.0.0.1:8000")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"SITE_URL={value!r}: https://plan.city.example の形にしてください。")
    return parts.geturl()


_mail = _email()
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail["EMAIL_HOST"] or ""
EMAIL_PORT = _mail["EMAIL_PORT"] or (465 if "EMAIL_USE_SSL" in _mail else 587 if "EMAIL_USE_TLS" in _mail else 25)
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10  # a page that sends waits no longer for the mail server
DEFAULT_FROM_EMAIL = _sender(required=_mail["sends"])
# What the links in e-mails begin with; a command knows no request.
SITE_URL = _site(required=_mail["sends"])

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "security": {"level": "INFO"},  # who signs in, who is refused, from where (accounts/sign_in.py)
        "axes": {"level": "ERROR"},  # says the same, masked
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
    "root": {"handlers": ["console"], "level": _level("LOG_LEVEL")},
}
