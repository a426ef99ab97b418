"""Files that want more than there is, sent to a running site: what each costs, and how long the site's other visitors wait.

Beside them an honest sheet, read in the process of its own and without it.
"""

from __future__ import annotations

import http.client
import io
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from openpyxl import Workbook

from accounts.models import User
from core.spreadsheets import child, sheets
from tools.bench.verdict import BROKEN
from tools.hostile_files import FILES
from workbooks.plan.reading import MAX_BYTES, MAX_ROWS, MAX_UNPACKED

LIST = "/admin/accounts/department/import/"
MOST_SECONDS, MOST_MEMORY, LONGEST_WAIT = 10.0, 300, 2.0  # s, MB; s that a visitor of another page waits meanwhile
MOST_MORE = 0.3  # seconds that an honest sheet costs more for the process of its own


def run(times: int) -> Iterator[str]:
    yield from honest(times)
    yield from hostile(FILES)


def honest(times: int) -> Iterator[str]:
    book = Workbook()
    sheet: Any = book.active
    for number in range(20):
        sheet.append([number, "取組状況の文章" * 20, 0.5])
    file = io.BytesIO()
    book.save(file)
    limits = {"max_bytes": MAX_BYTES, "max_unpacked": MAX_UNPACKED, "max_rows": MAX_ROWS}

    def seconds(read: Any) -> float:
        found = []
        for _ in range(times):
            start = time.perf_counter()
            read()
            found.append(time.perf_counter() - start)
        return sorted(found)[times // 2]

    with_process = seconds(lambda: sheets.read_book(file.getvalue(), **limits))
    without = seconds(lambda: sheets.loaded(child.perform("book", file.getvalue(), limits)))
    yield f"20行の調査票: 別のプロセスで {with_process * 1000:.0f}ミリ秒、同じプロセスで {without * 1000:.0f}ミリ秒"
    if with_process - without > MOST_MORE:
        yield f"{BROKEN}別のプロセスで読むために {with_process - without:.2f}秒 > {MOST_MORE}秒"


class Cost(NamedTuple):
    seconds: float
    reader: float  # MB at most, of the process that read the file
    site: float  # MB that the site's processes grew at most
    wait: float  # seconds, the longest that another page took meanwhile
    asked: int  # how often another page was asked for
    said: str


def hostile(files: Any) -> Iterator[str]:
    with _site() as site:
        for name, make in files.items():
            data = make()
            cost = site.send(name, data)
            yield (
                f"{name}（{len(data) / 1000:,.0f}kB）: {cost.seconds:.1f}秒、読み取り {cost.reader:.0f}MB、"
                f"サイト +{cost.site:.0f}MB、ほかのページ 最長{cost.wait:.2f}秒（{cost.asked}回）。{cost.said}"
            )
            for what, value, most in (
                ("秒", cost.seconds, MOST_SECONDS),
                ("MB", cost.reader + cost.site, MOST_MEMORY),
                ("秒待つ", cost.wait, LONGEST_WAIT),
            ):
                if value > most:
                    yield f"{BROKEN}{name}: {value:.1f}{what} > {most:.0f}"
        if left := site.readers():
            yield f"{BROKEN}終わらないプロセスが残っている: {left}"


def _memory(pid: int, what: str) -> float:
    try:
        return int(Path(f"/proc/{pid}/status").read_text().partition(f"{what}:")[2].split()[0]) / 1024
    except (OSError, IndexError):  # it has ended
        return 0.0


def _children(of: int) -> list[int]:
    """A process belongs to the thread that started it."""
    try:
        return [int(pid) for path in Path(f"/proc/{of}/task").glob("*/children") for pid in path.read_text().split()]
    except OSError:  # a thread has ended
        return []


class _Site:
    """gunicorn as it runs in production, on the database of the measurement, and a member of the office at its pages."""

    def __init__(self, pid: int, port: int) -> None:
        self._pid, self._port = pid, port
        self._cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, str]:
        asked = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        asked.request(method, path, body or None, {"Cookie": cookies, **({"Content-Type": kind} if kind else {})})
        answer = asked.getresponse()
        for header in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = header.partition(";")[0].partition("=")
            self._cookies[name] = value
        text = answer.read().decode("utf-8", "replace")
        asked.close()
        return answer.status, text

    def post(self, path: str, fields: dict[str, str], file: tuple[str, str, bytes] | None = None) -> tuple[int, str]:
        self.ask("GET", path)
        border = uuid.uuid4().hex
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in (fields | {"csrfmiddlewaretoken": self._cookies["csrftoken"]}).items()
        ]
        if file:
            name, title, data = file
            head = f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="{title}"\r\n\r\n'
            parts.append(head.encode() + data + b"\r\n")
        body = b"".join(parts) + f"--{border}--\r\n".encode()
        return self.ask("POST", path, body, f"multipart/form-data; boundary={border}")

    def workers(self) -> list[int]:
        return _children(self._pid)

    def readers(self) -> list[int]:
        return [reader for worker in self.workers() for reader in _children(worker)]

    def send(self, name: str, data: bytes) -> Cost:
        before = {pid: _memory(pid, "VmRSS") for pid in self.workers()}
        reader = site = wait = 0.0
        asked = 0
        done = threading.Event()

        def watch() -> None:
            nonlocal reader, site
            while not done.is_set():
                reader = max([reader, *(_memory(pid, "VmHWM") for pid in self.readers())])
                site = max(site, sum(_memory(pid, "VmRSS") - rss for pid, rss in before.items()))
                time.sleep(0.02)

        def visit() -> None:
            nonlocal wait, asked
            visitor = _Site(self._pid, self._port)
            while not done.is_set():
                start = time.perf_counter()
                visitor.ask("GET", "/healthz")
                wait = max(wait, time.perf_counter() - start)
                asked += 1
                time.sleep(0.05)

        threads = [threading.Thread(target=watch), threading.Thread(target=visit)]
        for thread in threads:
            thread.start()
        start = time.perf_counter()
        try:
            status, text = self.post(
                LIST,
                {"resource": "0", "format": ""},
                ("import_file", name, data),
            )
        finally:
            seconds = time.perf_counter() - start
            done.set()
            for thread in threads:
                thread.join()
        errors = re.findall(r'<ul class="errorlist"[^>]*>\s*<li>(.*?)</li>', text, re.DOTALL)
        return Cost(seconds, reader, site, wait, asked, f"{status} {errors[0] if errors else ''}")


@contextmanager
def _site() -> Iterator[_Site]:
    password = secrets.token_urlsafe(20)
    User.objects.create_superuser("uploads", password=password, name="計測")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database = connection.settings_dict
    own = {
        "DEBUG": "1",  # static files as they lie in the checkout
        "HTTPS": "0",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": _url(database),
        "LOG_LEVEL": "ERROR",
    }
    with tempfile.TemporaryFile() as log:
        application = settings.WSGI_APPLICATION.rpartition(".")[0]
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", application]
        process = subprocess.Popen(  # noqa: S603 - our own server
            command, cwd=settings.BASE_DIR, env=os.environ | own, stdout=log, stderr=log
        )
        try:
            site = _Site(process.pid, port)
            _wait_for(site, process)
            site.post("/admin/login/", {"username": "uploads", "password": password})
            for _ in range(8):  # every worker has shown the page once
                site.ask("GET", LIST)
            yield site
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(site: _Site, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            if site.ask("GET", "/healthz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("The site did not start.")


def _url(database: dict[str, Any]) -> str:
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    who = f"{database['USER']}:{database['PASSWORD']}@" if database["USER"] else ""
    where = f"{database['HOST'] or ''}{':' + str(database['PORT']) if database['PORT'] else ''}"
    return f"postgresql://{who}{where}/{database['NAME']}"
