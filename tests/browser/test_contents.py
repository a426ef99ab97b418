"""The office writes what an edition says about an item, and freezes the edition."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from programs.contents import content_of
from programs.models import PlanIndicator, ProgramEdition
from tests import factories
from tests.browser.people import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


def violations(person):
    met = list(person.problems)
    found = Axe().run(person.page).response["violations"]
    person.problems[:] = met  # axe itself tries styles that the policy blocks
    return [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]


def test_a_content_is_written_and_its_edition_frozen(plan, cast, someone):
    factories.written(plan)
    content = ProgramEdition.objects.get(program__number="1", edition__key="fy2013-revision")
    office = someone().sign_in("office")
    page = office.page
    office.go(f"/admin/programs/programedition/{content.pk}/change/")
    page.get_by_role("textbox", name="実施内容").fill("口座振替を勧める。")
    page.get_by_label("関係課1").select_option(label="税務課")
    page.get_by_label("平成26年度（2014年度）", exact=True).fill("実施")
    page.get_by_label("指標1の平成27年度（2015年度）の目標値", exact=True).fill("80")
    page.get_by_label("新しい指標1の指標名").fill("相談件数")
    page.get_by_label("新しい指標1の平成26年度（2014年度）の目標の言葉").press_sequentially("増加")
    assert (violations(office), office.sideways()) == ([], 0)
    page.get_by_role("button", name="保存する", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    now = content_of(ProgramEdition.objects.get(pk=content.pk))
    assert (now.texts["contents"], now.departments) == ("口座振替を勧める。", (cast.zaisei.pk, cast.zeimu.pk))
    assert now.year_plans == {2014: "実施"}
    assert [
        (one.name, {year: str(target) for year, target in one.targets.items()}) for one in now.indicators.values()
    ] == [
        ("収納率", {2015: "80"}),
        ("相談件数", {2014: "増加"}),
    ]

    # All years of the plan, and all of the lines of an indicator of the plan, are in sight beside the list of pages.
    first = ProgramEdition.objects.get(program__number="1", edition__key="original")
    office.go(f"/admin/programs/programedition/{first.pk}/change/")
    hidden = page.locator(".wide-table").evaluate_all("boxes => boxes.map(box => box.scrollWidth - box.clientWidth)")
    assert (hidden, office.sideways()) == ([0, 0], 0)
    whole = PlanIndicator.objects.create(plan=plan, number=1, name="自主財源比率", unit="%")
    office.go(f"/admin/programs/planindicator/{whole.pk}/change/")
    found = {rule for rule, _where in violations(office)} - {
        "empty-table-header"
    }  # Django's column for links of a line
    assert (found, office.sideways()) == (set(), 0)

    phone = someone(PHONE).sign_in("office")
    phone.go(f"/admin/programs/programedition/{content.pk}/change/")
    assert (violations(phone), phone.sideways()) == ([], 0)

    office.go(f"/admin/policies/edition/{content.edition_id}/change/")
    page.get_by_role("link", name="確定する").click()
    expect(page.get_by_role("heading", name="計画内容の足りない項目 2件")).to_be_visible()
    page.get_by_label("この2件は足りないまま確定する").check()
    page.get_by_role("button", name="確定する").click()
    expect(page.locator(".messagelist .success")).to_have_text("「改訂版」を確定しました。")
    office.go(f"/admin/programs/programedition/{content.pk}/change/")
    expect(page.get_by_role("textbox", name="実施内容")).to_have_count(0)
    assert (violations(office), office.sideways()) == ([], 0)
    page.get_by_role("link", name="訂正する（正誤）").click()
    page.get_by_label("直す欄").select_option("year_plans:2014")
    page.get_by_role("button", name="この欄を直す").click()
    page.get_by_label("正（正しい内容）").fill("試行")
    page.get_by_label("訂正の理由").fill("印刷の誤り")
    assert (violations(office), office.sideways()) == ([], 0)
    page.get_by_role("button", name="訂正を登録する").click()
    expect(page.locator("ins")).to_have_text("試行")


def test_a_changed_form_is_not_left_by_mistake_and_long_texts_are_counted_not_cut(plan, cast, someone):
    factories.written(plan)
    content = ProgramEdition.objects.get(program__number="1", edition__key="fy2013-revision")
    office = someone().sign_in("office")
    page = office.page
    office.go(f"/admin/programs/programedition/{content.pk}/change/")
    box = page.get_by_role("textbox", name="実施内容")
    box.fill("あ" * 4003)
    expect(box).to_have_value("あ" * 4003)
    expect(page.locator(".counter.errornote")).to_have_text(
        "3文字多すぎます（4000文字まで）。このままでは保存できません。"
    )
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("#site-name a").click(no_wait_after=True)
    expect(box).to_have_value("あ" * 4003)
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="保存する", exact=True).click()
    expect(page.locator(".errorlist").first).to_contain_text("4000")
    box = page.get_by_role("textbox", name="実施内容")
    expect(box).to_have_value("あ" * 4003)
    box.fill("あ" * 3999)
    expect(page.locator(".counter").first).to_have_text("あと1文字")
    page.get_by_role("button", name="保存する", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
