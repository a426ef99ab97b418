"""A whole round of the sample plan, by form and by sheet, each person in a browser of their own."""

import datetime

import pytest
from playwright.sync_api import expect

from accounts.models import Department, Membership
from demo import loading, promise
from policies.models import Plan
from programs.models import Responsibility
from reviews.models import Report
from tests.browser.people import PHONE
from tests.libreoffice import saved_by_libreoffice
from tests.workbooks.survey.sheets import Book, row_of
from workbooks.plan.importing import import_tables
from workbooks.plan.yaml_tables import read_yaml

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.libreoffice, pytest.mark.soak]
AS_OF = "2011-09-30"
FILES = ("programs.csv", "errata.csv", "long.csv", "programs.json")


def promised(cast):
    """The sample's promise with all its rounds planned, and three of its departments, each with a person of the cast.

    Returns {person: (department, number and name of its first item)}.
    """
    folder = loading.FIRST.folder
    tables = promise.tables(promise.read(folder), promise.read_file(folder / "revision-marks.yaml"))
    import_tables([*read_yaml(folder / "plan.yaml"), *read_yaml(folder / "figures.yaml"), *tables], by=cast.root)
    found = {}
    leading = Responsibility.objects.filter(order=1, program_edition__edition__key="original")
    people = iter((cast.reporter, cast.colleague, cast.stranger))
    seen = set()
    for one in leading.select_related("department", "program_edition__program").order_by(
        "program_edition__program__sort_key"
    ):
        is_todays = one.department.successor_id is None
        if is_todays and one.department_id not in seen and (person := next(people, None)):
            Membership.objects.create(user=person, department=one.department)
            found[person.username] = (one.department, str(one.program_edition.program))
        seen.add(one.department_id)
    return found


def said(person):
    return f"{person}の課が、説明会を3回開いた。"


class Round:
    def __init__(self, cast, someone, folder):
        self.owners, self.folder = promised(cast), folder
        self.office = someone().sign_in("office")
        self.someone = someone
        self.round = Plan.objects.get(slug="sample").rounds.get(as_of=AS_OF)

    def report(self, person):
        number = self.owners[person][1].split()[0]
        return Report.objects.get(round=self.round, program__number=number)

    def the_office_opens_it(self):
        self.office.go(f"/admin/reviews/round/{self.round.pk}/open/")
        self.office.page.get_by_role("button", name="受付を始める").click()
        expect(self.office.page.locator(".messagelist .success")).to_be_visible()

    def one_reports_by_the_form(self, name):
        person = self.someone().sign_in(name)
        page = person.page
        page.get_by_role("link", name=self.owners[name][1]).click()
        page.get_by_label("A ").check()
        page.get_by_role("textbox", name="取組状況").fill(said(name))
        page.get_by_role("button", name="提出する").click()
        expect(page.locator(".messagelist .success")).to_have_text(f"{self.owners[name][1]}の報告を提出しました。")
        return person

    def one_reports_by_the_sheet(self, name):
        """Downloaded, filled in, saved by LibreOffice, looked at, confirmed."""
        page = self.someone().sign_in(name).page
        page.get_by_role("link", name="の調査票").first.click()
        with page.expect_download() as download:
            page.get_by_role("link", name="調査票をダウンロードする").click()
        path = self.folder / "sheet.xlsx"
        book = Book(download.value.path().read_bytes())
        row = row_of(book, self.report(name).program.number)
        book.put("報告", row, 評価="B", 取組状況=said(name), 遅れの理由="協議が長引いた。", 対応策="回数を増やす。")
        book.put("報告", row, 遅れの原因="関係者との調整", 回復予定日="平成24年3月31日")
        path.write_bytes(book.saved())
        saved = saved_by_libreoffice(path, self.folder)
        page.get_by_label("記入した調査票").set_input_files(
            {"name": "記入済み.xlsx", "mimeType": "application/octet-stream", "buffer": saved}
        )
        page.get_by_role("button", name="内容を確かめる").click()
        expect(page.get_by_role("heading", name="変わるところ 1項目 6か所")).to_be_visible()
        expect(page.locator("fieldset", has_text="取組状況").locator("ins")).to_have_text(said(name))
        assert self.report(name).progress == ""
        page.get_by_role("button", name="取り込んで1項目を提出する").click()
        expect(page.locator(".messagelist .success")).to_have_text("1項目を取り込みました。1項目を提出しました。")
        assert self.report(name).state == "submitted"

    def the_office_returns_one_with_a_reason(self, name):
        page = self.office.page
        self.office.go(f"/admin/reviews/report/{self.report(name).pk}/change/")
        page.get_by_label("差し戻しの理由").fill("参加した人数を書いてください。")
        page.get_by_role("button", name="差し戻す").click()
        expect(page.locator(".messagelist .success")).to_be_visible()

    def it_is_handed_in_again(self, person, name):
        person.go("/admin/")
        page = person.page
        expect(page.get_by_text("参加した人数を書いてください。").first).to_be_visible()
        page.get_by_role("link", name=self.owners[name][1]).first.click()
        page.get_by_role("textbox", name="取組状況").fill(f"{said(name)}延べ120人が参加した。")
        page.get_by_role("button", name="提出する").click()
        expect(page.locator(".messagelist .success")).to_be_visible()

    def the_office_approves_all_at_once(self):
        page = self.office.page
        self.office.go(f"/admin/reviews/round/{self.round.pk}/board/")
        page.get_by_role("link", name="承認待ちの3件をまとめて承認する").click()
        page.get_by_role("button", name="表示中の3件をすべて承認する").click()
        expect(page.locator(".messagelist .success")).to_have_text("3件を承認しました。")

    def the_office_publishes_after_its_check_list(self):
        page = self.office.page
        self.office.go(f"/admin/reviews/round/{self.round.pk}/board/")
        page.get_by_role("link", name="公表の準備を見る").click()
        missing = self.round.reports.count() - 3
        expect(page.get_by_role("heading", name=f"1. 承認されていない報告 {missing}件")).to_be_visible()
        for heading in ("2. 食い違いのある報告 0件", "3. 気を付けるところのある報告 0件", "4. 公表値との照合"):
            expect(page.get_by_role("heading", name=heading)).to_be_visible()
        page.get_by_label(f"この{missing}件は「未報告」として公表する").check()
        page.get_by_role("button", name="公表する").click()
        expect(page.locator(".messagelist .success")).to_be_visible()

    def a_citizen_reads(self, name, *texts):
        citizen = self.someone(PHONE)  # anonymous; a new one, because public pages may be a minute old in a browser
        number = self.report(name).program.number
        assert citizen.go(f"/plans/sample/programs/{number}/") == 200
        main = citizen.page.get_by_role("main")
        for text in texts:
            expect(main.get_by_text(text).first).to_be_visible()
        assert citizen.sideways() == 0

    def the_office_corrects_it(self, name):
        page = self.office.page
        row = self.round.published_reports.get(program=self.report(name).program)
        self.office.go(f"/admin/reviews/publishedreport/{row.pk}/correct/")
        page.get_by_label("訂正する欄").select_option(label="取組状況")
        page.get_by_label("正しい内容").fill(said(name).replace("3回", "4回"))
        page.get_by_label("訂正の理由").fill("集計の誤り")
        page.get_by_role("button", name="訂正する").click()
        expect(page.locator(".messagelist .success")).to_be_visible()

    def files(self):
        """What a citizen downloads of the round, byte by byte."""
        citizen = self.someone()
        found = {}
        for name in FILES:
            answer = citizen.context.request.get(f"/plans/sample/{name}?round={AS_OF}")
            assert answer.status == 200
            found[name] = answer.body()
        return found

    def a_department_is_renamed(self, name):
        department = self.owners[name][0]
        page = self.office.page
        self.office.go(f"/admin/accounts/department/{department.pk}/hand-over/")
        page.get_by_label("改称・統合の日").fill("平成28年4月1日")
        page.get_by_label("新しいコード").fill("renamed")
        page.get_by_label("新しい名称").fill("改称した課")
        page.get_by_role("button", name="登録する").click()
        expect(page.locator(".messagelist .success")).to_contain_text("「改称した課」に引き継ぎました。")


def test_a_round_from_its_opening_to_an_erratum(cast, someone, tmp_path):
    by_form, by_sheet, returned = "reporter", "colleague", "stranger"
    round_ = Round(cast, someone, tmp_path)
    round_.the_office_opens_it()
    round_.one_reports_by_the_form(by_form)
    round_.one_reports_by_the_sheet(by_sheet)
    person = round_.one_reports_by_the_form(returned)
    round_.the_office_returns_one_with_a_reason(returned)
    round_.it_is_handed_in_again(person, returned)
    round_.the_office_approves_all_at_once()
    round_.the_office_publishes_after_its_check_list()
    round_.a_citizen_reads(by_form, said(by_form), "計画のとおり")
    round_.a_citizen_reads(by_sheet, said(by_sheet), "協議が長引いた。", "平成24年（2012年）3月31日")
    round_.a_citizen_reads(returned, "延べ120人が参加した。")
    published = round_.files()
    round_.the_office_corrects_it(by_form)
    round_.a_citizen_reads(by_form, said(by_form), said(by_form).replace("3回", "4回"), "集計の誤り")
    corrected = round_.files()
    assert corrected["errata.csv"] != published["errata.csv"]
    assert said(by_form).encode() in corrected["programs.csv"]  # what was published stands
    round_.a_department_is_renamed(by_form)
    assert Department.objects.get(code="renamed").name == "改称した課"
    assert round_.files() == corrected
    assert "改称した課".encode() not in corrected["programs.csv"]
    assert round_.owners[by_form][0].name.encode() in corrected["programs.csv"]
    assert round_.round.reports.filter(state="published").count() == 3
    assert datetime.date.fromisoformat(AS_OF) == round_.round.as_of
