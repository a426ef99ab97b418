"""公表された集計表: from a pasted table to published figures that are reconciled, page by page, without JavaScript."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from figures.ledger import reconcile
from figures.models import PublishedFigure
from policies.models import Source
from tests import factories
from tests.staff.pages import client_of, figure_table_page, lines, sent
from tests.workbooks.tables.hidden_figures import in_excel
from workbooks.models import TableKind, TableMapping, TableUpload
from workbooks.tables.published.acts import What

PAGE = """<table><tr><th>平成26年9月30日現在<th>S<th>A<th>B<th>計<th>Aの割合
<tr><td>方針1 財政基盤の強化<td>0<td>1<td>0<td>1<td>100.0%
<tr><td>方針2 執行体制の再構築<td>1<td>1<td>0<td>2<td>50.0%
<tr><td>計<td>1<td>2<td>0<td>3<td>66.7%</table>"""
NEW_SOURCE = {
    "title": "平成26年9月末の進捗状況",
    "publisher": "小平市",
    "date": "平成26年11月20日",
    "url": "https://example.jp/a",
}


def pasted(client, plan, page=PAGE, meanings=None, **form):
    """The last page after the three before it: what they show is sent as it is, with some meanings changed."""
    form = form or {"source": plan.sources.get(key="S1").pk}
    sheets = client.post(figure_table_page(plan), {"pasted": "表", "page": page, **form}, follow=True)
    columns = client.post(figure_table_page(plan, "sheets/"), sent(sheets), follow=True)
    assert columns.redirect_chain == [(figure_table_page(plan, "meanings/"), 302)]
    return client.post(figure_table_page(plan, "meanings/"), sent(columns, **(meanings or {})), follow=True)


def confirmed(client, plan, page):
    seen = page.context_data["result"].fingerprint
    return client.post(figure_table_page(plan, "check/"), {"_confirm": "1", "seen": seen}, follow=True)


def answered(client, plan, page, *codes):
    """The page after its open doubts were answered, in their order."""
    doubts = page.context_data["result"].doubts
    return client.post(
        figure_table_page(plan, "check/"), {f"answer-{one.id}": code for one, code in zip(doubts, codes, strict=True)}
    )


def test_a_table_of_a_page_is_registered_and_reconciled_after_four_pages(cast, published):
    client = client_of(cast.office)
    assert figure_table_page(published) in client.get(f"/admin/policies/plan/{published.pk}/change/").text
    assert "/admin/figures/publishedfigure/tables/" in client.get("/admin/figures/publishedfigure/").text
    assert client.get("/admin/figures/publishedfigure/tables/").url == figure_table_page(published)
    check = pasted(client, published, **NEW_SOURCE)
    assert check.redirect_chain == [(figure_table_page(published, "check/"), 302)]
    told = lines(check)
    assert "「貼り付けた表」から15件の値を読みました。" in told
    assert "出典は「S2 平成26年9月末の進捗状況」（新しく登録します）です。" in told
    assert "記録との照合は、一致 9件、不一致 6件です。" in check.text
    assert PublishedFigure.objects.count() == 0
    assert not Source.objects.filter(key="S2").exists()

    done = confirmed(client, published, check)
    assert done.redirect_chain == [(f"/admin/figures/publishedfigure/?plan__id__exact={published.pk}", 302)]
    assert "公表値15件を登録しました。記録との照合は、一致 9件、不一致 6件です。" in done.text
    source = Source.objects.get(key="S2")
    assert (source.title, source.publisher, str(source.date), source.url) == (
        "平成26年9月末の進捗状況", "小平市", "2014-11-20", "https://example.jp/a",
    )  # fmt: skip
    figure = PublishedFigure.objects.get(key="grade_share.2014-09-30.policy-2.A")
    assert (figure.printed, figure.value, figure.unit, figure.source, figure.locator) == (
        "50.0%", 50, "%", source, "表1 方針2 執行体制の再構築の行・Aの割合の列",
    )  # fmt: skip
    history = figure.history.get()
    assert (history.history_user, history.history_change_reason) == (cast.office, "公表された集計表の取り込み")
    found = {one.figure.key: one.status.value for one in reconcile(published)}
    assert found["grade_count.2014-09-30.policy-1.A"] == "一致"
    assert found["grade_count.2014-09-30.policy-2.A"] == "不一致"
    assert not TableUpload.objects.exists()


def test_the_same_table_again_changes_nothing(cast, published):
    client = client_of(cast.office)
    confirmed(client, published, pasted(client, published))
    again = pasted(client, published)
    assert "すべての値が、もう登録されています。登録するものはありません。" in lines(again)
    assert PublishedFigure.objects.count() == 15


@pytest.mark.parametrize(
    ("answer", "current", "key", "figures"),
    [
        ("correct", "3", "grade_count.2014-09-30.A", 15),
        ("supersede", "3", "grade_count.2014-09-30.A-2", 16),
        ("keep", "2", "grade_count.2014-09-30.A", 15),
    ],
)
def test_what_differs_from_what_is_registered_is_asked(cast, published, answer, current, key, figures):
    client = client_of(cast.office)
    confirmed(client, published, pasted(client, published))
    page = pasted(client, published, PAGE.replace("<td>1<td>2<td>0<td>3", "<td>1<td>3<td>0<td>3"))
    (doubt,) = page.context_data["result"].doubts
    assert (doubt.question, doubt.places, doubt.chosen) == (
        "「「予定どおりに進捗」の項目の数」は、いま「2」と登録されています。資料で確かめてください。", ["「表1」シート C4"], "",
    )  # fmt: skip
    unanswered = client.post(
        figure_table_page(published, "check/"), {"_confirm": "1", "seen": page.context_data["result"].fingerprint}
    )
    assert unanswered.status_code == 400
    page = answered(client, published, page, answer)
    if answer != "keep":
        confirmed(client, published, page)
    assert PublishedFigure.objects.count() == figures
    figure = PublishedFigure.objects.current().get(measure="grade_count", policy=None, category="A")
    assert (figure.printed, figure.key) == (current, key)


def test_several_differing_values_of_a_source_are_decided_together_or_one_by_one(cast, published):
    client = client_of(cast.office)
    confirmed(client, published, pasted(client, published))
    other = PAGE.replace("<td>1<td>2<td>0<td>3", "<td>1<td>3<td>0<td>4")
    page = pasted(client, published, other)
    (doubt,) = page.context_data["result"].doubts
    assert doubt.places == ["「表1」シート C4", "「表1」シート E4"]
    together = answered(client, published, page, "supersede")
    assert [one.supersedes.printed for one in together.context_data["written"]] == ["2", "3"]
    each = answered(client, published, page, "each")
    assert (each.status_code, len(each.context_data["result"].doubts)) == (400, 3)


def test_nothing_is_registered_that_the_person_did_not_see(cast, published):
    client = client_of(cast.office)
    page = pasted(client, published)
    published.sources.create(key="S9", title="別の資料")
    seen = page.context_data["result"].fingerprint
    PublishedFigure.objects.create(
        plan=published, key="grade_count.2014-09-30.A", measure="grade_count", label="前からある値", as_of="2014-09-30",
        category="予定どおりに進捗", printed="2", value=2, unit="項目", source=published.sources.get(key="S1"), locator="1ページ",
    )  # fmt: skip
    refused = client.post(figure_table_page(published, "check/"), {"_confirm": "1", "seen": seen})
    assert (refused.status_code, PublishedFigure.objects.count()) == (400, 1)
    assert "登録する内容が、表示していたものから変わりました。" in refused.text
    assert "登録済み（同じ値）" in refused.text


def test_meanings_are_put_right_and_remembered_for_this_kind_of_table(cast, published):
    client = client_of(cast.office)
    page = PAGE.replace("Aの割合", "達成度").replace("平成26年9月30日現在", "区分")
    sheets = client.post(
        figure_table_page(published),
        {"pasted": "表", "page": page, "source": published.sources.get(key="S1").pk},
        follow=True,
    )
    shown = client.post(figure_table_page(published, "sheets/"), sent(sheets), follow=True)
    refused = client.post(figure_table_page(published, "meanings/"), sent(shown))
    assert refused.status_code == 400
    assert [line for line in lines(refused) if "「表1」" in line] == [
        "「表1」シート F1: 「達成度」が何の列か分かりません。意味を選ぶか、「読まない」にしてください。",
        "「表1」シート B2（方針1 財政基盤の強化、S）の値: 「基準日」が見出しから分かりません。"
        "見出しの意味で選ぶか、「表全体について」で選んでください。",
    ]
    nonsense = {"rows-0-0": "policy:x", "columns-0-0": "day:y", "columns-0-4": "as:share", "whole-0-unit": "ドル"}
    assert client.post(figure_table_page(published, "meanings/"), sent(shown, **nonsense)).status_code == 400
    wrong = client.post(figure_table_page(published, "meanings/"), sent(shown, **{"whole-0-day": "9月末"}))
    assert (wrong.status_code, "「9月末」は日付として読めません。" in wrong.text) == (400, True)
    done = client.post(
        figure_table_page(published, "meanings/"),
        sent(shown, **{"columns-0-4": ["grade:A", "as:share"], "whole-0-day": "H26.9.30"}),
        follow=True,
    )
    assert "15件" in done.text
    mapping = TableMapping.objects.get(plan=published, kind=TableKind.FIGURES)
    assert mapping.columns == {"columns:達成度": ["grade:A", "as:share"]}
    next_time = pasted(client, published, page, {"whole-0-day": "H26.9.30", "columns-0-4": ["grade:A", "as:share"]})
    assert next_time.status_code == 200


def test_rows_can_be_put_right(cast, published):
    client = client_of(cast.office)
    source = published.sources.get(key="S1").pk
    sheets = client.post(figure_table_page(published), {"pasted": "表", "page": PAGE, "source": source}, follow=True)
    assert {name: value for name, value in sent(sheets).items() if name.endswith("-0")} == {
        "use-0": "on", "header-0": "1", "first-0": "2", "last-0": "4", "labels-0": "1",
    }  # fmt: skip
    wrong = client.post(figure_table_page(published, "sheets/"), sent(sheets, **{"labels-0": "9"}))
    assert (wrong.status_code, "行の見出しは1列から5列までの数字で入力してください。" in wrong.text) == (400, True)
    none = client.post(figure_table_page(published, "sheets/"), {})
    assert (none.status_code, "読むシートを1つ以上選んでください。" in none.text) == (400, True)
    client.post(figure_table_page(published, "sheets/"), sent(sheets, **{"last-0": "3"}))
    shown = sent(client.get(figure_table_page(published, "meanings/")))
    assert (
        client.post(figure_table_page(published, "meanings/"), shown, follow=True)
        .context_data["result"]
        .lines[-1]
        .printed.policy
        == 2
    )


def test_a_table_needs_a_source_and_can_be_a_file(cast, published):
    client = client_of(cast.office)
    without = client.post(figure_table_page(published), {"pasted": "S\tA\n1\t2"})
    assert (without.status_code, "登録してある出典を選ぶか、新しい出典の題名を入力してください。" in without.text) == (
        400,
        True,
    )
    same = client.post(figure_table_page(published), {"pasted": "S\tA\n1\t2", "title": "テスト資料 "})
    assert "同じ題名と発行日の出典「S1 テスト資料」が登録されています。" in same.text
    nothing = client.post(figure_table_page(published), {"title": "資料"})
    assert "ファイルを選ぶか、表を貼り付けてください。" in nothing.text
    broken = client.post(
        figure_table_page(published), {"title": "資料", "file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04broken")}
    )
    assert (broken.status_code, "ファイルが壊れていて読めません。" in broken.text) == (400, True)
    table = "H26.9.30,S,A\n計,1,2\n".encode("cp932")
    sheets = client.post(
        figure_table_page(published), {"title": "資料", "file": SimpleUploadedFile("a.csv", table)}, follow=True
    )
    assert sheets.redirect_chain == [(figure_table_page(published, "sheets/"), 302)]


def test_only_who_may_register_figures_comes_in(cast, published):
    assert client_of(cast.reporter).get(figure_table_page(published)).status_code == 403
    assert client_of(cast.viewer).get("/admin/figures/publishedfigure/tables/").status_code == 403
    assert Client().get(figure_table_page(published)).status_code == 302
    office = client_of(cast.office)
    pasted(office, published)
    other = client_of(cast.root).get(figure_table_page(published, "check/"), follow=True)
    assert other.redirect_chain == [(figure_table_page(published), 302)]
    assert office.get("/admin/figures/publishedfigure/tables/999/").status_code == 404


OF_COMMITTEE = """<table><caption>委員会評価</caption><tr><th>平成26年9月30日現在 委員会評価<th>A<th>C<th>総数
<tr><td>方針1 財政基盤の強化<td>1<td>0<td>2
<tr><td>計<td>1<td>2<td>3</table>"""


def test_a_table_of_a_further_axis_is_read_for_that_axis(cast, plan):
    """Its A is another thing than the A of the first axis that is registered."""
    factories.further_axes(plan)
    confirmed(client_of(cast.office), plan, pasted(client_of(cast.office), plan))
    client = client_of(cast.office)
    check = pasted(client, plan, OF_COMMITTEE)
    assert [line.what for line in check.context_data["result"].lines][:4] == [What.NEW] * 4
    confirmed(client, plan, check)
    found = PublishedFigure.objects.filter(axis__key="committee").order_by("key")
    assert [(one.key, one.category, one.label, one.value) for one in found] == [
        ("grade_count.2014-09-30.committee.A", "A", "委員会評価：「妥当」の項目の数", 1),
        ("grade_count.2014-09-30.committee.C", "C", "委員会評価：「見直しが必要」の項目の数", 2),
        ("grade_count.2014-09-30.policy-1.committee.A", "A", "委員会評価：方針1の「妥当」の項目の数", 1),
        ("grade_count.2014-09-30.policy-1.committee.C", "C", "委員会評価：方針1の「見直しが必要」の項目の数", 0),
        ("graded_total.2014-09-30.committee", "", "委員会評価：評価した項目の数", 3),
        ("graded_total.2014-09-30.policy-1.committee", "", "委員会評価：方針1の評価した項目の数", 2),
    ]
    assert PublishedFigure.objects.get(key="grade_count.2014-09-30.A").axis is None


def test_which_axis_a_table_is_about_can_be_put_right(cast, plan):
    factories.further_axes(plan)
    client = client_of(cast.office)
    unnamed = OF_COMMITTEE.replace("委員会評価", "").replace("<th>C", "<th>見直しが必要")
    again = pasted(client, plan, unnamed, {"whole-0-axis": "committee"})
    assert "評価の軸を変えたため、見出しの意味を読み直しました。" in again.text
    check = client.post(figure_table_page(plan, "meanings/"), sent(again), follow=True)
    printed = [(line.figure.axis.key, line.figure.category) for line in check.context_data["result"].lines[:2]]
    assert printed == [("committee", "A"), ("committee", "C")]


def test_values_that_disagree_are_told_above_the_table_and_lead_into_it(cast, published):
    client = client_of(cast.office)
    table = "平成26年9月30日現在\tS\tA\tB\t計\n計\t1\t7\t0\t2\n"
    asked = client.post(
        figure_table_page(published), {"pasted": table, "source": published.sources.get(key="S1").pk}, follow=True
    )
    for step in ("sheets/", "meanings/"):
        asked = client.post(figure_table_page(published, step), sent(asked), follow=True)
    said = [line for line in lines(asked) if "（「表」シート" in line]
    assert said == ["「予定どおりに進捗」の項目の数（「表」シート C2）"]
    assert 'href="#line-2"' in asked.text
    assert '<tr id="line-2">' in asked.text


def test_headings_that_are_understood_are_told_in_a_line_and_folded_away(cast, published):
    client = client_of(cast.office)
    text = "平成26年9月30日現在\n方針\tＢ\tＢの前回からの増減\tご意見の数\n方針１ 財政基盤の強化\t2\t▲1\t5\n"
    form = {"pasted": text, "source": published.sources.get().pk}
    sheets = client.post(figure_table_page(published), form, follow=True)
    shown = client.post(figure_table_page(published, "sheets/"), sent(sheets), follow=True)
    (table,) = shown.context_data["tables"]
    rows, columns = table["sides"]
    assert rows["summed"] == [("方針１ 財政基盤の強化", "方針1 財政基盤の強化")]
    assert columns["summed"] == [
        ("Ｂ", "B 予定よりも遅れている"),
        ("Ｂの前回からの増減", "B 予定よりも遅れている、前回からの増減"),
    ]
    assert [text for _name, text, _said in columns["doubtful"]] == ["ご意見の数"]
    assert shown.text.index("次の見出しの意味が分かりません。選んでください。") < shown.text.index("ご意見の数 の意味")


def test_what_a_file_hides_is_told_and_asked_before_it_is_registered(cast, published):
    client = client_of(cast.office)
    sheets = client.post(
        figure_table_page(published),
        {"source": published.sources.get(key="S1").pk, "file": SimpleUploadedFile("a.xlsx", in_excel())},
        follow=True,
    )
    assert [name for name in sent(sheets) if name.startswith("use-")] == ["use-0"]
    told = lines(sheets)
    assert "Excelで非表示にしてあるシートです。読むときだけ、印を付けてください。" in told
    assert "非表示の行が1行、非表示の列が1列（D）あります。読むかどうかを、あとの画面で確かめます。" in told
    assert "非表示の行（あとで確かめる）" in told
    meanings = client.post(figure_table_page(published, "sheets/"), sent(sheets), follow=True)
    check = client.post(figure_table_page(published, "meanings/"), sent(meanings), follow=True)
    asked = [
        one for one in check.context_data["result"].doubts if one.about in ("非表示の行", "非表示の列", "取り消し線")
    ]
    assert [(one.original, one.is_answered) for one in asked] == [
        ("2行目", False),
        ("D列", False),
        ("方針3 組織の見直し", False),
    ]
    refused = client.post(figure_table_page(published, "check/"), {"_confirm": "1", "seen": "x"})
    assert (refused.status_code, PublishedFigure.objects.count()) == (400, 0)
