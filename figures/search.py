"""Which items hold the words that a reader types, in everything that citizens may read of them (docs/decisions/0032-search.md).

Texts are folded once and kept in this process; after a move of the published version only the items that it touched are read
anew (docs/decisions/0072-touched-items.md). Only published texts are ever read here.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from committee.models import Opinion
from core.fiscal import era_date, fiscal_year_label
from core.marking import Piece, excerpt, spans
from core.process_cache import kept
from core.text import clean_code, drop_invisible, fold
from figures import version
from figures.synonyms import LETTERS, pieces, variants
from policies.models import Plan
from programs.models import (
    IndicatorActual,
    IndicatorTarget,
    Program,
    ProgramEdition,
    Responsibility,
    YearPlan,
)
from reviews.models import PublishedReport, Round

_LIKE = 0.3  # of the pairs of letters that were typed stand in a name; below it they look alike by chance
_APART_FROM = 4  # letters of a word that is looked for in parts if it stands nowhere
_MOST_PARTS = 4
_TELLS = re.compile("[a-z0-9一-龥]|....")  # two kana stand everywhere by chance
_KANJI = re.compile("[一-龥]")
_BETWEEN = "\0"  # stands in no word; folding leaves it where it is

# 27, No.27, №27, 27番, 第27号: an item by its number.
_NUMBER = re.compile(r"(?:no\.?|#|番号|第)?([0-9a-z][0-9a-z.-]*)(?:番|号)?")
_NUMBER_APART = re.compile(r"\b(no\.?|№|番号)\s+(?=[0-9０-９])", re.IGNORECASE)
_WAVE_DASH = str.maketrans("〜", "～")


def folded(text: str) -> str:
    """`fold` of what a reader sees: without invisible characters, with one wave dash and one shape of a kanji."""
    return fold(drop_invisible(text).translate(_WAVE_DASH)).translate(LETTERS)


def _typed(text: str) -> dict[str, str]:
    """The words of what somebody typed, apart by spaces of any width: folded, and as typed."""
    return {key: word for word in _NUMBER_APART.sub(r"\1", text).split() if (key := folded(word))}


def words_of(text: str) -> list[str]:
    """The words of what somebody typed, folded."""
    return list(_typed(text))


class Passage(NamedTuple):
    """A published text of an item, where it stands, and the part of the item's page that shows it."""

    program: int
    place: str
    anchor: str
    text: str


Read = Iterator[Passage]


def _only(programs: Collection[int] | None, lookup: str = "program") -> Q:
    return Q() if programs is None else Q(**{f"{lookup}__in": programs})


def _names(plan: Plan, programs: Collection[int] | None) -> Read:
    rows = Program.objects.shown().filter(_only(programs, "pk"), plan=plan)
    for pk, name, kana, policy, policy_name in rows.values_list(
        *("pk", "name", "name_kana", "policy__number", "policy__name")
    ):
        yield Passage(pk, "項目名", "", name)
        yield Passage(pk, "項目名の読み", "", kana)
        yield Passage(pk, "方針", "", f"方針{policy} {policy_name}")


def _of_rounds(rounds: Collection[int], programs: Collection[int] | None) -> Read:
    """Newest round first."""
    texts = [("progress", "取組状況"), ("evidence", "評価の根拠"), ("delay_cause", "遅れの原因")]
    texts += [("delay_reason", "遅れの理由"), ("remedy", "対応策")]
    rows = PublishedReport.objects.filter(_only(programs), round__in=rounds).order_by("-round__as_of")
    for pk, as_of, name, kana, departments, contributions, actuals, *said in rows.values_list(
        *("program", "round__as_of", "name", "program__name_kana", "departments", "contributions", "actuals"),
        *(name for name, _ in texts),
    ):
        when, anchor = f"{era_date(as_of)}の報告", f"r-{as_of}"
        yield Passage(pk, "当時の項目名", anchor, name)
        yield Passage(pk, "項目名の読み", "", kana)
        yield Passage(pk, "推進担当課", anchor, "、".join(each["name"] for each in departments))
        for (_, label), text in zip(texts, said, strict=True):
            yield Passage(pk, f"{when}の{label}", anchor, text)
        for each in contributions:
            yield Passage(pk, f"{when}の{each['department']}の取組", anchor, each["text"])
        for each in actuals:
            yield Passage(pk, f"{when}の成果指標", anchor, f"{each['name']} {each['note']}")


def _of_edition(edition: int, name: str, programs: Collection[int] | None) -> Read:
    texts = [("contents", "実施内容"), ("planned_years", "実施予定年度"), ("expected_effect", "見込まれる効果")]
    texts += [("revision_reason", "見直しの理由")]
    where = f"「{name}」の"
    for pk, *said in ProgramEdition.objects.filter(_only(programs), edition=edition).values_list(
        "program", *(field for field, _ in texts)
    ):
        for (_, label), text in zip(texts, said, strict=True):
            yield Passage(pk, f"{where}{label}", "promise", text)
    plans = YearPlan.objects.filter(_only(programs, "program_edition__program"), program_edition__edition=edition)
    for pk, year, text in plans.order_by("fiscal_year").values_list("program_edition__program", "fiscal_year", "text"):
        yield Passage(pk, f"{where}年度計画（{fiscal_year_label(year)}）", f"y-{year}", text)
    owners = Responsibility.objects.filter(
        _only(programs, "program_edition__program"), program_edition__edition=edition
    )
    for pk, department in owners.order_by("order").values_list("program_edition__program", "department__name"):
        yield Passage(pk, "推進担当課", "", department)
    targets = IndicatorTarget.objects.filter(_only(programs, "indicator__program"), edition=edition)
    for pk, indicator, text in targets.values_list("indicator__program", "indicator__name", "text").distinct():
        yield Passage(pk, f"{where}成果指標", "indicators", f"{indicator} {text}")


def _of_actuals(plan: Plan, programs: Collection[int] | None) -> Read:
    actuals = IndicatorActual.objects.filter(
        _only(programs, "indicator__program"),
        indicator__program__plan=plan,
        indicator__program__public_at__isnull=False,
    )
    for pk, indicator, note in actuals.values_list("indicator__program", "indicator__name", "note").distinct():
        yield Passage(pk, "成果指標", "indicators", f"{indicator} {note}")


def _of_opinions(plan: Plan, programs: Collection[int] | None) -> Read:
    opinions = Opinion.objects.published().filter(_only(programs), plan=plan, program__isnull=False)
    for pk, key, text, answer in opinions.order_by("key").values_list("program", "key", "text", "answer"):
        yield Passage(pk, f"委員会の意見 {key}", f"opinion-{key}", text)
        yield Passage(pk, f"意見 {key} への市の回答", f"opinion-{key}", answer)


class Hit(NamedTuple):
    """A passage with what was found in it."""

    place: str
    anchor: str
    pieces: list[Piece]


class _JoinedTexts(NamedTuple):
    """All folded texts one after the other, item by item, so that one pass finds every item that holds a word."""

    text: str
    starts: list[int]
    items: list[int]

    @classmethod
    def of(cls, lines: dict[int, str]) -> _JoinedTexts:
        starts = list(accumulate((len(line) for line in lines.values()), initial=0))[:-1]
        return cls("".join(lines.values()), starts, list(lines))

    def lines(self) -> dict[int, str]:
        ends = [*self.starts[1:], len(self.text)]
        return {pk: self.text[start:end] for pk, start, end in zip(self.items, self.starts, ends, strict=True)}

    def holding(self, word: str) -> set[int]:
        found = set()
        at = self.text.find(word)
        while at >= 0:
            place = bisect_right(self.starts, at)
            found.add(self.items[place - 1])
            at = self.text.find(word, self.starts[place]) if place < len(self.starts) else -1
        return found


class _Of(NamedTuple):
    """What the texts were read of."""

    version: version.Version
    day: date
    rounds: tuple[int, ...]
    editions: tuple[tuple[int, str], ...]


class Search:
    """What may be searched of a plan: today everything that is published; of a round that was asked for, its own rows and
    what its edition promised. No query, and those of all texts where nobody has searched on this day, or of the items that
    were touched since."""

    def __init__(
        self, plan: Plan, rounds: Sequence[Round], editions: Iterable[tuple[int, str]], of_round: Round | None
    ) -> None:
        """`rounds` and `editions` (key and name) are those that are published."""
        self.plan = plan
        self._of_round = of_round
        self._rounds = [each.pk for each in ([of_round] if of_round else rounds)]
        self._editions = list(editions)
        self._version = version.settled_version()
        self._held: dict[str, set[int]] = {}
        self._parted: dict[str, tuple[str, ...]] = {}
        self._numbered: dict[str, list[int]] = {}

    def _passages(self, programs: Collection[int] | None = None) -> Read:
        """The texts of some items, or of all: names first, then promises and what was said, then reports, newest first."""
        if self._of_round is None:
            yield from _names(self.plan, programs)
        for pk, name in self._editions:
            yield from _of_edition(pk, name, programs)
        if self._of_round is None:
            yield from _of_actuals(self.plan, programs)
            yield from _of_opinions(self.plan, programs)
        yield from _of_rounds(self._rounds, programs)

    @cached_property
    def _whole(self) -> _JoinedTexts:
        key = ("search", self.plan.pk, self._of_round and self._of_round.pk)
        if self._version is None:
            return self._read()
        # Rounds and editions may have been read before the version was.
        of = _Of(self._version, timezone.localdate(), tuple(self._rounds), tuple(self._editions))
        return kept(key, of, self._read, lambda *before: self._renewed(of, *before))

    def _read(self) -> _JoinedTexts:
        return _JoinedTexts.of(self._lines())

    def _renewed(self, of: _Of, before: _Of, texts: _JoinedTexts) -> _JoinedTexts | None:
        """The texts that were kept, with those of the items that were touched since as they are now."""
        items = of.version.items_since(before.version, self.plan.pk) if before[1:] == of[1:] else None
        if not items:
            return None if items is None else texts
        untouched = {pk: line for pk, line in texts.lines().items() if pk not in items}
        return _JoinedTexts.of(untouched | self._lines(items))

    def _lines(self, programs: Collection[int] | None = None) -> dict[int, str]:
        texts: dict[int, dict[str, None]] = defaultdict(dict)  # each text once, in order
        for passage in self._passages(programs):
            if passage.text:
                texts[passage.program][passage.text] = None
        return {pk: folded(_BETWEEN.join(each)) + _BETWEEN for pk, each in texts.items()}

    def find(self, text: str) -> frozenset[int]:
        """The keys of the items that hold every word. A word that is the number of an item means that item."""
        words = words_of(text)
        numbers = self._numbers(words)
        found: set[int] | None = None
        for word in words:
            every = [set(numbers[word])] if word in numbers else map(self._holding, self._parts(word))
            hits = set.intersection(*every)
            found = hits if found is None else found & hits
        return frozenset(found or ())

    def _holding(self, word: str) -> set[int]:
        """The items that hold a word or one that means the same."""
        if word not in self._held:
            self._held[word] = set().union(*(self._whole.holding(variant) for variant in variants(word)))
        return self._held[word]

    def _parts(self, word: str) -> tuple[str, ...]:
        """The word, or what it is looked for in its place if it stands nowhere (時間外縮減: 時間外, 縮減)."""
        if word not in self._parted:
            is_whole = len(word) < _APART_FROM or self._holding(word)
            self._parted[word] = (not is_whole and self._apart(word)) or (word,)
        return self._parted[word]

    def _apart(self, word: str) -> tuple[str, ...]:
        """Words that mean something to the search, and of the rest again and again the longest beginning that stands
        somewhere; a single kanji at an end says little (LED化). Nothing if a part would stand everywhere by chance."""
        parts: list[str] = []
        for piece, is_known in pieces(word):
            rest = piece
            while rest and not (parts and len(rest) == 1 and _KANJI.match(rest)):
                lengths = range(2, len(rest) + 1)
                end = bisect_left(lengths, True, key=lambda length: rest[:length] not in self._whole.text) + 1
                part = rest if is_known else rest[:end]
                if len(part) < 2 or not _TELLS.search(part) or len(parts) == _MOST_PARTS:
                    return ()
                parts.append(part)
                rest = rest[len(part) :]
        return tuple(parts)

    def taken_apart(self, text: str) -> list[str]:
        """The words, as typed, that stand nowhere and were looked for in parts."""
        return [typed for word, typed in _typed(text).items() if self._parted.get(word, (word,)) != (word,)]

    def _numbers(self, words: Iterable[str]) -> dict[str, list[int]]:
        """Words that are numbers of items, with the items. One query if a word could be one."""
        asked = {
            word: clean_code(match[1])
            for word in words
            if word not in self._numbered and (match := _NUMBER.fullmatch(word))
        }
        if asked:
            by_number: dict[str, list[int]] = defaultdict(list)
            wanted = Q()
            for number in set(asked.values()):
                wanted |= Q(number__iexact=number)
            for pk, number in Program.objects.shown().filter(wanted, plan=self.plan).values_list("pk", "number"):
                by_number[number.casefold()].append(pk)
            self._numbered |= {word: by_number[number] for word, number in asked.items()}
        return {word: items for word in words if (items := self._numbered.get(word))}

    def names_an_item(self, text: str) -> bool:
        """Whether a word is the number of an item."""
        return bool(self._numbers(words_of(text)))

    def hits(self, programs: Collection[int], text: str, most: int = 3) -> dict[int, list[Hit]]:
        """Where the words stand in some items: the first two passages, and others that hold a further word."""
        words = words_of(text)
        numbers = self._numbers(words)
        wanted = [variants(part) for word in words if word not in numbers for part in self._parts(word)]
        found: dict[int, list[Hit]] = defaultdict(list)
        if not wanted or not programs:
            return found
        seen: dict[int, set[tuple[str, ...]]] = defaultdict(set)
        for passage in self._passages(programs):
            shown, known = found[passage.program], seen[passage.program]
            if not passage.text or len(shown) == most or (len(known) == len(wanted) and len(shown) >= most - 1):
                continue
            line = folded(passage.text)
            here = {word for word in wanted if any(variant in line for variant in word)}
            if here and (here - known or len(shown) < most - 1):
                known |= here
                places = spans(passage.text, [each for word in wanted for each in word], folded)
                shown.append(Hit(passage.place, passage.anchor, excerpt(passage.text, places)))
        return found

    def nearest(self, text: str) -> list[tuple[str, str]]:
        """Numbers and names of items whose names look most like what was typed, for when nothing is found. One query."""
        rows = Program.objects.shown().filter(plan=self.plan).exclude(name="").order_by("sort_key")
        return _most_alike(text, rows.values_list("number", "name", "search_text"))


def nearest_departments(text: str, departments: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of departments (code and name) those whose names look most like what was typed."""
    return _most_alike(text, ((code, name, folded(name)) for code, name in departments))


def _most_alike(text: str, rows: Iterable[tuple[str, str, str]], most: int = 5) -> list[tuple[str, str]]:
    """Of rows (key, name, folded names) the keys and names of those most like a text."""
    asked = _pairs(folded(text))
    scored: list[tuple[float, int, str, str]] = []
    for key, name, names in rows:
        likeness = _likeness(asked, _pairs(names))
        if likeness >= _LIKE:
            scored.append((-likeness, len(scored), key, name))
    return [(key, name) for *_, key, name in sorted(scored)[:most]]


def _pairs(text: str) -> set[str]:
    return {text[index : index + 2] for index in range(max(1, len(text) - 1))} - {""}


def _likeness(asked: set[str], name: set[str]) -> float:
    """How much of what was typed stands in a name."""
    return len(asked & name) / len(asked) if asked else 0.0
