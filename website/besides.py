"""What words find beside the items: opinions on a policy or the whole plan, policies, terms of the glossary, pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import timezone

from committee.models import Opinion
from core.marking import Piece, excerpt, spans
from core.process_cache import kept
from figures import version
from figures.search import folded, words_of
from figures.synonyms import variants
from opendata.glossary import TERMS, Term
from opendata.pages import ROWS_PER_PAGE
from policies.models import Plan
from policies.words import in_words_of, word
from website.committee import waiting_first

_MOST = 3  # opinions that are shown; what they say takes a line each
_TELLS = 2  # letters of a word that is compared with names

# Pages of a plan: their name, what else people call them, and their address.
PAGES = (
    ("いまの状況", "概要", "plan"),
    ("進捗の一覧", "達成状況", "progress"),
    ("二つの調査を比べる", "比較", "compare"),
    ("何が変わったか", "見直し 改訂", "revisions"),
    ("効果額", "財政効果", "effects"),
    ("委員会の意見と市の回答", "推進委員会 会議", "committee"),
    ("計画のしくみと、あゆみ", "方針 体系", "plan_about"),
    ("公表値と出典", "資料", "figures"),
    ("データ", "ダウンロード オープンデータ", "data"),
)
SITE_PAGES = (
    ("API の使い方", "", "api_docs"),
    ("用語の説明", "", "glossary"),
    ("このサイトについて", "問い合わせ", "site_about"),
    ("アクセシビリティ", "", "accessibility"),
    ("記録するもの", "プライバシー 個人情報", "privacy"),
)


class SaidOpinion(NamedTuple):
    """An opinion about no item, with the part of it or of its answer that holds the words."""

    label: str
    address: str
    pieces: list[Piece]


class Besides(NamedTuple):
    opinions: list[SaidOpinion]
    more_opinions: int
    policies: list[tuple[int, str]]
    terms: list[Term]
    pages: list[tuple[str, str]]

    def __bool__(self) -> bool:
        return any(self)


class _Spoken(NamedTuple):
    """A published opinion, folded once; `page` is that of the list of opinions."""

    key: str
    about: str
    page: int
    texts: dict[str, str]  # by where each stands
    line: str


def besides(plan: Plan, text: str, policies: Iterable[tuple[int, str]]) -> Besides:
    """What else holds the words, in what is published today. `policies` are (number, name). One query, for a few opinions or
    many, where nobody has searched in this version and on this day."""
    wanted = [variants(each) for each in words_of(text)]
    names = [each for each in wanted if len(each[0]) >= _TELLS]
    said = [each for each in _spoken(plan) if wanted and all(any(one in each.line for one in ways) for ways in wanted)]
    pages = [(name, also, reverse(view, args=[plan.slug])) for name, also, view in PAGES]
    pages += [(name, also, reverse(view)) for name, also, view in SITE_PAGES]
    return Besides(
        [_shown(plan, each, [one for ways in wanted for one in ways]) for each in said[:_MOST]],
        len(said[_MOST:]),
        [each for each in policies if names and _all(names, each[1])],
        [term for term in TERMS if _any(names, f"{in_words_of(plan, term.word)} {term.kana}")],
        [(in_words_of(plan, name), address) for name, also, address in pages if _any(names, f"{name} {also}")],
    )


def _all(wanted: list[tuple[str, ...]], name: str) -> bool:
    return all(any(one in folded(name) for one in ways) for ways in wanted)


def _any(wanted: list[tuple[str, ...]], names: str) -> bool:
    """Whether a word stands in one of the names, or a name in one of the words (効果額の合計)."""
    known = [name for name in map(folded, names.split()) if len(name) >= _TELLS]
    return any(one in name or name in one for name in known for ways in wanted for one in ways)


def _spoken(plan: Plan) -> list[_Spoken]:
    settled = version.settled()
    of = None if settled is None else (settled, timezone.localdate())
    return kept(("spoken", plan.pk), of, lambda: _read(plan))


def _read(plan: Plan) -> list[_Spoken]:
    found = []
    rows: Any = waiting_first(Opinion.objects.published().filter(plan=plan)).values_list(
        "key", "text", "answer", "program", "policy__number"
    )
    for place, (key, text, answer, program, policy) in enumerate(rows):
        if program is None:  # those about an item are found with it
            about = f"{word(plan, 'policy')}{policy}" if policy else "計画全体"
            texts = {f"委員会の意見 {key}": text, f"意見 {key} への市の回答": answer}
            line = "\0".join(map(folded, (key, text, answer)))
            found.append(_Spoken(key, about, place // ROWS_PER_PAGE + 1, texts, line))
    return found


def _shown(plan: Plan, opinion: _Spoken, words: list[str]) -> SaidOpinion:
    page = f"?page={opinion.page}" if opinion.page > 1 else ""
    address = f"{reverse('committee', args=[plan.slug])}{page}#opinion-{opinion.key}"
    for place, text in opinion.texts.items():
        if marked := spans(text, words, folded):
            return SaidOpinion(f"{place}（{opinion.about}）", address, excerpt(text, marked))
    [place, text], *_ = opinion.texts.items()  # only its number was asked for
    return SaidOpinion(f"{place}（{opinion.about}）", address, excerpt(text, [(0, 0)]))
