"""The start page tells each person what to do next."""

import datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.templatetags.facts import days_left
from programs.models import Responsibility
from reviews import workflow
from tests import factories

TODAY = datetime.datetime(2014, 10, 10, 12, tzinfo=datetime.UTC)


@pytest.fixture
def round_(plan, cast):
    """An open round due in five days: item 1 draft (zaisei), item 2 submitted (zeimu), item 3 returned (zaisei)."""
    planned = plan.rounds.first()
    planned.opens_on, planned.due_on = datetime.date(2014, 10, 1), datetime.date(2014, 10, 15)
    planned.save()
    opened = workflow.open_round(planned, by=cast.office)
    factories.handed_in(opened, 2, by=cast.stranger)
    workflow.return_(factories.handed_in(opened, 3, by=cast.reporter), reason="回数を書いてください。", by=cast.office)
    return opened


@pytest.fixture
def start(client, cast):
    def visit(user):
        client.force_login(user)
        with time_machine.travel(TODAY, tick=False):
            response = client.get("/admin/")
        assert response.status_code == 200
        return response

    return visit


def test_a_reporter_sees_the_returned_report_with_its_reason_and_then_the_draft(start, cast, round_):
    response = start(cast.reporter)
    shown = response.context_data["start"]
    assert [report.program.number for report in shown.returned] == ["3"]
    assert [report.program.number for report in shown.drafts] == ["1"]
    assert shown.handed_in == []
    html = response.content.decode()
    assert (
        html.index("差し戻された報告 1件")
        < html.index("回数を書いてください。")
        < html.index("これから提出する報告 1件")
    )
    assert html.count("期限まであと5日") == 2


def test_a_reporter_of_another_department_sees_only_own_reports(start, cast, round_):
    shown = start(cast.stranger).context_data["start"]
    assert (shown.returned, shown.drafts) == ([], [])
    assert [report.program.number for report in shown.handed_in] == ["2"]
    assert "いま入力する報告はありません。" in start(cast.stranger).content.decode()


def test_a_supporting_department_is_asked_for_its_word_and_not_for_the_report(start, cast, round_):
    content = round_.edition.contents.get(program__number="1")
    Responsibility.objects.create(program_edition=content, department=cast.zeimu, order=2)
    shown = start(cast.stranger).context_data["start"]
    assert (shown.drafts, [report.program.number for report in shown.supporting]) == ([], ["1"])
    assert "未記入" in start(cast.stranger).content.decode()
    report = factories.report(round_, 1)
    workflow.contribute(report, cast.zeimu, "案内した。", by=cast.stranger, version=report.version)
    assert "記入済み" in start(cast.stranger).content.decode()
    assert start(cast.reporter).context_data["start"].supporting == []


def test_the_office_sees_counts_what_waits_and_what_the_plan_lacks(start, cast, plan, round_):
    response = start(cast.office)
    shown = response.context_data["start"]
    [opened] = shown.rounds
    assert (opened.in_draft, opened.in_returned, opened.in_submitted, opened.in_approved) == (1, 1, 1, 0)
    assert shown.waiting == 1
    assert [str(r) for r in shown.next_rounds] == ["平成27年3月31日現在"]
    assert [(p.unnamed, p.provisional) for p in shown.unfinished_plans] == [(1, 1)]
    html = response.content.decode()
    assert f'/admin/programs/program/?plan__id__exact={plan.pk}&amp;named=no">項目名が未登録 1項目</a>' in html
    assert "公表する</a>" not in html


def test_the_office_is_offered_to_publish_when_all_is_approved(start, cast, round_):
    for number in (1, 3):
        factories.handed_in(round_, number, by=cast.reporter)
    for report in round_.reports.all():
        workflow.approve(report, by=cast.office)
    assert (
        f'<a class="act" href="/admin/reviews/round/{round_.pk}/publish/">公表する</a>'
        in start(cast.office).content.decode()
    )


def test_a_viewer_reads_counts_and_nothing_to_fill_in(start, cast, round_):
    html = start(cast.viewer).content.decode()
    assert "下書き1件、差し戻し1件、提出済み0件です。" in html
    assert "これから提出する報告" not in html


def test_a_committee_member_is_led_to_the_public_pages(start, cast, plan, round_):
    html = start(cast.committee).content.decode()
    assert 'href="/admin/committee/opinion/add/">意見・助言を書く' in html
    assert '<a href="/plans/kodaira-2/">小平市 テスト計画</a>' in html


def test_an_office_without_work_is_told_so(start, cast, db):
    assert "いま急ぐ仕事はありません。" in start(cast.office).content.decode()


@pytest.mark.parametrize("role", ["reporter", "office", "viewer", "committee", "root"])
def test_the_start_page_costs_the_same_with_3_and_60_items(role, client, cast):
    def queries(slug, programs):
        plan = factories.small_plan(slug, programs=programs)
        workflow.open_round(plan.rounds.first(), by=cast.office)
        client.force_login(getattr(cast, role))
        client.get("/admin/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/admin/").status_code == 200
        return len(captured)

    small = queries("small", 3)
    assert queries("large", 60) == small
    assert small <= 12


def test_days_left_are_said_in_words():
    with time_machine.travel(TODAY, tick=False):
        today = datetime.date(2014, 10, 10)
        words = [days_left(day and today + datetime.timedelta(days=day)) for day in (3, -2)]
        assert [*words, days_left(today), days_left(None)] == [
            "期限まであと3日",
            "期限を2日過ぎています",
            "期限は今日です",
            "期限は決まっていません",
        ]
