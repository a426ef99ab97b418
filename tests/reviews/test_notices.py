"""E-mails of a round: who is told, exactly what, and never twice."""

import datetime
import importlib
import smtplib

import pytest
import time_machine
from django.apps import apps
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Department, Membership, User
from programs.models import ProgramEdition, Responsibility
from reviews import notices, workflow
from reviews.models import Notice, Report
from tests import factories

CONSOLE = "django.core.mail.backends.console.EmailBackend"
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
DUE = datetime.date(2014, 10, 15)


class Refuses(EmailBackend):
    """A mail server that does not know one address."""

    def send_messages(self, messages):
        if messages[0].to == ["colleague@example.jp"]:
            raise smtplib.SMTPRecipientsRefused({"colleague@example.jp": (550, b"No such user")})
        return super().send_messages(messages)


class Unreachable(EmailBackend):
    opened = 0

    def open(self):
        type(self).opened += 1
        raise ConnectionRefusedError(111, "Connection refused")


@pytest.fixture
def round_(plan, cast):
    """Due on 2014-10-15. Item 1 draft and 3 draft (財政課: reporter, colleague), 2 handed in (税務課: stranger).

    Item 3 belongs to 税務課 too, which adds to it.
    """
    for user in (cast.reporter, cast.colleague, cast.stranger, cast.viewer, cast.committee, cast.office):
        user.email = f"{user.username}@example.jp"
        user.save()
    shared = ProgramEdition.objects.get(program__number="3", edition__key="fy2013-revision")
    Responsibility.objects.create(program_edition=shared, department=cast.zeimu, order=2)
    planned = plan.rounds.first()
    planned.opens_on, planned.due_on = datetime.date(2014, 10, 1), DUE
    planned.save()
    with time_machine.travel("2014-10-01T09:00:00+09:00"):
        opened = workflow.open_round(planned, by=cast.office)
        factories.handed_in(opened, 2, by=cast.stranger)
    return opened


def returned(round_, number, day, *, by):
    with time_machine.travel(f"{day}T09:00:00+09:00"):
        handed_in = factories.handed_in(round_, number, by=by)
        return workflow.return_(handed_in, reason="回数を書いてください。", by=by)


def sent():
    """Who got what kinds with how many reports since the last look."""
    found = [(message.to[0].partition("@")[0], message.subject) for message in mail.outbox]
    mail.outbox.clear()
    return found


def results():
    """What the log says became of each mail."""
    return list(Notice.objects.order_by("pk").values_list("user__username", "kind", "result", "reason"))


def remind(capsys, today, *options):
    call_command("remind_late", "--today", today, *options)
    return capsys.readouterr().out


SUBJECT = "提出のお願い: テスト計画 平成26年9月30日現在の進捗報告 {}件"


def test_departments_are_reminded_before_the_due_day_at_it_and_after_it_with_a_gap(round_, cast, capsys):
    everybody = [("colleague", SUBJECT.format(2)), ("reporter", SUBJECT.format(2)), ("stranger", SUBJECT.format(1))]
    days = {
        "2014-10-07": [],  # eight days before
        "2014-10-08": everybody,
        "2014-10-09": [],
        "2014-10-10": [],
        "2014-10-11": everybody,  # the gap of three days is over
        "2014-10-15": everybody,  # the due day itself
        "2014-10-16": everybody,  # late is another kind
        "2014-10-18": [],
        "2014-10-19": everybody,
    }
    assert {day: (remind(capsys, day), sent())[1] for day in days} == days
    assert (
        remind(capsys, "2014-10-19")
        == "テスト計画 平成26年9月30日現在: 0人に、のべ0件を知らせるメールをメールサーバーに渡しました。\n"
    )
    assert list(
        Notice.objects.filter(user=cast.stranger).order_by("sent_at").values_list("kind", "reports", "address")
    ) == [
        *[("due_soon", 1, "stranger@example.jp")] * 3,
        *[("late", 1, "stranger@example.jp")] * 2,
    ]
    assert remind(capsys, "2014-10-20", "--gap", "1") == (
        "テスト計画 平成26年9月30日現在: 3人に、のべ5件を知らせるメールをメールサーバーに渡しました。\n"
    )


def test_a_returned_report_is_reminded_of_when_it_has_waited_even_if_it_was_saved(round_, cast, capsys):
    report = returned(round_, 1, "2014-10-02", by=cast.office)
    with time_machine.travel("2014-10-05T09:00:00+09:00"):
        workflow.save_draft(report, {"progress": "説明会を4回開いた。"}, by=cast.reporter, version=report.version)
    remind(capsys, "2014-10-08", "--soon", "0")
    assert sent() == []
    remind(capsys, "2014-10-09", "--soon", "0")
    assert sent() == [("colleague", SUBJECT.format(1)), ("reporter", SUBJECT.format(1))]
    remind(capsys, "2014-10-16")
    text = next(message.body for message in mail.outbox if message.to == ["reporter@example.jp"])
    assert text == (
        "報告 太郎 様\n\n"
        "小平市 テスト計画の、平成26年9月30日現在の進捗報告のうち、次の2件が、まだ提出されていません。\n"
        "提出期限は平成26年10月15日です。\n\n"
        "■ 差し戻されてから7日以上たった報告。理由を確かめて、もう一度提出をお願いします。\n"
        "・1 項目1の取組\n"
        f"  http://127.0.0.1:8000/admin/reviews/report/{report.pk}/change/\n"
        "  差し戻しの理由: 回数を書いてください。\n\n"
        "■ 提出期限を過ぎた報告。できるだけ早く提出をお願いします。\n"
        "・3 項目名 未登録\n"
        f"  http://127.0.0.1:8000/admin/reviews/report/{factories.report(round_, 3).pk}/change/\n\n"
        "行き違いで提出済みのときは、お許しください。\n\n"
        "-- \n小平市 テスト計画 進捗管理\nhttp://127.0.0.1:8000/admin/\n"
    )
    assert list(
        Notice.objects.filter(user=cast.reporter, sent_at__date="2014-10-16")
        .order_by("kind")
        .values_list("kind", "reports")
    ) == [("late", 1), ("waiting", 1)]


def test_nobody_is_reminded_of_what_is_handed_in_closed_or_not_theirs(round_, cast, capsys):
    for number in (1, 3):
        factories.handed_in(round_, number, by=cast.reporter)
    assert (remind(capsys, "2014-10-20"), sent())[1] == []
    for report in round_.reports.all():
        workflow.return_(report, reason="直し", by=cast.office)
    User.objects.filter(username="colleague").update(is_active=False)
    User.objects.filter(username="reporter").update(is_staff=False)
    remind(capsys, "2014-10-20")
    assert [who for who, _subject in sent()] == ["stranger"]
    for report in round_.reports.all():
        workflow.submit(report, by=cast.office)
        workflow.approve(report, by=cast.office)
    workflow.publish(round_, by=cast.office, freeze_edition=True)
    assert remind(capsys, "2014-10-30") == "受付中の調査はありません。\n"
    assert sent() == []


def test_a_renamed_department_is_reminded_under_its_new_name(round_, cast, capsys):
    successor = Department.objects.create(city="小平市", code="zaisei2", name="財政経営課")
    cast.zaisei.successor = successor
    cast.zaisei.save()
    Membership.objects.filter(user=cast.reporter).update(department=successor)
    remind(capsys, "2014-10-16")
    assert [who for who, _subject in sent()] == ["colleague", "reporter", "stranger"]


def test_who_cannot_be_told_is_named(round_, cast, capsys):
    User.objects.filter(username="reporter").update(email="")
    Responsibility.objects.filter(program_edition__program__number="3").delete()
    assert remind(capsys, "2014-10-16") == (
        "テスト計画 平成26年9月30日現在: 1人に、のべ1件を知らせるメールをメールサーバーに渡しました。\n"
        "  メールアドレスが未登録のため、知らせていない人: 報告 太郎。「利用者」でアドレスを登録すると（管理者）、送れます。\n"
        "  推進担当課かその利用者が未登録のため、だれにも知らせていない項目: 3 項目名 未登録\n"
    )


def test_a_dry_run_shows_the_mails_and_sends_and_logs_nothing(round_, capsys):
    shown = remind(capsys, "2014-10-16", "--dry-run")
    assert shown.count("宛先: ") == 3
    assert f"宛先: 他課 次郎（stranger@example.jp）\n件名: {SUBJECT.format(1)}\n\n他課 次郎 様\n" in shown
    assert shown.endswith("テスト計画 平成26年9月30日現在: 試しの実行のため、送っていません。\n")
    assert (sent(), Notice.objects.count()) == ([], 0)


def test_a_refused_address_keeps_what_was_sent_and_only_that_person_is_tried_again(round_, settings, capsys):
    settings.EMAIL_BACKEND = f"{__name__}.Refuses"
    with pytest.raises(
        CommandError, match="送っていないメールが1通あります。もう一度実行すると、その人だけに送ります。"
    ) as failed:
        call_command("remind_late", "--today", "2014-10-16")
    assert failed.value.returncode == 1
    assert "同僚 花子（colleague@example.jp）に送れませんでした: " in capsys.readouterr().out
    assert [who for who, _subject in sent()] == ["reporter", "stranger"]
    assert sorted(results()) == [
        ("colleague", "late", "failed", "{'colleague@example.jp': (550, b'No such user')}"),
        ("reporter", "late", "sent", ""),
        ("stranger", "late", "sent", ""),
    ]
    settings.EMAIL_BACKEND = LOCMEM
    remind(capsys, "2014-10-16")
    assert [who for who, _subject in sent()] == ["colleague"]
    assert sorted(results()) == [(who, "late", "sent", "") for who in ("colleague", "reporter", "stranger")]


def test_a_server_that_cannot_be_reached_is_asked_once(round_, settings, capsys):
    settings.EMAIL_BACKEND = f"{__name__}.Unreachable"
    Unreachable.opened = 0
    with pytest.raises(CommandError, match="送っていないメールが3通あります。"):
        call_command("remind_late", "--today", "2014-10-16")
    why = "メールサーバーにつながりません（[Errno 111] Connection refused）"
    assert capsys.readouterr().out.endswith(
        "  同僚 花子（colleague@example.jp）、報告 太郎（reporter@example.jp）、他課 次郎（stranger@example.jp）"
        f"に送れませんでした: {why}。アドレスが正しければ、時間をおいて、調査の「進み具合」からもう一度送ってください。\n"
    )
    assert Unreachable.opened == 1
    assert results() == [(who, "late", "failed", why) for who in ("colleague", "reporter", "stranger")]


def test_without_a_mail_server_it_is_said_that_nobody_was_reached(round_, settings, capsys):
    settings.EMAIL_BACKEND = CONSOLE
    for _time in range(2):  # what was not sent is logged once, and tried again without waiting for the gap
        with pytest.raises(CommandError, match="送っていないメールが3通あります。"):
            call_command("remind_late", "--today", "2014-10-16")
        assert capsys.readouterr().out.endswith(
            "テスト計画 平成26年9月30日現在: 0人に、のべ0件を知らせるメールをメールサーバーに渡しました。\n"
            "  3人には、メールを送っていません。メールサーバーが設定されていないためです。急ぐときは電話などで知らせてください。"
            "システムの管理者が EMAIL_URL を設定すると、調査の「進み具合」から送れます。\n"
        )
        assert results() == [(who, "late", "no_server", "") for who in ("colleague", "reporter", "stranger")]
    settings.EMAIL_BACKEND = LOCMEM
    remind(capsys, "2014-10-16")
    assert [who for who, _subject in sent()] == ["colleague", "reporter", "stranger"]
    assert results() == [(who, "late", "sent", "") for who in ("colleague", "reporter", "stranger")]


def test_who_was_stopped_in_the_middle_is_not_told_twice_and_is_named(round_, cast, settings):
    notices.notify_opened(round_, by=cast.office)
    Notice.objects.filter(user=cast.reporter).update(result="sending")
    assert notices.notify_missing(round_, by=cast.office).sent == []
    found = notices.delivery(round_)
    assert (found.sent, found.unknown, found.missing) == (2, [cast.reporter], [])


def test_a_return_that_nobody_was_told_of_is_told_later_by_the_name_of_who_returned_it(round_, cast, settings):
    settings.EMAIL_BACKEND = CONSOLE
    first = returned(round_, 3, "2014-10-02", by=cast.office)
    assert len(notices.notify_returned(first, by=cast.office).unsent) == 3
    again = returned(round_, 1, "2014-10-02", by=cast.office)
    assert len(notices.notify_returned(again, by=cast.office).unsent) == 2
    workflow.submit(Report.objects.get(pk=again.pk), by=cast.reporter)
    notices.notify_opened(round_, by=cast.office)
    found = notices.delivery(round_)
    without = "メールサーバーが設定されていないため、送っていません"
    assert found.missing == [(user, without) for user in (cast.colleague, cast.reporter, cast.stranger)]
    assert [(one.user.username, one.report_id, why) for one, why in found.others] == [
        (who, first.pk, without) for who in ("colleague", "reporter", "stranger")
    ]
    settings.EMAIL_BACKEND = LOCMEM
    outcome = notices.notify_missing(round_, by=cast.root)
    assert [(one.user.username, *one.counts) for one in outcome.sent] == [
        (who, kind) for kind in ("opened", "returned") for who in ("colleague", "reporter", "stranger")
    ]
    assert outcome.told == "3人へのメールをメールサーバーに渡しました。"
    assert "差し戻した人: 行政 五郎" in mail.outbox[-1].body
    found = notices.delivery(round_)
    assert (found.sent, found.unknown, found.missing, found.others) == (3, [], [], [])
    assert notices.notify_missing(round_, by=cast.office).sent == []


def test_a_publication_is_missed_by_who_has_no_address_and_by_who_was_never_told(round_, cast):
    workflow.approve(Report.objects.get(round=round_, program__number="2"), by=cast.office)
    published = workflow.publish(round_, by=cast.office, accept_unreported=True, freeze_edition=True)
    User.objects.filter(username="stranger").update(email="")
    assert [(user.username, why) for user, why in notices.delivery(published).missing] == [
        ("stranger", "メールアドレスが未登録です"),
        ("committee", "まだ送っていません"),
    ]
    assert notices.notify_missing(published, by=cast.office).problems == [
        "メールアドレスが未登録のため、知らせていない人: 他課 次郎。「利用者」でアドレスを登録すると（管理者）、送れます。"
    ]
    assert [(user.username, why) for user, why in notices.delivery(published).missing] == [
        ("stranger", "メールアドレスが未登録です"),
    ]


def test_a_site_without_a_server_has_told_nobody_so_far(round_, cast, settings):
    """What was logged before the log said what became of a mail."""
    migrated = importlib.import_module("reviews.migrations.0012_result_of_a_notice")
    notices.notify_opened(round_, by=cast.office)
    migrated.not_sent_without_a_server(apps, connection.schema_editor())
    assert {result for _who, _kind, result, _reason in results()} == {"sent"}
    settings.EMAIL_BACKEND = CONSOLE
    migrated.not_sent_without_a_server(apps, connection.schema_editor())
    assert {result for _who, _kind, result, _reason in results()} == {"no_server"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--today", "2014-13-01"), "「2014-13-01」"),
        (("--gap", "-1"), "「-1」: 0 から 365 までの日数を入力してください。"),
        (("--soon", "x"), "「x」: 0 から 365 までの日数を入力してください。"),
    ],
)
def test_bad_options_are_refused(options, message, db):
    with pytest.raises(CommandError, match=message):
        call_command("remind_late", *options)


def test_the_opening_is_told_once_to_every_department(round_, cast):
    outcome = notices.notify_opened(round_, by=cast.office)
    assert [one.user.username for one in outcome.sent] == ["colleague", "reporter", "stranger"]
    message = mail.outbox[1]
    assert message.reply_to == ["office@example.jp"]
    assert message.subject == "テスト計画 平成26年9月30日現在の進捗報告の受付を始めました"
    assert message.body == (
        "報告 太郎 様\n\n"
        "小平市 テスト計画の、平成26年9月30日現在の進捗報告の受付を始めました。\n"
        "提出期限は、平成26年10月15日です。\n\n"
        "担当の項目は、次のとおりです。\n・1 項目1の取組\n・3 項目名 未登録\n\n"
        "次のページにログインして、入力と提出をお願いします。\nhttp://127.0.0.1:8000/admin/\n\n"
        "-- \n小平市 テスト計画 進捗管理\nhttp://127.0.0.1:8000/admin/\n"
    )
    assert notices.notify_opened(round_, by=cast.office).sent == []
    with pytest.raises(workflow.NotAllowed):
        notices.notify_opened(round_, by=cast.reporter)
    with pytest.raises(workflow.WrongState, match="受付中のため、公表を知らせられません"):
        notices.notify_published(round_, by=cast.office)


def test_a_returned_report_is_told_to_all_its_departments_with_the_reason(round_, cast):
    report = returned(round_, 3, "2014-10-02", by=cast.office)
    outcome = notices.notify_returned(report, by=cast.office)
    assert [one.user.username for one in outcome.sent] == ["colleague", "reporter", "stranger"]
    assert mail.outbox[2].subject == "差し戻し: 3 項目名 未登録（テスト計画 平成26年9月30日現在）"
    assert mail.outbox[2].body == (
        "他課 次郎 様\n\n"
        "小平市 テスト計画の、平成26年9月30日現在の次の報告が差し戻されました。\n\n"
        "項目: 3 項目名 未登録\n差し戻した人: 行政 五郎\n理由:\n回数を書いてください。\n\n"
        "提出期限は、平成26年10月15日です。\n次のページで直して、もう一度提出をお願いします。\n"
        f"http://127.0.0.1:8000/admin/reviews/report/{report.pk}/change/\n\n"
        "-- \n小平市 テスト計画 進捗管理\nhttp://127.0.0.1:8000/admin/\n"
    )
    with pytest.raises(workflow.NotAllowed):
        notices.notify_returned(report, by=cast.reporter)
    with pytest.raises(workflow.WrongState, match="提出済みのため、差し戻しを知らせられません"):
        notices.notify_returned(factories.report(round_, 2), by=cast.office)


def test_a_publication_is_told_to_departments_and_committee(round_, cast):
    workflow.approve(Report.objects.get(round=round_, program__number="2"), by=cast.office)
    published = workflow.publish(round_, by=cast.office, accept_unreported=True, freeze_edition=True)
    outcome = notices.notify_published(published, by=cast.office)
    assert [(one.user.username, one.counts) for one in outcome.sent] == [
        ("stranger", {"published": 1}),
        ("committee", {"published": 0}),
    ]
    assert [message.body for message in mail.outbox] == [
        f"{name} 様\n\n小平市 テスト計画の、平成26年9月30日現在の進捗を公表しました。\n{own}\n"
        "次のページで読めます。\nhttp://127.0.0.1:8000/plans/kodaira-2/progress/2014-09-30/\n\n"
        "誤りに気付いたときは、公表した担当までお知らせください。\n\n"
        "-- \n小平市 テスト計画 進捗管理\nhttp://127.0.0.1:8000/admin/\n"
        for name, own in (("他課 次郎", "担当の項目のうち、1件の報告を載せています。\n"), ("委員 四郎", ""))
    ]
    assert notices.notify_published(published, by=cast.office).sent == []


def test_a_round_is_opened_from_the_command_line(plan, cast, capsys):
    User.objects.filter(username="stranger").update(email="stranger@example.jp")
    call_command("open_round", "kodaira-2", "平成26年9月30日", "--by", "office", "--notify")
    done = capsys.readouterr()
    assert done.out == (
        "テスト計画 平成26年9月30日現在の調査の受付を始めました。3項目の下書きを用意しました。\n1人へのメールをメールサーバーに渡しました。\n"
    )
    assert done.err == (
        "メールアドレスが未登録のため、知らせていない人: 同僚 花子、報告 太郎。"
        "「利用者」でアドレスを登録すると（管理者）、送れます。\n"
    )
    assert (plan.rounds.first().state, [who for who, _subject in sent()]) == ("open", ["stranger"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none", "2014-09-30"), "計画「none」はありません。登録されている計画: kodaira-2"),
        (
            ("kodaira-2", "2014-09-29"),
            "テスト計画に基準日2014-09-29の調査はありません。先に管理画面の「調査」で登録してください。",
        ),
        (("kodaira-2", "9月末"), "「9月末」"),
        (("kodaira-2", "2014-09-30", "--by", "nobody"), "利用者「nobody」はいません。"),
        (("kodaira-2", "2014-09-30", "--by", "reporter"), "調査の受付を始める権限がありません。"),
    ],
)
def test_a_round_that_cannot_be_opened_says_why(arguments, message, plan, cast):
    with pytest.raises(CommandError, match=message):
        call_command("open_round", *arguments)
    assert plan.rounds.filter(state="planned").count() == 2


def test_the_only_superuser_opens_when_nobody_is_named(plan, cast, capsys):
    call_command("open_round", "kodaira-2", "2014-09-30")
    assert Report.objects.filter(updated_by=cast.root).count() == 3
    User.objects.create_superuser(username="second", name="二人目", password="pass")
    with pytest.raises(CommandError, match="--by 利用者名"):
        call_command("open_round", "kodaira-2", "2015-03-31")


def test_reminders_cost_the_same_with_3_and_60_items(cast, django_assert_num_queries):
    for slug, programs in (("small", 3), ("large", 60)):
        plan = factories.small_plan(slug, programs=programs)
        opened = workflow.open_round(plan.rounds.first(), by=cast.office)
        opened.due_on = DUE
        outcome = notices.Outcome()
        with django_assert_num_queries(6):
            mails = notices.reminders(opened, DUE, notices.Timing(), outcome)
        assert [(one.user.username, one.counts) for one in mails] == [
            ("colleague", {"due_soon": (programs + 1) // 2}),
            ("reporter", {"due_soon": (programs + 1) // 2}),
            ("stranger", {"due_soon": programs // 2}),
        ]
