"""A sheet comes back as people and programs leave it: what is meant is read, what is not is refused with its place."""

import datetime
import io

import openpyxl
import pytest

from accounts.models import Department
from core.spreadsheets.limits import DAMAGED, MAX_BYTES, UnreadableFile
from reviews import workflow
from tests import factories
from tests.archives import encrypted_zip, with_parts, zipped
from tests.workbooks.survey.sheets import Book, changes, everything, faults, row_of
from workbooks.models import SurveyUpload
from workbooks.survey import layout
from workbooks.survey.sheet import survey_sheet


def test_what_is_downloaded_changes_nothing(desk, sheet):
    uploaded = desk.upload(sheet)
    assert (changes(uploaded), faults(uploaded)) == ({}, [])


def test_the_sheet_holds_what_a_person_needs_and_only_entry_cells_are_open(desk, sheet):
    book = desk.download()
    assert [(s.title, s.sheet_state) for s in book.book] == [
        ("記入のしかた", "visible"),
        ("報告", "visible"),
        ("成果指標", "visible"),
        ("効果額", "visible"),
        ("選択肢", "hidden"),
        ("_survey", "veryHidden"),
    ]
    assert book["報告"]["A1"].value == "小平市 テスト計画 調査票（平成27年3月31日現在）財政課"
    row = row_of(book, 1)
    assert [cell.value for cell in book["報告"][row]] == [
        1, "項目1の取組", "下書き", "【実施内容】項目1の内容\n【平成26年度の計画】実施",
        "【平成26年9月30日現在】B 予定よりも遅れている\n【回復の約束】平成28年3月31日まで: 協議の回数を増やす。",
        "説明会を3回開いた。",
        None, None, None, None, None, None, None, "1", "1",
    ]  # fmt: skip
    assert [cell.protection.locked for cell in book["報告"][row]] == [True] * 6 + [False] * 6 + [True] * 3
    assert [cell.value for cell in book["成果指標"][4]] == [
        1, "項目1の取組", "参加率", "%", "増えるとよい", "80.5", "70（平成25年度）", None, None, None, "1#1",
    ]  # fmt: skip
    assert [cell.value for cell in book["効果額"][4]] == [
        "1 項目1の取組", "平成26年度", "歳出削減", "予算", 1200, "委託の見直し", "1/effect/2014/saving/budget",
    ]  # fmt: skip
    for name in layout.COLUMNS:
        view = book[name]
        assert (view.protection.sheet, view.protection.password, view.print_title_rows) == (True, None, "$1:$3")
        assert (view.page_setup.orientation, view.page_setup.paperSize, view.page_setup.fitToHeight) == (
            "landscape", 8, 0,
        )  # fmt: skip
        widths = view.column_dimensions.values()
        assert sum(column.width for column in widths if not column.hidden) <= 198.001  # prints at nine points
        hidden = [column.title for column in layout.COLUMNS[name] if column.hidden]
        assert [view.cell(3, d).value for d in range(1, 16) if view.column_dimensions[chr(64 + d)].hidden] == hidden
    assert [
        cell.value for row in (1, 2) for cell in book["報告"][row] if cell.column > 1 and cell.border.left.style
    ] == [
        *("課長確認印", None),
    ]
    rules = {str(rule.sqref): rule.formula1 for rule in book["報告"].data_validations.dataValidation}
    assert rules["G4:G5"] == "'選択肢'!$A$1:$A$3"
    assert [cell.value for cell in book["選択肢"]["A"][:3]] == [
        "S 予定以上に進捗",
        "A 予定どおりに進捗",
        "B 予定よりも遅れている",
    ]


def test_a_fictional_plan_says_so(desk, opened):
    opened.plan.is_fictional = True
    opened.plan.save()
    book = desk.download()
    for name in ("記入のしかた", *layout.COLUMNS):
        assert book[name]["A1"].value.startswith("【架空のデータ】")
    assert "【架空のデータ】" in book["報告"].oddFooter.left.text


def test_entries_are_read_however_they_are_typed(desk):
    """Full-width, either calendar, a day that lost its format, trailing blanks, numbers as text."""
    for typed, read in (
        ({"評価": "Ａ"}, {"grade": "A"}),
        ({"評価": "予定よりも遅れている"}, {"grade": "B"}),
        ({"取組状況": "  =1+1 のように  \r\n"}, {"progress": "=1+1 のように"}),
        ({"取組状況": 12.0}, {"progress": "12"}),
        ({"回復予定日": "平成２８年３月３１日"}, {"recovery_on": "2016-03-31"}),
        ({"回復予定日": "H28.3.31"}, {"recovery_on": "2016-03-31"}),
        ({"回復予定日": 42460}, {"recovery_on": "2016-03-31"}),
        ({"回復予定日": datetime.datetime(2016, 3, 31)}, {"recovery_on": "2016-03-31"}),  # noqa: DTZ001
    ):
        book = desk.download()
        row = row_of(book, 1)
        for title, value in typed.items():
            cell = book.cell("報告", row, title)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
        found = changes(desk.upload(book))
        assert {name: new for (_item, name), (_old, new, _c) in found.items()} == read, typed
    for typed, read in (
        (("７７．５", "見込み", "速報"), ("77.5", "1", "速報")),
        ((0.1 + 0.2, "実績", None), ("0.3", None, None)),
        (("1,234", None, " "), ("1234", None, None)),
    ):
        book = desk.download()
        book.put("成果指標", row_of(book, 3, "成果指標"), **dict(zip(("実績値", "見込", "補足"), typed, strict=True)))
        found = changes(desk.upload(book))
        names = ("value", "forecast", "note")
        assert tuple(found.get(("3", f"actual/1/{name}"), (None, None))[1] for name in names) == read, typed


def test_effects_are_added_changed_moved_and_taken_away(desk):
    book = desk.download()
    book.put("効果額", 5, 項目="3", 年度="H26", 種類="歳入確保", 根拠="実績", **{"金額（千円）": "△５００千円"})
    book.put("効果額", 4, 根拠="実績")  # the same effect is an actual now
    key, moved = "effect/2014/saving/budget", "effect/2014/saving/actual"
    assert changes(desk.upload(book)) == {
        ("1", f"{moved}/amount"): ("", "1200", False),
        ("1", f"{moved}/note"): ("", "委託の見直し", False),
        ("1", f"{key}/amount"): ("1200", "", False),
        ("1", f"{key}/note"): ("委託の見直し", "", False),
        ("3", "effect/2014/revenue/actual/amount"): ("", "-500", False),
    }
    book = desk.download()
    for column in range(1, 7):
        book["効果額"].cell(4, column).value = None
    assert set(changes(desk.upload(book))) == {("1", f"{key}/amount"), ("1", f"{key}/note")}
    book = desk.download()
    book["効果額"].delete_rows(4)
    assert changes(desk.upload(book)) == {}


def test_a_sheet_may_be_sorted_filtered_widened_stripped_and_moved(desk):
    book = desk.download()
    sheet = book["報告"]
    first, second = ([cell.value for cell in sheet[row]] for row in (4, 5))
    first[7], second[7] = "一つ目", "二つ目"
    for row, values in ((4, second), (5, first)):  # sorted, the other way round
        for column, value in enumerate(values, 1):
            sheet.cell(row, column).value = value
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["H"].width = 90
    for row in sheet.iter_rows(min_row=4):
        for cell in row:
            cell.style = "Normal"  # values pasted over: every format is lost
    sheet.insert_rows(1)
    sheet.insert_cols(3)
    sheet["C6"] = "メモ"
    for row in range(7, 60):
        sheet.cell(row, 20).value = " "
    assert changes(desk.upload(book)) == {
        ("1", "progress"): ("", "一つ目", False),
        ("3", "progress"): ("", "二つ目", False),
    }
    book = desk.download()
    book.put("報告", row_of(book, 3), 取組状況="残した行")
    book["報告"].delete_rows(row_of(book, 1))
    assert changes(desk.upload(book)) == {("3", "progress"): ("", "残した行", False)}


def test_every_fault_of_every_row_is_told_at_once_with_its_place(desk, opened, cast):
    factories.handed_in(opened, 3, by=cast.reporter)
    book = desk.download()
    row, other = row_of(book, 1), row_of(book, 3)
    book.put("報告", row, 評価="Ｚ", 取組状況="=SUM(A1)", 評価の根拠="あ" * 2001, 回復予定日="来年")
    book.put("報告", other, 取組状況="提出後の直し")
    book.put("報告", 6, 取組状況="宙に浮いた行")
    book.put("成果指標", row_of(book, 1, "成果指標"), 実績値="七割", 見込="たぶん")
    book.put("効果額", 4, **{"金額（千円）": None})
    book.put("効果額", 5, 項目="2", 年度="2014", 種類="歳入", 根拠="実績", **{"金額（千円）": "約1.5"})
    book.cell("報告", row, "対応策").value = "#N/A"
    book.cell("報告", row, "対応策").data_type = "e"
    before = everything()
    found = faults(desk.upload(book))
    assert found == [
        ("「報告」シート G4", "評価: 「Ｚ」は選べません。S 予定以上に進捗、A 予定どおりに進捗、B 予定よりも遅れているのいずれかにしてください。"),
        ("「報告」シート H4", "取組状況: 計算結果の保存されていない数式です。Excelで開いて保存し直すか、計算した値に置き換えてください。"),
        ("「報告」シート I4", "評価の根拠: この値は 2000 文字以下でなければなりません( 2001 文字になっています)。"),
        ("「報告」シート K4", "対応策: エラー（#N/A）です。正しい値に直すか、空欄にしてください。"),
        ("「報告」シート L4", "回復予定日: 「来年」は日付として読めません。2014-10-31 または 平成26年10月31日 のように入力してください。"),
        ("「報告」シート A6", "どの項目の行か分かりません。元の行に記入してください。"),
        ("「成果指標」シート H4", "実績値: 「七割」は数として読めません。単位や「約」を付けずに、1234 や 68.1 のように入力してください。"),
        ("「成果指標」シート I4", "見込: 「たぶん」は選べません。実績、見込のいずれかにしてください。"),
        ("「効果額」シート E4", "金額を入力してください。取り消すときは、この行の欄をすべて空にしてください。"),
        ("「効果額」シート A5", "項目: 「2」は、この課の項目ではありません。一覧から選んでください。"),
        ("「効果額」シート C5", "種類: 「歳入」は選べません。歳入確保、歳出削減のいずれかにしてください。"),
        ("「効果額」シート E5", "金額: 「約1.5」は金額として読めません。千円単位の数だけを入力するか、130.7百万円、1,234,567円 のように単位を付けてください。"),
        ("「報告」シート H5", "番号3の報告は提出済みのため、変えられません。直すときは、事務局に差し戻しを頼んでください。"),
    ]  # fmt: skip
    assert everything() == before


def test_rows_that_do_not_fit_together_are_faults(desk):
    book = desk.download()
    book.put("報告", 5, 番号=1)  # only the visible column was sorted
    book.put("成果指標", row_of(book, 1, "成果指標"), 見込="見込")
    book.put("効果額", 5, 項目="1", 年度="2014", 種類="歳出削減", 根拠="予算", **{"金額（千円）": 3})
    book.put("効果額", 6, 補足="金額がない")
    assert faults(desk.upload(book)) == [
        ("「報告」シート A5", "番号が「1」に変わっています。この行は番号3の行です。並べ替えるときは、表全体を選んでください。"),
        ("「成果指標」シート H4", "「見込」のときは、実績値か補足を入力してください。"),
        ("「効果額」シート E5", "同じ項目・年度・種類・根拠の行が2つあります（「効果額」シート E4）。1つにまとめてください。"),
        ("「効果額」シート A6", "項目を入力してください。"),
        ("「効果額」シート B6", "年度を入力してください。"),
        ("「効果額」シート C6", "種類を入力してください。"),
        ("「効果額」シート D6", "根拠を入力してください。"),
    ]  # fmt: skip
    book = desk.download()
    for column in range(1, 15):
        book["報告"].cell(6, column).value = book["報告"].cell(4, column).value
    book.put("報告", 4, 回復予定日="2015-03-31")
    assert faults(desk.upload(book)) == [
        ("「報告」シート A6", "番号1の行が2つあります（「報告」シート A4）。1つにしてください。"),
        ("「報告」シート L4", "回復予定日は、調査の基準日（平成27年3月31日）より後の日にしてください。"),
    ]


NO_XLSX = "Excelのファイル（xlsx）として読めません。Excelで開けるか確かめ、xlsx形式で保存し直してください。"
CHANGED = "調査票の隠れた部分が書き換えられています。もう一度ダウンロードした調査票に、記入した内容を写してください。"
NO_SURVEY = "この計画の調査票ではありません。この画面からダウンロードした調査票に記入して、取り込んでください。"
BIG = "ファイルの中身が大きすぎます。使っていない行や列を削除して保存し直してください。"


def test_files_that_are_no_sheet_are_refused(desk, sheet, cast, opened):
    part = "xl/worksheets/sheet2.xml"
    plain = io.BytesIO()
    openpyxl.Workbook().save(plain)
    before = everything()
    for data, message in (
        (b"", "ファイルが空です（0バイト）。ファイルを選び直してください。"),
        (b"not a workbook", "文字だけのファイル（CSVなど）です。Excelのファイル（xlsx）にしてください。"),
        (sheet[: len(sheet) // 2], DAMAGED),
        (zipped({"word/document.xml": "<w/>", "[Content_Types].xml": "<Types/>"}), NO_XLSX),
        (with_parts(sheet, {"xl/workbook.xml": lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml}), DAMAGED),
        (with_parts(sheet, {"xl/workbook.xml": lambda xml: xml[:200]}), DAMAGED),
        (with_parts(sheet, {part: lambda xml: xml[: len(xml) // 2]}), "「報告」シートが壊れています。Excelで開いて保存し直してください。"),
        (with_parts(sheet, {part: lambda xml: xml + b" " * 60_000_000}), BIG),
        (zipped({f"xl/{n}": "" for n in range(2_001)} | {"[Content_Types].xml": ""}), BIG),
        (encrypted_zip(sheet), "パスワードで保護されたファイルです。パスワードを外して保存し直してください。"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "古い形式（xls）のファイルです。Excelで開き、xlsx形式で保存し直してください。"),
        (b"PK" + b"\0" * MAX_BYTES, "ファイルは10MBまでです。不要なシートや画像を消してください。"),
        (plain.getvalue(), NO_SURVEY),
    ):  # fmt: skip
        with pytest.raises(UnreadableFile) as refused:
            desk.upload(data)
        assert str(refused.value) == message
    assert everything() == before
    assert SurveyUpload.objects.count() == 0


def test_sheets_of_something_else_are_refused(desk, opened, cast, sheet):
    def with_marks(change):
        book = Book(sheet)
        change(book)
        return book.saved()

    def signed(**meta):
        """A sheet whose marks are in order, but for something else."""

        def change(book):
            marks = book["_survey"]
            for row in range(1, 6):
                if marks.cell(row, 1).value in meta:
                    marks.cell(row, 2).value = meta[marks.cell(row, 1).value]
            values = [["" if cell.value is None else cell.value for cell in row[:4]] for row in marks.rows]
            marks.cell(5, 2).value = layout.checksum([v[1] for v in values[:4]], values[5:])

        return with_marks(change)

    def set_mark(place, value):
        return with_marks(lambda book: setattr(book["_survey"][place], "value", value))

    def set_key(place, value, name="報告"):
        return with_marks(lambda book: setattr(book[name][place], "value", value))

    new = Department.objects.create(city="小平市", code="kanri", name="管理課")
    other = survey_sheet(opened, cast.zeimu, by=cast.office)
    before = everything()
    for data, message in (
        (signed(plan="other"), NO_SURVEY),
        (signed(as_of="2014-09-30"), "この調査票は平成26年9月30日現在のものです。平成27年3月31日現在の調査票を選んでください。"),
        (signed(department=new.code), "この調査票は管理課のものです。財政課の調査票を選んでください。"),
        (other, "この調査票は税務課のものです。財政課の調査票を選んでください。"),
        (signed(format="0"), "この調査票は別の版の形式です。もう一度ダウンロードした調査票に、記入した内容を写してください。"),
        (set_mark("B2", "kodaira-3"), CHANGED),
        (set_mark("A6", "2"), CHANGED),
        (set_mark("D9", "h0000000000000000"), CHANGED),
        (set_mark("A1", "x"), CHANGED),
        (set_key("N4", "2"), CHANGED),
        (set_key("K4", "1#x", "成果指標"), CHANGED),
        (set_key("G4", "1/effect/2013/saving/budget", "効果額"), CHANGED),
        (set_key("N3", "x"), f"「報告」シートの見出しの行が見つかりません。{CHANGED}"),
        (set_key("H3", "状況"), "「報告」シートの見出し「取組状況」がないか、重なっています。見出しを元の名前に戻してください。"),
        (with_marks(lambda book: book.book.remove(book["効果額"])), "「効果額」シートがありません。もう一度ダウンロードした調査票に、記入した内容を写してください。"),
    ):  # fmt: skip
        with pytest.raises(UnreadableFile) as refused:
            desk.upload(data)
        assert str(refused.value) == message
    assert everything() == before


def test_persons_and_moments_that_are_refused(desk, opened, cast, sheet, plan):
    for who in ("stranger", "viewer", "committee"):
        with pytest.raises(workflow.NotAllowed):
            survey_sheet(opened, cast.zaisei, by=getattr(cast, who))
        with pytest.raises(workflow.NotAllowed):
            desk.upload(sheet, by=getattr(cast, who))
    uploaded = desk.upload(sheet)
    with pytest.raises(workflow.NotAllowed, match="ほかの人が取り込んだ調査票です。"):
        desk.confirm(uploaded, by=cast.colleague)
    opened.state = "planned"
    opened.save()
    for act in (lambda: desk.download(), lambda: desk.upload(sheet), lambda: desk.confirm(uploaded)):
        with pytest.raises(workflow.WrongState, match="平成27年3月31日現在の調査は予定です。"):
            act()


def test_a_renamed_department_fills_in_what_its_former_name_promised(opened, cast):
    new = Department.objects.create(city="小平市", code="kanri", name="管理課")
    Department.objects.filter(pk=cast.zaisei.pk).update(successor=new)
    book = Book(survey_sheet(opened, new, by=cast.office))
    assert [book.cell("報告", row, "番号").value for row in (4, 5)] == [1, 3]
