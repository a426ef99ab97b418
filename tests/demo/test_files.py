"""The files of the sample plan: its texts are written for it, differ from each other, and unfold into what they say."""

import datetime
from collections import Counter
from decimal import Decimal

import yaml

from demo.loading import FIRST
from demo.promise import SampleIndicator, SampleItem, read, tables
from demo.reports import ROUNDS, reports_of
from workbooks.management.commands.load_official import OFFICIAL

ITEMS = read(FIRST.folder)
REPORTS = {item.number: reports_of(item) for item in ITEMS}
SAID = [said for reports in REPORTS.values() for said in reports if said]


def duplicates(texts):
    return {text: count for text, count in Counter(texts).items() if count > 1}


def test_62_items_stand_in_five_policies_in_order():
    assert [item.number for item in ITEMS] == [str(number) for number in range(1, 63)]
    assert Counter(item.block["policy"] for item in ITEMS) == {1: 15, 2: 5, 3: 7, 4: 18, 5: 17}


def test_every_item_has_its_own_words():
    for field in ("name", "kana", "contents", "effect"):
        assert duplicates(item.block[field] for item in ITEMS) == {}, field
    assert duplicates(item.revision["reason"] for item in ITEMS if item.revision) == {}
    assert duplicates(one.name for item in ITEMS for one in item.indicators) == {}


def test_the_city_is_nobody_elses():
    official = yaml.safe_load(OFFICIAL.read_text(encoding="utf-8"))
    theirs = {
        row["name"]
        for sheet in ("programs", "policies", "directions", "viewpoints")
        for row in official[sheet]
        if "name" in row
    }
    ours = {item.block["name"] for item in ITEMS}
    frame = yaml.safe_load((FIRST.folder / "plan.yaml").read_text(encoding="utf-8"))
    ours |= {row["name"] for sheet in ("policies", "directions", "viewpoints") for row in frame[sheet]}
    assert ours & theirs == set()
    every_text = "".join(path.read_text(encoding="utf-8") for path in FIRST.folder.glob("*.yaml"))
    assert "小平" not in every_text
    assert [name for name in theirs if len(name) >= 8 and name in every_text] == []


def test_texts_are_as_long_as_a_city_writes_them():
    assert [item.number for item in ITEMS if not 20 <= len(item.block["contents"]) <= 140] == []
    assert [item.number for item in ITEMS if not 8 <= len(item.block["effect"]) <= 60] == []
    assert [said.progress for said in SAID if not 9 <= len(said.progress) <= 130] == []
    behind = [said for said in SAID if said.grade == "B"]
    assert [said for said in behind if not (12 <= len(said.delay_reason) <= 60 and 10 <= len(said.remedy) <= 60)] == []


def test_reports_differ_from_half_year_to_half_year_but_for_five_that_were_copied():
    copied = {
        (number, ROUNDS[place].isoformat())
        for number, reports in REPORTS.items()
        for place, said in enumerate(reports)
        if place and said and reports[place - 1] and said.progress == reports[place - 1].progress
    }
    assert copied == {
        ("14", "2015-03-31"),
        ("32", "2014-03-31"),
        ("42", "2015-09-30"),
        ("51", "2013-03-31"),
        ("59", "2014-03-31"),
    }
    assert set(duplicates(said.progress for said in SAID).values()) == {2}
    assert len(duplicates(said.progress for said in SAID)) == len(copied)


def test_reasons_and_remedies_are_not_copied():
    behind = [said for said in SAID if said.grade == "B"]
    assert len(behind) == 64
    assert duplicates(said.delay_reason for said in behind) == {}
    assert duplicates(said.remedy for said in behind) == {}


def test_grades_tell_stories():
    grades = {number: "".join(said.grade if said else "-" for said in said_) for number, said_ in REPORTS.items()}
    assert grades["10"] == "AAABBBBBBB"  # behind to the end
    assert grades["28"] == "AAABBBAAAA"  # a delay made good
    assert grades["48"] == "BBABABABAB"  # again and again
    assert grades["40"] == "BBBBBBABBB"
    assert grades["62"] == "--AAAABAAA"  # added midway
    assert grades["61"] == "A-AAAAAAAA"  # once not reported
    assert "S" in grades["34"]
    # Written by hand as the department's own judgement: on track although the target was missed.
    assert REPORTS["1"][5].grade == "B"
    assert REPORTS["1"][3].grade == "A"
    assert "との差が残った" in REPORTS["1"][3].progress or "達しなかった" in REPORTS["1"][3].progress


BLOCK = {
    "number": "1",
    "policy": 1,
    "name": "項目",
    "kana": "こうもく",
    "departments": ["a"],
    "contents": "内容",
    "years": "平成23年度",
    "effect": "効果",
    "plan": ["検討", "", "実施", "継続", ""],
    "indicators": [
        {"name": "割合", "unit": "%", "baseline": 5, "targets": [10, 20, 30, 40, 50], "actuals": [10, 19.5, 31, 44, 51.6], "late": True},
        {"name": "件数", "unit": "件", "better": "down", "revised": ["2 以下", 1], "actuals": [9, 8, 7, 3, 1]},
    ],
    "effects": {"revenue": [None, 100, 200, 300, 400], "budget": True},
    "revision": {"reason": "遅れたため", "departments": ["a", "b"], "plan": ["継続", "終了"]},
    "reports": [{"A": "始めた。"}, {"A": "進めた。"}, "未報告", {"A": "続けた。"}, {"A": "前回と同じ"}, {"A": "終えた。"}, {"A": "見直した。"}, {"B": "遅れた。", "reason": "理由", "remedy": "対応", "recovery": datetime.date(2016, 3, 31)}, {"A": "戻した。"}, {"S": "超えた。", "evidence": "根拠"}],
}  # fmt: skip
ITEM = SampleItem("1", BLOCK, [SampleIndicator.of(one) for one in BLOCK["indicators"]])


def rows(sheet):
    found = next(
        one for one in tables([ITEM], {"marks": {"contents": [1]}, "notes": {"1 contents": "注"}}) if one.sheet == sheet
    )
    return [row for _number, row in found.rows]


def test_a_block_becomes_two_editions_of_which_the_second_changes_only_what_it_says():
    first, second = rows("program_editions")
    assert (first["departments"], second["departments"]) == ("a", "a;b")
    assert (first["contents"], second["contents"]) == ("内容", "内容")
    assert (first["revision_reason"], second["revision_reason"]) == ("", "遅れたため")
    plans = {(row["edition"], row["fiscal_year"]): row["text"] for row in rows("year_plans")}
    assert plans == {
        ("original", 2011): "検討",
        ("original", 2013): "実施",
        ("original", 2014): "継続",
        ("fy2013-revision", 2014): "継続",
        ("fy2013-revision", 2015): "終了",
    }
    targets = [
        (row["indicator"], row["edition"], row["fiscal_year"], row["value"], row["text"])
        for row in rows("indicator_targets")
    ]
    assert targets[3:] == [
        (1, "original", 2014, Decimal(40), ""),
        (1, "original", 2015, Decimal(50), ""),
        (1, "fy2013-revision", 2014, Decimal(40), ""),
        (1, "fy2013-revision", 2015, Decimal(50), ""),
        (2, "fy2013-revision", 2014, Decimal(2), "以下"),
        (2, "fy2013-revision", 2015, Decimal(1), ""),
    ]  # fmt: skip
    assert [(row["baseline"], row["baseline_fiscal_year"]) for row in rows("indicators")] == [
        (Decimal(5), 2010),
        (Decimal(7), 2013),
    ]
    assert rows("revision_marks") == [
        {"revision": "fy2013-revision", "program": "1", "aspect": "contents", "note": "注"}
    ]


def test_march_gives_a_forecast_of_what_is_settled_late_and_september_settles_it():
    reports = reports_of(ITEM)
    assert reports[2] is None
    assert [said.progress for said in reports if said] == [
        "始めた。",
        "進めた。割合は10％の見込みである（目標は10％）。",
        "続けた。割合は20％の見込みである（目標は20％）。",
        "続けた。割合は20％の見込みである（目標は20％）。",
        "終えた。割合は31％の見込みである（目標は30％）。",
        "見直した。平成25年度の割合は31％で確定した。",
        "遅れた。割合は44％の見込みである（目標は40％）。件数は3件となり、目標（2件以下）との差が残った。",
        "戻した。平成26年度の割合は44％で確定した。",
        "超えた。割合は51.6％の見込みである（目標は50％）。件数は1件で、目標の1件を達成した。",
    ]
    assert [(one.fiscal_year, one.value, one.is_forecast) for one in reports[4].actuals] == [
        (2012, Decimal("19.5"), False)
    ]
    assert [[(one.fiscal_year, one.basis, one.amount) for one in said.effects] for said in reports if said] == [
        [],
        [],
        [],
        [(2012, "actual", 100)],
        [],
        [(2013, "actual", 200)],
        [],
        [(2014, "actual", 300), (2015, "budget", 400)],
        [],
    ]  # fmt: skip
