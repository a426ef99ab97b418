"""The sheets for people in programs.xlsx: what they say, cell by cell, and how they print."""

import io
import re
import subprocess
from decimal import Decimal
from itertools import pairwise

import openpyxl
import pytest
import time_machine
from django.core.management import call_command

from figures import version
from figures.models import PublishedFigure, PublishedVersion
from policies.models import Grade, Plan
from programs.models import Indicator, Program, ProgramEdition, YearPlan
from reviews.models import Effect
from tests.libreoffice import converted, type_sizes
from website.workbook import facts, look

PEOPLE = ["表紙", "一覧", "集計", "指標", "効果額"]


def book_of(client, query="", plan="kodaira-2"):
    return openpyxl.load_workbook(io.BytesIO(client.get(f"/plans/{plan}/programs.xlsx{query}").getvalue()))


def rows(sheet):
    """The rows that say something, without the blank cells at their end."""
    found = []
    for row in sheet.iter_rows(values_only=True):
        values = list(row)
        while values and values[-1] is None:
            values.pop()
        if values:
            found.append(values)
    return found


def row_of(sheet, first):
    return next(row for row in sheet.iter_rows() if row[0].value == first)


def test_a_plan_that_is_called_after_its_city_is_named_once(client, published):
    type(published).objects.update(name="小平市第２次行財政再構築プラン")
    assert rows(book_of(client)["表紙"])[0] == ["小平市第２次行財政再構築プラン"]


def test_the_cover_says_what_is_in_the_file(client, published):
    PublishedVersion.objects.update_or_create(pk=version.ROW, defaults={"moved_at": "2026-04-01 09:00+09:00"})
    version.forget()
    sheet = book_of(client, "?policy=2&grade=B&sort=name")["表紙"]
    assert rows(sheet)[:12] == [
        ["小平市 テスト計画"],
        ["実施項目の一覧と集計"],
        ["計画の期間", "平成23年度（2011年度）から平成27年度（2015年度）まで"],
        ["しぼり込み", "方針：方針2 執行体制の再構築\n評価：B 予定よりも遅れている"],
        ["並び順", "方針ごとに、項目名の順"],
        ["項目の数", "1項目"],
        ["データの時点", "平成27年（2015年）3月31日現在"],
        ["内容の更新日", "令和8年（2026年）4月1日"],
        ["作成", "行財政改革プラン 進捗管理サイト（市が作成したものではありません）"],
        ["利用条件", "公共データ利用規約（第1.0版）"],
        ["もとのページ", "http://testserver/plans/kodaira-2/programs/?policy=2&grade=B&sort=name"],
        [
            "未登録",
            "実施内容、年度計画、成果指標、項目ごとの効果額（どの項目についても、このサイトに登録がありません。市にないという意味ではありません）",
        ],
    ]
    links = {cell.value: cell.hyperlink.location for cell in sheet["A"] if cell.hyperlink}
    sheets = [*PEOPLE[1:], "programs", "long", "errata", "codes", "sources"]
    assert links == {name: f"'{name}'!A1" for name in sheets}
    grades = [row for row in rows(sheet) if row[0] in ("S", "A", "B")]
    assert grades == [["S", "予定以上に進捗"], ["A", "予定どおりに進捗"], ["B", "予定よりも遅れている"]]


def test_the_list_has_a_row_for_every_item(client, filled):
    sheet = book_of(client)["一覧"]
    years = [f"平成{year - 1988}年度\n({year})" for year in range(2011, 2016)]
    indicator = "収納率（%）\n目標 未登録／実績 96.5見込（H26）"
    assert rows(sheet) == [
        ["小平市 テスト計画　実施項目の一覧"],
        [
            "平成27年（2015年）3月31日現在。評価の欄の「・」は、その基準日になかった項目。* は訂正あり。"
            "このサイトに登録がない内容（未登録）：実施内容。"
        ],
        [*[None] * 3, "年度計画", *[None] * 5, "評価（基準日。H26は2014年）"],
        [
            "番号",
            "項目名",
            "推進担当課",
            *years,
            "成果指標\n（目標／実績）",
            "H26\n9月",
            "H27\n3月",
            "効果額\n（千円）",
        ],
        ["方針1 財政基盤の強化　2項目（S 1、A 0、B 0）"],
        [1, "項目1の取組", "財政課", "検討", *["未登録"] * 4, indicator, "A", "S", -1200],
        ["ほか1項目（名称未登録）"],
        ["方針2 執行体制の再構築　1項目（S 0、A 0、B 1）"],
        [2, "項目2の取組", "税務課", *["未登録"] * 6, "S", "B", "未登録"],
    ]
    assert row_of(sheet, 1)[0].hyperlink.target == "http://testserver/plans/kodaira-2/programs/1/"
    assert row_of(sheet, 1)[11].number_format == '#,##0;"△"#,##0'


def test_grades_are_told_apart_by_the_lightness_of_their_ground(client, published):
    sheet = book_of(client)["一覧"]
    first, second = row_of(sheet, 1), row_of(sheet, 2)
    grounds = {cell.value: cell.fill.fgColor.rgb for cell in (first[3], first[4], second[4])}
    assert grounds == {"A": "FFFFFFFF", "S": "FFB9CCF7", "B": "FFD14A00"}
    light = sorted(_lightness(look.ground(tone)["bg_color"]) for tone in look._GROUNDS)
    assert all(after - before > 5 for before, after in pairwise(light))
    assert look.ground("behind:1") == {"bg_color": "#E8A580", "font_color": "#1A1A1A", "bold": True}


def _lightness(colour):
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 2.55


def test_totals_count_what_was_asked_for(client, published):
    head = ["S 予定以上に進捗", "A 予定どおりに進捗", "B 予定よりも遅れている", "未報告", "計"]
    day = "平成27年（2015年）3月31日現在"
    whole = book_of(client)["集計"]
    assert rows(whole)[2:] == [
        *(["評価別"], [day], ["評価", "項目数"]),
        *([head[0], 1], [head[1], 0], [head[2], 1], ["未報告", 1], ["計", 3]),
        *(["方針別"], [day], ["方針", *head]),
        *(["1 財政基盤の強化", 1, 0, 0, 1, 2], ["2 執行体制の再構築", 0, 0, 1, 0, 1], ["計", 1, 0, 1, 1, 3]),
        *(["推移"], ["基準日", *head], ["H26.9 (2014)", 1, 1, 0, 1, 3], ["H27.3 (2015)", 1, 0, 1, 1, 3]),
        ["推進担当課別"],
        [f"{day}。いくつかの課が担当する実施項目は、はじめに書かれた課で数えます。"],
        ["推進担当課", *head],
        *(["財政課", 1, 0, 0, 1, 2], ["税務課", 0, 0, 1, 0, 1], ["計", 1, 0, 1, 1, 3]),
    ]
    assert [title_of(chart) for chart in whole._charts] == [
        f"{name}（項目数）" for name in ("評価別", "方針別", "推移", "推進担当課別")
    ]
    part = rows(book_of(client, "?policy=2")["集計"])
    assert [row for row in part if row[0] in ("2 執行体制の再構築", "H26.9 (2014)", "H27.3 (2015)", "税務課")] == [
        ["2 執行体制の再構築", 0, 0, 1, 0, 1],
        ["H26.9 (2014)", 1, 0, 0, 0, 1],
        ["H27.3 (2015)", 0, 0, 1, 0, 1],
        ["税務課", 0, 0, 1, 0, 1],
    ]
    then = rows(book_of(client, "?round=2014-09-30")["集計"])
    assert [row for row in then if row[0] in ("計", "H26.9 (2014)", "H27.3 (2015)")] == [
        ["計", 3],
        ["計", 1, 1, 0, 1, 3],
        ["H26.9 (2014)", 1, 1, 0, 1, 3],
        ["計", 1, 1, 0, 1, 3],
    ]


def title_of(chart):
    return "".join(run.t for part in chart.title.tx.rich.p for run in part.r or [])


def test_headings_over_several_columns_are_one_cell(client, filled):
    book = book_of(client)
    assert sorted(str(area) for area in book["一覧"].merged_cells.ranges if area.min_row == 3) == ["D3:H3", "J3:K3"]
    over = [str(area) for area in book["指標"].merged_cells.ranges if area.min_row == 3]
    assert sorted(over) == ["H3:I3", "J3:K3", "L3:M3", "N3:O3", "P3:Q3"]


def test_the_year_of_a_baseline_is_told_in_both_calendars(client, filled):
    Indicator.objects.update(baseline_fiscal_year=2010)
    assert row_of(book_of(client)["指標"], 1)[6].value == "平成22年度\n（2010）"


def test_indicators_and_effects_are_numbers(client, filled):
    book = book_of(client)
    *_, header, indicator = rows(book["指標"])
    assert header == [
        *("番号", "項目名", "成果指標", "単位", "よい方向", "基準値", "基準値の年度"),
        *["目標", "実績"] * 5,
        "補足",
    ]
    unknown = [None] * 5
    assert indicator == [1, "項目1の取組", "収納率", "%", "増えるとよい", 95.5, None, *unknown, 96.0, None, 96.5]
    assert row_of(book["指標"], 1)[14].number_format == '#,##0.0"（見込）";"△"#,##0.0"（見込）"'
    assert rows(book["効果額"])[2:] == [
        ["番号", "項目名", "種類", "平成25年度\n（2013）", "計"],
        [1, "項目1の取組", "歳出削減", -1200, -1200],
        [None, "すべての項目", "歳出削減", -1200, -1200],
    ]


def test_what_the_city_printed_keeps_its_word_and_its_about(client, published):
    """A word stands where no number was printed, about nothing is 約0, and an amount in a unit of its own says it."""
    source = published.sources.get()
    figures = [
        *(("e1", "revenue", "わずか", None, "千円"), ("e2", "saving", "約0千円", 0, "千円")),
        ("e3", "total", "約1.5百万円", Decimal("1.5"), "百万円"),
    ]
    for key, kind, printed, value, unit in figures:
        PublishedFigure.objects.create(
            plan=published, key=key, measure="effect", label=key, category=kind, basis="actual", fiscal_year=2013,
            printed=printed, value=value, unit=unit, is_approximate=True, locator="表", source=source,
        )  # fmt: skip
    book = book_of(client)
    amounts = row_of_second(book["効果額"], "平成25年度（2013年度） 実績")
    assert [(cell.value, cell.number_format) for cell in amounts[2:5]] == [
        (1.5, '"約"#,##0.0"百万円";"約""△"#,##0.0"百万円"'),
        ("わずか", "General"),
        (0, '"約"#,##0"千円";"約""△"#,##0"千円"'),
    ]


def row_of_second(sheet, text):
    return next(row for row in sheet.iter_rows() if row[1].value == text)


def test_every_sheet_is_set_up_for_print(client, filled):
    book = book_of(client)
    found = {
        name: (str(sheet.page_setup.paperSize), sheet.page_setup.orientation, sheet.print_title_rows, sheet.print_area)
        for name, sheet in ((name, book[name]) for name in PEOPLE)
    }
    assert found == {
        "表紙": ("9", "portrait", "$1:$1", "'表紙'!$A$1:$B$33"),
        "一覧": ("8", "landscape", "$3:$4", "'一覧'!$A$1:$L$9"),
        "集計": ("8", "landscape", "$1:$2", "'集計'!$A$1:$H$45"),
        "指標": ("8", "landscape", "$3:$4", "'指標'!$A$1:$R$5"),
        "効果額": ("9", "landscape", "$4:$4", "'効果額'!$A$1:$E$6"),
    }
    for name in ("programs", "long", "errata", "codes", "sources"):
        sheet = book[name]
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
        assert (sheet.print_title_rows, sheet.page_setup.fitToHeight) == ("$1:$1", 0)
    for name in PEOPLE:
        sheet = book[name]
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.oddFooter.right.text == "&P / &N"
        assert min(cell.font.size for row in sheet.iter_rows() for cell in row if cell.value is not None) >= 8.5


def test_rows_are_as_high_as_their_text_and_too_long_ones_say_where_the_rest_is(client, published):
    content = ProgramEdition.objects.get(program__number="1", edition__key="fy2013-revision")
    ProgramEdition.objects.filter(pk=content.pk).update(contents="窓口を一つにする。" * 40)
    YearPlan.objects.bulk_create([YearPlan(program_edition=content, fiscal_year=2014, text="=1+1")])
    sheet = book_of(client)["一覧"]
    row = row_of(sheet, 1)[0].row
    assert sheet.cell(row, 4).value == "窓口を一つにする。" * 40
    short = sheet.row_dimensions[row].height
    assert sheet.cell(row, 8).value == "=1+1"
    assert sheet.cell(row, 8).data_type == "s"
    ProgramEdition.objects.filter(pk=content.pk).update(contents="窓口を一つにする。" * 444)
    sheet = book_of(client)["一覧"]
    assert sheet.cell(row, 4).value.endswith("…（続きは項目のページ）")
    assert 60 < short < sheet.row_dimensions[row].height <= 409


def test_an_official_plan_of_which_little_is_known_stays_short_and_says_so(client, official):
    book = book_of(client)
    # The three parts of the totals stand on one page, and one sentence on no A3.
    assert (book["集計"].row_breaks.brk, book["集計"].max_row) == ([], 27)
    assert book["指標"].max_row == 2
    items = rows(book["一覧"])
    assert items[2] == ["番号", "項目名"]
    known = [row for row in items if isinstance(row[0], int)]
    assert (len(known), known[0], known[9]) == (
        20,
        [1, "市民活動支援センターによる市民活動支援の充実（番号は仮）"],
        [27, "事業仕分けの実施"],
    )
    assert [row for row in items if str(row[0]).startswith("ほか")] == [
        [f"ほか{count}項目（名称未登録）"] for count in (11, 2, 4, 13, 12)
    ]
    totals = rows(book["集計"])
    assert ["計画全体", 1, 50, 11, None, 62] in totals
    assert ["1 地域協働の推進", "未登録", "未登録", "未登録", 15, 15] in totals
    assert ["H28.3 (2016)（市の公表値）", 1, 50, 11, None, 62] in totals
    assert rows(book["指標"])[1:] == [["このサイトに登録されている成果指標はありません（未登録）。"]]
    assert {name: (book[name].page_setup.paperSize, book[name].page_setup.orientation) for name in PEOPLE[1:]} == {
        "一覧": (9, "portrait"),
        "集計": (8, "landscape"),
        "指標": (9, "portrait"),
        "効果額": (9, "landscape"),
    }
    assert sum(one.width for one in book["指標"].column_dimensions.values()) < 86  # at nine points, not at five
    assert rows(book["効果額"])[-1] == ["実施項目ごとの効果額は、このサイトに登録されていません（未登録）。"]
    assert max(sheet.max_row for sheet in (book[name] for name in PEOPLE)) < 60


def test_a_fictional_plan_in_its_own_words(client, published):
    Plan.objects.update(is_fictional=True, policy_word="重点目標", department_word="所管部署", program_word="取組")
    Grade.objects.filter(code="B").update(definition="期限に間に合わない。")
    book = book_of(client, "?policy=2")
    cover = rows(book["表紙"])
    assert cover[0] == ["架空のデータ", "この計画は見本です。実在の市のものではありません。"]
    assert ["しぼり込み", "重点目標：重点目標2 執行体制の再構築"] in cover
    assert ["B", "予定よりも遅れている\n期限に間に合わない。"] in cover
    assert rows(book["一覧"])[0] == ["【架空のデータ】小平市 テスト計画　取組の一覧"]
    assert {"重点目標別", "所管部署別"} < {row[0] for row in rows(book["集計"])}
    assert all(book[name].oddHeader.left.text.startswith("【架空のデータ】") for name in PEOPLE)


def test_nothing_to_show_is_said(client, published):
    book = book_of(client, "?grade=A")
    assert rows(book["一覧"])[-1] == ["条件に当てはまる実施項目はありません。"]
    assert ["項目の数", "0項目"] in rows(book["表紙"])


@time_machine.travel("2026-04-01 09:00+09:00", tick=False)
def test_the_same_data_and_moment_give_the_same_bytes(client, filled):
    first, second = (client.get("/plans/kodaira-2/programs.xlsx").getvalue() for _ in range(2))
    assert first == second


def test_the_list_is_bounded_and_counts_are_not(client, published, monkeypatch):
    monkeypatch.setattr(facts, "MOST_ITEMS", 1)
    Program.objects.filter(number="3").update(name="項目3の取組")
    for program in Program.objects.filter(number__in=["1", "3"]):
        Effect.objects.create(program=program, fiscal_year=2013, kind="saving", basis="actual", amount=100)
    book = book_of(client)
    assert rows(book["一覧"])[-1] == ["ほか2項目は、シート「programs」にあります。しぼり込むと、この一覧にも載ります。"]
    assert ["計", 1, 0, 1, 1, 3] in rows(book["集計"])
    assert rows(book["効果額"])[-2:] == [
        [1, "項目1の取組", "歳出削減", 100, 100],
        [None, "すべての項目", "歳出削減", 200, 200],
    ]


@pytest.mark.soak
@pytest.mark.libreoffice
def test_62_items_print_on_four_a3_pages_in_eight_points_with_their_charts(client, db, tmp_path):
    call_command("load_sample", verbosity=0)
    path = tmp_path / "people.xlsx"
    path.write_bytes(client.get("/plans/sample/programs.xlsx").getvalue())
    converted(path, "pdf", tmp_path)
    pdf = str(tmp_path / "people.pdf")
    sheets, page = {}, 0
    while page < 16:
        page += 1
        at = ("-f", str(page), "-l", str(page), pdf, "-")
        corner = subprocess.run(
            ["pdftotext", "-x", "900", "-y", "0", "-W", "400", "-H", "50", *at],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        found = re.search("一覧|集計|指標|効果額", corner)
        if found:
            sheets.setdefault(found[0], []).append(page)
    said = subprocess.run(["pdftotext", "-l", "16", pdf, "-"], capture_output=True, text=True, check=True).stdout
    assert ("###" in said, "1,010（見込）" in said) == (False, True)  # a number that has no room is shown as ###
    assert {name: len(pages) for name, pages in sheets.items()} == {"一覧": 4, "集計": 2, "指標": 4, "効果額": 1}
    assert min(type_sizes(pdf)) >= 24  # 8 points, the tables for programs included
    assert len(openpyxl.load_workbook(path)["集計"]._charts) == 4
