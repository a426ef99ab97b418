"""docs/operations.md followed word by word: its commands in a clean folder, cron's lines as cron runs them, its nginx and units."""

import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.repository.packages import ROOT

DOCUMENT = (ROOT / "docs/operations.md").read_text()
APP = "/srv/plan/app"
KEY = "".join(map(chr, range(48, 123))).replace("`", "").replace("\\", "")


def block(after, kind):
    """The first block of a kind behind a text."""
    found = re.search(rf"```{kind}\n(.*?)```", DOCUMENT[DOCUMENT.index(after) :], re.DOTALL)
    return found[1]


def files_of_the_product():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if not name.startswith(("tests/", "docs/"))]


@pytest.fixture(scope="module")
def app():
    """The checkout of a server: only what git has, the environment of this run for its virtual environment. It lies where
    others may pass: pytest's own folder is closed to them."""
    with tempfile.TemporaryDirectory(prefix="plan-") as place:
        yield made_in(Path(place))


def made_in(place):
    plan = place / "plan"
    folder = plan / "app"
    for name in files_of_the_product():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    bin_ = folder / ".venv" / "bin"
    bin_.mkdir(parents=True)
    (bin_ / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (bin_ / "python").chmod(0o755)
    for one in (place, plan):
        one.chmod(0o711)
    return folder


def here(text, app):
    return text.replace(APP, str(app)).replace("/srv/plan", str(app.parent))


def run(line, app, check=True):
    """One line as cron runs it: no variable of anybody, /bin/sh."""
    env = {"HOME": str(app.parent), "LOGNAME": "plan", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    done = subprocess.run(
        ["/bin/sh", "-c", f"umask 077; {here(line, app)}"],
        cwd=app,
        env=env,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert not check or done.returncode == 0, (line, done.stdout, done.stderr)
    return done


def installation(app):
    """The lines of the first installation that concern the folder itself, in their order."""
    for line in block("## First installation", "sh").splitlines():
        command = line.partition("   #")[0].partition("     #")[0].strip()
        if command.startswith((".venv/bin/python manage.py", "(umask", "chmod", "cp .env")):
            yield command
        else:
            assert command.startswith(("sudo", "umask 077", "git clone", "python3 -m venv", ".venv/bin/python -m pip"))


def fill_in(app):
    path = app / ".env"
    text = path.read_text()
    for name, value in {
        "SECRET_KEY": KEY,
        "DATABASE_URL": f"sqlite:///{app}/var/db.sqlite3",
        "EMAIL_URL": "smtp://mail.city.example",
        "CONTACT": "行政経営課 042-000-0000",
        "OPERATOR": "市 行政経営課",
        "PRIVACY_TEXT": "サーバーの記録は1年で消します。",
    }.items():
        text = re.sub(rf"^{name}=.*$", lambda _, name=name, value=value: f"{name}={value}", text, flags=re.MULTILINE)
    path.write_text(text)


REPORT_OF_A_ROUND = """
from django.core.files.base import ContentFile
from django.utils.timezone import now
from accounts.models import User
from reviews.models import Round
from workbooks.models import Export, exports_storage
round_, office = Round.objects.first(), User.objects.create(username="office", name="Office")
times = dict.fromkeys(("asked_at", "begun_at", "heartbeat_at", "finished_at"), now())
name = exports_storage().save("report.pdf", ContentFile(b"%PDF"))
Export.objects.create(
    plan=round_.plan, round=round_, kind="report", state="done", name=name, file=name, size=4, asked_by=office, **times
)
"""


@pytest.mark.soak
def test_the_document_is_followed_from_the_installation_to_the_way_back(app):
    for command in installation(app):
        if command.endswith("createsuperuser"):
            continue  # asks
        done = run(command, app)
        if command.startswith("cp .env"):
            fill_in(app)
        if command.endswith("check --deploy"):
            assert "no issues" in done.stdout + done.stderr, done.stderr
    others = stat.S_IRWXG | stat.S_IRWXO
    for name in (".env", "var/db.sqlite3"):
        assert not (app / name).stat().st_mode & others, name
    static = app / "var" / "static"
    assert all(path.stat().st_mode & (stat.S_IXOTH if path.is_dir() else stat.S_IROTH) for path in static.rglob("*"))

    run(f".venv/bin/python manage.py shell -c '{REPORT_OF_A_ROUND}'", app)
    report = app / "var" / "exports" / "report.pdf"
    lines = [line for line in block("## Regular work", "cron").splitlines() if line.strip()]
    for line in lines:
        user, command = line.split(maxsplit=6)[5:]
        assert user == "plan"
        run(command.replace("\\%", "%"), app)
    (copy,) = (app.parent / "backup").glob("plan-*.sqlite3")
    files = app.parent / "backup" / f"{copy.stem}.files.tar"
    assert not (copy.stat().st_mode | files.stat().st_mode) & others

    report.unlink()
    run(".venv/bin/python manage.py shell -c 'from policies.models import Plan; Plan.objects.update(name=\"x\")'", app)
    back = block("To bring one back", "sh").replace("FILE", copy.name).splitlines()
    for command in back:
        run(command.replace("restore ", "restore --noinput "), app)
    name = ".venv/bin/python manage.py shell -v 0 -c 'from policies.models import Plan; print(Plan.objects.get().name)'"
    assert run(name, app).stdout.strip() not in ("x", "")
    assert report.read_bytes() == b"%PDF"

    for line in (
        *block("## Upgrade", "sh").splitlines(),
        *block("Back, with both services stopped", "sh").splitlines(),
    ):
        if "manage.py" in line:
            copies = sorted((app.parent / "backup").glob("plan-*.sqlite3"))
            run(line.replace("FILE", copies[-1].name).replace("restore ", "restore --noinput "), app)
            time.sleep(1 if "manage.py backup" in line else 0)
        else:
            assert line.startswith(("git", "sudo systemctl", ".venv/bin/python -m pip"))


@pytest.mark.soak
def test_check_finds_what_an_installation_lacks(app):
    if not (app / ".env").exists():
        run("cp .env.example .env", app)
        fill_in(app)
        run("(umask 022 && .venv/bin/python manage.py collectstatic --noinput)", app)
    check = ".venv/bin/python manage.py check --deploy"
    stylesheet = next((app / "var" / "static").rglob("*.css"))
    stylesheet.chmod(0o600)
    assert f"nginx が {stylesheet} を読めない" in run(check, app).stderr
    stylesheet.chmod(0o644)
    app.chmod(0o700)
    assert f"nginx が {app} を読めない" in run(check, app).stderr
    app.chmod(0o711)
    (app / ".env").chmod(0o644)
    assert ".env を、ほかの利用者が読めます。" in run(check, app).stderr
    (app / ".env").chmod(0o600)
    added = app / "static" / "css" / "new.css"
    added.write_text("a { color: red }")
    assert "集めていないスタイルシートなどがあります（css/new.css ほか計1件）" in run(check, app).stderr
    added.unlink()
    assert "問い合わせる先が、どのページにもありません。" in run(f"CONTACT= {check}", app).stderr
    assert "PRIVACY_TEXT を設定してください" in run(f"PRIVACY_TEXT= {check}", app).stderr
    assert "メールは送られません" in run(f"EMAIL_URL=consolemail:// {check}", app).stderr


# nginx


class Upstream(BaseHTTPRequestHandler):
    """Says what it was asked with."""

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        names = ("Host", "X-Forwarded-For", "X-Forwarded-Proto")
        body = "\n".join(f"{name}: {self.headers.get_all(name)}" for name in names).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *args):
        pass


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def nginx(tmp_path):
    """The document's configuration served: ask(path, …) → (status, headers, text); stop() ends the application behind it."""
    plain, tls = free_port(), free_port()
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    static = tmp_path / "app" / "var" / "static"
    shutil.copytree(ROOT / "static", static)
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=plan.city.example",
            "-keyout",
            str(tmp_path / "privkey.pem"),
            "-out",
            str(tmp_path / "fullchain.pem"),
        ],
        capture_output=True,
        check=True,
    )
    site = block("### nginx", "nginx")
    for old, new in (
        (APP, str(tmp_path / "app")),
        ("/etc/ssl/plan", str(tmp_path)),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{tls} ssl;"),
        ("http://127.0.0.1:8000", f"http://127.0.0.1:{upstream.server_port}"),
    ):
        assert old in site, old
        site = site.replace(old, new)
    folders = "".join(
        f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = tmp_path / "nginx.conf"
    path.write_text(
        f"{'user root;' if os.geteuid() == 0 else ''} daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;"
        f"events {{}} http {{ include /etc/nginx/mime.types; access_log off; {folders} {site} }}"
    )
    tested = subprocess.run(["nginx", "-t", "-c", str(path)], capture_output=True, text=True)
    assert tested.returncode == 0, tested.stderr
    assert "warn" not in tested.stderr, tested.stderr
    process = subprocess.Popen(["nginx", "-c", str(path)], stderr=subprocess.DEVNULL)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))
    trusting.check_hostname = False

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args):
            return None

    opener = urllib.request.build_opener(Stay, urllib.request.HTTPSHandler(context=trusting))

    def ask(path, data=None, *, by=f"https://127.0.0.1:{tls}", **headers):
        headers = {"Host": "plan.city.example"} | {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with opener.open(urllib.request.Request(by + path, data, headers), timeout=20) as answer:  # noqa: S310
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()

    def stop():
        upstream.shutdown()
        upstream.server_close()

    ask.plain = f"http://127.0.0.1:{plain}"
    ask.stop = stop
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", tls)) == 0:
                    break
            time.sleep(0.05)
        yield ask
    finally:
        process.terminate()
        process.wait(10)
        upstream.server_close()


@pytest.mark.nginx
def test_nginx_serves_as_the_document_says(nginx):
    status, headers, _ = nginx("/plans/?q=1", by=nginx.plain)
    assert (status, headers["Location"]) == (301, "https://plan.city.example/plans/?q=1")
    status, _, text = nginx("/", X_Forwarded_For="203.0.113.5", X_Forwarded_Proto="http")
    assert (status, text.splitlines()) == (
        200,
        ["Host: ['plan.city.example']", "X-Forwarded-For: ['127.0.0.1']", "X-Forwarded-Proto: ['https']"],
    )
    status, headers, text = nginx("/static/css/base.css")
    assert (status, headers.get_content_type()) == (200, "text/css")
    assert "immutable" in headers["Cache-Control"]
    assert nginx("/static/../../db.sqlite3")[0] in (400, 404, 200)  # never the file: see the next line
    assert "SQLite" not in nginx("/static/../../db.sqlite3")[2]

    status, headers, text = nginx("/admin/policies/plan/book/import/", b"x" * (22 * 1024 * 1024))
    assert (status, "<h1>ファイルが大きすぎます</h1>" in text) == (413, True)
    assert nginx("/admin/policies/plan/book/import/", b"x" * (20 * 1024 * 1024 + 5000))[0] == 200

    statuses = [nginx("/admin/login/", b"username=a&password=b")[0] for _ in range(15)]
    assert statuses[:11] == [200] * 11
    assert statuses[-1] == 429
    assert "<h1>しばらくお待ちください</h1>" in nginx("/admin/login/", b"username=a&password=b")[2]
    assert nginx("/admin/login/")[0] == 200  # the form itself, and everything else, is not limited
    assert nginx("/plans/")[0] == 200

    nginx.stop()
    status, headers, text = nginx("/plans/")
    assert (status, headers["Cache-Control"], "<h1>いまは表示できません</h1>" in text) == (503, "no-store", True)


@pytest.mark.systemd
@pytest.mark.parametrize("name", ["plan.service", "plan-worker.service"])
def test_systemd_takes_the_units(app, tmp_path, name):
    unit = tmp_path / name
    unit.write_text(here(block(f"/etc/systemd/system/{name}`", "ini"), app).replace("User=plan", "User=daemon"))
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True)
    said = [line for line in verified.stderr.splitlines() if name in line]
    assert said == []
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)], capture_output=True, text=True
    )
    level = re.search(r"Overall exposure level for \S+: (\d+\.\d)", rated.stdout)
    assert level is None or float(level[1]) < 5.0, rated.stdout[-300:]


def test_every_backup_of_the_document_is_the_command():
    assert "pg_dump --format" not in DOCUMENT
    assert "VACUUM INTO" not in DOCUMENT
    assert Path(ROOT / "static" / "errors" / "413.html").exists()
