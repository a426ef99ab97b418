"""What `make test` does: every check, then the whole suite on SQLite and on PostgreSQL, with the time of each step.

A step that fails does not stop the others; the end says what failed and what could not run on this machine. With
REQUIRE_ALL=1 (continuous integration) a missing part is a failure. `python -m tests.run lint` runs the first part only.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg2

from tests.browser.chromium import find_chromium

# The tests must not depend on the `.env` file of whoever runs them.
CLEAN = {"DEBUG": "", "HTTPS": "", "SECRET_KEY": "", "ALLOWED_HOSTS": "localhost", "DEFAULT_PLAN": "kodaira-2"}
# Not used itself: tests/settings.py names the file of the test database.
SQLITE = {"DATABASE_URL": "sqlite://:memory:"}

LINT = [
    ("lint", ["ruff", "check", "."], {}),
    ("format", ["ruff", "format", "--check", "."], {}),
    ("templates", ["djlint", "--lint", "--quiet", "templates"], {}),
    ("types", ["mypy"], {}),
]


def postgresql_urls() -> Iterator[str]:
    """Where a PostgreSQL may be: what the environment names, or else what usual installations offer."""
    named = [os.environ.get(name, "") for name in ("TEST_DATABASE_URL", "DATABASE_URL")]
    named = [url for url in named if url.startswith(("postgres://", "postgresql://"))]
    if named:
        yield from named
    else:
        user = os.environ.get("USER", "root")
        yield "postgresql:///kodaira_reform"
        yield from (
            f"postgresql://{name}@127.0.0.1:5432/kodaira_reform" for name in (user, "postgres", "postgres:postgres")
        )


def find_postgresql() -> str | None:
    """The first server that answers and lets us create a test database."""
    for url in postgresql_urls():
        server = url.rpartition("/")[0] + "/postgres"
        try:
            connection = psycopg2.connect(server, connect_timeout=3)
        except psycopg2.OperationalError:
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            (may_create,) = cursor.fetchone()
        connection.close()
        if may_create:
            return url
    return None


def run(name: str, command: list[str], env: dict[str, str]) -> bool:
    print(f"\n=== {name}", flush=True)
    start = time.monotonic()
    # Called as a module, a tool works whatever the folder of the virtual environment is called.
    done = subprocess.run([sys.executable, "-m", *command], env=os.environ | env, stdin=subprocess.DEVNULL)
    print(f"=== {name}: {'ok' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - start:.0f} s", flush=True)
    return done.returncode == 0


def main() -> int:
    start = time.monotonic()
    steps, left_out = list(LINT), []
    if sys.argv[1:] != ["lint"]:
        expression = "not soak"
        if find_chromium() is None:
            expression += " and not browser"
            left_out.append("browser tests (no Chromium; install chromium or set CHROMIUM)")
        if shutil.which("soffice") is None:
            expression += " and not libreoffice"
            left_out.append("tests that open our files in LibreOffice (no soffice; install libreoffice-calc-nogui)")
        suite = ["pytest", "-q", "-m", expression, "--durations=10", "--durations-min=1"]
        steps.append(("suite on SQLite", suite, CLEAN | SQLITE))
        if url := find_postgresql():
            steps.append(("suite on PostgreSQL", suite, CLEAN | {"DATABASE_URL": url}))
        else:
            left_out.append("the suite on PostgreSQL (no server where we may create a database; set TEST_DATABASE_URL)")

    failed = [name for name, command, env in steps if not run(name, command, env)]
    must_fail = bool(left_out) and os.environ.get("REQUIRE_ALL") == "1"

    print(f"\n{'=' * 80}\n{len(steps) - len(failed)} of {len(steps)} steps passed in {time.monotonic() - start:.0f} s")
    for name in failed:
        print(f"FAILED: {name}")
    for what in left_out:
        print(f"!!! LEFT OUT: {what}")
    if must_fail:
        print("REQUIRE_ALL=1: leaving something out is a failure.")
    return 1 if failed or must_fail else 0


if __name__ == "__main__":
    sys.exit(main())
