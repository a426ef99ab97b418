"""Plan workbooks as they came: by the command, looked at only, and in the admin. Both say the same."""

import io
from collections import Counter

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from policies.models import Plan
from programs.models import Program
from tests.cases.files import data_of, looked_at, path_of
from tests.reading import read
from tests.workbooks.plan import books

ACTUAL = (
    "シート「指標の実績（indicator_actuals）」 {}行目 列「実績値（value）」: 「{}」は数として読めません。{}（値「{}」）"
)
COMMA = "小数点は「.」、桁の区切りは 1,234 のように3桁ごとにしてください。"
UNIT = "単位や「約」を付けずに、1234 や 68.1 のように入力してください。"
# The plan itself, when its last round is open; in another form of the format it is the same.
OPEN = "シート「調査（rounds）」 4行目 列「状態（state）」: 受付中の調査では変えられません。元の値に戻してください。（値「2015-09-30」）"

# File → what is added, and what is told of cells that are shown otherwise than stored.
READ = {
    "p02_percent_format": (
        "27 / 1 / 2013 を追加: 実績値=68.1",
        "「indicator_actuals」シート D2: 百分率（%）の書式で表示されている値を、表示のとおり 68.1 と読みました。",
    ),
    "p11_thousand_display": (
        "28 / 2013 / saving / actual を追加: 金額（千円）=1234",
        "「effects」シート E2: 千単位の書式で表示されている値を、表示のとおり 1234 と読みました。",
    ),
}
REFUSED = {
    "00_base_plan": [OPEN],
    "p08_strict": [OPEN],
    "p03_comma_decimal": [
        ACTUAL.format(2, "68,1", COMMA, "68,1"),
        ACTUAL.format(3, "94、7", UNIT, "94、7"),
        ACTUAL.format(4, "1,2,3", COMMA, "1,2,3"),
    ],
    "p25_merged": [
        "シート「実施項目（programs）」: 結合したセルがあります。結合を解除し、1つのセルに1つの値を入れてください。（値「B2:B3」）"
    ],
}


def dry_run(name, capsys):
    """The lines that the command prints, and those of its refusal."""
    capsys.readouterr()
    refused = []
    try:
        call_command("import_plan", str(path_of(name)), dry_run=True)
    except CommandError as error:
        refused = [line.strip() for line in str(error).splitlines()[1:]]
    return [line.strip() for line in capsys.readouterr().out.splitlines()], refused


@pytest.mark.parametrize("name", READ)
def test_a_workbook_that_is_read(name, bugs, client, cast, capsys):
    added, note = READ[name]
    lines, refused = dry_run(name, capsys)
    assert refused == []
    assert [line for line in lines if "を追加" in line or "読み替え" in line] == [added, f"読み替え: {note}"]
    client.force_login(cast.office)
    answer = looked_at(client, data_of(name))
    assert answer.context_data["notes"] == [note]
    key, _, value = added.partition(" を追加: ")
    assert ["2", key, value.replace("=", ": ")] in [row for table in read(answer).tables for row in table]
    assert note in read(answer).texts["li"]


def test_the_preview_says_in_which_row_of_the_file_each_thing_stands(client, cast):
    """The place of a cell that was read as it is shown can be found in it, as in the previews of lists and 調査票."""
    client.force_login(cast.office)
    tables = read(looked_at(client, data_of("p21_two_editions_look_alike"))).tables
    plan, axes, grades, editions, *_ = (rows for head, *rows in tables if head == ["行", "追加するもの", "値"])
    found = [[row[:2] for row in rows] for rows in (plan, grades, editions)]
    assert found == [[["2", "wave"]], [["2", "main / A"]], [["2", "original"], ["3", "rev"]]]
    assert axes == [["—", "main", "ほかの欄は空欄"]]  # not in the file: what every plan has


@pytest.mark.parametrize("name", REFUSED)
def test_a_workbook_that_is_refused_with_the_cell(name, bugs, client, cast, capsys):
    before = books.everything()
    assert dry_run(name, capsys)[1] == REFUSED[name]
    client.force_login(cast.office)
    answer = looked_at(client, data_of(name))
    assert (answer.status_code, answer.context_data["waiting"]) == (400, "")
    assert [str(problem) for problem in answer.context_data["problems"]] == REFUSED[name]
    with pytest.raises(CommandError, match=f"{len(REFUSED[name])}件の誤りがあります"):
        call_command("import_plan", str(path_of(name)))
    assert books.everything() == before


def in_an_empty_database(name):
    """A workbook as the first plan of an installation; a second time it has nothing to add."""
    call_command("import_plan", str(path_of(name)), verbosity=0)
    plan = Plan.objects.get()
    again = books.bring_in(data_of(name), None, dry_run=True)
    changed = {sheet: one for sheet, one in again.sheets.items() if one.created or one.changed or one.deleted}
    assert ([str(problem) for problem in again.problems], changed) == ([], {})
    return plan


@pytest.mark.django_db
def test_the_plan_itself_and_in_strict_form(capsys):
    call_command("import_plan", str(path_of("p08_strict")), verbosity=0)
    plain = Counter(str(row) for row in books.open_tables("bugs")["programs"])
    assert list(Program.objects.values_list("number", "name").order_by("sort_key")) == [
        ("1-1", "市税の収納率の向上"),
        ("27", "公民館の使用料の見直し"),
        ("28", "補助金の見直し"),
        ("29", "葛󠄀飾通り𠮷野線の委託"),
        ("30", "ごみ袋（ｶﾞ）の有料化"),
        ("R1-1", "窓口の電子化"),
    ]
    assert dry_run("00_base_plan", capsys)[1] == []
    assert Counter(str(row) for row in books.open_tables("bugs")["programs"]) == plain


@pytest.mark.django_db
def test_two_editions_that_nobody_can_tell_apart(client):
    plan = in_an_empty_database("p21_two_editions_look_alike")
    page = read(client.get(f"/plans/{plan.slug}/revisions/rev/"))
    counts = {row[0]: row[2] for row in page.tables[0][1:]}
    assert (counts["見直した項目"], set(counts.values())) == ("0", {"0"})
    [revision] = client.get(f"/api/v1/plans/{plan.slug}/revisions").json()["items"]
    assert {row["computed_count"] for row in revision["revision_counts"]} == {0}
    item = client.get(f"/plans/{plan.slug}/programs/6/")
    assert "「当初」から変わったところはありません。" in read(item).texts["p"]


def cells(data):
    """Sheet → rows as {column: value}, without README; what LibreOffice makes of TRUE and FALSE is the value."""
    meant = {"=TRUE()": True, "=FALSE()": False}
    found = {}
    for sheet in openpyxl.load_workbook(io.BytesIO(data)):
        if sheet.title != "README":
            names, *rows = sheet.iter_rows(values_only=True)
            found[sheet.title] = [
                {name: meant.get(value, value) for name, value in zip(names, row, strict=True)} for row in rows
            ]
    return found


def without(row, *names):
    return {name: value for name, value in row.items() if name not in names}


@pytest.mark.django_db
def test_what_libreoffice_saved_has_no_fault_and_no_difference():
    assert in_an_empty_database("p15_sample_libreoffice_roundtrip").programs.count() == 62


@pytest.mark.parametrize(
    "name", ["exp-kodaira-2", pytest.param("p15_sample_libreoffice_roundtrip", marks=pytest.mark.soak)]
)
@pytest.mark.django_db
def test_an_archive_comes_back_cell_by_cell(name):
    """Columns that did not exist then are added; the note on a new scale and the errata of contents have sheets of their own."""
    plan = in_an_empty_database(name)
    given, again = cells(data_of(name)), cells(books.exported(plan.slug))
    errata = given.pop("errata")
    for sheet, rows in given.items():
        assert len(rows) == len(again[sheet]), sheet
        for row, other in zip(rows, again[sheet], strict=True):
            assert without(row, "criteria_note") == {name: other[name] for name in without(row, "criteria_note")}, sheet
    found = [without(row, "number") | {"edition": None} for row in again["errata"]]
    found += [without(row, "number") | {"as_of": None} for row in again["content_errata"]]
    assert sorted(map(repr_of, found)) == sorted(repr_of(without(row, "number")) for row in errata)


def repr_of(row):
    return repr(sorted(row.items()))


@pytest.mark.django_db
def test_a_round_that_was_published_without_a_frozen_edition():
    plan = in_an_empty_database("exp-kodaira-2")
    assert plan.rounds.get(state="published").published_reports.filter(edition_key="").count() == 62
