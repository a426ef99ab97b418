"""Plans of other cities, each cut down to what once came out wrong: ledger, command, pages, files and API say what was printed."""

import io
from dataclasses import dataclass, field

import openpyxl
import pytest

from policies.models import Plan
from tests.cases.files import BOOK_PAGE, data_of, looked_at
from tests.figures.imported import bring_in, checked, ledger, refusal, rows_of, table
from tests.reading import read
from tests.soak import others_in_soak
from tests.staff.pages import CONFIRM_BOOK

FIRST, LATEST = "progress/2019-03-31/", "progress/2020-03-31/"
NEWER = "令和2年（2020年）3月31日から評価の基準が変わりました：基準を厳しくした"


@dataclass(frozen=True)
class Case:
    ledger: dict = field(default_factory=dict)  # key → (status, what the records give), as the API says too
    counted: tuple = (0, 0, 0)  # 一致, 不一致, 照合できません, as the command, the page and the API count them
    says: dict = field(default_factory=dict)  # page → what stands in it
    defines: dict = field(default_factory=dict)  # page → terms with their values
    tables: dict = field(default_factory=dict)  # page → rows of its tables
    never: dict = field(default_factory=dict)  # page → what does not
    csv: list = field(default_factory=list)  # number, grade and change of every item in programs.csv
    rounds: list = field(
        default_factory=list
    )  # items, judged, not judged on purpose, not reported, of every round by the API
    effects: list = field(default_factory=list)  # level, policy, kind and 千円 of every effect by the API
    sheet: list = field(default_factory=list)  # rows of the sheet 集計 or 効果額 of programs.xlsx


PRINTED = "市が公表した年度ごとの効果額"
TOTAL, PARTS = (
    ["令和元年度（2019年度）実績", *cells] for cells in (("628.9", "未登録", "未登録"), ("150", "100", "50"))
)
LIVING = {"登録した実施項目": "1件"}
CASES = {
    "min-policy-grade": Case(
        ledger={"p1A": ("一致", 1), "p1": ("一致", 1)},
        counted=(2, 0, 0),
        tables={FIRST: [["方針1 柱1", "1", "0", "0", "1"], ["計", "2", "0", "0", "2"]]},
        csv=[("1", "A", ""), ("2", "A", "")],
        rounds=[(2, 2, 0, 0)],
        sheet=[["1 柱1", 1, 0, 0, 1], ["計", 2, 0, 0, 2]],
    ),
    "min-excluded": Case(
        ledger={"g": ("一致", 1), "A": ("一致", 1), "Apc": ("一致", 100)},
        counted=(3, 0, 0),
        says={
            "": "平成31年（2019年）3月31日現在、評価した1項目のうち1項目（100%）が「よい」です。"
            "このほかに、評価の対象でないものが1項目あります。"
        },
        defines={FIRST: {"●A よい": "1項目", "－X 対象外": "1項目"}},
        never={"": "100項目", "figures/": "100項目"},
        csv=[("1", "A", ""), ("2", "X", "")],
        rounds=[(2, 1, 1, 0)],
        sheet=[["A よい", 1], ["X 対象外", 1], ["計", 2]],
    ),
    "min-items-asof": Case(
        ledger={"n1": ("一致", 1), "n2": ("一致", 2)},
        counted=(2, 0, 0),
        says={FIRST: "1項目の評価は次のとおりです。", LATEST: "2項目の評価は次のとおりです。"},
        defines={"": {"登録した実施項目": "2件"}},
        tables={"progress/": [["2", "項目2", "未登録", "·この基準日にはない項目", "●A", "●A よい"]]},
        csv=[("1", "A", "same"), ("2", "A", "")],
        rounds=[(1, 1, 0, 0), (2, 2, 0, 0)],
        sheet=[["A よい", 2], ["計", 2]],
    ),
    "min-category": Case(
        ledger={"BC": ("照合できません", None), "pc": ("不一致", 100)},
        counted=(0, 1, 1),
        tables={
            "figures/": [
                [
                    "A の割合平成31年（2019年）3月31日現在",
                    "81.0%",
                    "≠不一致 記録では100%。評価した1項目のうち1項目です。印刷された桁に四捨五入して比べます。",
                    "出典1：「min-category 公表資料」 公表資料の表",
                ]
            ]
        },
        says={"figures/": "「C」は、この基準日の評価にありません。どの評価の数か分からないため、計算できません。"},
        never={"figures/": "100項目"},
        csv=[("1", "A", "")],
        rounds=[(1, 1, 0, 0)],
        sheet=[["A よい", 1], ["B わるい", 0], ["計", 1]],
    ),
    "min-policy-effect": Case(
        ledger={"e0": ("照合できません", None), "e1": ("照合できません", None), "e2": ("照合できません", None)},
        counted=(0, 0, 3),
        tables={"": [TOTAL], "effects/": [TOTAL]},
        never=dict.fromkeys(("", "effects/"), f"<title>{PRINTED}"),  # there is nothing to draw
        effects=[("plan", None, "total", 628900), ("policy", 1, "total", 153800), ("policy", 2, "total", 117300)],
        sheet=[["令和元年度（2019年度） 実績", 628.9, "未登録", "未登録"]],
    ),
    "min-parts": Case(
        ledger={
            "a": ("照合できません", None),
            "b": ("照合できません", None),
            "c": ("一致", 150),
            "d": ("照合できません", None),
        },
        counted=(1, 0, 3),
        tables={"": [PARTS], "effects/": [PARTS]},
        effects=[
            ("plan", None, "revenue", 100000),
            ("plan", None, "saving", 50000),
            ("plan", None, "total", 150000),
            ("policy", 1, "revenue", 30000),
        ],
        sheet=[["令和元年度（2019年度） 実績", 150, 100, 50]],
    ),
    "min-ended": Case(
        says={"programs/": "1件（すべて）", LATEST: "1項目の評価は次のとおりです。"},
        defines={"": LIVING, "policies/1/": LIVING, LATEST: {"●A よい": "1項目"}},
        tables={
            "": [
                ["平成31年（2019年）3月31日", "2", "0", "0"],
                ["令和2年（2020年）3月31日", "1", "0", "0"],
            ],
            "progress/": [["2", "項目2", "未登録", "●A", "·この基準日にはない項目", "この基準日にはない項目"]],
        },
        csv=[("1", "A", "same")],
        rounds=[(2, 2, 0, 0), (1, 1, 0, 0)],
        sheet=[["A よい", 1], ["未報告", 0], ["計", 1]],
    ),
    "min-criteria": Case(
        says={"": NEWER, "policies/1/": NEWER, "progress/": NEWER}
        | {"programs/1/": "この基準日から評価の基準が変わりました：基準を厳しくした"}
        | {"compare/?from=2019-03-31&to=2020-03-31": "この間に評価の基準が変わったため、上がった・下がったとは言えません。"}
        | {LATEST: "前回（平成31年（2019年）3月31日現在）の評価とは比べていません。変わったこと：基準を厳しくした"},
        tables={
            "": [["令和2年（2020年）3月31日評価の基準を変更", "0", "1", "0"]],
            "progress/": [["1", "項目1", "未登録", "●A", "◉B", "◉B わるい"]],
        },
        never=dict.fromkeys(("", "policies/1/", "progress/", LATEST, "programs/1/"), "下がった"),
        csv=[("1", "B", "")],
        rounds=[(1, 1, 0, 0), (1, 1, 0, 0)],
        sheet=[["A よい", 0], ["B わるい", 1], ["計", 1]],
    ),
}  # fmt: skip
# What the others are about is asked in figures/test_cases.py, too.
IN_TEST = [name for name in CASES if name not in ("min-items-asof", "min-category")]
BREAKS = {"min-criteria": ("", "policies/1/", "progress/")}  # where a line in the chart says so
REFUSED = {
    "min-badgrade1": "シート「公表した報告（published_reports）」 2行目 列「評価（grade_code）」: この調査の評価にない記号です。"
    "シート「評価（grades）」にあるのは A、B です。（値「Z」）",
    "min-triangle": "シート「公表値（published_figures）」 2行目 列「読み取った値（value）」: "
    "歳出削減の金額に△があり、減らした額か、減らせずに増えた額か分かりません。",
}


def sheets_of(client, plan):
    """All rows of the sheets for people, without empty cells."""
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/plans/{plan.slug}/programs.xlsx").getvalue()))
    return [
        [cell for cell in row if cell is not None]
        for name in ("集計", "効果額")
        for row in book[name].iter_rows(values_only=True)
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("name", others_in_soak(CASES, IN_TEST))
def test_a_plan_says_what_was_printed(name, client, capsys):
    case, plan = CASES[name], bring_in(name)
    assert ledger(plan) == case.ledger
    same, other, unknown = case.counted
    assert f"一致 {same}件、不一致 {other}件、照合できません {unknown}件" in checked(plan, capsys)
    figures = table(client, plan, "figures")
    assert {row["figure"]: (row["status"], row["computed"]) for row in figures} == case.ledger
    for path in {*case.says, *case.defines, *case.tables, *case.never}:
        answer = client.get(f"/plans/{plan.slug}/{path}")
        shown, html = read(answer), answer.content.decode()
        assert case.says.get(path, "") in " ".join(shown.texts["p"] + shown.texts["td"]), path
        assert {term: shown.definitions[term] for term in case.defines.get(path, ())} == case.defines.get(path, {}), (
            path
        )
        rows = [row for found in shown.tables for row in found]
        assert [row for row in case.tables.get(path, ()) if row not in rows] == [], path
        assert path not in case.never or case.never[path] not in html, path
        assert ('<line class="break"' in html) == (path in BREAKS.get(name, ())), path
    listed = rows_of(client, plan, "programs.csv")
    assert [(row["program_number"], row["grade"], row["change"]) for row in listed] == case.csv
    counts = ("item_count", "graded_count", "excluded_count", "unreported_count")
    assert [tuple(row[key] for key in counts) for row in table(client, plan, "rounds")] == case.rounds
    told = table(client, plan, "effects")
    assert [(row["level"], row["policy_number"], row["kind"], row["amount"]) for row in told] == case.effects
    rows = sheets_of(client, plan)
    assert [row for row in case.sheet if row not in rows] == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_plan_that_is_refused_or_asked_about(name, client, cast):
    assert REFUSED[name] in refusal(name)
    client.force_login(cast.office)
    answer = looked_at(client, data_of(name))
    asked = "どちらの意味ですか" in answer.text
    assert asked == (name == "min-triangle")
    assert asked or REFUSED[name] in [str(problem) for problem in answer.context_data["problems"]]
    assert not Plan.objects.filter(slug=name).exists()


def test_the_answer_is_kept_and_not_asked_for_again(client, cast):
    client.force_login(cast.office)
    asked = looked_at(client, data_of("min-triangle")).context_data["asked"]
    preview = client.post(BOOK_PAGE, {"ask": asked, "triangle": "reduction"})
    client.post(CONFIRM_BOOK, {"file": preview.context_data["waiting"]})
    plan = Plan.objects.get(slug="min-triangle")
    saving = plan.figures.get(key="c")
    assert (saving.value, saving.printed, saving.triangle) == (192424, "△192,424", "reduction")
    assert ledger(plan)["t"] == ("一致", 251788)
    bring_in("min-triangle")
    assert plan.figures.get(key="c").value == 192424
