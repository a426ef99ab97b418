"""The charts of public pages as files: the same drawing as on the page, its numbers, and nothing that it would need beside it."""

import re
from datetime import date

import pytest
from defusedxml import ElementTree as ET
from django.urls import reverse

from figures.models import PublishedFigure
from policies.models import Plan
from programs.models import PlanIndicator
from programs.plan_indicators import publish
from reviews.models import Effect
from tests.published import SECRET
from tests.reading import finish
from tests.soak import whole_in_soak
from tests.website.addresses import NAMES
from website.policy import GradeKey, PolicyTrend

SVG = "{http://www.w3.org/2000/svg}"
ITEM = "/plans/kodaira-2/programs/1/charts/indicator-1"
# The book of a round is read and printed as a whole; its sheets lead to the items, whose charts these are.
BOOKS = {"report"}
ONE_OF_EACH = ["home", "policy", "program", "effects", "revision", "plan_about"]


def rows_of(response):
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode("utf-8")
    assert text.startswith("\ufeff")
    return [line.split(",") for line in text.removeprefix("\ufeff").splitlines()]


@pytest.fixture
def charted(filled, cast):
    """The plan with a chart of every kind."""
    plan, source = filled, filled.sources.get()
    for kind, value in (("revenue", 179), ("saving", 106)):
        PublishedFigure.objects.create(
            plan=plan, key=f"effect-{kind}", measure="effect", category=kind, label="効果額", fiscal_year=2013,
            basis="actual", printed=f"約{value}百万円", value=value, unit="百万円", source=source, locator="表1",
        )  # fmt: skip
    for number, policy in ((1, None), (2, plan.policies.get(number=1))):
        indicator = PlanIndicator.objects.create(
            plan=plan, policy=policy, number=number, name="自主財源比率", unit="%", source=source
        )
        indicator.actuals.create(fiscal_year=2013, value=61, source=source)
        publish(indicator, by=cast.office)
    return plan


def test_the_numbers_of_an_indicator_are_those_of_its_table(client, filled):
    answer = client.get(f"{ITEM}.csv")
    assert rows_of(answer) == [
        ["年度（西暦）", "目標か実績か", "目標を定めた版", "値（%）", "見込", "備考"],
        ["2013", "目標", "", "", "", "未登録"],
        ["2013", "実績", "", "96", "", ""],
        ["2014", "目標", "当初", "97.25", "", "以上"],
        ["2014", "実績", "", "96.5", "見込", ""],
    ]
    assert answer["Content-Disposition"] == 'attachment; filename="kodaira-2_item-1_indicator-1.csv"'
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert client.get(f"{ITEM}.csv", headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_what_a_draft_says_is_in_no_chart(client, filled):
    assert client.get(ITEM.replace("-1", "-2") + ".svg").status_code == 404
    assert SECRET not in client.get(f"{ITEM}.svg").text + client.get(f"{ITEM}.csv").text


def test_a_day_of_which_nothing_is_known_is_empty_and_not_zero(client, official):
    rows = rows_of(client.get("/plans/kodaira-2/charts/trend.csv"))
    assert rows[0] == ["基準日", "評価", "評価の意味", "項目数（項目）", "備考"]
    assert rows[1] == ["2011-09-30", "S", "予定以上に進捗", "", "未登録"]
    assert rows[-2] == ["2016-03-31", "A", "予定どおりに進捗", "50", "合計だけ登録"]
    printed = rows_of(client.get("/plans/kodaira-2/charts/effects-published.csv"))
    assert printed[0][3] == "金額（百万円）"
    assert printed[1] == ["2011", "実績", "合計", "285", "約285百万円", ""]
    assert [row[5] for row in printed if row[4] == "約1百億円"] == ["読み取り：約1百万円"]


def test_the_worst_grade_of_a_policy_stands_on_the_zero_line_as_in_the_overview():
    grades = [
        GradeKey(1, "S", "上回る", "ahead"),
        GradeKey(2, "A", "とおり", "on_track"),
        GradeKey(3, "B", "遅れ", "behind"),
    ]
    course = PolicyTrend([*grades, GradeKey(0, "", "", "")], [(date(2012, 3, 31), [1, 2, 3, 4])], "未報告")
    (column,) = course.chart.columns
    assert [block.value for block in column.blocks] == [3, 2, 1, 4]
    assert [block.y for block in column.blocks] == sorted((block.y for block in column.blocks), reverse=True)
    assert [word.text for word in course.chart.labels] == ["3月", "H24", "2012"]


def test_years_of_every_chart_are_said_in_both_calendars(client, charted):
    drawn = [
        ("effects-published", "H25", "2013"),
        ("effects-years", "H25", "2013"),
        ("trend", "H26", "2014"),
        ("indicator-1", "H25", "2013"),
    ]
    for name, *year in drawn:
        texts = [
            each.text
            for each in ET.fromstring(client.get(f"/plans/kodaira-2/charts/{name}.svg").content).iter(f"{SVG}text")
        ]
        assert set(year) <= set(texts), (name, texts)
    texts = [each.text for each in ET.fromstring(client.get(f"{ITEM}.svg").content).iter(f"{SVG}text")]
    assert texts[1] == "%"
    assert texts[texts.index("年度") + 1 :][:7] == ["H25", "H26", "2013", "2014", "96.5", "96", "97.25"]


def test_the_picture_says_where_it_is_from_and_needs_nothing_beside_it(client, filled):
    answer = client.get(f"{ITEM}.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Content-Disposition"] == 'inline; filename="kodaira-2_item-1_indicator-1.svg"'
    root = ET.fromstring(answer.content)
    texts = [each.text for each in root.iter(f"{SVG}text")]
    name = filled.programs.get(number="1").display_name
    assert root.find(f"{SVG}title").text == f"1 {name}：収納率（%）"
    assert texts[0] == f"1 {name}：収納率（%）"
    assert texts[texts.index("目標「当初」") :][:5] == [
        *("目標「当初」", "実績（白い丸は見込）", "単位：%", filled.title),
        "出典：このサイトで公表した計画内容と実績",
    ]
    assert texts[-1] == "http://testserver/plans/kodaira-2/programs/1/"
    assert [(each.get("fill"), each.get("stroke")) for each in root.iter(f"{SVG}circle")][:2] == [
        ("#0017c1", None),
        ("#fff", "#0017c1"),
    ]


def test_a_made_up_plan_says_so_in_the_picture_and_in_the_names(client, filled):
    Plan.objects.update(is_fictional=True)
    answer = client.get(f"{ITEM}.svg")
    assert f"架空のデータ：{filled.title}" in answer.text
    assert answer["Content-Disposition"].endswith("_%E6%9E%B6%E7%A9%BA%E3%81%AE%E3%83%87%E3%83%BC%E3%82%BF.svg")
    assert [row[-1] for row in rows_of(client.get(f"{ITEM}.csv"))] == ["架空のデータ", *["はい"] * 4]


def stands_alone(content):
    """The shapes of a picture that is whole: it has no class, and names no other file."""
    root = ET.fromstring(content)
    assert [each.tag for each in root.iter() if {"class", "style", "href", "src"} & set(each.attrib)] == []
    assert [each.tag for each in root.iter() if each.tag in (f"{SVG}style", f"{SVG}image", f"{SVG}script")] == []
    ids = {each.get("id") for each in root.iter() if each.get("id")}
    assert set(re.findall(r"url\(#([\w-]+)\)", content.decode())) <= ids
    assert "url(" not in re.sub(r"url\(#", "", content.decode())
    assert all(each.get("fill") or each.get("stroke") for each in root.iter(f"{SVG}rect"))
    return shapes(root)


def shapes(element):
    """Where the pieces of a chart stand, and its words."""
    places = ("x", "y", "width", "height", "cx", "cy", "points", "x1", "y1")
    return [
        (each.tag.removeprefix(SVG), " ".join((each.text or "").split()), *(each.get(place) for place in places))
        for each in element.iter()
        if each.tag.removeprefix(SVG) in ("rect", "circle", "polyline", "line", "text")
    ]


@pytest.mark.parametrize("names", whole_in_soak(ONE_OF_EACH, sorted(NAMES.keys() - BOOKS)))
def test_every_chart_of_a_page_has_its_two_files(client, charted, names):
    Effect.objects.filter(amount__lt=0).update(series="single")
    drawn = {}
    for name in names:
        answer = client.get(reverse(name, args=NAMES[name]))
        if not answer["Content-Type"].startswith("text/html"):
            finish(answer)
            continue
        for figure in re.findall(r"<figure class=\"chart\">.*?</figure>", answer.text, re.DOTALL):
            picture = re.search(r'<svg class="plot.*?</svg>', figure, re.DOTALL)[0]
            numbers, image = re.findall(r'href="([^"]*/charts/[^"]*)"', figure)
            assert rows_of(client.get(numbers))[1:] != []
            file = stands_alone(client.get(image).content)
            pieces = shapes(ET.fromstring(picture))
            assert any(file[at : at + len(pieces)] == pieces for at in range(len(file)))
            drawn[image.removeprefix("/plans/kodaira-2/")] = numbers.removeprefix("/plans/kodaira-2/")
        assert answer.text.count('<svg class="plot') == answer.text.count('<figure class="chart">')
    expected = [
        *("charts/effects-policies-single", "charts/effects-published", "charts/effects-years-single"),
        *("charts/indicator-1", "charts/revision-fy2013-revision", "charts/trend"),
        *("policies/1/charts/indicator-2", "policies/1/charts/trend", "programs/1/charts/indicator-1"),
    ]
    assert sorted(drawn.items()) == [(f"{each}.svg", f"{each}.csv") for each in expected]
