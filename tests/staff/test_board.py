"""The office's pages of a round: exact counts, approving many at once, the check before publication."""

import datetime
import io

import openpyxl
import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Department, User
from figures.models import PublishedFigure
from policies.models import Source
from programs.models import Indicator, IndicatorTarget, Program, ProgramEdition, Responsibility
from reviews import workflow
from reviews.models import Notice, Report, ReportActual
from reviews.notices import delivery
from tests import factories
from tests.reading import messages
from tests.staff.addresses import url


@pytest.fixture
def round_(cast):
    """Eight items, due on 2014-10-15. 財政課 was renamed to 財政経営課; 税務課 adds to item 1; nobody answers for item 8.

    財政課, now 財政経営課: 1 approved, 3 returned, 5 and 7 draft. 税務課: 2 and 4 handed in, 6 draft.
    """
    plan = factories.small_plan(programs=8)
    successor = Department.objects.create(city="小平市", code="zaisei2", name="財政経営課")
    cast.zaisei.successor = successor
    cast.zaisei.save()
    in_force = {
        c.program.number: c
        for c in ProgramEdition.objects.filter(edition__key="fy2013-revision").select_related("program")
    }
    Responsibility.objects.create(program_edition=in_force["1"], department=cast.zeimu, order=2)
    # The new name stands beside the old one on an item of its own: that is still one department that leads.
    Responsibility.objects.create(program_edition=in_force["3"], department=successor, order=2)
    in_force["8"].responsibilities.all().delete()
    planned = plan.rounds.first()
    planned.opens_on, planned.due_on = datetime.date(2014, 10, 1), datetime.date(2014, 10, 15)
    planned.save()
    with time_machine.travel("2014-10-01T09:00:00+09:00", tick=False):
        opened = workflow.open_round(planned, by=cast.office)
    with time_machine.travel("2014-10-02T10:30:00+09:00", tick=False):
        workflow.approve(factories.handed_in(opened, 1, by=cast.reporter), by=cast.office)
        workflow.return_(factories.handed_in(opened, 3, by=cast.reporter), reason="回数を。", by=cast.office)
    with time_machine.travel("2014-10-03T10:30:00+09:00", tick=False):
        for number in (2, 4):
            factories.handed_in(opened, number, by=cast.stranger)
    return opened


@pytest.fixture
def visit(client, cast):
    def get(address, day="2014-10-16"):
        with time_machine.travel(f"{day}T09:00:00+09:00", tick=False):
            client.force_login(cast.office)
            return client.get(address)

    return get


def summary(row):
    return (
        str(row.department),
        [str(former) for former in row.former],
        dict(row.states),
        row.supporting,
        row.late,
        f"{row.last_activity:%m-%d}" if row.last_activity else "",
        [user.username for user in row.people],
    )


def test_the_board_counts_by_the_department_of_today(round_, visit):
    response = visit(url(round_, "board"))
    board = response.context_data["board"]
    assert [summary(row) for row in board.rows] == [
        (
            "財政経営課",
            ["財政課"],
            {"approved": 1, "returned": 1, "draft": 2},
            0,
            3,
            "10-02",
            ["colleague", "reporter"],
        ),
        ("税務課", [], {"submitted": 2, "draft": 1}, 1, 1, "10-03", ["stranger"]),
        ("None", [], {"draft": 1}, 0, 1, "", []),
    ]
    assert summary(board.total)[2:5] == ({"draft": 4, "approved": 1, "returned": 1, "submitted": 2}, 0, 5)
    assert board.handed_in == 3
    [waiting] = board.returned
    assert (waiting.report.program.number, [str(d) for d in waiting.departments], str(waiting.since), waiting.days) == (
        "3",
        ["財政経営課"],
        "2014-10-02",
        14,
    )
    html = response.content.decode()
    assert html.count("推進担当課 未登録") == html.count("旧 財政課") == html.count("うちアドレス未登録2人") == 1
    assert [row.late for row in visit(url(round_, "board"), "2014-10-15").context_data["board"].rows] == [0, 0, 0]


def test_every_number_of_the_board_opens_a_list_of_as_many_reports(round_, visit):
    response = visit(url(round_, "board"))
    links = {
        query.partition('"')[0].replace("&amp;", "&"): int(query.partition(">")[2].partition("<")[0])
        for query in response.content.decode().split('href="/admin/reviews/report/?')[1:]
        if query.partition(">")[2].partition("<")[0].isdecimal()
    }
    assert sum("leading=" in link for link in links) == 12
    assert sum("supporting=" in link for link in links) == 1
    listed = {link: visit(f"/admin/reviews/report/?{link}").context_data["cl"].result_count for link in links}
    assert listed == links


def test_an_unknown_department_finds_nothing(round_, visit):
    for query in ("leading=999", "leading=x", "supporting=none"):
        expected = 1 if query == "supporting=none" else 0
        assert visit(f"/admin/reviews/report/?{query}").context_data["cl"].result_count == expected, query


def test_the_board_and_the_check_cost_the_same_with_4_and_60_items(client, cast):
    def queries(slug, programs):
        plan = factories.small_plan(slug, programs=programs)
        opened = workflow.open_round(plan.rounds.first(), by=cast.office)
        for number in (1, programs):
            workflow.return_(factories.handed_in(opened, number, by=cast.office), reason="直し", by=cast.office)
        for number in range(2, programs):
            factories.handed_in(opened, number, by=cast.office)
        workflow.approve(factories.report(opened, 2), by=cast.office)
        client.force_login(cast.office)
        counts = []
        for act in ("board", "approve", "publish"):
            client.get(url(opened, act))
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url(opened, act)).status_code == 200
            counts.append(len(captured))
        return counts

    assert queries("small", 4) == queries("large", 60) == [18, 12, 28]


def test_a_planned_and_a_published_round_have_a_board_too(plan, cast, visit):
    page = visit(url(plan.rounds.last(), "board"))
    assert (page.context_data["board"].rows, "受付を始める</a>" in page.content.decode()) == ([], True)
    published = factories.published_round(plan, {1: "A"}, by=cast.office)
    board = visit(url(published, "board")).context_data["board"]
    assert [(str(row.department), dict(row.states), row.late) for row in board.rows] == [
        ("財政課", {"published": 1, "draft": 1}, 0),
        ("税務課", {"draft": 1}, 0),
    ]


def test_chosen_reports_are_approved_and_a_stale_one_is_left(client, cast, round_):
    client.force_login(cast.office)
    page = client.get(url(round_, "approve"))
    shown = page.context_data["shown"]
    assert [report.program.number for report in page.context_data["page"]] == ["2", "4"]
    stale = factories.report(round_, 4)
    returned = workflow.return_(stale, reason="数字を。", by=cast.office)
    workflow.submit(returned, by=cast.stranger)
    answer = client.post(url(round_, "approve"), {"all": "1", "shown": shown}, follow=True)
    assert messages(answer) == [
        "4 項目4の取組: この報告は、あなたが開いたあとに別の人が更新しました。上書きはしていません。",
        "1件を承認しました。",
    ]
    states = dict(round_.reports.values_list("program__number", "state"))
    assert (states["2"], states["4"]) == ("approved", "submitted")
    stale.refresh_from_db()
    chosen = client.post(
        url(round_, "approve"), {"chosen": [f"{stale.pk}:{stale.version}"], "shown": shown}, follow=True
    )
    assert messages(chosen) == ["1件を承認しました。"]
    assert "承認を待っている報告はありません。" in chosen.content.decode()


@pytest.mark.parametrize("data", [{}, {"chosen": ["x", "1", "1:", f"{10**30}:1"]}, {"all": "1"}])
def test_approving_nothing_says_so(data, client, cast, round_):
    client.force_login(cast.office)
    answer = client.post(url(round_, "approve"), data, follow=True)
    assert messages(answer) == ["承認する報告を選んでください。何も承認していません。"]


def test_a_report_of_another_round_is_not_approved_here(client, cast, round_):
    other = workflow.open_round(round_.plan.rounds.last(), by=cast.office)
    report = factories.handed_in(other, 1, by=cast.office)
    client.force_login(cast.office)
    client.post(url(round_, "approve"), {"chosen": [f"{report.pk}:{report.version}"]})
    report.refresh_from_db()
    assert report.state == "submitted"


def test_the_check_shows_what_is_missing_and_whether_the_figures_will_agree(client, cast, round_):
    source = Source.objects.get(key="S1")
    for key, category, value in (("a", "A", 1), ("b", "B", 2), ("all", "", 1)):
        PublishedFigure.objects.create(
            plan=round_.plan, key=key, measure="grade_count", label=f"評価{category}", as_of=round_.as_of,
            category=category, printed=str(value), value=value, unit="項目", source=source, locator="1頁",
        )  # fmt: skip
    Program.objects.create(plan=round_.plan, policy=round_.plan.policies.first(), number="9", name="あとから")
    client.force_login(cast.office)
    page = client.get(url(round_, "publish"))
    missing = [(str(row.department), dict(row.states)) for row in page.context_data["board"].missing]
    assert missing == [
        ("財政経営課", {"approved": 1, "returned": 1, "draft": 2}),
        ("税務課", {"submitted": 2, "draft": 1}),
        ("None", {"draft": 1}),
    ]
    assert [(line.figure.key, line.computed, str(line.status)) for line in page.context_data["ledger"]] == [
        ("a", 1, "一致"),
        ("all", 1, "一致"),
        ("b", 0, "不一致"),
    ]
    assert (page.context_data["differing"], [p.number for p in page.context_data["unasked"]]) == (1, ["9"])
    html = page.content.decode()
    assert "1. 承認されていない報告 7件" in html
    assert "4. 公表値との照合 不一致1件" in html


def test_the_check_tells_contradictions_from_other_hints(client, cast, plan):
    indicator = Indicator.objects.create(
        program=plan.programs.get(number="1"), number=1, name="徴収率", unit="％", better="up"
    )
    for edition in plan.editions.all():
        IndicatorTarget.objects.create(indicator=indicator, edition=edition, fiscal_year=2014, value=98)
    factories.published_round(plan, {1: "A", 2: "A"}, by=cast.office)
    opened = workflow.open_round(plan.rounds.last(), by=cast.office)
    missed = factories.report(opened, 1)
    ReportActual.objects.create(report=missed, indicator=indicator, fiscal_year=2014, value=97)
    missed, same = (factories.handed_in(opened, number, by=cast.office) for number in (1, 2))
    client.force_login(cast.office)
    waiting = client.get(url(opened, "approve")).context_data["hinted"]
    assert [(report.pk, [hint.code for hint in hints]) for report, hints in waiting] == [
        (missed.pk, ["target_missed", "same_text"]),
        (same.pk, ["same_text"]),
    ]
    assert client.get(url(opened, "publish")).context_data["hinted"] == []  # of what is approved only
    for report in (missed, same):
        workflow.approve(report, by=cast.office)
    page = client.get(url(opened, "publish"))
    assert [report.pk for report, _hints in page.context_data["contradicted"]] == [missed.pk]
    assert [report.pk for report, _hints in page.context_data["hinted"]] == [same.pk]
    html = page.content.decode()
    assert html.count("指標「徴収率」は目標に届いていません（目標98％、実績97％）。") == 1
    assert html.count("2. 食い違いのある報告 1件") == html.count("3. 気を付けるところのある報告 1件") == 1


def test_opening_and_publishing_tell_people_only_when_asked(client, cast, plan):
    for user in (cast.reporter, cast.committee):
        user.email = f"{user.username}@example.jp"
        user.save()
    opened, silent = plan.rounds.all()
    client.force_login(cast.office)
    client.post(url(silent, "open"), follow=True)
    assert mail.outbox == []
    answer = client.post(url(opened, "open"), {"notify": "1"}, follow=True)
    assert messages(answer) == [
        "平成26年9月30日現在の調査の受付を始めました。",
        "1人へのメールをメールサーバーに渡しました。",
        "メールアドレスが未登録のため、知らせていない人: 同僚 花子、他課 次郎。"
        "「利用者」でアドレスを登録すると（管理者）、送れます。",
    ]
    workflow.approve(factories.handed_in(opened, 1, by=cast.reporter), by=cast.office)
    seen = client.get(url(opened, "publish")).context_data["seen"]
    client.post(url(opened, "publish"), {"accept_unreported": "1", "freeze_edition": "1", "seen": seen, "notify": "1"})
    assert [(notice.kind, notice.user.username) for notice in Notice.objects.order_by("pk").select_related("user")] == [
        ("opened", "reporter"),
        ("published", "reporter"),
        ("published", "committee"),
    ]


def test_those_who_were_not_told_are_told_from_the_board_and_the_log_lists_it(client, cast, plan, settings):
    for user in (cast.reporter, cast.colleague, cast.stranger):
        user.email = f"{user.username}@example.jp"
        user.save()
    client.force_login(cast.office)
    early = client.post(url(plan.rounds.first(), "notify"), follow=True)
    assert messages(early) == ["平成26年9月30日現在の調査は予定のため、受付の開始を知らせられません。"]
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    assert messages(client.post(url(opened, "notify"), follow=True)) == ["3人へのメールをメールサーバーに渡しました。"]
    again = client.post(url(opened, "notify"), follow=True)
    assert messages(again) == ["知らせる3人には、すでに送ってあります。新しく送ったメールはありません。"]
    board = again.content.decode()
    assert "受付の開始を知らせるメールは、3人分をメールサーバーに渡しました。" in board
    assert "まだ知らせていない人はいません。" in board
    assert "あとから受け取らなかったときの知らせは、差出人の noreply@localhost に届き、ここには出ません。" in board
    assert board.count("送った（メールサーバーに渡した）") == 3
    assert "まだ知らせていない人にメールで知らせる" not in board
    log = client.get(f"/admin/reviews/notice/?round={opened.pk}")
    assert sorted(notice.address for notice in log.context_data["cl"].result_list) == [
        "colleague@example.jp",
        "reporter@example.jp",
        "stranger@example.jp",
    ]
    assert client.get(f"/admin/reviews/notice/?round={plan.rounds.last().pk}").context_data["cl"].result_count == 0


def test_without_a_mail_server_nothing_is_said_to_be_sent_anywhere(client, cast, plan, settings):
    for user in (cast.reporter, cast.colleague, cast.stranger):
        user.email = f"{user.username}@example.jp"
        user.save()
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    client.force_login(cast.office)
    opened = plan.rounds.first()
    no_server = "メールサーバーが設定されていないため、この画面からメールで知らせることはできません。"
    for state in ("open", "publish"):
        page = client.get(url(opened, state)).content.decode()
        assert (page.count(no_server), page.count('name="notify"')) == (1, 0)
        workflow.open_round(opened, by=cast.office) if state == "open" else None
    warned = [
        "3人には、メールを送っていません。メールサーバーが設定されていないためです。急ぐときは電話などで知らせてください。"
        "システムの管理者が EMAIL_URL を設定すると、調査の「進み具合」から送れます。"
    ]
    for _time in range(2):
        done = client.post(url(opened, "notify"), follow=True)
        assert messages(done) == warned
        board = done.content.decode()
        assert "受付の開始を知らせるメールは、0人分をメールサーバーに渡しました。" in board
        assert "まだ知らせていない人が3人います。" in board
        assert board.count("メールサーバーが設定されていないため、送っていません") == 3
        assert (board.count(no_server), board.count(url(opened, "notify"))) == (1, 0)
    log = client.get(f"/admin/reviews/notice/?round={opened.pk}&result__exact=no_server")
    assert log.content.decode().count("送っていない（メールサーバーの設定がない）") == 4  # the filter and three rows
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert "まだ知らせていない人にメールで知らせる" in client.get(url(opened, "board")).content.decode()
    assert messages(client.post(url(opened, "notify"), follow=True)) == ["3人へのメールをメールサーバーに渡しました。"]
    assert len(mail.outbox) == 3


def test_the_board_asks_the_same_of_mails_for_any_number_of_people(cast, plan, django_assert_num_queries):
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    for more in (0, 40):
        for number in range(more):
            one = User.objects.create_user(username=f"p{number}", name=f"人{number}", password="x", is_staff=True)
            one.groups.set(cast.reporter.groups.all())
            cast.reporter.memberships.first().department.memberships.create(user=one)
        with django_assert_num_queries(6):
            found = delivery(opened)
        assert len(found.missing) == 3 + more


def test_the_start_page_and_the_round_lead_to_the_board(client, cast, round_):
    client.force_login(cast.office)
    for address in ("/admin/", url(round_, "change")):
        assert f'href="{url(round_, "board")}"' in client.get(address).content.decode()
    client.force_login(cast.viewer)
    assert f'href="{url(round_, "board")}"' not in client.get(url(round_, "change")).content.decode()
    assert Report.objects.filter(round=round_).count() == 8


def test_the_status_list_says_who_has_handed_in(client, cast, round_, visit):
    answer = visit(url(round_, "status"))
    assert answer["Content-Disposition"] == 'attachment; filename="kodaira-2_2014-09-30_status_2014-10-16.xlsx"'
    assert "Access-Control-Allow-Origin" not in answer
    sheet = openpyxl.load_workbook(io.BytesIO(answer.getvalue()))["進み具合"]
    title, said, header, *departments = [row for row in sheet.iter_rows(values_only=True) if any(row)]
    assert title[0] == "小平市 テスト計画　平成26年9月30日現在の進み具合"
    assert said[0] == (
        "平成26年（2014年）10月16日 09:00 現在。提出期限: 平成26年10月15日。件数は、その課が主担当の項目です。"
    )
    assert header == (
        *("推進担当課", "入力できる人", "項目数", "下書き", "差し戻し", "承認待ち", "承認済み", "期限を過ぎた"),
        *("最後の提出", "最後の更新"),
    )
    assert [(row[0], *row[2:]) for row in departments] == [
        ("財政経営課\n（旧 財政課）", 4, 2, 1, 0, 1, 3, "2014-10-02 10:30", "2014-10-02 10:30"),
        ("税務課", 3, 1, 0, 2, 0, 1, "2014-10-03 10:30", "2014-10-03 10:30"),
        ("未登録", 1, 1, 0, 0, 0, 1, "まだ", "まだ"),
        ("合計", 8, 4, 1, 2, 1, 5, "2014-10-03 10:30", "2014-10-03 10:30"),
    ]
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize), sheet.print_title_rows) == (
        *("landscape", "9", "$4:$4"),
    )
