"""取り込みの手引き: from an office's own table to the items of a plan, page by page, without JavaScript."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Department
from core.spreadsheets import confined
from policies.models import Edition, Plan
from programs.models import Program
from tests.staff.pages import CONFIRM_BOOK, client_of, lines, sent, table_page, token
from tests.workbooks.tables import human
from tests.workbooks.tables.forms import by_another_program
from tests.workbooks.tables.hiding import in_excel
from tests.workbooks.tables.reading import cells
from workbooks.models import TableMapping, TableUpload

PASTED = (
    "番号\t項目名\t方針\t担当課\n1\t窓口の改善\t方針１　市民サービス\t市民課・財政課\n2\t使用料の見直し\t\t財政課\n"
)


@pytest.fixture
def human_plan(db):
    return Plan.objects.create(
        slug=human.PLAN, city="○○市", name="第２次行財政改革プラン", first_fiscal_year=2011, last_fiscal_year=2015
    )


def began(client, plan, data=human.FILE, name="実施計画.xlsx"):
    return client.post(table_page(plan), {"file": SimpleUploadedFile(name, data)}, follow=True)


def test_a_table_of_an_office_is_in_the_plan_after_five_pages(cast, human_plan):
    client = client_of(cast.office)
    assert table_page(human_plan) in client.get(f"/admin/policies/plan/{human_plan.pk}/change/").text
    sheets = began(client, human_plan)
    assert sheets.redirect_chain == [(table_page(human_plan, "sheets/"), 302)]
    assert {name: value for name, value in sent(sheets).items() if name.endswith("-0")} == {
        "use-0": "on",
        "header-0": "4",
        "first-0": "6",
        "last-0": "21",
    }
    columns = client.post(table_page(human_plan, "sheets/"), sent(sheets), follow=True)
    assert columns.redirect_chain == [(table_page(human_plan, "columns/"), 302)]
    told = lines(columns)
    assert told[told.index("B列 番号") + 1].startswith("「1」「2」「３」")
    doubts = client.post(table_page(human_plan, "columns/"), sent(columns), follow=True)
    assert doubts.redirect_chain == [(table_page(human_plan, "doubts/"), 302)]
    told = lines(doubts)
    assert "「実施計画.xlsx」から14項目を読みました。" in told
    assert "確かめるところが15件あります。" in told
    assert "表の値 77%以上（H23年度68.1%）" in told
    assert "目標と基準値に分けました：目標 77%以上、基準値 68.1%（平成23年度）" in told
    book = client.get(table_page(human_plan, "book/"))
    assert cells(book.content) == human.by_hand()
    assert Program.objects.filter(plan=human_plan).count() == Department.objects.filter(city="○○市").count() == 0

    preview = client.post(table_page(human_plan, "doubts/"), sent(doubts))
    assert preview.status_code == 200
    assert "実施計画.xlsx" in preview.text
    done = client.post(CONFIRM_BOOK, {"file": token(preview)}, follow=True)
    assert "計画ブック「実施計画.xlsx」を取り込みました。追加140件、変更0件、削除0件。" in done.text
    assert Program.objects.filter(plan=human_plan).count() == 14
    history = Program.objects.get(plan=human_plan, number="7").history.get()
    assert (history.history_user, history.history_change_reason) == (cast.office, "計画ブックの取り込み")


def test_rows_and_roles_can_be_put_right_and_are_remembered(cast, human_plan):
    client = client_of(cast.office)
    sheets = began(client, human_plan)
    shown = client.post(table_page(human_plan, "sheets/"), sent(sheets, **{"last-0": "10", "again": "1"}))
    assert sent(shown)["last-0"] == "10"
    wrong = client.post(table_page(human_plan, "sheets/"), sent(sheets, **{"first-0": "30"}))
    assert wrong.status_code == 400
    assert (
        "「実施計画」シート: 行は、見出しの行、項目の最初の行、最後の行の順に、21行目までの数字で入力してください。"
        in lines(wrong)
    )
    none = client.post(table_page(human_plan, "sheets/"), {})
    assert (none.status_code, "読むシートを1つ以上選んでください。" in none.text) == (400, True)
    client.post(table_page(human_plan, "sheets/"), sent(sheets, **{"last-0": "10"}))
    columns = client.get(table_page(human_plan, "columns/"))
    without = client.post(
        table_page(human_plan, "columns/"), sent(columns, **{"role-0-1": "ignore", "role-0-2": "ignore"})
    )
    assert "「番号」か「項目名」の列を選んでください。" in without.text
    doubts = client.post(
        table_page(human_plan, "columns/"),
        sent(columns, **{"role-0-4": "expected_effect", "year-0-11": "2014"}),
        follow=True,
    )
    assert "5項目を読みました" in doubts.text.replace("<strong>", "").replace("</strong>", "")
    assert TableMapping.objects.get(plan=human_plan).columns["実施内容"]["role"] == "expected_effect"
    next_time = sent(client.get(began(client, human_plan).redirect_chain[-1][0].replace("sheets", "columns")))
    assert (next_time["role-0-4"], next_time["role-0-11"], next_time["year-0-11"]) == (
        "expected_effect",
        "target",
        "2015",  # that its heading names, whatever was chosen last time
    )


HEADINGS = "番号\t項目名\t方針\t取組状況\t評価\t目標\tH26年度末の評価\n1\t窓口\t1\t改めた。\tA\t5件\tB\n"


@pytest.mark.parametrize(("title", "day"), [("平成27年9月30日現在", "2015-09-30"), ("進捗状況", "")])
def test_what_was_chosen_last_time_has_the_day_of_this_table(cast, human_plan, title, day):
    """The day of the last table stood for this one, folded away."""
    client = client_of(cast.office)

    def columns_of(title):
        sheets = client.post(table_page(human_plan), {"pasted": f"{title}\n\n{HEADINGS}"}, follow=True)
        return client.post(table_page(human_plan, "sheets/"), sent(sheets), follow=True)

    first = columns_of("平成26年9月30日現在")
    client.post(table_page(human_plan, "columns/"), sent(first, **{"year-0-5": "2014"}))
    page = columns_of(title)
    chosen = sent(page)
    assert [chosen[f"day-0-{index}"] for index in (3, 4, 6)] == [day, day, "2015-03-31"]
    assert (chosen["role-0-5"], chosen["year-0-5"]) == ("target", "")
    told = lines(page)
    checked = told[
        told.index("確かめる列（3列）") : next(i for i, line in enumerate(told) if "見出しのとおりに読む列" in line)
    ]
    assert [line for line in checked if re.match("[A-Z]列 ", line)] == ["D列 取組状況", "E列 評価", "F列 目標"]
    assert "評価 平成27年3月31日現在 G列" in told


def test_nothing_doubtful_is_decided_silently(cast, human_plan):
    """Without an answer to every doubt there is no preview; what an answer makes doubtful is asked, too."""
    client = client_of(cast.office)
    began(client, human_plan)
    client.post(table_page(human_plan, "columns/"), sent(client.get(table_page(human_plan, "columns/"))))
    page = client.get(table_page(human_plan, "doubts/"))
    data = sent(page)
    one = next(name for name in data if name.startswith("answer-"))
    missing = client.post(
        table_page(human_plan, "doubts/"), {name: value for name, value in data.items() if name != one}
    )
    assert missing.status_code == 400
    assert "答えていない確認、または答えによって新しく出た確認があります。" in missing.text
    assert "確かめるところが1件あります" in missing.text.replace("<strong>", "").replace("</strong>", "")
    wrong = client.post(table_page(human_plan, "doubts/"), {one: "nonsense"})
    assert wrong.status_code == 400
    (name,) = re.findall(r'name="(answer-\w+)" value="name"', page.text)
    asked = client.post(table_page(human_plan, "doubts/"), data | {name: "name"})
    assert asked.status_code == 400
    assert "増えるとよい指標か、減るとよい指標かが、表からは分かりません。" in asked.text
    assert client.post(table_page(human_plan, "doubts/"), sent(asked)).status_code == 200


def test_cells_are_pasted_into_an_edition_that_is_not_frozen(cast, plan):
    client = client_of(cast.office)
    start = client.get(table_page(plan))
    assert "この計画の版は、すべて確定しています。" not in start.text
    edition = plan.editions.filter(frozen_at=None).first()
    source = plan.sources.first()
    sheets = client.post(table_page(plan), {"pasted": PASTED, "edition": edition.pk, "source": source.pk}, follow=True)
    columns = client.post(table_page(plan, "sheets/"), sent(sheets), follow=True)
    doubts = client.post(table_page(plan, "columns/"), sent(columns), follow=True)
    assert "方針1は「" in doubts.text  # registered under another name
    made = cells(client.get(table_page(plan, "book/")).content)
    assert [(row["program"], row["edition"], row["source"]) for row in made["program_editions"]] == [
        ("1", edition.key, source.key),
        ("2", edition.key, source.key),
    ]
    assert made["departments"][0]["name"] == "市民課"
    assert "editions" not in made


def test_a_pasted_table_keeps_its_merged_cells(cast, human_plan):
    """What the script sends along is taken instead of the text."""
    page = (
        "<table><tr><th>番号<th>項目名<th>方針<th>H23<th>H24<tr><td>1<td>窓口<td>方針１　市民<td colspan=2>実施</table>"
    )
    client = client_of(cast.office)
    sheets = client.post(table_page(human_plan), {"pasted": "番号\t項目名", "page": page}, follow=True)
    columns = client.post(table_page(human_plan, "sheets/"), sent(sheets), follow=True)
    doubts = client.post(table_page(human_plan, "columns/"), sent(columns), follow=True)
    assert "結合したセルの「実施」を、平成23年度から平成24年度までのすべての年度の計画と読みました。" in lines(doubts)


def test_an_empty_form_a_broken_file_and_a_plan_whose_editions_are_frozen(cast, human_plan):
    client = client_of(cast.office)
    empty = client.post(table_page(human_plan), {})
    assert (empty.status_code, "ファイルを選ぶか、表を貼り付けてください。" in empty.text) == (400, True)
    broken = client.post(table_page(human_plan), {"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04broken")})
    assert (broken.status_code, "ファイルが壊れていて読めません。" in broken.text) == (400, True)
    picture = client.post(
        table_page(human_plan), {"file": SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe")}
    )
    assert "読める形式ではありません。" in picture.text
    assert not TableUpload.objects.exists()
    Edition.objects.create(
        plan=human_plan,
        key="original",
        name="当初",
        first_fiscal_year=2011,
        last_fiscal_year=2015,
        frozen_at=timezone.now(),
        frozen_by=cast.office,
    )
    assert "この計画の版は、すべて確定しています。" in client.get(table_page(human_plan)).text
    edition = human_plan.editions.get().pk  # a table may have results all the same
    sheets = client.post(table_page(human_plan), {"pasted": PASTED, "edition": edition}, follow=True)
    columns = client.post(table_page(human_plan, "sheets/"), sent(sheets), follow=True)
    doubts = client.post(table_page(human_plan, "columns/"), sent(columns), follow=True)
    assert client.post(table_page(human_plan, "doubts/"), sent(doubts)).status_code == 400


def test_a_value_that_the_plan_cannot_hold_is_told_with_the_cell_of_the_table(cast, human_plan):
    client = client_of(cast.office)
    long = PASTED.replace("使用料の見直し", "使用料" * 70)
    sheets = client.post(table_page(human_plan), {"pasted": long}, follow=True)
    columns = client.post(table_page(human_plan, "sheets/"), sent(sheets), follow=True)
    doubts = client.post(table_page(human_plan, "columns/"), sent(columns), follow=True)
    refused = client.post(table_page(human_plan, "doubts/"), sent(doubts))
    assert refused.status_code == 400
    assert any(
        line.startswith("「表」シート B3（項目2） シート「実施項目（programs）」 3行目 列「項目名（name）」: ")
        for line in lines(refused)
    )


def test_a_table_is_its_owners_and_goes_after_a_week(cast, human_plan):
    client, other = client_of(cast.office), client_of(cast.root)
    began(client, human_plan)
    assert other.get(table_page(human_plan, "doubts/"), follow=True).redirect_chain == [(table_page(human_plan), 302)]
    assert client_of(cast.reporter).get(table_page(human_plan)).status_code == 403
    assert Client().get(table_page(human_plan)).status_code == 302
    began(client, human_plan)
    assert TableUpload.objects.count() == 1
    TableUpload.objects.update(uploaded_at=timezone.now() - timedelta(days=8))
    began(other, human_plan)
    assert [upload.uploaded_by for upload in TableUpload.objects.all()] == [cast.root]


def test_the_blank_workbook_is_linked_where_a_wrong_file_is_refused(cast):
    client = client_of(cast.office)
    refused = client.post("/admin/policies/plan/book/import/", {"file": SimpleUploadedFile("a.csv", b"a,b\n1,2\n")})
    assert refused.status_code == 400
    assert "/admin/policies/plan/book/blank/" in refused.text
    blank = client.get("/admin/policies/plan/book/blank/")
    assert blank["Content-Disposition"] == 'attachment; filename="plan-blank.xlsx"'
    assert list(cells(blank.content))[:3] == ["README", "plan", "sources"]


def test_only_columns_that_are_doubtful_stand_open(cast, human_plan):
    """What a heading says in full is folded away; the rest comes first. What was confirmed is folded away next time."""
    client = client_of(cast.office)
    pasted = "番号\t項目名\t方針\tH23\t計画\t課内メモ\n1\t窓口の改善\t方針１　市民\t検討\t実施\t急ぐ\n"
    sheets = client.post(table_page(human_plan), {"pasted": pasted}, follow=True)
    columns = client.post(table_page(human_plan, "sheets/"), sent(sheets), follow=True)
    (group,) = columns.context_data["groups"]
    sets = {kind: [one["letter"] for one in found] for kind, found in group["sets"]}
    assert sets == {"doubtful": ["E", "F"], "certain": ["A", "B", "C", "D"]}
    assert "確かめる列（2列）" in lines(columns)
    assert group["summed"] == [("番号", "A"), ("項目名", "B"), ("方針", "C"), ("年度計画 平成23年度", "D")]
    assert columns.text.index("課内メモ") < columns.text.index('<details class="certain">')
    client.post(table_page(human_plan, "columns/"), sent(columns, **{"year-0-4": "2012"}))
    (again,) = client.get(table_page(human_plan, "columns/")).context_data["groups"]
    assert [kind for kind, found in again["sets"] if found] == ["certain"]
    assert dict(again["summed"])["年度計画 平成23年度〜平成24年度"] == "D、E"


def test_hidden_sheets_are_left_out_and_what_is_hidden_is_told(cast, human_plan):
    client = client_of(cast.office)
    sheets = began(client, human_plan, in_excel())
    assert [name for name in sent(sheets) if name.startswith("use-")] == ["use-0"]
    told = lines(sheets)
    assert "Excelで非表示にしてあるシートです。読むときだけ、印を付けてください。" in told
    assert "非表示の行が1行、非表示の列が1列（D）あります。読むかどうかを、あとの画面で確かめます。" in told
    assert "非表示の行（あとで確かめる）" in told
    columns = client.post(table_page(human_plan, "sheets/"), sent(sheets), follow=True)
    (group,) = columns.context_data["groups"]
    assert [one["letter"] for one in dict(group["sets"])["doubtful"]] == ["D"]
    assert "非表示の列" in lines(columns)


def test_a_file_without_a_table_that_is_understood_says_what_to_do(cast, human_plan):
    client = client_of(cast.office)
    bare = client.post(table_page(human_plan), {"pasted": "1\t窓口の改善\t財政課\n2\t使用料\t税務課\n"}, follow=True)
    told = lines(bare)
    assert "「貼り付けた表」の中に、見出しの分かる表がありません。次のどれかにしてください。" in told
    assert "/admin/policies/plan/book/blank/" in bare.text
    said = {"use-0": "on", "header-0": "0", "first-0": "1", "last-0": "2"}
    columns = client.post(table_page(human_plan, "sheets/"), said, follow=True)
    assert [sent(columns)[f"role-0-{n}"] for n in range(3)] == ["number", "ignore", "departments"]


def test_long_tables_are_shown_in_parts(cast, human_plan):
    client = client_of(cast.office)
    rows = "".join(f"{n}\t取組その{n}\t方針１　市民\t財政課\n" for n in range(1, 452))
    sheets = client.post(table_page(human_plan), {"pasted": "番号\t項目名\t方針\t担当課\n" + rows}, follow=True)
    columns = client.post(table_page(human_plan, "sheets/"), sent(sheets), follow=True)
    client.post(table_page(human_plan, "columns/"), sent(columns))
    shown = {
        start: [row["item"].number for row in client.get(page).context_data["rows"]]
        for start in ("", "201", "401", "999", "x")
        if (page := f"{table_page(human_plan, 'doubts/')}?from={start}")
    }
    assert [(found[0], found[-1], len(found)) for found in shown.values()] == [
        ("1", "200", 200),
        ("201", "400", 200),
        ("401", "451", 51),
        ("1", "200", 200),
        ("1", "200", 200),
    ]
    assert '<a href="?from=401#table-rows">401〜451</a>' in client.get(table_page(human_plan, "doubts/")).text


def test_items_are_shown_with_their_contents_and_amounts(cast, human_plan):
    client = client_of(cast.office)
    pasted = (
        "番号\t項目名\t方針\t実施内容\tH23決算効果額（万円）\n1\t窓口の改善\t方針１　市民\t窓口を改める。\t１．５\n"
    )
    sheets = client.post(table_page(human_plan), {"pasted": pasted}, follow=True)
    columns = client.post(table_page(human_plan, "sheets/"), sent(sheets), follow=True)
    doubts = client.post(table_page(human_plan, "columns/"), sent(columns), follow=True)
    (row,) = doubts.context_data["rows"]
    shown = {cell.label: [line.text for line in cell.lines] for cell in row["cells"]}
    assert (shown["実施内容"], shown["効果額"]) == (["窓口を改める。"], ["平成23年度 歳出削減 15千円（実績）"])


def test_each_doubtful_cell_is_marked_with_its_original_beside(cast, human_plan):
    client = client_of(cast.office)
    sheets = began(client, human_plan)
    columns = client.post(table_page(human_plan, "sheets/"), sent(sheets), follow=True)
    page = client.post(table_page(human_plan, "columns/"), sent(columns), follow=True)
    rows = {row["item"].number: row["cells"] for row in page.context_data["rows"]}

    def marked(number):
        return [
            (cell.label, line.text, [doubt.original for doubt in line.doubts])
            for cell in rows[number]
            for line in cell.lines
            if line.doubts
        ]

    assert marked("2") == [
        ("推進担当課", "市民協働課、地域振興課", ["市民協働課・地域振興課"]),
        ("年度計画", "平成23年度 実施", ["実施"]),
        (
            "成果指標",
            "収納率、基準値 68.1%（平成23年度）、目標 平成27年度 77%以上",
            ["77%以上（H23年度68.1%）"],
        ),
    ]
    assert marked("7")[0] == ("項目名", "項目7", ["項目7\n（再掲：方針３）"])
    assert marked("4") == [
        ("推進担当課", "全課", ["全課", "同上"]),
        ("実施内容", "項目3の内容を行う。", ["同上"]),
        ("年度計画", "平成27年度 →", ["→"]),
    ]
    doubt = next(one for one in page.context_data["reading"].doubts if one.original == "→")
    assert f'<a class="original" href="#doubt-{doubt.id}">元の値「→」</a>' in page.text


def test_forms_of_another_program_are_in_the_plan(cast, human_plan):
    """Two items on each of two sheets, each name of a field in the cell of its value; one text is struck out in part."""
    client = client_of(cast.office)
    sheets = began(client, human_plan, by_another_program(), "個票.xlsx")
    assert [line for line in lines(sheets) if "個票の一覧" in line] == ["個票の一覧"]
    columns = client.post(table_page(human_plan, "sheets/"), sent(sheets), follow=True)
    doubts = client.post(table_page(human_plan, "columns/"), sent(columns), follow=True)
    assert "取り消し線の引かれた字を除いて「庁内で検討」と読みました。" in lines(doubts)
    preview = client.post(table_page(human_plan, "doubts/"), sent(doubts))
    client.post(CONFIRM_BOOK, {"file": token(preview)})
    programs = Program.objects.filter(plan=human_plan).order_by("pk")
    assert [(one.number, one.name, one.policy.number, one.note) for one in programs] == [
        ("1", "税収の確保", 1, ""),
        ("2", "窓口の改善", 1, "庁内で検討"),
        ("3", "広告の掲載", 1, ""),
        ("4", "会館の統合", 1, ""),
    ]
    assert [one.name for one in Department.objects.filter(city="○○市")] == ["総務課"]


DATABASE = (
    '"事業コード","事業名","方針コード","所属コード","所属名","事業概要","R1計画","R2計画","更新日時"\r\n'
    '"0001","防災訓練","01","0110","防災課","訓練を行う。","準備","実施","2019/04/01 10:20"\r\n'
    '"0002","髙橋町の窓口①","02","0120","市民課","窓口を改める。","実施","実施","2019/04/01 10:21"\r\n'
)


def test_a_csv_of_a_database_is_in_a_new_plan_once_a_person_has_named_its_policies(cast, db):
    plan = Plan.objects.create(slug="new", city="○○市", name="計画", first_fiscal_year=2019, last_fiscal_year=2020)
    client = client_of(cast.office)
    sheets = began(client, plan, DATABASE.encode("cp932"), "事業.csv")
    columns = client.post(table_page(plan, "sheets/"), sent(sheets), follow=True)
    (group,) = columns.context_data["groups"]
    assert [one["letter"] for one in dict(group["sets"])["doubtful"]] == ["D", "I"]  # read by nobody
    doubts = client.post(table_page(plan, "columns/"), sent(columns), follow=True)
    shown = sent(doubts)
    names = [name for name in shown if name.startswith("answer-")]
    assert (len(names), [shown[name] for name in names]) == (2, ["", ""])
    blank = client.post(table_page(plan, "doubts/"), shown)
    assert (blank.status_code, "確かめるところが<strong>2件</strong>あります" in blank.text) == (400, True)
    one = client.post(table_page(plan, "doubts/"), shown | {names[0]: " 安全な  まち "})
    assert (one.status_code, sent(one)[names[0]]) == (400, "安全な まち")
    preview = client.post(table_page(plan, "doubts/"), sent(one) | {names[1]: "親切な窓口"})
    client.post(CONFIRM_BOOK, {"file": token(preview)})
    assert [(row.number, row.name, row.policy.number, row.policy.name) for row in plan.programs.order_by("pk")] == [
        ("0001", "防災訓練", 1, "安全な まち"),
        ("0002", "髙橋町の窓口①", 2, "親切な窓口"),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "euc_jp", "utf-8-sig"])
def test_a_csv_in_another_encoding_is_shown_as_it_was_written(encoding, cast, human_plan):
    text = DATABASE.replace("髙", "高").replace("①", "")
    shown = began(client_of(cast.office), human_plan, text.encode(encoding), "事業.csv").context_data["sheets"][0][
        "rows"
    ]
    assert [row["cells"][1:3] for row in shown] == [
        ["事業名", "方針コード"],
        ["防災訓練", "01"],
        ["高橋町の窓口", "02"],
    ]


def test_the_preview_reads_the_table_once_and_not_the_workbook_that_it_became(cast, human_plan, monkeypatch):
    """What is compared is what the file that waits for the confirmation holds: it is confirmed as it was shown."""
    client = client_of(cast.office)
    began(client, human_plan)
    client.post(table_page(human_plan, "columns/"), sent(client.get(table_page(human_plan, "columns/"))))
    data = sent(client.get(table_page(human_plan, "doubts/")))
    read, asked = confined.answer, []
    monkeypatch.setattr(confined, "answer", lambda task, *args: asked.append(task) or read(task, *args))
    preview = client.post(table_page(human_plan, "doubts/"), data)
    assert asked == ["any"]
    done = client.post(CONFIRM_BOOK, {"file": token(preview)}, follow=True)
    assert "を取り込みました。追加140件" in done.text
    assert asked == ["any", "book"]
