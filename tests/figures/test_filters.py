"""The filters of the item list: what they find, what they refuse, and that every format finds the same."""

import csv
import io
import json
import re
from html import unescape

import openpyxl
import pytest

from programs.models import Program
from tests import factories
from tests.figures.filters import FOUND, LIST, numbers_on_page
from tests.published import freeze
from tests.reading import read
from tests.soak import others_in_soak


def numbers_in_csv(client, query):
    text = client.get(f"{LIST}.csv{query}").getvalue().decode("utf-8-sig")
    return [row["program_number"] for row in csv.DictReader(io.StringIO(text, newline=""))]


def numbers_in_json(client, query):
    data = json.loads(client.get(f"{LIST}.json{query}").getvalue())
    assert data["count"] == len(data["items"])
    return [item["number"] for item in data["items"]]


def numbers_in_xlsx(client, query):
    workbook = openpyxl.load_workbook(io.BytesIO(client.get(f"{LIST}.xlsx{query}").getvalue()))
    return [row[0] for row in workbook["programs"].iter_rows(min_row=2, values_only=True)]


READERS = [numbers_on_page, numbers_in_csv, numbers_in_json, numbers_in_xlsx]


@pytest.mark.parametrize("numbers", others_in_soak(READERS, [numbers_on_page, numbers_in_csv]))
def test_every_format_finds_the_same_items(client, keys, numbers):
    assert {query: numbers(client, query) for query in FOUND} == FOUND


def test_search_ignores_width_case_and_kana(client, plan):
    program = Program.objects.get(number="2")
    program.name = "ＰＤＣＡサイクルの構築"
    program.save()
    for typed in ("pdca", "ＰＤｃａさいくる", "ｻｲｸﾙ"):
        assert numbers_on_page(client, f"?q={typed}") == ["2"]


def test_departments_are_those_of_the_round_that_was_asked_for(client, plan, cast):
    freeze(plan, cast.office)
    original = plan.editions.get(key="original")
    plan.rounds.filter(as_of="2014-09-30").update(edition=original)
    original.contents.get(program__number="1").responsibilities.update(department=cast.zeimu)
    factories.published_round(plan, {1: "A"}, by=cast.office)
    factories.published_round(plan, {1: "S"}, by=cast.office)
    assert numbers_on_page(client, "?department=zeimu") == ["2"]
    assert numbers_on_page(client, "?department=zeimu&round=2014-09-30") == ["1", "2"]


@pytest.mark.parametrize(
    ("query", "name", "reason"),
    [
        ("policy=9", "policy", "この方針はありません。一覧から選び直してください。"),
        ("policy=1'--", "policy", "この方針はありません。一覧から選び直してください。"),
        ("department=nix", "department", "この推進担当課はありません。一覧から選び直してください。"),
        ("grade=Z", "grade", "この評価はありません。一覧から選び直してください。"),
        ("grade=s", "grade", "この評価はありません。一覧から選び直してください。"),
        ("round=2015-02-30", "round", "この基準日の公表はありません。一覧から選び直してください。"),
        ("round=2013-03-31", "round", "この基準日の公表はありません。一覧から選び直してください。"),
        ("q=%00", "q", "キーワードに使えない文字が含まれています。入力し直してください。"),
        ("q=" + "あ" * 101, "q", "キーワードは100文字以内にしてください（101文字あります）。"),
        ("page=abc", "page", "ページの番号は半角の数字で指定してください。"),
        ("page=" + "9" * 5000, "page", "ページの番号は半角の数字で指定してください。"),
        ("policy=1&policy=9", "policy", "この方針はありません。一覧から選び直してください。"),
        ("round=2014-09-30&round=2015-03-31", "round", "同じ条件が二つ以上あります。一つだけ指定してください。"),
        ("change=up", "change", "前回からの変化にこの値はありません。一覧から選び直してください。"),
        ("lead=nix", "lead", "この推進担当課はありません。一覧から選び直してください。"),
        ("cause=nix", "cause", "この原因はありません。一覧から選び直してください。"),
        ("was=Z", "was", "この評価はありません。一覧から選び直してください。"),
        ("since=2015-03-31", "since", "比べる基準日には、基準日より前の日を選んでください。"),
        ("since=2014-09-30&round=2014-09-30", "since", "比べる基準日には、基準日より前の日を選んでください。"),
        ("sort=worst", "sort", "この並び順はありません。一覧から選び直してください。"),
        ("policy=1&page=1&page=2", "page", "同じ条件が二つ以上あります。一つだけ指定してください。"),
        ("plicy=1", "", "「plicy」という条件はありません。アドレスから消してください。"),
        ("bom=0", "", "「bom」という条件はありません。アドレスから消してください。"),
        ("revised=1", "revised", "revised には yes か no を指定してください。一覧から選び直してください。"),
        (
            "key=1999",
            "key",
            "key には yes か no か、計画の年度（始まる年の西暦）を指定してください。一覧から選び直してください。",
        ),
        ("key=yes", "key", "主要管理項目は、まだ登録されていません。この条件を消してください。"),
        ("aspect=nix", "aspect", "この箇所はありません。一覧から選び直してください。"),
    ],
)
def test_bad_condition_is_refused_with_its_reason(client, published, query, name, reason):
    page = client.get(f"{LIST}/?{query}")
    assert page.status_code == 400
    read_page = read(page)
    assert read_page.tables == []
    assert any(text.endswith(reason) for text in read_page.texts["li"])
    if name:
        assert "条件が正しくないため、一覧を表示できません" in read_page.texts["h2"]
        assert f'<a href="{LIST}/">条件をすべて消して、一覧を見る</a>' in page.content.decode()
    else:  # refused before the form
        assert f'<a href="{LIST}/">条件をすべて消して開く</a>' in page.content.decode()
    if name in ("q", "policy", "department", "grade", "round", "revised", "aspect", "key"):
        assert f'<p class="error" id="id_{name}_error">{reason}</p>' in page.content.decode().replace("&#x27;", "'")

    answer = client.get(f"{LIST}.json?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content) == {
        "title": "条件が正しくありません。",
        "detail": "errors にある条件を直して、もう一度要求してください。",
        "errors": {name: [reason]},
    }
    for extension in ("xlsx", *(["csv"] if query != "bom=0" else [])):
        refused = client.get(f"{LIST}.{extension}?{query}")
        assert (refused.status_code, refused["Content-Type"]) == (400, "text/html; charset=utf-8")


@pytest.mark.parametrize("numbers", others_in_soak(READERS, [numbers_on_page, numbers_in_csv]))
def test_every_format_has_the_same_order(client, published, numbers):
    Program.objects.filter(number="1").update(name_kana="われ")
    Program.objects.filter(number="2").update(name_kana="あれ")
    orders = {
        "sort=name&grade=S&grade=B": ["2", "1"],
        "sort=department&round=2015-03-31&grade=S&grade=B": ["1", "2"],
        "sort=department&q=項目": ["1", "2"],
        "sort=grade&q=項目": ["2", "1"],
        "sort=grade&q=項目&round=2014-09-30": ["1", "2"],
        "sort=change&q=項目": ["2", "1"],
        "sort=change&q=項目&round=2015-03-31": ["2", "1"],
        "sort=change&q=項目&round=2014-09-30": ["1", "2"],  # nothing to compare it with
        "sort=&q=項目": ["1", "2"],
        "sort=-number&q=項目": ["2", "1"],
        "sort=-name&grade=S&grade=B": ["1", "2"],
        "sort=-department&round=2015-03-31&grade=S&grade=B": ["2", "1"],
        "sort=-department&q=項目": ["2", "1"],
        "sort=-grade&q=項目": ["1", "2"],
        "sort=-change&q=項目": ["1", "2"],
    }
    assert {query: numbers(client, f"?{query}") for query in orders} == orders


def test_what_is_not_known_comes_last_in_both_directions(client, published):
    found = {order: numbers_on_page(client, f"?sort={order}") for order in ("grade", "name", "department")}
    found |= {f"-{order}": numbers_on_page(client, f"?sort=-{order}") for order in found}
    assert found == {
        "grade": ["2", "1", "3"],
        "name": ["1", "2", "3"],
        "department": ["1", "2", "3"],
        "-grade": ["1", "2", "3"],
        "-name": ["2", "1", "3"],
        "-department": ["2", "1", "3"],
    }


def heads(client, query):
    """Of each head of the list: how it is sorted by it now, and what its link asks for."""
    page = client.get(f"{LIST}/{query}").content.decode()
    found = re.findall(r'<th scope="col"[^>]*?(?: aria-sort="(\w+)")?>.*?</th>', page, re.DOTALL)
    links = re.findall(r'<th scope="col".*?<a href="([^"]+)">([^<]+)', page, re.DOTALL)
    return found, [(unescape(href), words) for href, words in links]


def test_heads_of_the_list_sort_it_and_turn_its_order_round(client, published):
    assert heads(client, "") == (
        ["ascending", "", "", "", ""],
        [
            ("?sort=-number", "番号"),
            ("?sort=name", "項目"),
            ("?sort=department", "推進担当課"),
            ("?sort=change", "前回からの変化"),
            ("?sort=grade", "評価"),
        ],
    )
    orders, links = heads(client, "?policy=1&policy=2&grade=S&sort=-grade")
    assert orders == ["", "", "", "", "descending"]
    asked = "?policy=1&policy=2&grade=S"
    assert [href for href, _ in links] == [
        asked,
        *(f"{asked}&sort={name}" for name in ("name", "department", "change", "grade")),
    ]
    assert heads(client, "?sort=-number")[1][0] == (".", "番号")
    assert heads(client, "?sort=grade")[1][-1] == ("?sort=-grade", "評価")


def test_an_order_asks_for_all(client, published):
    assert numbers_on_page(client, "?sort=grade") == ["2", "1", "3"]
    whole = client.get("/plans/kodaira-2/long.csv").getvalue().decode().splitlines()
    assert sorted(client.get("/plans/kodaira-2/long.csv?sort=grade").getvalue().decode().splitlines()) == sorted(whole)


@pytest.mark.parametrize("number", ["0", "-1", "2", "9999999999999999999999"])
def test_page_that_is_not_there_is_404(client, published, number):
    assert client.get(f"{LIST}/?page={number}").status_code == 404


def test_round_that_is_not_published_is_no_choice(client, plan, cast):
    response = client.get(f"{LIST}/?round=2014-09-30")
    assert response.status_code == 400
    assert "平成26年（2014年）9月30日現在" not in read(response).texts["option"]


def test_form_keeps_what_was_asked(client, published):
    response = client.get(f"{LIST}/?q=%3Cb%3E&policy=2&grade=B")
    assert any(text.startswith("当てはまる実施項目はありません。") for text in read(response).texts["p"])
    html = response.content.decode()
    assert 'value="&lt;b&gt;"' in html
    assert html.count('maxlength="100"') == 1  # the box on every other page takes the same, and is not asked twice here
    assert client.get("/plans/kodaira-2/").text.count('maxlength="100"') == 1
    assert 'name="policy" value="2" id="id_policy_1" checked' in " ".join(html.split())
    assert '<span class="chosen">B 予定よりも遅れている　</span>' in html
    assert f"{LIST}.csv" not in html  # there is nothing to take along


def test_downloads_keep_what_was_asked(client, published):
    html = client.get(f"{LIST}/?policy=2&grade=B&utm_source=x").content.decode()
    for kind in ("xlsx", "csv", "json"):
        assert f'href="{LIST}.{kind}?policy=2&amp;grade=B"' in html


def test_offered_departments_are_those_of_the_plan(client, published):
    other = factories.small_plan("other")
    assert numbers_on_page(client, "") == ["1", "2", "3"]
    factories.Department.objects.create(city="小平市", code="koho", name="広報課")
    options = read(client.get(f"/plans/{other.slug}/programs/")).texts["label"]
    assert "財政課" not in options  # no edition of that plan is frozen
    assert "財政課" in read(client.get(f"{LIST}/")).texts["label"]
    assert "広報課" not in read(client.get(f"{LIST}/")).texts["label"]
