"""Long exports for the office: made by a process of their own while the site goes on, and kept for a week.

A job is a folder of one plan and kind: `job.json` says how far it is, `file` is the result, and who holds `lock` is
alive. So nothing has to be cleaned up after a crash or restart: a job that is not finished and whose lock nobody holds
has ended, and the page says so. Why no queue and no table: docs/decisions/0017-exports.md.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import locks
from django.db import connection, models
from django.utils import timezone

from accounts.models import User
from opendata.metadata import about_now
from opendata.package import write_zip
from policies.models import Plan
from workbooks.plan.writing import TooLong, write_book

log = logging.getLogger(__name__)
KEPT = 7 * 24 * 60 * 60  # seconds
_TO_BEGIN = 30  # seconds that a process may take until it holds its lock
_CHILD = "import sys, django; django.setup(); from staff.export_jobs import run; run(*sys.argv[1:])"
_STOPPED = "サーバーの再起動などで、作成が途中で止まりました。もう一度作成してください。"
_BROKEN = "作成できませんでした。もう一度試しても同じときは、システムの管理者に知らせてください（理由はサーバーの記録にあります）。"

Progress = Callable[[int, int], None]  # (tables that are written, all tables)


class Kind(models.TextChoices):
    BOOK = "book", "計画ブック（Excel）"
    PACKAGE = "package", "公開データの一式（zip）"


class State(models.TextChoices):
    RUNNING = "running", "作成中"
    DONE = "done", "できました"
    FAILED = "failed", "作成できませんでした"


@dataclass(frozen=True)
class Job:
    """What is known about the last job of a plan and kind. Times are seconds since 1970."""

    plan: int
    kind: str
    name: str
    site: str
    asked_by: str
    asked_at: float
    has_begun: bool = False
    done: int = 0
    total: int = 0
    finished_at: float | None = None
    size: int = 0
    error: str = ""

    @property
    def folder(self) -> Path:
        return _folder(self.plan, self.kind)

    @property
    def file(self) -> Path:
        return self.folder / "file"

    @property
    def state(self) -> State:
        if self.finished_at is not None:
            return State.FAILED if self.error else State.DONE
        is_coming = not self.has_begun and time.time() - self.asked_at < _TO_BEGIN
        return State.RUNNING if is_coming or _is_held(self.folder) else State.FAILED

    @property
    def kind_label(self) -> str:
        return Kind(self.kind).label

    @property
    def reason(self) -> str:
        """Why a job failed."""
        return self.error or _STOPPED

    @property
    def asked(self) -> datetime:
        return datetime.fromtimestamp(self.asked_at, tz=timezone.get_current_timezone())

    def _save(self) -> None:
        part = self.folder / f"job.{os.getpid()}"
        part.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")
        part.replace(self.folder / "job.json")  # a reader sees the old or the new, never a half


def last(plan: Plan, kind: str) -> Job | None:
    """The job as it is now; None if none was asked for, or it is older than a week."""
    job = _read(_folder(plan.pk, kind))
    if job is None or (job.finished_at is not None and time.time() - job.finished_at > KEPT):
        return None
    if job.finished_at is None and job.state is State.FAILED:
        return _read(job.folder)  # it may have ended between the two looks, and has written so by now
    return job


def _read(folder: Path) -> Job | None:
    try:
        return Job(**json.loads((folder / "job.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def start(plan: Plan, kind: str, *, site: str, by: User) -> Job:
    """Begin to make a file, or go on with the one that is being made. `site` is where its readers find the pages.

    The caller has checked that `by` may export.
    """
    _forget_old()
    folder = _folder(plan.pk, kind)
    folder.mkdir(parents=True, exist_ok=True)
    before = _read(folder)
    running = last(plan, kind)
    if running and running.state is State.RUNNING:
        return running
    with _lock(folder):  # free, or held for the moment in which somebody else starts the same
        now = _read(folder)
        if now and now != before:
            return now
        (folder / "file").unlink(missing_ok=True)
        what, extension = ("", "xlsx") if kind == Kind.BOOK else ("data-", "zip")
        name = f"{plan.slug}-{what}{timezone.localdate().isoformat()}.{extension}"
        job = Job(plan.pk, kind, name, site, by.name or by.username, time.time())
        job._save()
    process = subprocess.Popen(  # noqa: S603 - our own program, with a number and a word from Kind
        [sys.executable, "-c", _CHILD, str(connection.settings_dict["NAME"]), str(plan.pk), kind],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=process.wait, daemon=True).start()  # takes note of its end, so that no zombie stays
    return job


def run(database: str, plan: str, kind: str) -> None:
    """What the process of its own does. Pages go first."""
    os.nice(5)
    connection.settings_dict["NAME"] = database
    make(Plan.objects.get(pk=plan), kind)


def make(plan: Plan, kind: str) -> None:
    """Make the file of the job that `start` wrote down, and write down how far it is and how it ended."""
    folder = _folder(plan.pk, kind)
    with _lock(folder):
        job = _read(folder)
        if job is None or job.has_begun:
            return
        begun = job = replace(job, has_begun=True)
        job._save()

        def progress(done: int, total: int) -> None:
            replace(begun, done=done, total=total)._save()

        part = folder / "part"
        try:
            with part.open("wb") as file:
                _write(plan, job, file, progress)
                size = file.tell()
            part.replace(job.file)
            job = replace(job, size=size)
        except TooLong as error:
            job = replace(job, error=str(error))
        except Exception:
            log.exception("export %s of plan %s", kind, plan.pk)
            job = replace(job, error=_BROKEN)
        finally:
            part.unlink(missing_ok=True)
        replace(job, finished_at=time.time())._save()


def _write(plan: Plan, job: Job, file: IO[bytes], progress: Progress) -> None:
    if job.kind == Kind.BOOK:
        write_book(plan, file, progress)
    else:
        write_zip(file, about_now(plan, job.site), bom=True, progress=progress)


def _folder(plan: int, kind: str) -> Path:
    return Path(settings.EXPORTS_DIR) / str(plan) / str(Kind(kind))


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the lock of a job, when it is free."""
    with (folder / "lock").open("wb") as file:
        locks.lock(file, locks.LOCK_EX)
        yield


def _is_held(folder: Path) -> bool:
    """Whether the process that makes the file is alive. Those who ask don't get into each other's way."""
    try:
        with (folder / "lock").open("rb") as file:
            return not locks.lock(file, locks.LOCK_SH | locks.LOCK_NB)
    except FileNotFoundError:
        return False


def _forget_old() -> None:
    """Delete what nobody has touched for a week: files of plans that are gone, too."""
    for path in Path(settings.EXPORTS_DIR).glob("*/*"):
        if time.time() - _touched(path) > KEPT and not _is_held(path):
            shutil.rmtree(path, ignore_errors=True)


def _touched(folder: Path) -> Any:
    return max((path.stat().st_mtime for path in folder.iterdir()), default=0)
