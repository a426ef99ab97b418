"""Lists out of the admin and back in: the same bytes change nothing, and what is wrong is refused with its place."""

import csv
import datetime
import io
import os

import openpyxl
import pytest
from django.contrib import admin
from django.core.files.storage import storages

from accounts.models import Department
from committee.models import Meeting
from figures.models import PublishedFigure
from policies.models import LineageFigure, LineageNote, LineagePlan, Plan, Position, Source
from programs.models import PlanIndicator, Program, ProgramEdition
from reviews import workflow
from tests import factories
from tests.kept import kept
from tests.libreoffice import converted
from tests.reading import messages
from tests.soak import others_in_soak
from tests.staff import files
from tests.staff.addresses import list_url
from tests.staff.files import problems, xlsx

# Logs and records that only acts write are neither imported nor exported; nor are people.
KEPT_OUT = {
    *("accounts.user", "programs.contenterratum", "programs.latecontent", "reviews.reporterratum"),
    *("reviews.notice", "reviews.publishedreport", "reviews.redaction", "workbooks.surveyupload"),
    *("programs.planindicatorerratum", "reviews.settlement"),
}
MODELS = sorted({model._meta.label_lower for model in admin.site._registry} - KEPT_OUT)
# A department, texts of a meeting, printed numbers, a grade, a promise with its departments, a report.
ONE_OF_EACH = [
    *("accounts.department", "committee.opinion", "figures.publishedfigure"),
    *("policies.grade", "programs.programedition", "reviews.report"),
]


def to_csv(rows, encoding="utf-8-sig"):
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode(encoding)


@kept
def rich(plan, cast):
    """Rows in every list, with texts that try to break the way out and back."""
    source = plan.sources.get()
    source.title, source.note = "=1+1", "'-2と\n二行目"
    source.date = datetime.date(2014, 10, 31)
    source.save()
    plan.summary = '＝全角と、"引用"\n改行'
    plan.source = source
    plan.save()
    Position.objects.create(
        plan=plan, order=1, layer="プラン", name="計画", first_fiscal_year=2011, last_fiscal_year=2015
    )
    line = LineagePlan.objects.create(plan=plan, key="before", order=1, name="=前の計画")
    line.sources.add(source)
    LineageFigure.objects.create(plan=plan, lineage=line, key="before.all", as_of="2011-03-31", value=100)
    LineageNote.objects.create(plan=plan, lineage=line, key="before.1", kind="revision", text="-見直し\n二行目")
    plan.scales.create(starts_on="2015-03-31", note="=厳しくした")
    plan.viewpoints.create(order=1, kind="goal", name="「市民本位」の市政")
    Meeting.objects.create(plan=plan, held_on="2014-10-31", **factories.PUBLIC).documents.add(source)
    PublishedFigure.objects.create(
        plan=plan, key="effect-2011", measure="effect", label="効果額", fiscal_year=2011, category="total",
        basis="actual", printed="約1百億円", value="-285.50", unit="百万円", source=source, locator="2頁",
    )  # fmt: skip
    Department.objects.create(city="小平市", code="007", name="-課", successor=cast.zaisei)
    factories.written(plan)
    factories.revised(plan)
    plan.opinions.create(key="2014-1", given_on="2014-10-31", text="=意見\n二行目")
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    plan.delay_causes.create(name="=予算", order=1)
    PlanIndicator.objects.create(plan=plan, number=1, name="=自主財源比率", unit="%", baseline="58.25")
    draft = factories.report(opened, 1)
    workflow.save_draft(
        draft, factories.content(plan, "B", progress="@開始\n-二つ目\n"), by=cast.office, version=draft.version
    )
    return plan


@pytest.mark.parametrize("label", others_in_soak(MODELS, ONE_OF_EACH))
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_an_export_taken_in_again_changes_nothing(label, ending, client, cast, rich, preview):
    client.force_login(cast.root)
    data = files.exported(client, label, ending)
    response = preview(label, data, f"list.{ending}")
    assert problems(response) == []
    totals = response.context_data["result"].totals
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)
    assert dict(totals) == {
        "new": 0, "update": 0, "delete": 0, "skip": model.objects.count(), "error": 0, "invalid": 0,
    }  # fmt: skip
    assert totals["skip"] > 0


@pytest.mark.libreoffice
def test_a_list_saved_in_the_format_of_libreoffice_changes_nothing(client, cast, rich, preview, tmp_path):
    client.force_login(cast.root)
    (tmp_path / "list.xlsx").write_bytes(files.exported(client, "figures.publishedfigure"))
    converted(tmp_path / "list.xlsx", "ods", tmp_path)
    response = preview("figures.publishedfigure", (tmp_path / "list.ods").read_bytes(), "list.ods")
    assert problems(response) == []
    assert response.context_data["result"].totals["skip"] == response.context_data["result"].total_rows == 1


def test_a_text_that_begins_like_a_formula_is_text_in_excel_and_is_disarmed_in_csv(client, cast, rich):
    client.force_login(cast.office)
    book = openpyxl.load_workbook(io.BytesIO(files.exported(client, "policies.source", "xlsx")))
    assert book.sheetnames == ["data"]
    cell = book["data"]["C2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    data = files.exported(client, "policies.source", "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert (row["題名"], row["備考"], row["発行日"]) == ("'=1+1", "''-2と\n二行目", "2014-10-31")


def test_a_negative_number_in_csv_is_a_number(client, cast, rich):
    client.force_login(cast.office)
    [row] = csv.DictReader(io.StringIO(files.exported(client, "figures.publishedfigure", "csv").decode("utf-8-sig")))
    assert (row["読み取った値"], row["年度"], row["およその値"]) == ("-285.5", "2011", "いいえ")


def test_an_export_holds_what_the_list_was_narrowed_to(client, cast, plan):
    client.force_login(cast.office)
    response = client.post(list_url("programs.program", "export/") + "?named=no", {"format": "1", "resource": "0"})
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["番号"] for row in rows] == ["3"]


def test_a_reporter_exports_only_own_reports(client, cast, rich):
    client.force_login(cast.stranger)
    rows = list(csv.DictReader(io.StringIO(files.exported(client, "reviews.report", "csv").decode("utf-8-sig"))))
    assert [row["実施項目"] for row in rows] == ["2"]


HEAD = ["計画", "方針", "番号", "項目名", "番号は仮", "ふりがな"]


def test_new_and_changed_items_are_taken_in_with_codes_as_people_type_them(client, cast, plan, take_in):
    client.force_login(cast.office)
    done = take_in(
        "programs.program",
        xlsx([HEAD, ["kodaira-2", "１", "３", "行政評価", "いいえ", ""], ["ｋodaira-2", 2, 27.0, "新", "はい", None]]),
    )
    assert messages(done) == ["実施項目を取り込みました。新規1件、更新1件、変更なし0件。"]
    assert list(plan.programs.values_list("number", "name", "number_is_provisional", "name_kana")) == [
        ("1", "項目1の取組", False, ""),
        ("2", "項目2の取組", False, ""),
        ("3", "行政評価", False, ""),
        ("27", "新", True, ""),
    ]
    history = Program.history.filter(number="3").latest()
    assert (history.history_user, history.history_change_reason) == (cast.office, "取り込み")


def test_the_preview_saves_nothing_and_shows_what_will_change(client, cast, plan, preview):
    client.force_login(cast.office)
    response = preview("programs.program", xlsx([HEAD[:4], ["kodaira-2", 1, "1", "項目1の<b>改革"]]))
    assert "項目1の<del>取組</del><ins>&lt;b&gt;改革</ins>" in response.content.decode()
    assert Program.objects.get(number="1").name == "項目1の取組"


def test_a_blank_cell_of_a_text_is_an_empty_text(client, cast, plan, take_in):
    plan.summary = "説明"
    plan.save()
    client.force_login(cast.office)
    take_in("policies.plan", xlsx([["識別名", "説明"], ["kodaira-2", None]]))
    assert Plan.objects.get().summary == ""


def test_a_column_that_is_missing_stays_as_it_is(client, cast, plan, take_in):
    client.force_login(cast.office)
    take_in("programs.program", xlsx([["計画", "番号", "備考"], ["kodaira-2", "1", "メモ"]]))
    program = Program.objects.get(number="1")
    assert (program.name, program.note) == ("項目1の取組", "メモ")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [["kodaira-2", 1, "4", "新", "はい", ""], ["kodaira-2", 9, "5", "新", "はい", ""]],
            [(3, "方針", "「kodaira-2」に、「9」という方針はありません。")],
        ),
        ([["nowhere", 1, "4", "新", "", ""]], [(2, "", "「nowhere」という計画はありません。")]),
        ([["kodaira-2", 1, "4 5", "新", "", ""]], [(2, "番号", "番号は半角英数字と - . だけで入力してください。")]),
        ([["kodaira-2", 1, None, "新", "", ""]], [(2, "", "「番号」を入力してください。")]),
        (
            [["kodaira-2", 1, "4", "新", "たぶん", ""]],
            [(2, "番号は仮", "「たぶん」は読めません。「はい」か「いいえ」（○ か ×）で入力してください。")],
        ),
        (
            [["kodaira-2", 1, "４", "新", "", ""], ["kodaira-2", 1, 4, "別", "", ""]],
            [(3, "", "2行目と同じものです。どちらかの行を削除してください。")],
        ),
        (
            [["kodaira-2", 1, "4", "新", "", ""], [None] * 6, ["kodaira-2", 1, "5", "新", "", ""]],
            [(3, "", "空の行です。行ごと削除してください。")],
        ),
        ([["kodaira-2", None, "4", "新", "", ""]], [(2, "方針", "このフィールドには NULL を指定できません。")]),
    ],
)
def test_one_wrong_row_stops_everything_and_is_named(rows, expected, client, cast, plan, preview):
    client.force_login(cast.office)
    response = preview("programs.program", xlsx([HEAD, *rows]))
    assert problems(response) == expected
    assert "confirm_form" not in response.context_data
    assert Program.objects.count() == 3
    assert files.waiting() == []


def test_a_date_and_a_year_may_be_written_in_the_japanese_calendar(client, cast, plan, take_in):
    client.force_login(cast.office)
    take_in(
        "policies.source",
        xlsx([["計画", "記号", "題名", "発行日"], ["kodaira-2", "S2", "資料", "平成２６年１０月３１日"]]),
    )
    assert Source.objects.get(key="S2").date == datetime.date(2014, 10, 31)
    head = ["計画", "並び順", "区分", "名称", "最初の年度", "最後の年度"]
    take_in("policies.position", to_csv([head, ["kodaira-2", "1", "プラン", "計画", "平成23年度", "H27"]]), "a.csv")
    assert list(plan.positions.values_list("first_fiscal_year", "last_fiscal_year")) == [(2011, 2015)]


@pytest.mark.parametrize(
    ("head", "row", "message"),
    [
        (
            ["計画", "並び順", "区分"],
            ["kodaira-2", "x", "プラン"],
            "「x」は数として読めません。単位や「約」を付けずに、1234 や 68.1 のように入力してください。",
        ),
        (
            ["計画", "並び順", "区分"],
            ["kodaira-2", 1.5, "プラン"],
            "「1.5」は整数ではありません。小数のない数を入力してください。",
        ),
        (["計画", "並び順", "区分"], ["kodaira-2", "9" * 5000, "プラン"], None),
        (["計画", "並び順", "区分"], ["kodaira-2", "1e400", "プラン"], None),
    ],
)
def test_a_number_that_is_none_is_refused(head, row, message, client, cast, plan, preview):
    client.force_login(cast.office)
    [(line, _column, text)] = problems(preview("policies.position", xlsx([head, row])))
    assert line == 2
    assert message is None or text == message


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (
            lambda: b"not a workbook",
            "a.xlsx",
            "文字だけのファイル（CSVなど）です。Excelのファイル（xlsx）にしてください。",
        ),
        (lambda: b"", "a.xlsx", "入力されたファイルは空です。"),
        (lambda: xlsx([HEAD]), "a.xls", "xlsx、ods か csv のファイルを選んでください。"),
        (lambda: xlsx([]), "a.xlsx", "1行目に見出しがありません。"),
        (lambda: xlsx([["計画", "計画"], ["a", "b"]]), "a.xlsx", "見出し「計画」が重なっています。"),
        (lambda: xlsx([["計画", None, "番号"], ["a", "b", "c"]]), "a.xlsx", "見出しのない列があります。"),
        (lambda: xlsx([["計画", "番号"], ["a", "b", "c"]]), "a.xlsx", "2行目の、見出しのない列に値があります。"),
        (lambda: xlsx([HEAD], sheet="項目", more=["説明"]), "a.xlsx", "シートが2枚あり、どれを読むか分かりません。"),
        (
            lambda: xlsx([HEAD, ["kodaira-2", "=1+1", "4"]]),
            "a.xlsx",
            "「data」シートのB2は計算結果の保存されていない数式です。",
        ),
        (lambda: xlsx([HEAD, ["kodaira-2", "#N/A", "4"]]), "a.xlsx", "「data」シートのB2はエラー（#N/A）です。"),
        (lambda: xlsx([HEAD]), "a.xlsx", "取り込む行がありません。"),
        (lambda: b'"a', "a.csv", "CSVとして読めません。"),
        (lambda: b"\xff\xfe\xfa\x00\x81", "a.csv", "文字コードが分かりません。"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(data, name, message, client, cast, plan, preview):
    client.force_login(cast.office)
    [(_row, field, text)] = problems(preview("programs.program", data(), name))
    assert field == "import_file"
    assert text.startswith(message)
    assert files.waiting() == []


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (["計画", "項目名"], "「番号」の列がありません。"),
        (["計画", "番号", "ばんごう"], "「ばんごう」という列は取り込めません。"),
    ],
)
def test_headings_that_do_not_fit_are_refused(head, message, client, cast, plan, preview):
    client.force_login(cast.office)
    found = problems(preview("programs.program", xlsx([head, ["kodaira-2"] * len(head)])))
    assert found[0][2].startswith(message)


def test_the_sheet_is_chosen_by_its_name_not_by_being_open(client, cast, plan, take_in):
    client.force_login(cast.office)
    take_in("programs.program", xlsx([HEAD, ["kodaira-2", 1, "4", "新", "", ""]], more=["説明"]))
    assert Program.objects.get(number="4").name == "新"


def test_a_csv_that_excel_saved_in_shift_jis_is_read(client, cast, plan, take_in):
    client.force_login(cast.office)
    take_in("programs.program", to_csv([HEAD, ["kodaira-2", "1", "4", "表計算", "", ""]], "cp932"), "a.csv")
    assert Program.objects.get(number="4").name == "表計算"


def test_a_control_character_is_refused(client, cast, plan, preview):
    client.force_login(cast.office)
    data = to_csv([HEAD, ["kodaira-2", "1", "4", "新\x00", "", ""]])
    [(row, column, _text)] = problems(preview("programs.program", data, "a.csv"))
    assert (row, column) == (2, "項目名")


def test_departments_of_an_item_are_taken_in_by_code_and_in_order(client, cast, plan, take_in):
    client.force_login(cast.office)
    written = files.exported(client, "programs.programedition")
    where = {"実施項目": "1", "版": "original"}
    take_in("programs.programedition", files.changed(written, where, 推進担当課="zeimu、ｚaisei"))
    content = ProgramEdition.objects.get(program__number="1", edition__key="original")
    assert list(content.responsibilities.values_list("department__code", "order")) == [("zeimu", 1), ("zaisei", 2)]


def test_a_department_and_its_successor_may_come_in_one_file(client, cast, plan, take_in):
    client.force_login(cast.office)
    head = ["自治体", "コード", "名称", "引き継いだ部署"]
    take_in("accounts.department", xlsx([head, ["小平市", "new", "新課", ""], ["小平市", "zaisei", "財政課", "new"]]))
    assert Department.objects.get(code="zaisei").successor.code == "new"


def test_what_reports_stand_on_is_not_changed_by_a_file_either(client, cast, rich, preview):
    client.force_login(cast.office)
    rows = [["計画", "基準日", "版"], ["kodaira-2", "2014-09-30", "original"]]
    settled = "もう使われているため、変えられません。元の値に戻してください。"
    assert problems(preview("reviews.round", xlsx(rows))) == [(2, "版", settled)]
    grades = [["計画", "記号", "名称", "意味"], ["kodaira-2", "B", "遅れ", "予定どおり"]]
    assert problems(preview("policies.grade", xlsx(grades))) == [(2, "意味", settled)]


# Between preview and confirmation


def test_data_that_changed_since_the_preview_stops_the_import_and_says_so(client, cast, plan, preview, confirm):
    client.force_login(cast.office)
    response = preview(
        "programs.program", xlsx([HEAD, ["kodaira-2", 1, "4", "新", "", ""], ["kodaira-2", 1, "5", "新", "", ""]])
    )
    Program.objects.all().delete()
    plan.policies.get(number=1).delete()
    done = confirm("programs.program", response)
    assert done.status_code == 409
    assert messages(done) == ["確かめたあとにデータが変わったため、取り込みを中止しました。何も保存していません。"]
    assert Program.objects.count() == 0


def test_a_file_that_was_not_previewed_here_is_refused(client, cast, plan, preview):
    client.force_login(cast.office)
    response = preview("programs.program", xlsx([HEAD, ["kodaira-2", 1, "4", "新", "", ""]]))
    waiting = response.context_data["confirm_form"].initial
    refused = ["確かめたファイルが見つかりません。もう一度ファイルを選んでください。何も保存していません。"]
    for label, data in [
        ("programs.program", {**waiting, "import_file_name": "../../db.sqlite3"}),
        ("programs.program", {}),
        ("policies.source", waiting),
    ]:
        assert messages(client.post(list_url(label, "process_import/"), data, follow=True)) == refused
    client.force_login(cast.root)
    assert messages(client.post(list_url("programs.program", "process_import/"), waiting, follow=True)) == refused
    assert Program.objects.count() == 3


def test_a_confirmation_counts_once(client, cast, plan, preview, confirm):
    client.force_login(cast.office)
    response = preview("programs.program", xlsx([HEAD, ["kodaira-2", 1, "4", "新", "", ""]]))
    confirm("programs.program", response)
    assert messages(confirm("programs.program", response))[0].startswith("確かめたファイルが見つかりません。")
    assert files.waiting() == []


@pytest.mark.parametrize("field", ["format", "resource"])
def test_the_confirmation_takes_its_settings_from_the_preview(field, client, cast, plan, preview):
    client.force_login(cast.office)
    waiting = (
        preview("programs.program", xlsx([HEAD, ["kodaira-2", 1, "4", "新", "", ""]]))
        .context_data["confirm_form"]
        .initial
    )
    done = client.post(list_url("programs.program", "process_import/"), {**waiting, field: "99"}, follow=True)
    assert messages(done) == ["実施項目を取り込みました。新規1件、更新0件、変更なし0件。"]


def test_a_file_that_was_cleaned_away_is_asked_for_again(client, cast, plan, preview, confirm):
    client.force_login(cast.office)
    response = preview("programs.program", xlsx([HEAD, ["kodaira-2", 1, "4", "新", "", ""]]))
    storages["import_export"].delete(f"django-import-export/{files.waiting()[0]}")
    assert messages(confirm("programs.program", response))[0].startswith("確かめてから時間がたちました。")


def test_uploads_that_nobody_confirmed_are_deleted_after_a_day(client, cast, plan, preview):
    client.force_login(cast.office)
    data = xlsx([HEAD, ["kodaira-2", 1, "4", "新", "", ""]])
    preview("programs.program", data)
    [old] = files.waiting()
    client.force_login(cast.root)
    preview("programs.program", data)
    assert len(files.waiting()) == 2
    path = storages["import_export"].path(f"django-import-export/{old}")
    yesterday = datetime.datetime.now().timestamp() - 25 * 60 * 60  # noqa: DTZ005
    os.utime(path, (yesterday, yesterday))
    preview("policies.source", data)
    assert old not in files.waiting()


def test_a_second_preview_replaces_the_first(client, cast, plan, preview):
    client.force_login(cast.office)
    for name in ("一", "二"):
        preview("programs.program", xlsx([HEAD, ["kodaira-2", 1, "4", name, "", ""]]))
    assert len(files.waiting()) == 1


# Reports
