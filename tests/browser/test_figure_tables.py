"""A clerk copies a table from the city's page and has its figures registered and reconciled: clicks and seconds are counted."""

import time

import pytest
from playwright.sync_api import expect

from figures.ledger import reconcile
from figures.models import PublishedFigure

pytestmark = pytest.mark.django_db(transaction=True)
# As a browser copies it: the line above the table goes along, and merged headings do.
PAGE = """<h1>進捗状況（評価別項目数）</h1><p>平成26年9月30日現在</p>
<table><tr><th rowspan=2>方針<th colspan=4>項目数<th colspan=3>割合（％）
<tr><th>Ｓ<th>Ａ<th>Ｂ<th>計<th>Ｓ<th>Ａ<th>Ｂ
<tr><td>方針１ 財政基盤の強化<td>0<td>1<td>－<td>1<td>0.0<td>100.0<td>0.0
<tr><td>方針２ 執行体制の再構築<td>1<td>0<td>0<td>1<td>100.0<td>0.0<td>0.0
<tr><td>計<td>1<td>1<td>0<td>2<td>50.0<td>50.0<td>0.0</table>"""


def test_a_table_of_a_page_is_registered_within_two_minutes(published, someone):
    office = someone().sign_in("office")
    office.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page, clicks = office.page, 0
    copied = office.context.new_page()
    copied.set_content(PAGE)
    copied.keyboard.press("Control+A")
    copied.keyboard.press("Control+C")
    copied.close()

    def press(what):
        nonlocal clicks
        clicks += 1
        what.click()

    office.go("/admin/figures/publishedfigure/")
    began = time.monotonic()
    press(page.get_by_role("link", name="公表された集計表を取り込む"))
    press(page.get_by_label("表を貼り付ける"))
    page.keyboard.press("Control+V")
    press(page.get_by_label("新しい出典の題名"))
    page.keyboard.type("平成26年9月末の進捗状況")
    for _step in ("表を選ぶ", "シートと行", "見出しの意味"):
        press(page.get_by_role("button", name="次へ"))
    expect(page.get_by_text("数の代わりに線が引かれています。")).to_be_visible()
    press(page.get_by_label("0として登録する"))
    press(page.get_by_role("button", name="確かめたので、登録する内容を見る"))
    register = page.get_by_role("button", name="21件を登録する")
    expect(register).to_be_visible()
    assert PublishedFigure.objects.count() == 0
    assert office.sideways() == 0
    press(register)
    expect(page.locator(".messagelist .success")).to_have_text(
        "公表値21件を登録しました。記録との照合は、一致 21件です。"
    )
    seconds = time.monotonic() - began
    assert {one.status.value for one in reconcile(published)} == {"一致"}
    assert (clicks, seconds < 60) == (9, True), f"{clicks} clicks, {seconds:.1f} seconds"
