"""Broken plan workbooks: each is refused with its own message, and not one row changes."""

import datetime
import io
import zipfile

import pytest

from core.spreadsheets import limits
from core.spreadsheets.limits import UnreadableFile
from tests.archives import encrypted_zip, repacked
from tests.workbooks.plan import books, full_plan
from tests.workbooks.plan.full_plan import MARCH, NAIVE, SEPTEMBER
from workbooks.plan import reading
from workbooks.plan.importing import ImportRefused, import_tables
from workbooks.plan.reading import read_book
from workbooks.plan.sheets import SHEETS

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
HOW = "Excelで開けるか確かめ、xlsx形式で保存し直してください。"
DAMAGED = f"ファイルが壊れていて読めません。{HOW}"


def with_part(data, name, content):
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def many_parts(good):
    out = io.BytesIO(good)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(limits.MAX_PARTS):
            archive.writestr(f"x/{number}", b"")
    return out.getvalue()


FILES = {
    "empty": (lambda good: b"", "ファイルが空です（0バイト）。ファイルを選び直してください。"),
    "too large": (
        lambda good: b"PK" + bytes(reading.MAX_BYTES),
        "ファイルは20MBまでです。不要なシートや画像を消してください。",
    ),
    "csv": (
        lambda good: "slug,city\nmidori,みどり市\n".encode(),
        "文字だけのファイル（CSVなど）です。Excelのファイル（xlsx）にしてください。",
    ),
    "picture": (lambda good: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", f"Excelのファイル（xlsx）として読めません。{HOW}"),
    "xls": (
        lambda good: OLE + bytes(600) + "Workbook".encode("utf-16-le"),
        "古い形式（xls）のファイルです。Excelで開き、xlsx形式で保存し直してください。",
    ),
    "encrypted": (
        lambda good: OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "パスワードで保護されたファイルです。パスワードを外して保存し直してください。",
    ),
    "encrypted zip": (encrypted_zip, "パスワードで保護されたファイルです。パスワードを外して保存し直してください。"),
    "cut off": (lambda good: good[: len(good) // 2], DAMAGED),
    "wrong bytes": (lambda good: good[:60] + bytes(40) + good[100:], DAMAGED),
    "broken xml": (
        lambda good: repacked(good, lambda name, part: part[:-30] if name == "xl/worksheets/sheet1.xml" else part),
        "「plan」シートが壊れています。Excelで開いて保存し直してください。",
    ),
    "number that is none": (
        lambda good: repacked(good, lambda name, part: part.replace(b"<v>2013</v>", b"<v>20x3</v>")),
        "「plan」シートが壊れています。Excelで開いて保存し直してください。",
    ),
    "entities": (
        lambda good: repacked(
            good,
            lambda name, part: (
                b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>' + part.partition(b"?>")[2]
                if name == "xl/workbook.xml" and b"?>" in part
                else b'<!DOCTYPE x [<!ENTITY a "b">]>' + part
                if name == "xl/workbook.xml"
                else part
            ),
        ),
        DAMAGED,
    ),
    "zip of something else": (
        lambda good: repacked(good, lambda name, part: None if name == "xl/workbook.xml" else part),
        f"Excelのファイル（xlsx）として読めません。{HOW}",
    ),
    "macros": (
        lambda good: with_part(good, "xl/vbaProject.bin", b"x"),
        "マクロ付きのファイルです。マクロのない xlsx形式で保存し直してください。",
    ),
    "zip bomb": (
        lambda good: with_part(good, "xl/worksheets/sheet99.xml", bytes(30 * 1024 * 1024)),
        "ファイルの中身が大きすぎます。使っていない行や列を削除して保存し直してください。",
    ),
    "too many parts": (
        many_parts,
        "ファイルの中身が大きすぎます。使っていない行や列を削除して保存し直してください。",
    ),
}


def test_file_that_is_no_workbook_is_refused():
    good = books.written(full_plan.full())
    assert read_book(good).problems == []
    for name, (broken, message) in FILES.items():
        with pytest.raises(UnreadableFile) as caught:
            read_book(broken(good))
        assert str(caught.value) == message, name


def cell(sheet, at, value, kind=None):
    """Put a value into a cell; `kind` "f" makes a formula of it."""

    def change(book):
        book[sheet][at] = value
        if kind:
            book[sheet][at].data_type = kind

    return change


def row(sheet, *values):
    """Add a row to a sheet of the workbook."""

    def change(book):
        book[sheet].append(values)
        for added in book[sheet][book[sheet].max_row]:
            if isinstance(added.value, str):
                added.data_type = "s"

    return change


def delete(sheet, at):
    """TRUE in a new column `delete`, for one row."""

    def change(book):
        width = book[sheet].max_column + 1
        book[sheet].cell(1, width, "delete")
        book[sheet].cell(at, width, True)

    return change


def sheet(name, *lines):
    def change(book):
        added = book.create_sheet(name)
        for line in lines:
            added.append(line)

    return change


def without(name):
    return lambda book: book.remove(book[name])


def merged(book):
    book["sources"].merge_cells("C2:D2")


SHEET_NAMES = "、".join(sheet.named for sheet in SHEETS)
SEALED = "計画ブックでは変えられません。元の値に戻し、管理画面の「正誤」で訂正してください。"
FROZEN = f"この版は確定しているため、{SEALED}"

# Each on the workbook of full_plan.full(), which is already stored: the change, and the problems that are told.
BOOKS = {
    "no plan": (without("plan"), "シート「計画（plan）」: このシートがありません。どの計画かを示すために必要です。"),
    "two plans": (
        row("plan", "b", "市"),
        "シート「計画（plan）」: 行は1行だけにしてください。1つのブックは1つの計画です。",
    ),
    "unknown sheet": (sheet("memo", ["a"]), f"シート「memo」: このシートは使えません。使えるのは {SHEET_NAMES} です。"),
    "no header": (
        lambda book: book["viewpoints"].delete_rows(1, 2),
        "シート「基本的な視点（viewpoints）」 1行目: 1行目に列の名前がありません。書き出したブックと同じ列の名前を1行目に入れてください。",
    ),
    "unknown column": (
        cell("positions", "G1", "colour"),
        "シート「計画の位置付け（positions）」 1行目 列「colour」: この列は使えません。使えるのは 並び順（order）、出典（source）、区分（layer）、名称（name）、最初の年度（first_fiscal_year）、最後の年度（last_fiscal_year）、項目数（item_count） です。",
    ),
    "column twice": (
        cell("sources", "E1", "title"),
        "シート「出典（sources）」 1行目 列「題名（title）」: 同じ名前の列が2つあります。1つにしてください。",
    ),
    "no key column": (
        cell("sources", "A1", None),
        "シート「出典（sources）」 1行目 列「記号（key）」: この列がありません。行を見分けるために必要です。",
        "シート「出典（sources）」 2行目 列「A」: 1行目に列の名前のない列に値があります。列の名前を入れるか、値を消してください。（値「S1」）",
        "シート「出典（sources）」 3行目 列「A」: 1行目に列の名前のない列に値があります。列の名前を入れるか、値を消してください。（値「S2」）",
    ),
    "value beside the table": (
        cell("sources", "H2", "メモ"),
        "シート「出典（sources）」 2行目 列「H」: 1行目に列の名前のない列に値があります。列の名前を入れるか、値を消してください。（値「メモ」）",
    ),
    "merged cells": (
        merged,
        "シート「出典（sources）」: 結合したセルがあります。結合を解除し、1つのセルに1つの値を入れてください。（値「C2:D2」）",
    ),
    "formula": (
        cell("indicator_actuals", "D2", "=1+1"),
        "シート「指標の実績（indicator_actuals）」 2行目 列「実績値（value）」: 計算結果の保存されていない数式です。Excelで開いて保存し直すか、計算した値に置き換えてください。（値「数式」）",
    ),
    "formula in the key": (
        cell("programs", "A2", '="2"'),
        "シート「実施項目（programs）」 2行目 列「番号（number）」: 計算結果の保存されていない数式です。Excelで開いて保存し直すか、計算した値に置き換えてください。（値「数式」）",
    ),
    "error value": (
        cell("year_plans", "D2", "#N/A", "e"),
        "シート「年度計画（year_plans）」 2行目 列「計画（text）」: エラー（#N/A）です。正しい値に直すか、空欄にしてください。（値「#N/A」）",
    ),
    "key twice": (
        row("policies", 2, "別の名前"),
        "シート「方針（policies）」 4行目 列「番号（number）」: 番号が3行目と同じです。1行にまとめてください。（値「2」）",
    ),
    "key twice in full width": (
        row("programs", "１０", 1, "名前"),
        "シート「実施項目（programs）」 5行目 列「番号（number）」: 番号が3行目と同じです。1行にまとめてください。（値「10」）",
    ),
    "blank key": (
        row("grades", None, "良", 5, "none"),
        "シート「評価（grades）」 8行目 列「記号（code）」: 記号が空欄です。入力してください。",
    ),
    "blank name": (
        cell("grades", "B2", None),
        "シート「評価（grades）」 2行目 列「名称（label）」: 名称が空欄です。入力してください。",
    ),
    "new row lacks columns": (
        row("key_programs", None, 2015),
        "シート「主要管理項目（key_programs）」 3行目 列「実施項目（program）」: 実施項目が空欄です。入力してください。",
    ),
    "reference to nothing": (
        cell("programs", "B2", 9),
        "シート「実施項目（programs）」 2行目 列「方針（policy）」: シート「方針（policies）」にありません。そのシートに行を加えるか、この値を直してください。（値「9」）",
    ),
    "reference of two columns to nothing": (
        row("indicator_actuals", "2", 7, 2014, 1),
        "シート「指標の実績（indicator_actuals）」 3行目 列「指標の番号（indicator）」: シート「成果指標（indicators）」にありません。そのシートに行を加えるか、この値を直してください。（値「2 / 7」）",
    ),
    "list names nothing": (
        cell("meetings", "C2", "S1;S9"),
        "シート「会議（meetings）」 2行目 列「資料（documents）」: シート「出典（sources）」にありません。そのシートに行を加えるか、この値を直してください。（値「S9」）",
    ),
    "list names one twice": (
        cell("meetings", "C2", "S1;S1"),
        "シート「会議（meetings）」 2行目 列「資料（documents）」: 同じ記号が2回あります。1回だけ書いてください。（値「S1;S1」）",
    ),
    "day that is not in the calendar": (
        cell("sources", "C2", "2014-02-30"),
        "シート「出典（sources）」 2行目 列「発行日（date）」: 「2014-02-30」という日付は暦にありません。（値「2014-02-30」）",
    ),
    "era that was over": (
        cell("sources", "C2", "平成31年5月1日"),
        "シート「出典（sources）」 2行目 列「発行日（date）」: 「平成31年5月1日」は平成の日付ではありません。令和元年5月1日ではありませんか。（値「平成31年5月1日」）",
    ),
    "serial number for a day": (
        cell("sources", "C3", 41943),
        "シート「出典（sources）」 3行目 列「発行日（date）」: 「41943」は日付として読めません。2014-10-31 または 平成26年10月31日 のように入力してください。（値「41943」）",
    ),
    "fiscal year that never was": (
        cell("year_plans", "C4", "平成40年度"),
        "シート「年度計画（year_plans）」 4行目 列「年度（fiscal_year）」: 「平成40年度」: 平成にその年度はありません。令和10年度ではありませんか。（値「平成40年度」）",
    ),
    "date where a code belongs": (
        cell("opinions", "A2", datetime.date(2014, 1, 1)),
        "シート「意見・助言（opinions）」 2行目 列「記号（key）」: セルの値が日付（2014-01-01）になっています。セルの書式を「文字列」にして、文字を入力し直してください。（値「2014-01-01」）",
    ),
    "number with its unit": (
        cell("effects", "E2", "約5千円"),
        "シート「効果額（effects）」 2行目 列「金額（千円）（amount）」: 「約5千円」は金額として読めません。千円単位の数だけを入力するか、130.7百万円、1,234,567円 のように単位を付けてください。（値「約5千円」）",
    ),
    "part of a whole": (
        cell("effects", "E2", 1.0005),
        "シート「効果額（effects）」 2行目 列「金額（千円）（amount）」: 「1.0005」（千円単位）は1円より細かい金額です。1円までの数にしてください。（値「1.0005」）",
    ),
    "no boolean": (
        cell("indicator_actuals", "E2", "たぶん"),
        "シート「指標の実績（indicator_actuals）」 2行目 列「見込（is_forecast）」: 「たぶん」は読めません。「はい」か「いいえ」（○ か ×）で入力してください。（値「たぶん」）",
    ),
    "no choice": (
        cell("grades", "D2", "best"),
        "シート「評価（grades）」 2行目 列「意味（tone）」: 「best」は選べません。予定以上、予定どおり、一部だけ予定どおり、遅れ、未着手、完了、終了・中止、評価の対象外、どれでもないのいずれかにしてください。（値「best」）",
    ),
    "too long": (
        cell("year_plans", "D4", "長" * 501),
        f"シート「年度計画（year_plans）」 4行目 列「計画（text）」: この値は 500 文字以下でなければなりません( 501 文字になっています)。（値「{'長' * 40}…」）",
    ),
    "control character": (
        cell("sources", "B2", "題\x7f"),
        "シート「出典（sources）」 2行目 列「題名（title）」: 目に見えない制御文字が入っています（1行目の「題」のあと）。その場所を消して、入力し直してください。（値「題\x7f」）",
    ),
    "code with the separator": (
        row("sources", "S;3", "題"),
        "シート「出典（sources）」 4行目 列「記号（key）」: 記号に ; は使えません。（値「S;3」）",
    ),
    "years in the wrong order": (
        cell("plan", "E2", 2010),
        "シート「計画（plan）」 2行目: 最後の年度は最初の年度以後にしてください。",
    ),
    "same order twice": (
        cell("grades", "C3", 1),
        "シート「評価（grades）」 3行目 列「並び順（order）」: 評価の軸、並び順が「main / ◎」の行と同じです。別の値にしてください。（値「1」）",
    ),
    "a further axis in the first place": (
        cell("axes", "C3", 1),
        "シート「評価の軸（axes）」 3行目: 1番目の軸は、記号が main、評価する者が推進担当課です。ほかの軸の並び順は2からにしてください。",
        "シート「評価の軸（axes）」 3行目 列「並び順（order）」: 並び順が「main」の行と同じです。別の値にしてください。（値「1」）",
    ),
    "merged into nothing": (
        cell("programs", "I4", None),
        "シート「実施項目（programs）」 4行目: 統合先の項目は、終了の理由が「統合」のときだけ、必ず選んでください。",
    ),
    "successors in a ring": (
        lambda book: [cell("departments", "D3", "kyodo")(book), cell("departments", "D4", "zaisei")(book)],
        "シート「部署（departments）」 3行目 列「引き継いだ部署（successor）」: 引き継いだ部署をたどると、この行に戻ります。最後に引き継いだものを選んでください。（値「kyodo」）",
        "シート「部署（departments）」 4行目 列「引き継いだ部署（successor）」: 引き継いだ部署をたどると、この行に戻ります。最後に引き継いだものを選んでください。（値「zaisei」）",
    ),
    "another city": (
        cell("plan", "B2", "別の市"),
        "シート「計画（plan）」 2行目 列「自治体（city）」: 自治体は、登録したあとは変えられません。元の値に戻してください。（値「別の市」）",
    ),
    "delete what is used": (
        delete("directions", 2),
        "シート「方向性（directions）」 2行目 列「delete」: 方針（policies）の 2で使われているため削除できません。先にそちらを直すか削除してください。（値「1」）",
    ),
    "delete the plan": (
        delete("plan", 2),
        "シート「計画（plan）」 2行目 列「delete」: 計画は計画ブックでは削除できません。この欄を空にしてください。（値「midori」）",
    ),
    "frozen contents": (
        cell("program_editions", "C2", "別の内容"),
        f"シート「計画内容（program_editions）」 2行目 列「版（edition）」: {FROZEN}（値「original」）",
    ),
    "frozen departments": (
        cell("program_editions", "D2", "old;kyodo"),
        f"シート「計画内容（program_editions）」 2行目 列「版（edition）」: {FROZEN}（値「original」）",
    ),
    "frozen yearly plan": (
        row("year_plans", "10", "original", 2015, "実施"),
        f"シート「年度計画（year_plans）」 5行目 列「版（edition）」: {FROZEN}（値「original」）",
    ),
    "frozen target deleted": (
        delete("indicator_targets", 2),
        f"シート「目標値（indicator_targets）」 2行目 列「版（edition）」: {FROZEN}（値「original」）",
    ),
    "thawed edition": (
        cell("editions", "E2", None),
        "シート「版（editions）」 2行目 列「確定した日時（frozen_at）」: 確定した版の確定日時は変えられません。元の値に戻してください。（値「original」）",
    ),
    "published report changed": (
        cell("reports", "D2", "進んだ。"),
        "シート「進捗報告（reports）」 2行目 列「調査（as_of）」: この調査は公表済みのため、計画ブックでは変えられません。元の値に戻し、調査の画面で直してください。（値「2014-09-30」）",
    ),
    "published row changed": (
        cell("published_reports", "D2", "別の名前"),
        "シート「公表した報告（published_reports）」 2行目 列「調査（as_of）」: この調査は公表済みのため、計画ブックでは変えられません。元の値に戻し、調査の画面で直してください。（値「2014-09-30」）",
    ),
    "open round's report changed": (
        cell("reports", "C4", "B"),
        "シート「進捗報告（reports）」 4行目 列「調査（as_of）」: この調査は受付中のため、計画ブックでは変えられません。元の値に戻し、調査の画面で直してください。（値「2015-03-31」）",
    ),
    "open round closed": (
        cell("rounds", "C3", "planned"),
        "シート「調査（rounds）」 3行目 列「状態（state）」: 受付中の調査では変えられません。元の値に戻してください。（値「2015-03-31」）",
    ),
    "open round deleted": (
        delete("rounds", 3),
        "シート「調査（rounds）」 3行目 列「delete」: 進捗報告（reports）の 2015-03-31 / 2、進捗報告（reports）の 2015-03-31 / 10で使われているため削除できません。先にそちらを直すか削除してください。（値「2015-03-31」）",
        "シート「調査（rounds）」 3行目 列「delete」: 受付中の調査は削除できません。この欄を空にしてください。（値「2015-03-31」）",
    ),
    "report of a planned round": (
        row("reports", datetime.date(2015, 9, 30), "2"),
        "シート「進捗報告（reports）」 6行目 列「調査（as_of）」: 予定の調査には報告を登録できません。シート「調査（rounds）」の列「状態（state）」を確かめてください。（値「2015-09-30」）",
    ),
    "published without rows": (
        lambda book: [cell("rounds", "C4", "published")(book), cell("rounds", "D4", NAIVE)(book)],
        "シート「調査（rounds）」 4行目 列「状態（state）」: 公表済みの調査には、シート「公表した報告（published_reports）」にその調査の行が必要です。（値「2015-09-30」）",
    ),
    "published without a moment": (
        row("rounds", datetime.date(2016, 3, 31), "r1", "published"),
        "シート「調査（rounds）」 5行目: 公表済みの調査には「公表した日時（published_at）」を入力し、ほかの調査では空欄にしてください。",
        "シート「調査（rounds）」 5行目 列「状態（state）」: 公表済みの調査には、シート「公表した報告（published_reports）」にその調査の行が必要です。（値「2016-03-31」）",
    ),
    "json that is none": (
        cell("published_reports", "L2", "[{"),
        "シート「公表した報告（published_reports）」 2行目 列「推進担当課（departments）」: 書き出したときの形ではないので、読めません。書き出したブックの値を、そのまま使ってください。（値「[{」）",
    ),
    "framework of another shape": (
        row("rounds", datetime.date(2016, 9, 30), "r1", "planned", None, '{"grades": [{}]}'),
        "シート「調査（rounds）」 5行目: 公表時の枠組み（framework）の形が違います。書き出したブックの値を、そのまま使ってください。",
    ),
    "erratum changed": (
        cell("errata", "H2", "別の理由"),
        "シート「公表した報告の正誤（errata）」 2行目 列「正（new）」: 正は、登録したあとは変えられません。元の値に戻してください。（値「別の理由」）",
    ),
    "new erratum": (
        row("errata", 2, "2", SEPTEMBER, MARCH, "progress", "取組状況", "a", "b", "理由"),
        "シート「公表した報告の正誤（errata）」 3行目: 新しい正誤は計画ブックでは登録できません。この行を消し、管理画面の「正誤」で登録してください。",
    ),
    "new redaction": (
        row("redactions", 2, "2", SEPTEMBER, "計画内容", "実施内容", 1, True, False, "理由", full_plan.NAIVE),
        "シート「個人情報の削除（redactions）」 3行目: 個人情報の削除の記録は計画ブックでは登録できません。この行を消し、管理画面の「個人情報の削除」で削除してください。",
    ),
}


def test_broken_workbook_is_refused_with_its_own_message(cast):
    tables = full_plan.full()
    import_tables(read_book(books.written(tables)).tables, by=cast.office)
    before = books.everything()
    found = {}
    for name, (change, *_messages) in BOOKS.items():
        book = books.Some(tables)
        change(book)
        read = read_book(books.saved(book.finished()))
        with pytest.raises(ImportRefused, match="何も取り込んでいません") as caught:
            import_tables(read.tables, by=cast.office, found=read.problems)
        found[name] = [str(problem) for problem in caught.value.comparison.problems]
    assert books.everything() == before
    for name, problems in found.items():
        assert problems == list(BOOKS[name][1:]), name
