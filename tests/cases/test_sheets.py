"""調査票 as they came back: sent by the department, looked at, and taken in where nothing is wrong with them."""

import html

import pytest

from reviews.models import ReportActual, ReportEffect
from tests.cases.files import data_of, sent_back

# What is stored of the open round before anything comes back: (item, what) → value.
BEGUN = {
    ("28", "grade"): "B",
    ("28", "progress"): "既にある記入",
    ("28", "delay_reason"): "理由",
    ("28", "remedy"): "対応",
    ("28", "2014 saving actual"): 1500,
    ("28", "2015 saving budget"): 800,
}
MERGED = "G5:G7 のセルが結合されています。結合を解除し、1つのセルに1つの内容を入れてください。"
COMMA = "実績値: 「68,1」は数として読めません。小数点は「.」、桁の区切りは 1,234 のように3桁ごとにしてください。"
TRUE = (
    "取組状況: セルの値が TRUE になっています。文字を入力してください"
    "（そのままの文字にするときは、セルの書式を「文字列」にします）。"
)
PERCENT = "「成果指標」シート H5: 百分率（%）の書式で表示されている値を、表示のとおり 68.1 と読みました。"
THOUSANDS = "「効果額」シート E6: 千単位の書式で表示されている値を、表示のとおり 1234 と読みました。"

# File → what is stored afterwards beside BEGUN, and how the preview shows it with its place; or what is refused, with the cell.
READ = {
    "base_survey": ({}, [], []),
    "s01_cr_as_x000D_excel": ({("27", "progress"): "1行目\n2行目"}, ["「報告」シート G5", "1行目\n2行目"], []),
    "s08_percent_format_068": ({("27", "利用率 2015"): 68.1}, ["「成果指標」シート H5", "68.1"], [PERCENT]),
    "s09_thousands_display_format": (
        {("28", "2015 saving actual"): 1234}, ["「効果額」シート E6", "1,234千円"], [THOUSANDS]
    ),
    "s13_strict_ooxml": ({("27", "progress"): "確認用の取組"}, ["「報告」シート G5", "確認用の取組"], []),
    "s29_grade_with_zwsp": ({("27", "grade"): "A"}, ["「報告」シート F5", "A 予定どおり"], []),
    "s38_actual_minus_U2212": ({("27", "利用率 2015"): -5}, ["「成果指標」シート H5", "-5"], []),
    "s91_XFD_and_3000_rows_3_sheets": ({("27", "progress"): "確認"}, ["「報告」シート G5", "確認"], []),
}  # fmt: skip
REFUSED = {
    "s26_merged_down_over_filled": ("「報告」シート G5", MERGED),
    "s41_actual_decimal_comma": ("「成果指標」シート H5", COMMA),
    "s49_progress_bool": ("「報告」シート G5", TRUE),
}


def stored(round_):
    found = {}
    for report in round_.reports.select_related("program", "grade"):
        texts = ("progress", "evidence", "delay_reason", "remedy", "recovery_on")
        told = {"grade": report.grade and report.grade.code} | {name: getattr(report, name) for name in texts}
        found |= {(report.program.number, name): value for name, value in told.items() if value}
    for one in ReportActual.objects.filter(report__round=round_).select_related("report__program", "indicator"):
        found[one.report.program.number, f"{one.indicator.name} {one.fiscal_year}"] = float(one.value)
    for one in ReportEffect.objects.filter(report__round=round_).select_related("report__program"):
        found[one.report.program.number, f"{one.fiscal_year} {one.kind} {one.basis}"] = one.amount
    return found


def confirmed(client, answer):
    """The preview is sent as its form would send it."""
    [(address, _status)] = answer.redirect_chain
    return client.post(address, {"fingerprint": answer.context_data["preview"].fingerprint, "_save": "1"})


@pytest.mark.parametrize("name", READ)
def test_a_sheet_that_is_read(name, bugs, client, cast):
    written, shown, notes = READ[name]
    client.force_login(cast.reporter)
    answer = sent_back(client, bugs, data_of(name))
    preview = answer.context_data["preview"]
    assert (preview.faults, preview.notes, len(preview.changes)) == ([], notes, len(written))
    assert [part for change in preview.changes for part in (change.place, change.mine_text)] == shown
    page = html.unescape(answer.text)
    assert [part for part in (*shown, *notes) if part not in page] == []
    assert "x000D" not in page
    assert stored(bugs.round) == BEGUN
    assert confirmed(client, answer).status_code == 302
    assert stored(bugs.round) == BEGUN | written


@pytest.mark.parametrize("name", REFUSED)
def test_a_sheet_that_is_refused_with_the_cell(name, bugs, client, cast):
    client.force_login(cast.reporter)
    answer = sent_back(client, bugs, data_of(name))
    assert [(fault.place, fault.message) for fault in answer.context_data["preview"].faults] == [REFUSED[name]]
    assert [part for part in REFUSED[name] if part not in html.unescape(answer.text)] == []
    again = confirmed(client, answer)
    assert (again.status_code, "誤りがあるため、取り込んでいません。" in again.text) == (409, True)
    assert stored(bugs.round) == BEGUN
