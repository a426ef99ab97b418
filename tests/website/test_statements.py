"""The pages about the site itself: who runs it, how accessible it is, what it records."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from core.fiscal import date_label
from tests.product import settings_with
from tests.reading import read
from website.statements import TESTED_ON

ADDRESSES = ("/about/", "/accessibility/", "/privacy/")
GAP = "未登録（このサイトを運営する人が、まだ書いていません）"


def test_what_nobody_has_written_is_a_clear_gap(client, db):
    assert read(client.get("/about/")).definitions == {"運営している部署": GAP, "問い合わせ先": GAP}
    told = read(client.get("/accessibility/")).definitions
    assert (told["運営している部署"], told["連絡先"]) == (GAP, GAP)
    page = read(client.get("/privacy/"))
    assert page.definitions == {"運営している部署": GAP, "問い合わせ先": GAP}
    assert any(text.startswith("サーバーの記録をいつまで残すかは未登録です") for text in page.texts["p"])


@pytest.mark.parametrize(
    ("address", "setting"), [*zip(ADDRESSES, ("ABOUT_TEXT", "ACCESSIBILITY_TEXT", "PRIVACY_TEXT"), strict=True)]
)
def test_the_texts_of_the_settings_stand_there_as_text(client, db, settings, address, setting):
    settings.OPERATOR, settings.CONTACT = "小平市 行政経営課", "042-000-0000"
    setattr(settings, setting, "一つめの段落。\n\n<b>二つめ</b>")
    page = read(client.get(address))
    assert page.definitions["運営している部署"] == "小平市 行政経営課"
    assert "042-000-0000" in page.definitions.values()
    assert {"一つめの段落。", "<b>二つめ</b>"} <= set(page.texts["p"])
    assert "まだ書いていません" not in str(page.texts)


def test_the_page_says_when_it_was_tested_last_as_the_document_does(client, db, settings):
    page = read(client.get("/accessibility/"))
    assert any(text.startswith(f"{date_label(TESTED_ON)}に、すべての種類のページを") for text in page.texts["p"])
    assert "横にはみ出すページはありませんでした。" in page.definitions["文字を2倍（200 %）にしたとき"]
    assert "PDF/UA に合うかどうかは調べていません。" in page.definitions["PDF のタグ"]
    document = (settings.BASE_DIR / "docs" / "accessibility.md").read_text()
    assert f"State of {TESTED_ON:%-d %B %Y}" in document


def test_a_mail_about_a_page_names_it(client, published, settings):
    settings.CONTACT = "行政経営課 kaikaku@example.lg.jp（平日）"
    html = client.get("/plans/kodaira-2/programs/1/").text
    [address] = re.findall(r'href="(mailto:[^"]+)"', html)
    asked = urlsplit(unescape(address))
    assert asked.path == "kaikaku@example.lg.jp"
    assert parse_qs(asked.query) == {
        "subject": ["「1 項目1の取組」について"],
        "body": ["http://testserver/plans/kodaira-2/programs/1/\n\n"],
    }
    settings.CONTACT = "042-000-0000"
    assert "mailto:" not in client.get("/plans/kodaira-2/programs/2/").text


def test_a_new_line_of_a_setting_is_written_as_n():
    assert settings_with(PRIVACY_TEXT=r"一行め\n\n二行め").PRIVACY_TEXT == "一行め\n\n二行め"
    assert settings_with().OPERATOR == ""


def test_every_page_leads_there_and_they_ask_no_database(client, published, django_assert_num_queries):
    for page in ("/", "/plans/kodaira-2/programs/1/", "/nowhere/"):
        html = client.get(page).text
        assert all(f'<a href="{address}"' in html for address in ADDRESSES), page
    with django_assert_num_queries(0):
        for address in ADDRESSES:
            response = client.get(address)
            assert (response.status_code, response.cookies) == (200, {})
