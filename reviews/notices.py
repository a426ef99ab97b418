"""E-mails of a round: who is told what, sent one by one and logged as they go.

A mail is written to the log before it is sent, and taken out again if it could not be: nothing is sent twice, neither when
the act is tried again nor by two runs at the same moment. A failure is told, and a person without an address is named
instead of being left out in silence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Max, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import roles
from accounts.models import User
from reviews.board import is_late, returned_since
from reviews.duties import Duties, duties_of
from reviews.models import Notice, Report, Round
from reviews.workflow import NotAllowed, WrongState

Kind = Notice.Kind
# A mail is read by people: what does not fit is on the start page that it links to.
LISTED = 50
SECTIONS = (Kind.RETURNED_WAITING, Kind.LATE, Kind.DUE_SOON)


@dataclass
class Mail:
    """One e-mail to one person. `counts` says what it is logged as: one row for each kind, with its number of
    reports."""

    user: User
    subject: str
    text: str
    counts: dict[Kind, int]


@dataclass
class Outcome:
    """What became of the mails."""

    sent: list[Mail] = field(default_factory=list)
    failed: list[tuple[Mail, str]] = field(default_factory=list)
    without_address: list[User] = field(default_factory=list)
    # Reports about which there is nobody to tell.
    nobody: list[Report] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """What the office must know, each a sentence."""
        found = [f"{mail.user}（{mail.user.email}）に送れませんでした: {reason}" for mail, reason in self.failed]
        if self.without_address:
            names = "、".join(map(str, self.without_address))
            found.append(f"メールアドレスが未登録のため、知らせていない人: {names}")
        if self.nobody:
            items = "、".join(str(report.program) for report in self.nobody[:10])
            more = f" ほか{len(self.nobody) - 10}件" if len(self.nobody) > 10 else ""
            found.append(f"推進担当課かその利用者が未登録のため、だれにも知らせていない項目: {items}{more}")
        if self.sent and not reaches_people():
            found.append(
                f"EMAIL_URL が設定されていないため、{len(self.sent)}人へのメールはサーバーの画面に出しただけで、だれにも届いていません。"
            )
        return found

    @property
    def told(self) -> str:
        """The sentence for those who were told; "" where nobody was."""
        return f"{len(self.sent)}人にメールで知らせました。" if self.sent and reaches_people() else ""


def reaches_people() -> bool:
    """Whether mails leave the server at all, or are only shown or dropped."""
    return not settings.EMAIL_BACKEND.endswith((".console.EmailBackend", ".dummy.EmailBackend"))


# Sending


def _newest(round_: Round) -> int:
    """How far the log of a round has come."""
    return Notice.objects.filter(round=round_).aggregate(newest=Max("pk"))["newest"] or 0


def _claim(round_: Round, mail: Mail, seen: int | None, moment: datetime) -> list[int]:
    """Log a mail that is about to be sent: the keys of its rows. None of them if somebody else has told this person the
    same since the log was read (`seen`). The round's row is the lock, and is held for no longer than this takes."""
    with transaction.atomic():
        Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
        later = Notice.objects.filter(round=round_, user=mail.user, kind__in=mail.counts)
        if seen is not None and later.filter(pk__gt=seen).exists():
            return []
        common = {"round": round_, "user": mail.user, "address": mail.user.email, "subject": mail.subject}
        return [
            Notice.objects.create(**common, kind=kind, reports=count, sent_at=moment).pk
            for kind, count in mail.counts.items()
        ]


def _send(
    round_: Round, mails: Iterable[Mail], outcome: Outcome, *, seen: int | None, at: datetime | None, reply_to: str
) -> Outcome:
    """Log and send each mail. A server that cannot be reached is not asked again.

    `seen`: how far the log had come when it was decided whom to tell; None if the same may be told any number of times.
    """
    connection = get_connection()
    unreachable = ""
    for mail in mails:
        if not mail.user.email:
            outcome.without_address.append(mail.user)
            continue
        message = EmailMessage(
            mail.subject,
            mail.text,
            to=[mail.user.email],
            reply_to=[reply_to] if reply_to else [],
            connection=connection,
        )
        if not unreachable:
            unreachable = _opened(connection)
        if unreachable:
            outcome.failed.append((mail, unreachable))
            continue
        claimed = _claim(round_, mail, seen, at or timezone.now())
        if not claimed:
            continue
        try:
            connection.send_messages([message])
        except (OSError, ValueError) as error:  # smtplib's errors are OSErrors; a malformed address is a ValueError
            Notice.objects.filter(pk__in=claimed).delete()
            outcome.failed.append((mail, _reason(error)))
            with suppress(OSError):
                connection.close()
            continue
        outcome.sent.append(mail)
    with suppress(OSError):
        connection.close()
    return outcome


def _opened(connection: BaseEmailBackend) -> str:
    """Open the connection, or say why it cannot be."""
    try:
        connection.open()
    except OSError as error:
        return f"メールサーバーにつながりません（{_reason(error)}）"
    return ""


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _mail(user: User, name: str, counts: dict[Kind, int], **context: object) -> Mail:
    context |= {"user": user, "site": settings.SITE_URL}
    subject = " ".join(render_to_string(f"reviews/mail/{name}.subject.txt", context).split())
    # Parts that are left out of a template leave their empty lines behind.
    text = re.sub(r"\n{3,}", "\n\n", render_to_string(f"reviews/mail/{name}.txt", context)).strip()
    return Mail(user, subject[:200], f"{text}\n", counts)


def _told(round_: Round, kind: Kind) -> set[int]:
    return set(Notice.objects.filter(round=round_, kind=kind).values_list("user_id", flat=True))


def _by_person(reports: Iterable[Report], duties: Duties, outcome: Outcome) -> dict[User, list[Report]]:
    """Who is told about which reports. All departments of an item are told, the one that leads and those that add."""
    own: dict[User, list[Report]] = defaultdict(list)
    for report in reports:
        people = duties.people(duties.of_program.get(report.program_id, []))
        if not people:
            outcome.nobody.append(report)
        for user in people:
            own[user].append(report)
    return dict(sorted(own.items(), key=lambda item: item[0].username))


def _reports(round_: Round) -> QuerySet[Report]:
    reports = Report.objects.filter(round=round_).select_related("program").order_by("program__sort_key")
    return reports.only("round", "state", "return_reason", "program__number", "program__name")


def _require(by: User, permission: str) -> None:
    if not (by.is_active and by.has_perm(permission)):
        raise NotAllowed("この通知を送る権限がありません。")


# What is told when somebody acts


def notify_opened(round_: Round, *, by: User) -> Outcome:
    """Tell the departments that a round has begun. Who was told already is not told again."""
    _require(by, "reviews.open_round")
    if round_.state != Round.State.OPEN:
        raise WrongState(f"{round_}の調査は{round_.get_state_display()}のため、受付の開始を知らせられません。")
    seen = _newest(round_)
    outcome, told = Outcome(), _told(round_, Kind.OPENED)
    mails = (
        _mail(user, "opened", {Kind.OPENED: len(own)}, round=round_, reports=own[:LISTED], more=len(own[LISTED:]))
        for user, own in _by_person(_reports(round_), duties_of(round_), outcome).items()
        if user.pk not in told
    )
    return _send(round_, mails, outcome, seen=seen, at=None, reply_to=by.email)


def notify_returned(report: Report, *, by: User) -> Outcome:
    """Tell the departments of an item that its report came back, and why. Call after the act."""
    _require(by, "reviews.approve_report")
    if report.state != Report.State.RETURNED:
        raise WrongState(f"この報告は{report.get_state_display()}のため、差し戻しを知らせられません。")
    outcome = Outcome()
    mails = (
        _mail(user, "returned", {Kind.RETURNED: 1}, round=report.round, report=report, by=by)
        for user in _by_person([report], duties_of(report.round), outcome)
    )
    return _send(report.round, mails, outcome, seen=None, at=None, reply_to=by.email)


def notify_published(round_: Round, *, by: User) -> Outcome:
    """Tell the departments and the committee that a round is public. Who was told already is not told again."""
    _require(by, "reviews.publish_round")
    if round_.state != Round.State.PUBLISHED:
        raise WrongState(f"{round_}の調査は{round_.get_state_display()}のため、公表を知らせられません。")
    seen = _newest(round_)
    outcome, told = Outcome(), _told(round_, Kind.PUBLISHED)
    committee = User.objects.filter(is_active=True, is_staff=True, groups__name=roles.COMMITTEE)
    published = _reports(round_).filter(state=Report.State.PUBLISHED)
    own = _by_person(published, duties_of(round_), Outcome())
    people = {user.pk: user for user in [*own, *committee.order_by("username")]}
    mails = (
        _mail(user, "published", {Kind.PUBLISHED: len(own.get(user, []))}, round=round_, own=len(own.get(user, [])))
        for user in people.values()
        if user.pk not in told
    )
    return _send(round_, mails, outcome, seen=seen, at=None, reply_to=by.email)


# What cron reminds of


@dataclass(frozen=True)
class Timing:
    """Days. `soon`: before the due day; `waiting`: since a report was returned; `gap`: between two of a kind."""

    soon: int = 7
    waiting: int = 7
    gap: int = 3


def reminders(round_: Round, today: date, timing: Timing, outcome: Outcome) -> list[Mail]:
    """The mails that are due today: one for each person, with all that this person should hand in, by kind."""
    if round_.state != Round.State.OPEN:
        return []
    since = returned_since(round_)
    kinds: dict[int, Kind] = {}
    waiting = []
    for report in _reports(round_).filter(state__in=Report.EDITABLE):
        if kind := _kind(round_, report, since.get(report.pk), today, timing):
            kinds[report.pk] = kind
            waiting.append(report)
    duties = duties_of(round_)
    last: dict[tuple[int, str], date] = {}
    sent = Notice.objects.filter(round=round_, kind__in=SECTIONS).order_by("sent_at")
    for person, sort, moment in sent.values_list("user_id", "kind", "sent_at"):
        last[person, sort] = timezone.localdate(moment)
    mails = []
    for user, own in _by_person(waiting, duties, outcome).items():
        sections = {kind: [report for report in own if kinds[report.pk] == kind] for kind in SECTIONS}
        due = {
            kind: reports
            for kind, reports in sections.items()
            if reports and ((user.pk, kind) not in last or (today - last[user.pk, kind]).days >= timing.gap)
        }
        if due:
            mails.append(
                _mail(
                    user,
                    "reminder",
                    {kind: len(reports) for kind, reports in due.items()},
                    round=round_,
                    today=today,
                    count=sum(map(len, due.values())),
                    days_left=(round_.due_on - today).days if round_.due_on else None,
                    sections=[(kind.value, rs[:LISTED], len(rs[LISTED:])) for kind, rs in due.items()],
                    waiting_days=timing.waiting,
                )
            )
    return mails


def _kind(round_: Round, report: Report, returned: date | None, today: date, timing: Timing) -> Kind | None:
    """Each report is reminded of for one reason: the one that says most."""
    if returned is not None and (today - returned).days >= timing.waiting:
        return Kind.RETURNED_WAITING
    if is_late(round_, report.state, today):
        return Kind.LATE
    if round_.due_on is not None and 0 <= (round_.due_on - today).days <= timing.soon:
        return Kind.DUE_SOON
    return None


def remind(round_: Round, *, today: date, timing: Timing, show: Callable[[Mail], None] | None = None) -> Outcome:
    """Send the reminders of a round. With `show`, each is shown instead and nothing is sent or logged."""
    outcome, seen = Outcome(), _newest(round_)
    mails = reminders(round_, today, timing, outcome)
    if show is None:
        # The log holds the day that the run was for, so that a run for another day keeps its gaps too.
        at = timezone.make_aware(datetime.combine(today, timezone.localtime().time()))
        return _send(round_, mails, outcome, seen=seen, at=at, reply_to="")
    for mail in mails:
        if mail.user.email:
            show(mail)
        else:
            outcome.without_address.append(mail.user)
    return outcome
