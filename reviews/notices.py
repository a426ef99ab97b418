"""E-mails of a round: who is told what, sent one by one and logged as they go.

A mail is written to the log before it is sent, and the log says what became of it: handed to a mail server, not sent
because none is set, or failed. What was handed over is not sent again, neither when the act is tried again nor by two runs
at the same moment; the rest can be. A person without an address is named instead of being left out in silence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import roles
from accounts.models import User
from reviews.board import is_late, returned_since
from reviews.duties import Duties, duties_of
from reviews.locking import lock_round
from reviews.models import Notice, Report, Round
from reviews.workflow import NotAllowed, WrongState

Kind = Notice.Kind
Result = Notice.Result
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
    report: Report | None = None


@dataclass
class Outcome:
    """What became of the mails."""

    # Handed to the mail server.
    sent: list[Mail] = field(default_factory=list)
    # Shown or dropped, because no mail server is set.
    unsent: list[Mail] = field(default_factory=list)
    failed: list[tuple[Mail, str]] = field(default_factory=list)
    without_address: list[User] = field(default_factory=list)
    # Reports about which there is nobody to tell.
    nobody: list[Report] = field(default_factory=list)
    # Told before.
    already: list[User] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """What the office must know, and what it can do about it."""
        found = []
        if self.unsent:
            found.append(f"{len(_people(self.unsent))}人には、メールを送っていません。{NO_SERVER}")
        reasons: dict[str, list[Mail]] = defaultdict(list)
        for mail, reason in self.failed:
            reasons[reason].append(mail)
        for reason, mails in reasons.items():
            names = "、".join(f"{user}（{user.email}）" for user in _people(mails))
            found.append(f"{names}に送れませんでした: {reason}。{TRY_AGAIN}")
        if self.without_address:
            names = "、".join(map(str, self.without_address))
            found.append(
                f"メールアドレスが未登録のため、知らせていない人: {names}。「利用者」でアドレスを登録すると（管理者）、送れます。"
            )
        if self.nobody:
            items = "、".join(str(report.program) for report in self.nobody[:10])
            more = f" ほか{len(self.nobody) - 10}件" if len(self.nobody) > 10 else ""
            found.append(f"推進担当課かその利用者が未登録のため、だれにも知らせていない項目: {items}{more}")
        return found

    @property
    def told(self) -> str:
        """The sentence for those whose mail was handed over; "" where none was."""
        return f"{len(_people(self.sent))}人へのメールをメールサーバーに渡しました。" if self.sent else ""


# What is to be done where nothing leaves the server, and where a mail did not.
NO_SERVER = (
    "メールサーバーが設定されていないためです。急ぐときは電話などで知らせてください。"
    "システムの管理者が EMAIL_URL を設定すると、調査の「進み具合」から送れます。"
)
TRY_AGAIN = "アドレスが正しければ、時間をおいて、調査の「進み具合」からもう一度送ってください。"


def _people(mails: Iterable[Mail]) -> list[User]:
    return list({mail.user.pk: mail.user for mail in mails}.values())


def reaches_people() -> bool:
    """Whether mails leave the server at all, or are only shown, kept in files or dropped."""
    nowhere = (".console.EmailBackend", ".dummy.EmailBackend", ".filebased.EmailBackend")
    return not settings.EMAIL_BACKEND.endswith(nowhere)


def sender() -> str:
    """The address to which comes back what another server refuses later."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


# Sending


def _newest(round_: Round) -> int:
    """How far the log of a round has come."""
    return Notice.objects.filter(round=round_).aggregate(newest=Max("pk"))["newest"] or 0


def _claim(round_: Round, mail: Mail, seen: int | None, moment: datetime, failed: str = "") -> list[int]:
    """Log a mail that is about to be sent, or that cannot be (`failed`): the keys of its rows. None of them if somebody
    else has told this person the same since the log was read (`seen`). What could not be sent before makes room, so that
    the log names a mail that is still to be sent once. The round's row is the lock, held for no longer than this takes."""
    with transaction.atomic():
        lock_round(round_.pk)
        logged = Notice.objects.filter(round=round_, user=mail.user, kind__in=mail.counts, report=mail.report)
        if seen is not None and logged.told().filter(pk__gt=seen).exists():
            return []
        logged.unsent().delete()
        return [
            Notice.objects.create(
                round=round_,
                kind=kind,
                user=mail.user,
                address=mail.user.email,
                subject=mail.subject,
                reports=count,
                sent_at=moment,
                report=mail.report,
                result=Result.FAILED if failed else Result.SENDING,
                reason=failed[:300],
            ).pk
            for kind, count in mail.counts.items()
        ]


def _settle(claimed: list[int], result: Notice.Result, reason: str = "") -> None:
    Notice.objects.filter(pk__in=claimed).update(result=result, reason=reason[:300])


def _send(
    round_: Round, mails: Iterable[Mail], outcome: Outcome, *, seen: int | None, at: datetime | None, reply_to: str
) -> Outcome:
    """Log and send each mail. A server that cannot be reached is not asked again.

    `seen`: how far the log had come when it was decided whom to tell; None if the same may be told any number of times.
    """
    connection, reaches = get_connection(), reaches_people()
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
        claimed = _claim(round_, mail, seen, at or timezone.now(), unreachable)
        if not claimed:
            continue
        if unreachable:
            outcome.failed.append((mail, unreachable))
            continue
        try:
            connection.send_messages([message])
        except (OSError, ValueError) as error:  # smtplib's errors are OSErrors; a malformed address is a ValueError
            _settle(claimed, Result.FAILED, _reason(error))
            outcome.failed.append((mail, _reason(error)))
            with suppress(OSError):
                connection.close()
            continue
        _settle(claimed, Result.SENT if reaches else Result.NO_SERVER)
        (outcome.sent if reaches else outcome.unsent).append(mail)
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


def _mail(user: User, name: str, counts: dict[Kind, int], about: Report | None = None, **context: object) -> Mail:
    context |= {"user": user, "site": settings.SITE_URL}
    subject = " ".join(render_to_string(f"reviews/mail/{name}.subject.txt", context).split())
    # Parts that are left out of a template leave their empty lines behind.
    text = re.sub(r"\n{3,}", "\n\n", render_to_string(f"reviews/mail/{name}.txt", context)).strip()
    return Mail(user, subject[:200], f"{text}\n", counts, about)


def _told(round_: Round, kind: Kind) -> set[int]:
    return set(Notice.objects.told().filter(round=round_, kind=kind).values_list("user_id", flat=True))


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


def _addressees(round_: Round, outcome: Outcome) -> dict[User, list[Report]]:
    """Who is to know that a round has begun or, once it is, that it is public, with the reports of each."""
    if round_.state != Round.State.PUBLISHED:
        return _by_person(_reports(round_), duties_of(round_), outcome)
    published = _reports(round_).filter(state=Report.State.PUBLISHED)
    own = _by_person(published, duties_of(round_), Outcome())
    committee = User.objects.filter(is_active=True, is_staff=True, groups__name=roles.COMMITTEE)
    return {user: own.get(user, []) for user in dict.fromkeys([*own, *committee.order_by("username")])}


def _to_be_told(round_: Round, kind: Kind, outcome: Outcome) -> Iterator[tuple[User, list[Report]]]:
    """Of these, who is not told yet; the others are noted."""
    told = _told(round_, kind)
    for user, own in _addressees(round_, outcome).items():
        if user.pk in told:
            outcome.already.append(user)
        else:
            yield user, own


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
    outcome = Outcome()
    mails = (
        _mail(user, "opened", {Kind.OPENED: len(own)}, round=round_, reports=own[:LISTED], more=len(own[LISTED:]))
        for user, own in _to_be_told(round_, Kind.OPENED, outcome)
    )
    return _send(round_, mails, outcome, seen=seen, at=None, reply_to=by.email)


def notify_returned(report: Report, *, by: User) -> Outcome:
    """Tell the departments of an item that its report came back, and why. Call after the act."""
    _require(by, "reviews.approve_report")
    if report.state != Report.State.RETURNED:
        raise WrongState(f"この報告は{report.get_state_display()}のため、差し戻しを知らせられません。")
    outcome = Outcome()
    people = _by_person([report], duties_of(report.round), outcome)
    mails = [_returned(report, user, by) for user in people]
    return _send(report.round, mails, outcome, seen=None, at=None, reply_to=by.email)


def _returned(report: Report, user: User, by: User) -> Mail:
    return _mail(user, "returned", {Kind.RETURNED: 1}, report, round=report.round, report=report, by=by)


def _returned_by(report: Report) -> User | None:
    act = report.history.filter(state=Report.State.RETURNED, history_change_reason="差し戻し").first()
    return act.history_user if act else None


def notify_published(round_: Round, *, by: User) -> Outcome:
    """Tell the departments and the committee that a round is public. Who was told already is not told again."""
    _require(by, "reviews.publish_round")
    if round_.state != Round.State.PUBLISHED:
        raise WrongState(f"{round_}の調査は{round_.get_state_display()}のため、公表を知らせられません。")
    seen = _newest(round_)
    outcome = Outcome()
    mails = (
        _mail(user, "published", {Kind.PUBLISHED: len(own)}, round=round_, own=len(own))
        for user, own in _to_be_told(round_, Kind.PUBLISHED, outcome)
    )
    return _send(round_, mails, outcome, seen=seen, at=None, reply_to=by.email)


def notify_missing(round_: Round, *, by: User) -> Outcome:
    """Tell those who were not told yet, whatever the reason: of the round, and of reports that are still returned."""
    if round_.state == Round.State.PUBLISHED:
        return notify_published(round_, by=by)
    outcome, seen = notify_opened(round_, by=by), _newest(round_)
    duties = duties_of(round_)
    mails = [
        _returned(notice.report, notice.user, _returned_by(notice.report) or by)
        for notice in _unsent(round_)
        if notice.report and notice.user in duties.people(duties.of_program.get(notice.report.program_id, []))
    ]
    return _send(round_, mails, outcome, seen=seen, at=None, reply_to=by.email)


# What the office sees


@dataclass
class Delivery:
    """How far the people of a round are told."""

    sent: int = 0
    # Perhaps told: whoever sent the mail was stopped in the middle.
    unknown: list[User] = field(default_factory=list)
    # Not told, each with the reason.
    missing: list[tuple[User, str]] = field(default_factory=list)
    # Of the other kinds (returned, reminders), what did not go out.
    others: list[tuple[Notice, str]] = field(default_factory=list)


def delivery(round_: Round) -> Delivery:
    """Who knows that the round has begun or is public, who does not, and why not."""
    found, unsent = Delivery(), _unsent(round_)
    kind = Kind.PUBLISHED if round_.state == Round.State.PUBLISHED else Kind.OPENED
    reasons = {notice.user_id: _not_sent(notice) for notice in unsent if notice.kind == kind}
    found.others = [(notice, _not_sent(notice)) for notice in unsent if notice.kind != kind]
    told = dict(Notice.objects.told().filter(round=round_, kind=kind).order_by("pk").values_list("user_id", "result"))
    found.sent = sum(result == Result.SENT for result in told.values())
    found.unknown = list(User.objects.filter(pk__in=[pk for pk, one in told.items() if one == Result.SENDING]))
    for user in _addressees(round_, Outcome()):
        if user.pk not in told:
            untold = "まだ送っていません" if user.email else "メールアドレスが未登録です"
            found.missing.append((user, reasons.get(user.pk, untold) if user.email else untold))
    return found


def _not_sent(notice: Notice) -> str:
    """Why a mail was not sent."""
    if notice.result == Result.FAILED:
        return f"送れませんでした: {notice.reason}"
    return "メールサーバーが設定されていないため、送っていません"


def _unsent(round_: Round) -> list[Notice]:
    """What did not go out and still matters: no reminder of a round that is over, no return of what was handed in again."""
    unsent = (
        Notice.objects.unsent().filter(round=round_).select_related("user", "report__program", "report__round__plan")
    )
    if round_.state == Round.State.PUBLISHED:
        unsent = unsent.filter(kind=Kind.PUBLISHED)
    else:
        unsent = unsent.exclude(Q(kind=Kind.RETURNED) & ~Q(report__state=Report.State.RETURNED))
    return list(unsent.order_by("sent_at", "pk"))


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
    sent = Notice.objects.told().filter(round=round_, kind__in=SECTIONS).order_by("sent_at")
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
