"""Two people at the same moment, each with a connection of their own: one wins, the other is told."""

import datetime
import threading
from collections import Counter

import pytest
from django.core import mail
from django.db import connection, transaction

from accounts.models import User
from reviews import notices, workflow
from reviews.models import Notice, Report, Round
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def at_once(attempt):
    """Run attempt(0) … attempt(3) in threads that start together; how often each outcome came."""
    start = threading.Barrier(AT_ONCE)
    outcomes = []

    def run(index):
        try:
            connection.ensure_connection()
            start.wait(10)
            attempt(index)
            outcomes.append("done")
        except (workflow.ReportConflict, workflow.WrongState) as refused:
            outcomes.append(type(refused).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return Counter(outcomes)


def test_of_many_who_save_the_same_version_one_wins(opened, cast):
    people = [cast.reporter, cast.colleague, cast.office, cast.root]
    for turn in range(1, 6):
        seen = factories.report(opened, 1)
        assert seen.version == turn

        def save(index):
            workflow.save_draft(seen, {"progress": f"{index}人目"}, by=people[index], version=seen.version)  # noqa: B023

        assert at_once(save) == {"done": 1, "ReportConflict": AT_ONCE - 1}
        saved = factories.report(opened, 1)
        assert (saved.version, saved.progress) == (turn + 1, f"{people.index(saved.updated_by)}人目")
    assert Report.history.filter(id=saved.pk).count() == 6


def test_of_many_who_submit_one_hands_in(opened, cast):
    report = factories.report(opened, 1)
    report = workflow.save_draft(report, factories.content(opened.plan), by=cast.reporter, version=1)
    assert at_once(lambda _: workflow.submit(report, by=cast.reporter)) == {"done": 1, "WrongState": AT_ONCE - 1}
    assert factories.report(opened, 1).version == 3


def test_a_round_is_opened_once(plan, cast):
    planned = plan.rounds.first()
    assert at_once(lambda _: workflow.open_round(planned, by=cast.office)) == {"done": 1, "WrongState": AT_ONCE - 1}
    assert (Report.objects.count(), Report.history.count()) == (3, 3)


def test_a_report_returned_while_its_round_is_published_is_either_in_or_out(opened, cast):
    reports = [
        workflow.approve(factories.handed_in(opened, number, by=cast.office), by=cast.office) for number in (1, 2, 3)
    ]

    def act(index):
        if index == 3:
            workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)
        elif index < 2:
            workflow.return_(reports[index], reason="確認してください。", by=cast.office)

    at_once(act)
    assert Round.objects.get(pk=opened.pk).state == "published"
    states = Counter(Report.objects.values_list("state", flat=True))
    assert states["published"] + states["returned"] == 3
    assert states["published"] >= 1


def test_two_reminders_at_the_same_moment_tell_each_person_once(opened, cast, monkeypatch):
    """All runs have found the same people to tell before the first of them sends."""
    for user in (cast.reporter, cast.colleague, cast.stranger):
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.jp")
    day = datetime.date(2014, 10, 15)
    Round.objects.filter(pk=opened.pk).update(opens_on=day, due_on=day)
    decided, reminders = threading.Barrier(AT_ONCE), notices.reminders

    def all_decide_first(*args):
        mails = reminders(*args)
        decided.wait(10)
        return mails

    monkeypatch.setattr(notices, "reminders", all_decide_first)
    told = []

    def run(_):
        outcome = notices.remind(Round.objects.get(pk=opened.pk), today=day, timing=notices.Timing())
        told.extend(one.user.username for one in outcome.sent)

    assert at_once(run) == {"done": AT_ONCE}
    assert sorted(told) == ["colleague", "reporter", "stranger"]
    assert sorted(message.to[0] for message in mail.outbox) == [f"{name}@example.jp" for name in sorted(told)]
    assert sorted(Notice.objects.values_list("user__username", "kind")) == [(name, "due_soon") for name in sorted(told)]


def test_a_killed_act_leaves_nothing(opened, cast):
    report = factories.report(opened, 1)

    @transaction.atomic
    def killed():
        workflow.save_draft(report, {"progress": "書きかけ"}, by=cast.reporter, version=1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert (factories.report(opened, 1).version, Report.history.filter(id=report.pk).count()) == (1, 1)
