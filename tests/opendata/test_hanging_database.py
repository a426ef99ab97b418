"""The site on a PostgreSQL that stops answering, goes away, and comes back: gunicorn, asked through the network."""

import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection

from accounts.models import User
from core import faults
from tests.repository.packages import ROOT

pytestmark = [
    pytest.mark.soak,
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,  # a file does not hang
]
THREADS = 8  # of the two workers


class Network:
    """Between the site and the database: it passes on, swallows everything, or refuses."""

    def __init__(self, target):
        self._target, self.swallows, self._pairs = target, False, []
        self._listen()

    def _listen(self, port=0):
        self._server = socket.create_server(("127.0.0.1", port))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, args=[self._server], daemon=True).start()

    def _accept(self, server):
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX if isinstance(self._target, str) else socket.AF_INET)
            far.connect(self._target)
            self._pairs.append((near, far))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=[one, other], daemon=True).start()

    def _pass(self, one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                while self.swallows:
                    time.sleep(0.05)
                other.sendall(data)
        self._end(one, other)

    @staticmethod
    def _end(*sockets):
        """Shut down first: a closed socket on which another thread waits stays open."""
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def cut(self):
        self.swallows = False
        self._end(self._server, *(end for pair in self._pairs for end in pair))

    def mend(self):
        self._listen(self.port)


@pytest.fixture
def network():
    database = connection.settings_dict
    port = database["PORT"] or 5432
    between = Network((database["HOST"], int(port)) if database["HOST"] else f"/var/run/postgresql/.s.PGSQL.{port}")
    yield between
    between.cut()
    with connection.cursor() as cursor:
        for _ in range(100):  # the server notices a moment later
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            if cursor.fetchone() == (1,):
                break
            time.sleep(0.1)


@pytest.fixture
def site(network):
    """Ask a path of the site: (status, seconds)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    name = connection.settings_dict["NAME"]
    user = connection.settings_dict["USER"] or os.environ.get("USER", "root")
    password = connection.settings_dict["PASSWORD"]
    own = {
        "SECRET_KEY": secrets.token_urlsafe(60),
        "DEBUG": "",
        "HTTPS": "",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": f"postgresql://{user}{':' + password if password else ''}@127.0.0.1:{network.port}/{name}",
        "DJANGO_SETTINGS_MODULE": "kodaira_reform.settings",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "--bind", f"127.0.0.1:{port}", "kodaira_reform.wsgi"],
        cwd=ROOT,
        env=os.environ | own,
    )

    def ask(path, host="127.0.0.1"):
        start = time.monotonic()
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host})
        try:
            with closing(urllib.request.urlopen(request, timeout=60)) as answer:  # noqa: S310
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
        except OSError:
            status = 0
        return status, time.monotonic() - start

    ask.address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 30
        while ask("/healthz")[0] != 200:
            assert time.monotonic() < until
            time.sleep(0.2)
        yield ask
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


# Without the manifest of static files, which a checkout does not have.
SERVE = """
from django.conf import settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
from gunicorn.app.wsgiapp import run; run()
"""


def all_at_once(site, path, times):
    found = []
    threads = [threading.Thread(target=lambda: found.append(site(path))) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("how", ["swallows", "refuses"])
def test_the_site_goes_on_without_its_database(site, network, how):
    for _ in range(20):
        assert site("/plans/")[0] == 200  # every worker has it
    if how == "swallows":
        network.swallows = True
    else:
        network.cut()
    answers = all_at_once(site, "/plans/nowhere/", THREADS * 2)
    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < 8
    for _ in range(4):
        status, seconds = site("/healthz", host="10.0.0.9")
        assert (status, seconds < 2.0) == (503, True), seconds
        assert site("/plans/")[0] == 200
        status, seconds = site("/admin/login/")
        status, seconds = site("/plans/nowhere/")
        assert status == 503
        assert seconds < 4
    if how == "swallows":
        network.swallows = False
    else:
        network.mend()
    until = time.monotonic() + 15
    while site("/healthz")[0] != 200 or site("/plans/nowhere/")[0] != 404:
        assert time.monotonic() < until
        time.sleep(0.3)
    assert {status for status, _ in all_at_once(site, "/plans/nowhere/", THREADS * 2)} == {404}


def test_a_statement_that_takes_long_is_no_fault():
    """It is waited for while the database answers others."""
    code = (
        "import django; django.setup()\nfrom core import faults; faults.watch()\n"
        "from django.db import connection\nimport time\nstart = time.monotonic()\n"
        "cursor = connection.cursor(); cursor.execute('SELECT pg_sleep(4)'); print(faults.WATCH.is_down)\n"
        "print(faults.WATCH.answers(1), 4 <= time.monotonic() - start < 6)\n"
        "cursor.execute('SHOW statement_timeout'); print(cursor.fetchone()[0])\n"
        "cursor.execute('SHOW lock_timeout'); print(cursor.fetchone()[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "kodaira_reform.settings", "DATABASE_URL": "postgresql:///postgres"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "True", "True", f"{faults.STATEMENT_SECONDS}s", "15s"]


def test_a_form_sent_to_a_database_that_hangs_is_said_not_to_be_stored(network, site, cast):
    """With the session that was begun before. When the database is back the form is sent again and stored."""
    User.objects.filter(pk=cast.office.pk).update(password=PBKDF2PasswordHasher().encode("pass", "salt" * 6))
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def ask(path, **fields):
        data = urllib.parse.urlencode(fields).encode() if fields else None
        try:
            with browser.open(site.address + path, data, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def token(page):
        return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]

    _, page = ask("/admin/login/")
    signed_in = {"username": "office", "password": "pass", "csrfmiddlewaretoken": token(page), "next": "/admin/"}
    assert "ログアウト" in ask("/admin/login/", **signed_in)[1]
    address = f"/admin/accounts/department/{cast.zeimu.pk}/change/"
    _, page = ask(address)
    typed = {"city": "小平市", "code": "zeimu", "name": "新しい課", "order": "2", "csrfmiddlewaretoken": token(page)}
    network.swallows = True
    status, said = ask(address, **typed)
    assert (status, "送った入力は、保存されていません。" in said) == (503, True)
    network.swallows = False
    until = time.monotonic() + 15
    while site("/healthz")[0] != 200:
        assert time.monotonic() < until
        time.sleep(0.3)
    cast.zeimu.refresh_from_db()
    assert cast.zeimu.name == "税務課"
    status, page = ask(address, **typed)
    assert (status, "新しい課" in page) == (200, True)
    assert "あなたの" in ask(address)[1]
