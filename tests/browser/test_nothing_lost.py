"""A page of the staff on which something unsaved stands is not left without a question, and a form takes only itself out."""

import time

import pytest
from django.contrib.auth.middleware import AuthenticationMiddleware
from playwright.sync_api import expect

from committee.models import Opinion
from programs.models import Program, ProgramEdition
from reviews import workflow
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def asks(page, click):
    """Whether the browser asks before the page is left; whoever is asked stays."""
    page.once("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog") as asked:
        click(no_wait_after=True)
    return asked.value.type == "beforeunload"


@pytest.mark.soak
def test_a_form_that_is_sent_takes_nothing_out_but_itself(plan, cast, someone):
    item = Program.objects.get(number="1")
    ProgramEdition.objects.get(program=item, edition__key="fy2013-revision").delete()
    office = someone().sign_in("office")
    page, home = office.page, office.page.locator("#site-name a").click
    office.go(f"/admin/programs/program/{item.pk}/change/")
    begin = page.get_by_role("button", name="「改訂版」の計画内容を書き始める").click
    note = page.get_by_role("textbox", name="備考")
    note.fill("まだ保存していない備考")
    assert asks(page, begin)
    assert asks(page, page.get_by_role("button", name="ログアウト").click)
    assert asks(page, home)
    expect(note).to_have_value("まだ保存していない備考")
    assert not ProgramEdition.objects.filter(program=item, edition__key="fy2013-revision").exists()
    page.get_by_role("button", name="保存して編集を続ける").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    begin()  # nothing is changed any more
    expect(page.get_by_role("heading", name="計画内容の登録")).to_be_visible()


def test_what_stands_unsaved_on_a_page_is_asked_about_though_nobody_types_there(plan, cast, someone):
    item = Program.objects.get(number="1")
    office = someone().sign_in("office")
    page, home = office.page, office.page.locator("#site-name a").click
    address = f"/admin/programs/program/{item.pk}/change/"

    # Refused for its day.
    office.go(address)
    page.get_by_role("textbox", name="備考").fill("書きかけの備考")
    page.get_by_role("textbox", name="追加した日").fill("きのう")
    page.get_by_role("button", name="保存して編集を続ける").click()
    expect(page.locator(".errornote")).to_be_visible()
    assert asks(page, home)

    # Somebody else was first: what was typed stands in hidden fields.
    page.get_by_role("textbox", name="追加した日").fill("")
    item.note = "先に書かれた備考"
    item.save()
    page.get_by_role("button", name="保存して編集を続ける").click()
    expect(page.get_by_role("heading", name="別の人が先に保存しました")).to_be_visible()
    assert asks(page, home)
    page.get_by_label("あなたの入力にする").check()
    page.get_by_role("button", name="選んだ内容で保存").click()
    expect(page.locator(".messagelist .success")).to_be_visible()

    # The session has ended.
    office.go(address)
    page.get_by_role("textbox", name="備考").fill("三十分かけて書いた備考")
    office.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="保存して編集を続ける").click()
    page.fill("[name=username]", "office")
    page.fill("[name=password]", "pass")
    page.click("[type=submit]")
    expect(page.get_by_role("textbox", name="備考")).to_have_value("三十分かけて書いた備考")
    assert asks(page, home)
    page.get_by_role("button", name="保存して編集を続ける").click()
    expect(page.locator(".messagelist .success")).to_be_visible()

    # A day that the calendar has written, without an event.
    office.go(f"/admin/reviews/round/{plan.rounds.first().pk}/change/")
    page.locator("#id_opens_on + .datetimeshortcuts a").first.click()
    assert asks(page, home)
    expect(page.locator("#id_opens_on")).not_to_have_value("")
    page.get_by_role("button", name="保存して編集を続ける").click()
    home()
    expect(page.get_by_role("heading", name="はじめに")).to_be_visible()


def test_an_act_that_was_sent_without_a_session_is_filled_in_again(plan, cast, someone):
    """With its days, choices and numbers; an act without a page of its own on the page of its record."""
    item = Program.objects.get(number="1")
    report = factories.handed_in(workflow.open_round(plan.rounds.first(), by=cast.office), 1, by=cast.reporter)
    office = someone().sign_in("office")
    page = office.page

    def sign_in_again(button):
        office.context.clear_cookies(name="sessionid")
        page.get_by_role("button", name=button).click()
        page.fill("[name=username]", "office")
        page.fill("[name=password]", "pass")
        page.click("[type=submit]")
        expect(page.locator(".messagelist .warning")).to_contain_text("内容を確かめて、もう一度行ってください。")
        expect(page.locator("[data-typed]")).to_have_count(0)  # everything found its place

    office.go(f"/admin/programs/program/{item.pk}/end/")
    page.get_by_label("終了した日").fill("2014-10-01")
    page.get_by_label("経常業務化").check()
    page.get_by_label("説明").fill("一行目\n二行目")
    sign_in_again("登録する")
    expect(page.get_by_label("終了した日")).to_have_value("2014-10-01")
    expect(page.get_by_label("経常業務化")).to_be_checked()
    expect(page.get_by_label("説明")).to_have_value("一行目\n二行目")
    assert asks(page, page.locator("#site-name a").click)
    page.get_by_role("button", name="登録する").click()
    expect(page.locator(".messagelist .success")).to_contain_text("終了（経常業務化）を登録しました")

    office.go(f"/admin/reviews/report/{report.pk}/change/")
    page.get_by_label("差し戻しの理由").fill("回数を書いてください。")
    sign_in_again("差し戻す")
    expect(page.get_by_label("差し戻しの理由")).to_have_value("回数を書いてください。")
    page.get_by_role("button", name="差し戻す").click()
    expect(page.locator(".messagelist .success")).to_contain_text("差し戻しました")


def test_a_second_click_is_no_second_act(plan, cast, someone, monkeypatch):
    begin = AuthenticationMiddleware.process_request

    def late(self, request):
        if request.method == "POST":
            time.sleep(0.6)
        return begin(self, request)

    monkeypatch.setattr(AuthenticationMiddleware, "process_request", late)

    def click_twice(page, button):
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        for _ in range(2):
            page.mouse.click(box["x"] + 5, box["y"] + 5)
            time.sleep(0.2)  # a hand; the first answer is not there yet

    member = someone().sign_in("committee")
    member.go(f"/admin/committee/opinion/add/?plan={plan.pk}")
    member.page.get_by_role("textbox", name="意見").first.fill("回数も書いてほしい。")
    click_twice(member.page, member.page.locator("[name=_save]"))
    expect(member.page.locator(".messagelist .success")).to_be_visible()
    assert Opinion.objects.count() == 1

    report = factories.handed_in(workflow.open_round(plan.rounds.first(), by=cast.office), 1, by=cast.reporter)
    office = someone().sign_in("office")
    office.go(f"/admin/reviews/report/{report.pk}/change/")
    office.page.get_by_label("差し戻しの理由").fill("回数を書いてください。")
    click_twice(office.page, office.page.get_by_role("button", name="差し戻す"))
    expect(office.page.locator(".messagelist .success")).to_contain_text("差し戻しました")
