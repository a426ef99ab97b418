"""Files for the office: asked for on a page, made by the worker; of a whole plan kept for a week, of a round for good.

A package that writes such a file registers its kind. `start` puts a task into the queue, and the worker (`manage.py
db_worker`) does it. The row of the last file (`Export`) says how far it is and gives a sign of life while it is made: a task
whose worker was killed stays "running" in the queue for ever, so a row that has been quiet for a minute is taken for dead and
the next request makes it again. Why like this: docs/decisions/0019-tasks.md, of rounds 0070-files-of-a-round.md.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic
from typing import IO, Generic, TypeVar

from django.core.files import File
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django_tasks import TaskContext, task

from accounts.models import User
from core.acts import require
from core.progress import Progress
from figures import version
from policies.models import Plan
from reviews.models import Round
from reviews.redaction import redacted
from workbooks.models import Export, exports_storage
from workbooks.plan.writing import TooLong, write_book

log = logging.getLogger(__name__)
KEPT = timedelta(days=7)
QUIET = timedelta(seconds=60)  # without a sign of life for so long, whoever makes it is taken for dead
BEAT = 1.0  # seconds between two signs of life
STOPPED = "サーバーの再起動などで、作成が途中で止まりました。もう一度作成してください。"
_BROKEN = "作成できませんでした。もう一度試しても同じときは、システムの管理者に知らせてください（理由はサーバーの記録にあります）。"

State = Export.State


class CannotMake(Exception):
    """There is nothing to make a file of; the message says what is missing, and stands on the page."""


_Subject = TypeVar("_Subject", Plan, Round)


@dataclass(frozen=True)
class ExportKind(Generic[_Subject]):
    """What can be made `of` a plan, or of a round. `write` is given it, where its readers find the pages, the file and who
    listens."""

    key: str
    label: str
    of: type[_Subject]
    write: Callable[[_Subject, str, IO[bytes], Progress], None]
    ending: str  # of the file's name, behind the plan and the day
    prefix: str = ""

    @property
    def of_round(self) -> bool:
        return issubclass(self.of, Round)

    def make(self, export: Export, file: IO[bytes], progress: Progress) -> None:
        subject = export.round or export.plan
        if not isinstance(subject, self.of):
            raise TypeError(f"{self.key}: {subject!r}")
        self.write(subject, export.site, file, progress)

    def name(self, plan: Plan, round_: Round | None) -> str:
        of = f"{plan.slug}-{round_.as_of.isoformat()}" if round_ else plan.slug
        return f"{of}-{self.prefix}{timezone.localdate().isoformat()}.{self.ending}"


KINDS: dict[str, ExportKind[Plan] | ExportKind[Round]] = {}  # in the order of the packages


def register(kind: ExportKind[Plan] | ExportKind[Round]) -> None:
    KINDS[kind.key] = kind


BOOK = ExportKind(
    "book", "計画ブック（Excel）", Plan, lambda plan, site, file, progress: write_book(plan, file, progress), "xlsx"
)


def last(plan: Plan, kind: str) -> Export | None:
    """The last file of a kind and how far it is; None if none was asked for, or it is older than a week."""
    export = Export.objects.select_related("asked_by").filter(plan=plan, kind=kind, round=None).first()
    is_old = export and export.finished_at and timezone.now() - export.finished_at > KEPT
    return None if is_old else export


def of_round(round_: Round, kind: str) -> list[Export]:
    """All files of a kind that were made of a round, and the one that is coming, newest first."""
    found = Export.objects.select_related("asked_by").filter(round=round_, kind=kind)
    return list(found.order_by("-asked_at", "-pk"))


def is_current(export: Export) -> bool:
    """Whether nothing that citizens can read has changed since the file was begun."""
    return export.state == State.DONE and export.version == version.current().number


def current_of_round(plan: str, as_of: date, kind: str, site: str) -> bytes | None:
    """What was made last of a round of a public plan, if it says what pages say now and leads to the same site."""
    found = Export.objects.filter(
        round__plan__slug=plan, round__plan__is_public=True, round__as_of=as_of, kind=kind, site=site, state=State.DONE
    )
    export = found.filter(version=version.current().number).order_by("-asked_at").first()
    if export is None:
        return None
    try:
        with export.opened() as file:
            return bytes(file.read())
    except FileNotFoundError:  # the folder was lost, or personal data was taken out at this moment
        return None


def is_stuck(export: Export) -> bool:
    """Whether nobody seems to work on it: its worker has been quiet for a minute, or no worker has taken it.

    One that waits while another one is made is not stuck; it waits for its turn. A sign of life from a time to come is none: the
    clock was wrong then, and whoever lives gives another one within a second.
    """
    now = timezone.now()
    lately = (now - QUIET, now + QUIET)
    if export.state == State.WAITING:
        is_asked = lately[0] <= export.asked_at <= lately[1]
        return not is_asked and not Export.objects.filter(heartbeat_at__range=lately).exists()
    if export.state == State.RUNNING and export.heartbeat_at:
        return not lately[0] <= export.heartbeat_at <= lately[1]
    return False


@transaction.atomic
def start(plan: Plan, kind: str, *, site: str, by: User, round_: Round | None = None) -> Export:
    """Ask for a file of a plan, or of one of its rounds, or go on with the one that is being made. `site` is where its readers
    find the pages."""
    require(by, "policies.export_plan", "計画を書き出す")
    if KINDS[kind].of_round != (round_ is not None):
        raise ValueError(f"{kind}: a file of {'a round' if KINDS[kind].of_round else 'a plan'}")
    _forget_old()
    now = timezone.now()
    asked = {"name": KINDS[kind].name(plan, round_), "site": site, "asked_by": by, "asked_at": now}
    rows = Export.objects.select_for_update()
    if round_:  # what was made of it before stays beside the new one
        rows = rows.exclude(state=State.DONE)
    # Of two at the same moment the second waits here for the row of the first, and finds it under way.
    export, is_new = rows.get_or_create(plan=plan, kind=kind, round=round_, defaults=asked)
    if not is_new and export.state in (State.WAITING, State.RUNNING) and not is_stuck(export):
        return export
    _delete_later(export.file.name)
    for name, value in asked.items():
        setattr(export, name, value)
    export.state, export.file, export.error = State.WAITING, "", ""
    export.done = export.total = export.size = 0
    export.begun_at = export.heartbeat_at = export.finished_at = None
    export.task_id = make_export.enqueue(export.pk).id
    export.save()
    return export


@task(takes_context=True)
def make_export(context: TaskContext, export: int) -> None:
    """The task in the queue."""
    make(export, context.task_result.id)


class _Superseded(Exception):
    """Somebody asked again, because this one was quiet for too long; the row belongs to another task now."""


def make(export: int, task_id: str) -> None:
    """Make the file that `start` asked for, and write down how far it is and how it ended."""
    mine = Export.objects.filter(pk=export, task_id=task_id)
    now = timezone.now()
    began = {"begun_at": now, "heartbeat_at": now, "version": version.current().number}
    if not mine.filter(state=State.WAITING).update(state=State.RUNNING, **began):
        return
    try:
        _make(mine.select_related("plan", "round__plan").get(), mine)
    except (_Superseded, Export.DoesNotExist):
        log.warning("export %s: asked for again or deleted while it was made", export)
    except (TooLong, CannotMake) as error:
        _end(mine, State.FAILED, error=str(error))
    except Exception:
        _end(mine, State.FAILED, error=_BROKEN)
        raise  # the queue keeps the traceback, and logs it
    except BaseException:  # the worker is told to end at once
        _end(mine, State.FAILED, error=STOPPED)
        raise


def _make(export: Export, mine: QuerySet[Export]) -> None:
    storage = exports_storage()
    kind = KINDS[export.kind]
    with tempfile.TemporaryFile() as file:  # it goes with its process, however that ends
        kind.make(export, file, _beating(mine))
        size = file.tell()
        name = storage.save(f"{export.task_id}.{kind.ending}", File(file))
    try:
        is_mine = _end(mine, State.DONE, file=name, size=size)
    except BaseException:
        storage.delete(name)
        raise
    if not is_mine:
        storage.delete(name)
        raise _Superseded


def _beating(mine: QuerySet[Export]) -> Progress:
    """Writes down how far it is and that somebody works on it, once a second at most; stops who is no longer wanted."""
    written = float("-inf")

    def progress(done: int, total: int) -> None:
        nonlocal written
        if (now := monotonic()) - written < BEAT:
            return
        try:
            found = mine.filter(state=State.RUNNING).update(done=done, total=total, heartbeat_at=timezone.now())
        except (
            OperationalError
        ):  # SQLite: a long import holds the lock, or others wrote since a read began that goes on
            log.info("export: no sign of life could be written", exc_info=True)
            return
        if not found:
            raise _Superseded
        written = now

    return progress


def _end(mine: QuerySet[Export], state: str, **values: object) -> bool:
    """Write down how it ended; whether that was still asked for."""
    now = timezone.now()
    running = mine.filter(state=State.RUNNING)
    return bool(running.update(state=state, finished_at=now, heartbeat_at=now, **values))


def _delete_later(name: str | None) -> None:
    if name:
        transaction.on_commit(lambda: exports_storage().delete(name))


@receiver(post_delete, sender=Export, dispatch_uid="export_file_goes_with_its_row")
def _delete_file(instance: Export, **_: object) -> None:
    """A plan that is deleted takes its files along."""
    _delete_later(instance.file.name)


@receiver(redacted, dispatch_uid="exports_hold_no_redacted_words")
def _forget_all(**_: object) -> None:
    """What was made before personal data was taken out may hold it, also a file whose row is gone; it can be made anew."""
    Export.objects.all().delete()
    transaction.on_commit(_delete_all)


def _delete_all() -> None:
    for name in _files():
        exports_storage().delete(name)


def _forget_old() -> None:
    """Delete what is of a plan and older than a week, and files of nobody: a process was killed between the file and its row."""
    before = timezone.now() - KEPT
    Export.objects.filter(round=None, finished_at__lt=before).delete()
    storage = exports_storage()
    known = set(Export.objects.exclude(file="").values_list("file", flat=True))
    with suppress(FileNotFoundError):  # somebody else deletes it just now
        for name in _files():
            if name not in known and storage.get_modified_time(name) < before:
                _delete_later(name)


def _files() -> list[str]:
    try:
        return list(exports_storage().listdir("")[1])
    except FileNotFoundError:  # nothing was ever made
        return []
