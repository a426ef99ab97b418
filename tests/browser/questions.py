"""What citizens ask, and the way from the overview to the answer: in three clicks at most, or with one search.

    python -m tests.browser.questions http://127.0.0.1:8000/plans/sample/

answers all of them about the sample plan in a browser, and prints the clicks and the time that each took.
"""

import re
import sys
from collections.abc import Iterator
from time import perf_counter
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import FLAGS, find_chromium

MOST = 3  # clicks


class Question(NamedTuple):
    """`search` is what is typed into the search of the header, `clicks` are links by name, `answer` stands on the page then."""

    text: str
    answer: str
    clicks: tuple[str, ...] = ()
    search: str = ""


QUESTIONS = (
    Question(
        "高齢者についての項目で、遅れているものはどれですか。",
        r"事業者と協力した高齢者の見守り[^▼]*●\s*A 計画のとおり",
        search="高齢者",
    ),
    Question(
        "窓口について、平成25年度（2013年度）には何をする計画でしたか。",
        "一部で試行",
        ("窓口の総合化",),
        "窓口",
    ),
    Question("全部でいくら効果がありましたか。", r"実績の4年度の計\s+727,200千円"),
    Question(
        "見直しで何を、なぜ変えましたか。", "遅れている項目は実施の時期と進め方を改め.*50\\s*項目", ("何が変わったか",)
    ),
    Question("遅れが一番多いのはどの課ですか。", "最も多いのは、産業振興課（2項目）", ("推進担当課ごとの数",)),
    Question("評価の B は、どういう意味ですか。", "B 計画より遅れ\\s+年度計画より遅れている。", ("評価の意味",)),
    Question("次の報告はいつですか。", "この計画は平成28年（2016年）3月31日に終わりました。"),
    Question(
        "窓口の総合化の担当はどの課ですか。",
        "推進担当課\\s+市民課、保険年金課、情報システム課",
        ("窓口の総合化",),
        "46",
    ),
    Question(
        "委員会は項目10について何を言い、市はどう答えましたか。",
        "短い期間だけ借りたい人.*試し出店の制度を設ける",
        ("10 商店街の空き店舗の活用",),
    ),
    Question("前回から評価が下がった項目はどれですか。", "11 直売所と学校給食を結ぶ地産地消[^。]*前回はA"),
    Question("データを Excel で使えますか。", "Excel", ("データ",)),
    Question(
        "この計画の前には、どんな計画がありましたか。",
        "窓口と内部の仕事の改善を中心にした、前の計画。",
        ("計画のしくみ",),
    ),
)


class Way(NamedTuple):
    question: Question
    clicks: int
    searches: int
    seconds: float
    is_answered: bool

    @property
    def is_short(self) -> bool:
        return self.is_answered and self.clicks + self.searches <= MOST and self.searches <= 1


def ask(page: Page, start: str, question: Question) -> Way:
    """From the overview, as a reader goes: the search of the header first, then links by their names."""
    page.goto(start)
    began = perf_counter()
    if question.search:
        page.get_by_role("searchbox").first.fill(question.search)
        page.keyboard.press("Enter")
        page.wait_for_url("**?q=**")
    for name in question.clicks:
        page.get_by_role("link", name=name).first.click()
        page.wait_for_load_state()
    told = page.locator("main").inner_text()
    found = re.search(question.answer, told, re.DOTALL) is not None
    return Way(question, len(question.clicks), int(bool(question.search)), perf_counter() - began, found)


def ways(page: Page, start: str) -> Iterator[Way]:
    for question in QUESTIONS:
        yield ask(page, start, question)


def main(start: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        for way in ways(browser.new_page(), start):
            cost = f"{way.searches} search, {way.clicks} clicks, {way.seconds:.2f} s"
            print("ok " if way.is_short else "NOT", cost, way.question.text)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
