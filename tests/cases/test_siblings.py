"""Each cell of this folder's files once more: written by another program, at another door. Some in `make test`."""

import datetime
import io
import re

import openpyxl
import pytest

from programs.models import Program
from tests.cases.files import data_of, looked_at, sent_back
from tests.cases.writers import STRICT, Merged, Shown, by_hand, by_pandas, by_xlsxwriter
from tests.reading import read
from tests.soak import others_in_soak
from tests.staff.files import problems
from tests.workbooks.plan import books

ITEMS, ACTUALS = "programs.program", "programs.indicatoractual"  # lists of the admin
BOOK, SHEET = "plan workbook", "調査票"

TRUE = "セルの値が TRUE になっています。文字を入力してください（そのままの文字にするときは、セルの書式を「文字列」にします）。"
COMMA = "「68,1」は数として読めません。小数点は「.」、桁の区切りは 1,234 のように3桁ごとにしてください。"
DATE = "セルの値が日付（2027-03-01）になっています。セルの書式を「文字列」にして、文字を入力し直してください。"
UNMERGE = "のセルが結合されています。結合を解除し、1つのセルに1つの{}を入れてください。"
FAR = "シートの30,000行目に値があります。読めるのは{}行までです。表から離れた値を消すか、シートを分けてください。"
PERCENT = "百分率（%）の書式で表示されている値を、表示のとおり 68.1 と読みました。"
THOUSANDS = "千単位の書式で表示されている値を、表示のとおり 1234 と読みました。"
RATE, THOUSAND = Shown(0.681, "0.0%"), Shown(1_234_000, "#,##0,")


def items(note, *more):
    """A list of items, of which the first has this note."""
    head = ["計画", "方針", "番号", "項目名", "備考"]
    return {"data": [head, ["bugs", 1, "27", "公民館の使用料の見直し", note], *more]}


def actuals(value, item="27"):
    """A list with one actual, of fiscal year 2012."""
    return {"data": [["計画", "実施項目", "指標の番号", "年度", "実績値"], ["bugs", item, 1, 2012, value]]}


def book(sheet, head, *rows):
    return {"plan": [["slug"], ["bugs"]], sheet: [head, *rows]}


def sheet(**put):
    """The 調査票 as it was downloaded, with something in some cells."""
    whole = openpyxl.load_workbook(io.BytesIO(data_of("base_survey")))
    rows = {one.title: [list(row) for row in one.iter_rows(values_only=True)] for one in whole}
    for name, value in put.items():
        title, at = name.split("_")
        cell = whole[title][at]
        rows[title][cell.row - 1][cell.column - 1] = value
    return rows


SECOND = ["bugs", 2, "28", "補助金の見直し", None]
NOTES = ["number", "note"]
VALUES = ["program", "indicator", "fiscal_year", "value"]
AMOUNT = {"効果額_A6": "28 補助金の見直し", "効果額_B6": "平成27年度", "効果額_C6": "歳出削減", "効果額_D6": "実績"}
STATED = "シート「実施項目（programs）」 2行目 列「備考（note）」: "
KEYED = "シート「意見・助言（opinions）」 2行目 列「記号（key）」: "
UNBOUND = "シート「実施項目（programs）」: 結合したセルがあります。結合を解除し、1つのセルに1つの値を入れてください。（値「B2:B3」）"
OPINION = (["key", "given_on", "text"], [datetime.date(2027, 3, 1), "2026/11/1", "意見"])

# Case → (door, who wrote what, what is refused, what is read, what is told), at least one each. What is read is the one value
# that the preview shows.
CASES = {
    "a carriage return": [
        (ITEMS, lambda: by_hand(items("1行目_x000D_\n2行目")), [], "1行目\n2行目", []),
        (BOOK, lambda: by_xlsxwriter(book("programs", NOTES, ["27", "1行目_x000D_\n2行目"])), [], "1行目\n2行目", []),
        (SHEET, lambda: by_hand(sheet(報告_G5="1行目_x000D_\n2行目")), [], "1行目\n2行目", []),
    ],
    "a percentage": [
        (ACTUALS, lambda: by_xlsxwriter(actuals(RATE)), [], "68.1", [f"「data」シート E2: {PERCENT}"]),
        (
            *(BOOK, lambda: by_hand(book("indicator_actuals", VALUES, ["27", 1, 2012, RATE])), [], "68.1"),
            [f"「indicator_actuals」シート D2: {PERCENT}"],
        ),
        (SHEET, lambda: by_hand(sheet(成果指標_H5=RATE)), [], "68.1", [f"「成果指標」シート H5: {PERCENT}"]),
    ],
    "thousands": [
        (ACTUALS, lambda: by_hand(actuals(THOUSAND, "28")), [], "1234", [f"「data」シート E2: {THOUSANDS}"]),
        (
            *(SHEET, lambda: by_xlsxwriter(sheet(**AMOUNT, 効果額_E6=THOUSAND)), [], "1,234千円"),
            [f"「効果額」シート E6: {THOUSANDS}"],
        ),
    ],
    "a decimal comma": [
        (ACTUALS, lambda: by_pandas(actuals("68,1")), [(2, "実績値", COMMA)], None, []),
        (SHEET, lambda: by_hand(sheet(成果指標_H5="68,1")), [("「成果指標」シート H5", f"実績値: {COMMA}")], None, []),
    ],
    "U+2212": [
        (BOOK, lambda: by_pandas(book("indicator_actuals", VALUES, ["27", 1, 2012, "−5"])), [], "-5", []),
        (ACTUALS, lambda: by_pandas(actuals("−5")), [], "-5", []),
        (SHEET, lambda: by_xlsxwriter(sheet(成果指標_H5="−5")), [], "-5", []),
    ],
    "TRUE for a text": [
        (ITEMS, lambda: by_hand(items(True)), [(2, "備考", TRUE)], None, []),
        (
            *(BOOK, lambda: by_xlsxwriter(book("programs", NOTES, ["27", True]))),
            *([f"{STATED}{TRUE}（値「TRUE」）"], None, []),
        ),
        (SHEET, lambda: by_hand(sheet(報告_G5=True)), [("「報告」シート G5", f"取組状況: {TRUE}")], None, []),
    ],
    "a key that became a date": [
        (BOOK, lambda: by_xlsxwriter(book("opinions", *OPINION)), [f"{KEYED}{DATE}（値「2027-03-01」）"], None, []),
    ],
    "merged cells": [
        (BOOK, lambda: by_hand(book("programs", NOTES, ["27", Merged("共通", "B2:B3")], ["28"])), [UNBOUND], None, []),
        (
            *(ITEMS, lambda: by_xlsxwriter(items(Merged("共通", "E2:E3"), SECOND))),
            *([(None, "import_file", f"「data」シートのE2:E3{UNMERGE.format('値')}")], None, []),
        ),
        (
            *(SHEET, lambda: by_xlsxwriter(sheet(報告_G5=Merged("まとめて", "G5:G6"), 報告_G6=None))),
            *([("「報告」シート G5", f"G5:G6 {UNMERGE.format('内容')}")], None, []),
        ),
    ],
    "a grade with a zero-width space": [
        (SHEET, lambda: by_xlsxwriter(sheet(報告_F5="\ufeffA\u200b")), [], "A 予定どおり", []),
    ],
    "Strict Open XML": [
        (SHEET, lambda: by_hand(sheet(報告_G5="取組"), main=STRICT), [], "取組", []),
        (ITEMS, lambda: by_hand(items("注"), main=STRICT), [], "注", []),
        (BOOK, lambda: by_hand(book("programs", NOTES, ["27", "注"]), main=STRICT), [], "注", []),
    ],
    "a row far below": [
        (
            *(SHEET, lambda: by_xlsxwriter(sheet(), far=((30_000, 1), "遠い"))),
            *([f"取り込めません。何も保存していません。「記入のしかた」{FAR.format('3,000')}"], None, []),
        ),
        (
            *(ITEMS, lambda: by_xlsxwriter(items("注"), far=((30_000, 2), "遠い"))),
            *([(None, "import_file", f"「data」{FAR.format('21,000')}")], None, []),
        ),
    ],
    "a blank cell in XFD": [
        (BOOK, lambda: by_xlsxwriter(book("programs", NOTES, ["27", "注"]), far=((1, 16_384), None)), [], "注", []),
        (SHEET, lambda: by_xlsxwriter(sheet(報告_G5="注"), far=((1, 16_384), None)), [], "注", []),
        (ITEMS, lambda: by_xlsxwriter(items("注"), far=((1, 16_384), None)), [], "注", []),
    ],
}
ALL = [(case, number) for case, found in CASES.items() for number in range(len(found))]
IN_TEST = [
    (case, 0) for case in ("a percentage", "a decimal comma", "merged cells", "Strict Open XML", "a row far below")
]
IN_TEST += [("a blank cell in XFD", 1), ("TRUE for a text", 2)]
MARK = re.compile(r"<[^>]+>")


def at_sheet(client, bugs, data):
    answer = sent_back(client, bugs, data)
    found = (answer.context_data or {}).get("preview")
    if found is None:
        return answer.context_data["form"].errors["file"], [], []
    return [(fault.place, fault.message) for fault in found.faults], [c.mine_text for c in found.changes], found.notes


def at_book(client, bugs, data):
    shown = looked_at(client, data).context_data
    if shown["problems"]:
        return [str(problem) for problem in shown["problems"]], [], shown["notes"]
    values = [cell["new"] for one in shown["sheets"] for cell in one.changed]
    return (
        [],
        values + [text for one in shown["sheets"] for _, _, row in one.created for _, text in row],
        shown["notes"],
    )


def at_list(label, preview, data):
    answer = preview(label, data)
    if found := problems(answer):
        return found, [], []
    [row] = [row for row in answer.context_data["result"].rows if not row.is_skip()]
    return [], [MARK.sub("", str(cell)) for cell in row.diff], answer.context_data["result"].notes


@pytest.mark.parametrize(("case", "number"), others_in_soak(ALL, IN_TEST))
def test_another_writer_at_another_door(case, number, bugs, client, cast, preview):
    door, make, refused, value, notes = CASES[case][number]
    client.force_login(cast.reporter if door == SHEET else cast.office)
    before = books.everything()
    if door in (SHEET, BOOK):
        found, values, told = (at_sheet if door == SHEET else at_book)(client, bugs, make())
    else:
        found, values, told = at_list(door, preview, make())
    assert found == refused
    assert refused or value in values
    assert told == notes
    assert books.everything() == before


@pytest.mark.parametrize("write", [pytest.param(by_xlsxwriter, marks=pytest.mark.soak), by_hand])
def test_a_sheet_that_another_program_saved_has_no_difference(write, bugs, client, cast):
    client.force_login(cast.reporter)
    assert at_sheet(client, bugs, write(sheet())) == ([], [], [])


LOOK_ALIKE = {
    "～": "〜", "がぎ": "か\u3099き\u3099", "（注）": "(注)", "ＡＢ１": "AB1", "市\u3000民": "市 民", "行\u200b政": "行政",
    "辻": "辻\U000e0100", "終": "終\n", "－": "−", "—": "―", "‖": "∥", "￥1": "¥1", "年\u00a0度": "年 度",
}  # fmt: skip


@pytest.mark.django_db
def test_editions_that_differ_in_what_nobody_sees(client, cast):
    """Written by XlsxWriter; the last item says something else, so that somebody counts at all."""
    pairs = [*LOOK_ALIKE.items(), ("検討", "実施")]
    numbered = [(str(n), pair) for n, pair in enumerate(pairs, 1)]
    moment = "2011-03-25 10:00:00"
    sheets = {
        "plan": [["slug", "city", "name", "first_fiscal_year", "last_fiscal_year", "is_public"],
                 ["alike", "見本市", "計画", 2011, 2015, True]],
        "editions": [["key", "name", "first_fiscal_year", "last_fiscal_year", "frozen_at"],
                     ["a", "当初", 2011, 2015, moment], ["b", "改訂", 2014, 2015, moment]],
        "policies": [["number", "name"], [1, "方針"]],
        "programs": [["number", "policy", "name"], *([number, 1, f"項目{number}"] for number, _ in numbered)],
        "program_editions": [["program", "edition", "contents"],
                             *([number, key, text] for number, pair in numbered for key, text in zip("ab", pair, strict=True))],
        "revisions": [["to_edition", "from_edition"], ["b", "a"]],
    }  # fmt: skip
    books.bring_in(by_xlsxwriter(sheets), cast.office)
    page = read(client.get("/plans/alike/revisions/b/"))
    assert [row[:3] for row in page.tables[0][1:] if row[2] != "0"] == [
        ["見直した項目", "未登録", "1"], ["実施内容", "未登録", "1"]
    ]  # fmt: skip
    assert Program.objects.filter(plan__slug="alike").count() == len(pairs)
