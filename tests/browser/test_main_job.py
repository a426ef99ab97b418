"""The main job from end to end, each person in a browser of their own."""

import pandas
import pytest
from playwright.sync_api import expect

from reviews import workflow
from reviews.models import Report
from tests import factories
from tests.browser.people import PHONE

pytestmark = pytest.mark.django_db(transaction=True)
PROGRESS = "説明会を3回開き、延べ120人が参加した。"
SECRET = "まだ公表していない下書き"


def test_reported_in_the_admin_published_by_the_office_read_by_a_citizen_and_an_analyst(plan, cast, someone, tmp_path):
    office, reporter = someone().sign_in("office"), someone()

    # The office opens the round from its start page.
    office.page.get_by_role("link", name="平成26年9月30日現在の受付を始める").click()
    office.page.get_by_role("button", name="受付を始める").click()
    expect(office.page.locator(".messagelist .success")).to_be_visible()

    # The reporter sees what is due, and is told what a behind grade needs; nothing typed is lost.
    page = reporter.sign_in("reporter").page
    expect(page.get_by_role("heading", name="これから提出する報告 2件")).to_be_visible()
    page.get_by_role("link", name="1 項目1の取組").click()
    page.get_by_label("B 予定よりも遅れている").check()
    page.get_by_role("textbox", name="取組状況").fill(PROGRESS)
    page.get_by_role("button", name="提出する").click()
    expect(
        page.locator(".errornote", has_text="提出していません。入力した内容もまだ保存していません。")
    ).to_be_visible()
    for label in ("遅れの理由", "対応策", "回復予定日"):
        expect(
            page.get_by_text(f"評価が「B 予定よりも遅れている」のときは、{label}を入力してください。")
        ).to_be_visible()
    expect(page.get_by_role("textbox", name="取組状況")).to_have_value(PROGRESS)
    expect(page.get_by_label("B 予定よりも遅れている")).to_be_checked()
    assert Report.objects.get(program__number="1").version == 1
    page.get_by_label("遅れの理由").fill("関係者との調整に時間を要した。")
    page.get_by_label("対応策").fill("協議の回数を増やす。")
    page.get_by_label("回復予定日").fill("2016-03-31")
    page.get_by_role("button", name="提出する").click()
    expect(page.locator(".messagelist .success")).to_have_text("1 項目1の取組の報告を提出しました。")
    expect(page.get_by_role("heading", name="これから提出する報告 1件")).to_be_visible()

    # Nothing of it is public yet.
    citizen = someone(PHONE)
    assert citizen.go("/plans/kodaira-2/programs/1/") == 200
    assert PROGRESS not in citizen.page.content()

    # The office approves and publishes; the two items without a report are accepted as such.
    page = office.page
    office.go("/admin/")
    page.get_by_role("link", name="承認を待っている報告 1件を見る").click()
    page.get_by_role("link", name="1 項目1の取組").click()
    page.get_by_role("button", name="承認する").click()
    expect(page.locator(".messagelist .success")).to_have_text("1 項目1の取組の報告を承認しました。")
    office.go("/admin/")
    page.get_by_role("link", name="公表の準備を見る").click()
    page.get_by_role("button", name="公表する").click()
    expect(page.locator(".errornote")).to_be_visible()  # not without saying that two reports stay out
    page.get_by_label("この2件は「未報告」として公表する").check()
    page.get_by_label("公表と同時に「改訂版」を確定する").check()
    page.get_by_role("button", name="公表する").click()
    expect(page.locator(".messagelist .success")).to_be_visible()

    # A citizen reads it on a phone; another one, because public pages may be a minute old in a browser that has them.
    citizen = someone(PHONE)
    assert citizen.go("/plans/kodaira-2/programs/") == 200
    row = citizen.page.get_by_role("row").filter(has=citizen.page.get_by_role("link", name="項目1の取組"))
    expect(row).to_contain_text("予定よりも遅れている")
    row.get_by_role("link", name="項目1の取組").click()
    main = citizen.page.get_by_role("main")
    for text in (PROGRESS, "予定よりも遅れている", "関係者との調整に時間を要した。", "協議の回数を増やす。"):
        expect(main.get_by_text(text).first).to_be_visible()
    assert citizen.go("/plans/kodaira-2/progress/2014-09-30/") == 200
    assert citizen.sideways() == 0

    # An analyst opens the files.
    book = citizen.download("/plans/kodaira-2/programs.xlsx", tmp_path)
    sheet = pandas.read_excel(book, sheet_name="programs", dtype={"番号": str}, engine="openpyxl")
    assert sheet[["番号", "評価", "取組状況"]].fillna("").values.tolist() == [
        ["1", "B", PROGRESS],
        ["2", "", ""],
        ["3", "", ""],
    ]
    long = pandas.read_excel(book, sheet_name="long", dtype={"program_number": str}, engine="openpyxl")
    assert long[["program_number", "measure", "value"]].values.tolist() == [["1", "grade", "B"]]
    table = citizen.download("/plans/kodaira-2/programs.csv?grade=B", tmp_path)
    frame = pandas.read_csv(table, encoding="utf-8-sig", dtype={"program_number": str})
    assert list(frame.columns[:2]) == ["plan", "program_number"]
    assert frame[["program_number", "grade", "progress", "recovery_on"]].values.tolist() == [
        ["1", "B", PROGRESS, "2016-03-31"]
    ]


def test_the_second_of_two_colleagues_sees_both_texts_and_decides(plan, cast, someone):
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    address = f"/admin/reviews/report/{factories.report(opened, 1).pk}/change/"
    first, second = someone().sign_in("reporter"), someone().sign_in("colleague")
    first.go(address)
    second.go(address)
    for person, text in ((first, "先に書いた。"), (second, "後から書いた。")):
        person.page.get_by_role("textbox", name="取組状況").fill(text)
        person.page.get_by_role("button", name="下書き保存").click()
    expect(first.page.locator(".messagelist .success")).to_have_text("下書きを保存しました。まだ提出していません。")

    page = second.page
    expect(page.get_by_role("heading", name="別の人が先に保存しました")).to_be_visible()
    expect(page.locator(".errornote")).to_contain_text("上書きはしていません。")
    expect(page.locator(".differs .text").nth(0)).to_have_text("先に書いた。")
    expect(page.locator(".differs .text").nth(1)).to_have_text("後から書いた。")
    assert factories.report(opened, 1).progress == "先に書いた。"

    page.get_by_label("あなたの入力にする").check()
    page.get_by_role("button", name="選んだ内容で下書き保存").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    saved = factories.report(opened, 1)
    assert (saved.progress, saved.updated_by, saved.version) == ("後から書いた。", cast.colleague, 3)


@pytest.mark.parametrize(
    "viewport", [pytest.param(PHONE, marks=pytest.mark.soak), {"width": 320, "height": 640}], ids=["360", "320"]
)
@pytest.mark.soak
def test_no_public_page_is_wider_than_a_phone(plan, cast, someone, viewport):
    factories.published_round(plan, {1: "A", 2: "B"}, by=cast.office)
    citizen = someone(viewport)
    addresses = [
        "/",
        "/plans/",
        "/plans/kodaira-2/",
        "/plans/kodaira-2/policies/1/",
        "/plans/kodaira-2/programs/",
        "/plans/kodaira-2/programs/2/",
        "/plans/kodaira-2/progress/",
        "/plans/kodaira-2/progress/2014-09-30/",
        "/plans/kodaira-2/figures/",
        "/admin/login/",
    ]
    assert {address: (citizen.go(address), citizen.sideways()) for address in addresses} == dict.fromkeys(
        addresses, (200, 0)
    )
    assert citizen.go("/plans/none/") == 404
    assert citizen.sideways() == 0


def test_drafts_are_nowhere_in_public(plan, cast, someone):
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    draft = factories.report(opened, 1)
    workflow.save_draft(draft, {"progress": SECRET}, by=cast.reporter, version=draft.version)
    citizen = someone()
    for page in ("", "programs/", "programs/1/", "policies/1/", "progress/", "progress/2014-09-30/", "figures/"):
        assert citizen.go(f"/plans/kodaira-2/{page}") == 200
        assert SECRET not in citizen.page.content()
