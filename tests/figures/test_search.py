"""What a reader finds by words: the published texts of an item, wherever they stand, and never a draft."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from committee.models import Opinion
from core.marking import excerpt, spans
from figures.search import folded, words_of
from figures.synonyms import variants
from programs.models import Program, ProgramEdition
from reviews import workflow
from reviews.models import PublishedReport
from tests import factories
from tests.figures.filters import LIST, numbers_on_page
from tests.published import LATEST, SECRET
from tests.reading import read

FOUND = {
    "窓口": ["1"],  # contents of an edition
    "検討": ["1"],  # year plan
    "収納率": ["1"],  # indicator
    "早めに": ["1"],  # opinion
    "善処": ["1"],  # answer
    "税務課": ["2"],  # department
    "説明会": ["1", "2"],  # reports
    "関係者との調整": ["2"],  # reason of a delay
    "手伝った": ["2"],  # contribution of another department
    "執行体制": ["2"],  # policy
    "こうもくいち": ["1"],  # kana
    "窓口 収納率": ["1"],  # all words, wherever each stands
    "窓口　収納率": ["1"],
    "窓口 税務課": [],
    "No.2": ["2"],
    "No. 2": ["2"],
    "№2": ["2"],
    "２": ["2"],
    "2番": ["2"],
    "2 説明会": ["2"],
    "1 税務課": [],
    "ｾﾂﾒｲ会": [],
    "まどぐち": [],
}


@pytest.mark.django_db(transaction=True)
def test_all_is_read_once_for_each_published_version(client, written, cast, django_assert_num_queries):
    """Of a published round, too: a reading that is corrected, words that are taken out. A draft changes nothing."""

    def search(query):
        with CaptureQueriesContext(connection) as queries:
            found = numbers_on_page(client, f"?q={query}&round={LATEST}")
        return found, len(queries)

    item = Program.objects.get(number="1")
    first = search("こうもくいち")
    Program.objects.create(plan=written, policy=item.policy, number="99", name="まだ公開しない")
    assert (first[0], search("こうもくいち")) == (["1"], (["1"], first[1] - 7))
    item.name_kana = "あらためたよみ"
    item.save()
    assert [search("こうもくいち")[0], search("あらためたよみ")] == [[], (["1"], first[1] - 7)]


@pytest.fixture
def written(filled):
    Program.objects.filter(plan=filled, number="1").update(name_kana="こうもくいち")
    opinion = Opinion.objects.get(key="2014-1")
    opinion.disposition, opinion.answer, opinion.answered_on = "reflected", "善処します。", "2014-12-01"
    opinion.save()
    return filled


def test_words_are_found_wherever_they_are_published(client, written):
    assert {query: numbers_on_page(client, f"?q={query}") for query in FOUND} == FOUND


def test_drafts_are_never_found(client, written, cast):
    third = written.rounds.create(as_of="2015-09-30", edition=written.editions.get(key="fy2013-revision"))
    workflow.open_round(third, by=cast.office)
    factories.handed_in(third, 1, "A", by=cast.office, progress="提出だけした報告")
    for query in (SECRET, "提出だけした報告"):
        assert numbers_on_page(client, f"?q={query}") == []


def test_what_is_written_is_found_at_once(client, written):
    assert numbers_on_page(client, "?q=新しい意見") == []
    Opinion.objects.create(
        plan=written,
        key="new",
        program=written.programs.get(number="2"),
        given_on="2015-01-01",
        published_on="2015-01-02",
        text="新しい意見です。",
    )
    assert numbers_on_page(client, "?q=新しい意見") == ["2"]
    program = written.programs.get(number="2")
    program.name = "街路灯の発光ダイオードへの切替え"
    program.save()
    assert numbers_on_page(client, "?q=LED 街路灯") == ["2"]


def test_a_round_that_was_asked_for_is_searched_as_it_was(client, written):
    PublishedReport.objects.filter(number="1", round__as_of=LATEST).update(progress="あとの報告だけの言葉")
    assert numbers_on_page(client, "?q=あとの報告だけ") == ["1"]
    assert numbers_on_page(client, "?q=あとの報告だけ&round=2014-09-30") == []
    assert numbers_on_page(client, "?q=早めに&round=2014-09-30") == []  # an opinion is no part of a round


def test_the_place_stands_beside_the_item_with_the_words_marked(client, written):
    page = client.get(f"{LIST}/?q=窓口 収納率")
    hits = [text for text in read(page).texts["p"] if "：" in text and text.startswith("「")]
    assert hits == ["「当初」の実施内容：窓口を一つにする。", "「当初」の成果指標：収納率 以上"]
    assert "<mark>窓口</mark>を一つにする。" in page.text
    assert 'href="/plans/kodaira-2/programs/1/#promise"' in page.text


def test_when_nothing_is_found_the_nearest_names_are_offered(client, written):
    page = read(client.get(f"{LIST}/?q=項目1の取り組み"))
    assert page.tables == []
    assert "名前が近い実施項目：" in page.texts["p"]
    assert "1 項目1の取組" in page.texts["li"]


def test_an_edition_that_is_not_frozen_is_not_searched(client, plan, cast):
    ProgramEdition.objects.filter(program__number="1").update(contents="準備中の内容")
    assert numbers_on_page(client, "?q=準備中") == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("窓口　サービス", ["窓口", "さびす"]),
        ("No. 27", ["no.27"]),
        ("窓\u200b口", ["窓口"]),
        ("葛\U000e0100飾", ["葛飾"]),
        ("9時〜5時", ["9時~5時"]),
        ("  ", []),
    ],
)
def test_what_is_typed_becomes_words(typed, words):
    assert words_of(typed) == words


def test_words_that_mean_the_same():
    assert variants(folded("寄付")) == ("寄付", "寄附")
    assert variants(folded("ＬＥＤ")) == ("led", folded("発光ダイオード"))
    assert variants("窓口") == ("窓口",)


@pytest.mark.parametrize(
    ("typed", "looked_for"),
    [
        ("寄附金額", ("寄附金額", "寄付額", "寄附額", "寄付金額")),
        ("LED電球", ("led電球", "発光だいおど電球")),
        ("filed", ("filed",)),
        ("寄附金", ("寄付", "寄附")),  # the shorter of two that hold one another finds both
        ("残業", ("残業", "時間外勤務", "時間外の勤務", "超過勤務")),
    ],
)
def test_a_part_of_a_word_may_be_written_otherwise(typed, looked_for):
    assert sorted(variants(folded(typed))) == sorted(looked_for)


def test_one_shape_of_a_kanji_finds_the_others(client, written):
    written.programs.filter(number="1").update(name="髙齢の齊藤さんと渡邉さん")
    PublishedReport.objects.update(progress="高齢の斎藤さんと渡辺さん、霞ケ関")
    words = ("高齢", "髙齢の齋藤", "渡邊", "霞ヶ関")
    assert [numbers_on_page(client, f"?q={word}") for word in words] == [["1", "2", "3"]] * 4
    assert "<mark>髙齢</mark>の齊藤さん" in client.get(f"{LIST}/?q=高齢").text


def test_a_word_that_stands_nowhere_is_looked_for_in_parts(client, written):
    """And the page says so; what only kana or a single letter would find is not."""
    said = "「窓口収納率」と続けて書いたところはないので、言葉を分けてさがしました。"
    assert numbers_on_page(client, "?q=窓口収納率") == ["1"]
    page = client.get(f"{LIST}/?q=窓口収納率")
    assert said in read(page).texts["p"]
    assert "<mark>窓口</mark>を一つにする。" in page.text
    assert "言葉を分けて" not in client.get(f"{LIST}/?q=窓口 収納率").text
    assert [numbers_on_page(client, f"?q={word}") for word in ("窓口税務課", "窓口にゃにゃ", "窓口x")] == [[]] * 3


def test_departments_with_a_name_like_it_are_offered(client, written):
    page = read(client.get(f"{LIST}/?q=税務課の窓"))
    assert "名前が近い推進担当課：" in page.texts["p"]
    assert 'href="/plans/kodaira-2/programs/?department=zeimu"' in client.get(f"{LIST}/?q=税務課の窓").text


@pytest.mark.parametrize(
    ("text", "word", "marked"),
    [
        ("サーバーを減らす", "サーバー", ["サーバ"]),
        ("ﾈｰﾐﾝｸﾞﾗｲﾂの導入", "ネーミングライツ", ["ﾈｰﾐﾝｸﾞﾗｲﾂ"]),
        ("ガス、カ\u3099ス", "ガス", ["ガス", "カ\u3099ス"]),
        ("個々の税と個個の税", "個個", ["個々", "個個"]),
        ("ＰＤＣＡ ｻｲｸﾙ", "pdcaサイクル", ["ＰＤＣＡ ｻｲｸﾙ"]),
        ("窓口、窓口", "窓口", ["窓口", "窓口"]),
        ("①と１", "1", ["①", "１"]),
    ],
)
def test_what_was_found_is_marked_in_the_text_as_written(text, word, marked):
    assert [text[start:end] for start, end in spans(text, [folded(word)], folded)] == marked


def test_an_excerpt_is_short():
    text = "前" * 100 + "窓口" + "後" * 100
    pieces = excerpt(text, spans(text, ["窓口"], folded))
    assert [piece.text for piece in pieces if piece.is_found] == ["窓口"]
    assert "".join(piece.text for piece in pieces).startswith("…前")
    assert sum(len(piece.text) for piece in pieces) < 100


def beside(client, query):
    """The lines of what was found beside the items."""
    _, _, block = client.get(f"{LIST}/{query}").text.partition('<section class="besides"')
    return re.findall(r"<li>\s*(.*?)\s*</li>", block.partition("</section>")[0], re.DOTALL)


def test_opinions_about_no_item_are_found_beside_the_items(client, written):
    """With their answers, and never a draft or one that is public from another day on."""
    said = {"plan": written, "given_on": "2015-01-01"}
    answered = {"disposition": "adopted", "answer": "手引きを配ります。", "answered_on": "2015-02-01"}
    second = written.policies.get(number=2)
    Opinion.objects.create(key="p-1", policy=second, text="手順書を整える。", published_on="2015-01-02", **said)
    Opinion.objects.create(key="p-2", text="早く直す。", published_on="2015-01-02", **answered, **said)
    Opinion.objects.create(key="p-3", text="手順書と手引きの下書き", **said)
    Opinion.objects.create(key="p-4", text="手順書と手引きの予告", published_on="2199-01-01", **said)
    committee = "/plans/kodaira-2/committee/"
    assert beside(client, "?q=手順書") == [
        f'<a href="{committee}#opinion-p-1">委員会の意見 p-1（方針2）</a>：<mark>手順書</mark>を整える。'
    ]
    assert beside(client, "?q=手引き 早く") == [
        f'<a href="{committee}#opinion-p-2">委員会の意見 p-2（計画全体）</a>：<mark>早く</mark>直す。'
    ]
    assert beside(client, "?q=手引き")[0].endswith("への市の回答（計画全体）</a>：<mark>手引き</mark>を配ります。")
    assert beside(client, "?q=手引き 手順書") == []
    assert beside(client, f"?q=手順書&round={LATEST}") == []  # its page stays as it is
    Opinion.objects.filter(key="p-1").first().delete()
    assert beside(client, "?q=手順書") == []


def test_policies_terms_and_pages_are_found_by_name(client, written):
    page, term = '<a href="/plans/kodaira-2/effects/">効果額</a>', '<a href="/glossary/#effect">効果額</a>'
    assert beside(client, "?q=効果額の合計") == [f"ページ：{page}", f"用語の説明：{term}"]
    assert beside(client, "?q=執行体制")[0].startswith('方針：<a href="/plans/kodaira-2/policies/2/">2 ')
    assert [beside(client, f"?q={query}") for query in ("", "1", "の", "zzzz")] == [[], [], [], []]
