"""What `make test` does: every check, and the tests on SQLite and on PostgreSQL side by side, with the time of each.

|              | SQLite                                                  | PostgreSQL                                        |
|--------------|---------------------------------------------------------|---------------------------------------------------|
| `make test`  | all but `soak` and `ON_POSTGRESQL`; LibreOffice, Java, R | all but `soak` and `ON_SQLITE`; the browser       |
| `make soak`  | `soak` and `ON_POSTGRESQL`; the browser                 | `soak` and `ON_SQLITE`; LibreOffice, Java, R      |

Programs are shared out so that both runs end together; those of tests marked `soak` are started on SQLite alone, and without
a server of PostgreSQL everything is on SQLite. As many steps run at once as there are cores: on two, the tests on PostgreSQL
begin when the checks of texts and types have ended, and find the modules that the other run has compiled. Marked `soak` are
long runs, and what walks over all models, addresses or formats, of which `make test` takes one of each kind (tests/soak.py).
Both commands together run every test on both databases, but `soak` with programs on SQLite only.

A step that fails does not stop the others; the end says what failed and what could not run on this machine. With
REQUIRE_ALL=1 (continuous integration) a missing part is a failure. `python -m tests.run lint` runs the checks only.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import IO

import psycopg2
import redis

from tests import product
from tests.attacks import RESULTS, SQLITE  # not used itself: tests/settings.py names the file of the test database
from tests.browser.chromium import find_chromium

# The tests must not depend on the `.env` file of whoever runs them.
CLEAN = product.CLEAN | {
    "ALLOWED_HOSTS": "localhost",
    "DEFAULT_PLAN": "kodaira-2",
    # Some machines forbid it, and then each of the processes that tests start compiles the whole product again.
    "PYTHONDONTWRITEBYTECODE": "",
}
TEST_DIR = Path(__file__).resolve().parents[1] / "var" / "test"
# A database of a Redis that tests may write to; what they write begins with a name of their own.
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
# What locks, constrains, counts, searches and publishes runs on both databases in `make test`, and all else on one: here
# what is about values, files, processes, the frame and the words of pages, and rules that Python decides; below what people
# write, in lists, forms and workbooks, which is stored as in production. `make soak` runs each on the other one.
ON_SQLITE = (
    "accounts/",
    "cases/",
    "core/",
    "demo/",
    "figures/test_cases.py",
    "figures/test_past.py",
    "opendata/",
    "policies/test_publicity.py",
    "programs/test_extension.py",
    "programs/test_lifetime.py",
    "programs/test_late.py",
    "programs/test_plan_indicators.py",
    "programs/test_relistings.py",
    "repository/",
    "reviews/test_corrections.py",
    "reviews/test_delay_cause.py",
    "reviews/test_hints.py",
    "reviews/test_judging.py",
    "reviews/test_notices.py",
    "reviews/test_past.py",
    "reviews/test_redaction.py",
    "reviews/test_report_contents.py",
    "reviews/test_settling.py",
    "reviews/test_withdrawn_items.py",
    "staff/test_conflict.py",
    "staff/test_deletions.py",
    "staff/test_figure_tables.py",
    "staff/test_japanese.py",
    "tools/",
    "website/",
    "workbooks/plan/test_broken.py",
    "workbooks/plan/test_former.py",
    "workbooks/survey/",
    "workbooks/tables/",
)
ON_POSTGRESQL = (
    "demo/test_pages_agree.py",
    "figures/test_version.py",
    "figures/test_version_everywhere.py",
    "opendata/test_api_cost.py",
    "opendata/test_exports.py",
    "reviews/test_interleavings.py",
    "staff/",
    "website/test_queries.py",
    "workbooks/",
    "workbooks/survey/test_acts.py",
    "workbooks/survey/test_killed.py",
)
PROGRAMS = ("browser", "libreoffice", "java", "rscript")

Step = tuple[str, list[str], dict[str, str]]  # name, module and arguments, environment

LINT: list[Step] = [
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


def redis_answers() -> bool:
    try:
        with redis.Redis.from_url(REDIS, socket_connect_timeout=3, socket_timeout=3) as server:
            return bool(server.ping())
    except redis.RedisError:
        return False


def can_make_pdf() -> bool:
    """Whether the system libraries of WeasyPrint are there; asked in a process of its own, which ends."""
    return subprocess.run([sys.executable, "-c", "import weasyprint"], capture_output=True, check=False).returncode == 0


def run_together(steps: list[Step]) -> list[str]:
    """Run steps, as many at once as there are cores, and show the output of one after the other. Returns the names of those
    that failed."""
    failed = []
    with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as cores:
        runs = []
        for name, command, env in steps:
            output = tempfile.TemporaryFile()  # noqa: SIM115 - read to its end by _follow; a pipe would fill up and stop the step
            runs.append((name, output, cores.submit(_run, command, env, output)))
        for name, output, run in runs:
            print(f"\n=== {name}", flush=True)
            code, seconds = _follow(run, output)
            print(f"=== {name}: {'ok' if code == 0 else 'FAILED'} after {seconds:.0f} s", flush=True)
            if code:
                failed.append(name)
    return failed


def _run(command: list[str], env: dict[str, str], output: IO[bytes]) -> tuple[int, float]:
    """The exit code, and how many seconds it took."""
    start = time.monotonic()
    # Called as a module, a tool works whatever the folder of the virtual environment is called.
    code = subprocess.call(
        [sys.executable, "-m", *command],
        env=os.environ | env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    return code, time.monotonic() - start


def _follow(run: Future[tuple[int, float]], output: IO[bytes]) -> tuple[int, float]:
    """Print what a step writes until it ends."""
    shown = 0
    while True:
        ended = wait([run], timeout=1).done
        text = os.pread(output.fileno(), 1 << 30, shown)
        shown += len(text)
        sys.stdout.buffer.write(text)
        sys.stdout.flush()
        if ended:
            return run.result()


def chosen(what: str, *, with_postgresql: bool = True) -> dict[str, str]:
    """Which tests run where, as pytest takes it with `-m`: see the table above."""
    others = f"({' or '.join(PROGRAMS[1:])})"  # than the browser
    if what == "test":
        on_sqlite = f"not soak and not postgresql and ({others} or not postgresql_first) and (sqlite or not browser)"
        on_postgresql = f"not soak and not sqlite and (browser or (postgresql or not {others}) and not sqlite_first)"
    else:
        on_sqlite = f"not postgresql and (soak or browser or postgresql_first and not {others})"
        on_postgresql = (
            f"not sqlite and (not soak and {others} or (soak or sqlite_first) and not (browser or {others}))"
        )
    if not with_postgresql:
        on_sqlite = "soak and not postgresql" if what == "soak" else "not soak and not postgresql"
    return {"SQLite": on_sqlite, "PostgreSQL": on_postgresql}


def suites(what: str, left_out: list[str]) -> list[Step]:
    """The two runs of pytest for `make test` or `make soak`."""
    postgresql = find_postgresql()
    expressions = chosen(what, with_postgresql=postgresql is not None)

    def leave_out(marker: str, said: str) -> None:
        left_out.append(said)
        expressions.update({name: f"({those}) and not {marker}" for name, those in expressions.items()})

    if shutil.which("pdftotext") is None or not can_make_pdf():
        leave_out("pdf", "tests that make and read PDF (install libpango-1.0-0 libpangoft2-1.0-0 poppler-utils)")
    if not redis_answers():
        leave_out(
            "redis", "tests that count in a Redis (none answers; install and start redis-server or set TEST_REDIS_URL)"
        )
    if find_chromium() is None:
        leave_out("browser", "browser tests (no Chromium; install chromium or set CHROMIUM)")
    if shutil.which("soffice") is None:
        leave_out(
            "libreoffice", "tests that open our files in LibreOffice (no soffice; install libreoffice-calc-nogui)"
        )
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        leave_out("nginx", "requests through the documented nginx (install nginx-light and openssl)")
    if shutil.which("systemd-analyze") is None:
        leave_out("systemd", "the check of the documented units (no systemd-analyze; install systemd)")
    if shutil.which("java") is None:
        leave_out("java", "the check of the HTML of every page (no java; install default-jre-headless)")
    if shutil.which("Rscript") is None:
        leave_out("rscript", "the example for R (no Rscript; install r-base-core)")

    def suite(database: str, url: str) -> Step:
        command = ["pytest", "-q", "-m", expressions[database], "--durations=10", "--durations-min=1"]
        # A folder each: the two runs write files under the same names.
        env = CLEAN | {"DATABASE_URL": url, "TEST_DIR": str(TEST_DIR / database.lower())}
        if what == "soak":
            command += ["-p", "tests.attacks"]
            env[RESULTS] = str(noted_of(database))
        return f"suite on {database}", command, env

    steps = [suite("SQLite", SQLITE)]
    if postgresql:
        steps.append(suite("PostgreSQL", postgresql))
    else:
        left_out.append("the suite on PostgreSQL (no server where we may create a database; set TEST_DATABASE_URL)")
    return steps


def noted_of(database: str) -> Path:
    """Where the run on a database notes how each test ended, for the attack list."""
    return TEST_DIR / f"attacks-{database.lower()}.json"


def attack_list() -> Step:
    """Every test that the attack list names, soak or not, on either database, and its table. Those that have just been run
    are not run again."""
    env = CLEAN | {"DATABASE_URL": find_postgresql() or SQLITE, "TEST_DIR": str(TEST_DIR / "attacks")}
    return (
        "the attack list",
        ["tests.attacks", *(str(noted_of(database)) for database in ("SQLite", "PostgreSQL"))],
        env,
    )


def main() -> int:
    start = time.monotonic()
    left_out: list[str] = []
    last: list[Step] = []  # after all others, whose database it uses
    match sys.argv[1:]:
        case ["lint"]:
            steps = LINT
        case ["soak"]:
            for database in ("SQLite", "PostgreSQL"):
                noted_of(database).unlink(missing_ok=True)
            steps, last = suites("soak", left_out), [attack_list()]
        case _:
            first, *others = suites("test", left_out)
            steps = [first, *LINT, *others]
    failed = run_together(steps) + run_together(last)
    must_fail = bool(left_out) and os.environ.get("REQUIRE_ALL") == "1"

    print(
        f"\n{'=' * 80}\n{len(steps + last) - len(failed)} of {len(steps + last)} steps passed in {time.monotonic() - start:.0f} s"
    )
    for name in failed:
        print(f"FAILED: {name}")
    for what in left_out:
        print(f"!!! LEFT OUT: {what}")
    if must_fail:
        print("REQUIRE_ALL=1: leaving something out is a failure.")
    return 1 if failed or must_fail else 0


if __name__ == "__main__":
    sys.exit(main())
