"""Every number in a table of the sample's pages, computed again with pandas from what analysts take: Excel, CSV, API.

A page is read as a person reads it: by the heads of its columns and rows. A table that nobody checks is a failure, so a
new one must say here where its numbers can be computed from.
"""

from dataclasses import dataclass, replace

import pytest
from django.core.management import call_command
from django.utils import timezone

from figures.search import Search
from opendata import page_cache as kept_pages
from tests.demo.sources import Api, Csv, Excel, number
from tests.demo.walk import CHECKS, DISPOSITIONS, Walk
from tests.kept import kept
from tests.soak import others_in_soak
from tools.bench import BROKEN, pages, searches


@dataclass(frozen=True)
class Seen:
    """What is looked at of a plan: one of each kind in `make test`, everything in `make soak`."""

    slug: str
    policy: str  # what it calls a 方針
    program: str
    edition: str  # that of the revision
    places: tuple[int, ...]  # of the rounds; none where only printed totals are known
    items: tuple[str, ...]
    queries: tuple[str, ...]
    compared: int  # so many numbers at least
    thousands: int = 1  # how many 千円 are one of its unit of money


SAMPLE = Seen(
    "sample",
    "方針",
    "実施項目",
    "fy2013-revision",
    (0, 5, -1),
    ("1", "10", "14", "62"),
    ("", "?policy=4&grade=B", "?round=2014-03-31&grade=S", "?revised=no", "?aspect=indicators", "?key=2014"),
    2200,
)
SECOND = Seen(
    "sample-2",
    "重点改革項目",
    "取組項目",
    "extension",
    (0, 4, 6, -1),
    ("R1-1", "R1-3", "R1-4", "R2-3", "R3-3"),
    ("", "?policy=4&grade=B", "?round=2023-12-31&grade=unreported", "?revised=no", "?aspect=contents", "?key=2023"),
    2200,
    thousands=10,
)


# Totals that the city printed, and hardly a record behind them: no grades to walk through.
OFFICIAL = Seen("kodaira-2", "方針", "実施項目", "fy2013-revision", (), (), (), 130)


@kept
def official():
    call_command("load_official", verbosity=0)


@kept
def sample():
    call_command("load_sample", every=True, verbosity=0)


def facts(walk, shown):
    """Numbers of cards and lists: {term: number}, grades by their code."""
    return {walk.code(term) or term: number(text) for term, text in shown.definitions.items()}


@pytest.mark.parametrize("items", [62, pytest.param(300, marks=pytest.mark.soak)])
def test_thirty_queries_made_from_the_texts_find_all_items_that_hold_them(sample, items):
    written = searches.texts("sample")
    asked = searches.queries(written)
    assert len(written) == 62
    assert len(asked) == searches.QUERIES
    assert all(asked.values())
    lines = list(searches.measured("sample" if items == 62 else searches.many(items)))
    assert [line for line in lines if "見つからない" in line] == []
    assert [line for line in searches.after_acts("sample") if "正しく" in line] == []


def test_the_bench_of_searches_tells_what_was_not_found(sample, monkeypatch):
    monkeypatch.setattr(Search, "find", lambda self, text: frozenset())
    _, told, *_ = searches.measured("sample")
    assert told.startswith(f"{BROKEN}見つからない項目があります")
    assert next(line for line in searches.after_acts("sample") if "正しく" in line).startswith(BROKEN)


def test_the_bench_of_pages_finds_them_kept(client, sample):
    [bare, *lines] = pages.measured(1)
    assert bare.startswith("何もしないページ: ")
    assert [line.partition(":")[0] for line in lines] == list(pages.PAGES)


@pytest.mark.soak
def test_the_bench_of_pages_tells_when_none_is_kept(client, sample, monkeypatch):
    monkeypatch.setattr(kept_pages, "find", lambda request: None)
    lines = list(pages.measured(1))
    assert [line for line in lines if line.startswith(f"{BROKEN}概要")]


def further_axes(walk, day, shown):
    """The cards of what was judged on a day beside the first axis."""
    if isinstance(walk.source, Excel):
        return
    judged, grades = walk.source.table("judgements"), walk.source.table("grades")
    if judged.empty or (of_day := judged[judged["as_of"] == day.isoformat()]).empty:
        return
    for grade in grades[grades["axis"] != "main"].itertuples():
        [card] = [value for term, value in shown.items() if term.endswith(grade.grade_label)]
        walk.same(card, (of_day["grade"] == grade.grade).sum(), (day, grade.grade_label))
    items = len(walk.items_of(day))
    missing = sum(value for term, value in shown.items() if term.endswith("未登録"))
    walk.same(missing, items - len(of_day), (day, "not judged"))


def walk_through(walk, is_short=False):
    seen, labels = walk.seen, walk.labels
    shown = facts(walk, walk.visit(""))
    items = walk.items()
    walk.same(shown[f"登録した{seen.program}"], len(items), "")
    revised = next(value for term, value in shown.items() if term.startswith("見直した"))
    walk.same(revised, len(walk.items("?revised=yes")), "revised")
    for code in labels:
        walk.same(shown[code], (items["grade"] == code).sum(), code)
    walk.visit("about/")
    walk.visit("progress/")
    for place in seen.places:
        day = walk.rounds[place]
        shown = facts(walk, walk.visit(f"progress/{day}/", f"?round={day}"))
        items = walk.items(f"?round={day}")
        for code in labels:
            walk.same(shown[code], (items["grade"] == code).sum(), (day, code))
        for label, term in (("worse", "評価が下がった"), ("better", "評価が上がった"), ("same", "変わらない")):
            if term in shown:  # not of the first round, nor of the first of a scale
                walk.same(shown[term], (items["change"] == label).sum(), (day, term))
        further_axes(walk, day, shown)
        if not is_short or place == seen.places[-1]:
            walk.visit(f"report/{day}/", f"?round={day}")
        if place:
            walk.visit(f"compare/?from={walk.rounds[0]}&to={day}", f"?round={day}")
    for policy in sorted(set(walk.policy_of.values())):
        shown = facts(walk, walk.visit(f"policies/{policy}/", f"?policy={policy}"))
        items = walk.items(f"?policy={policy}")
        walk.same(shown[f"登録した{seen.program}"], len(items), policy)
        for code in labels:
            walk.same(shown[code], (items["grade"] == code).sum(), (policy, code))
    for query in seen.queries:
        page = walk.visit(f"programs/{query}", query)
        [result] = [text for text in page.texts["strong"] if text.isdigit()]
        walk.same(int(result), len(walk.items(query)), query)
    walk.visit(f"revisions/{seen.edition}/")
    walk.visit("revisions/")
    walk.visit("effects/")
    walk.visit("figures/")
    for item in seen.items:
        walk.visit(f"programs/{item}/", f"?item={item}")
    page = walk.visit("committee/")
    if not isinstance(walk.source, Excel):
        opinions, meetings = walk.source.table("opinions"), walk.source.table("meetings")
        said = " ".join(page.texts["p"] + page.texts["a"])
        unanswered = opinions[opinions["disposition"] == ""]
        late = unanswered["answer_due_on"].between("0001-01-01", timezone.localdate().isoformat(), inclusive="left")
        for phrase in (
            f"公開した意見は{len(opinions)}件、このうち回答を待っているものは{len(unanswered)}件です",
            f"回答の期限を過ぎたものが{late.sum()}件" if late.sum() else "",
            f"会議と資料（{len(meetings)}回）",
            *(
                f"{label}（{count}）"
                for label, count in opinions["disposition"].map(DISPOSITIONS).value_counts().items()
                if label != DISPOSITIONS[""]  # said by the first phrase
            ),
        ):
            walk.same(phrase if phrase in said else said, phrase, "committee")


@pytest.mark.parametrize(
    ("seen", "source"),
    others_in_soak(
        [(seen, source) for seen in (SAMPLE, SECOND) for source in (Csv, Api, Excel)],
        [(SECOND, Csv)],
    ),
    ids=lambda value: getattr(value, "slug", None) or value.__name__,
)
def test_every_number_of_a_page_can_be_computed_from_what_analysts_take(client, sample, seen, source):
    csv = Csv(client, seen.slug)
    walk = Walk(client, csv if source is Csv else source(client, seen.slug), csv, seen)
    walk_through(walk, is_short=source is Csv)  # the long run asks both
    assert walk.compared > seen.compared


@pytest.mark.parametrize("source", others_in_soak([Csv, Api], [Csv]))
def test_so_can_those_of_a_plan_that_is_known_by_printed_totals(client, official, source):
    csv = Csv(client, OFFICIAL.slug)
    walk = Walk(client, csv if source is Csv else source(client, OFFICIAL.slug), csv, OFFICIAL)
    for page in ("about/", "effects/", "figures/", f"revisions/{OFFICIAL.edition}/", "programs/", "progress/"):
        walk.visit(page)
    pages = {"": walk.rounds[-1]} | {f"progress/{day}/": day for day in walk.rounds}
    for page, day in ({**pages, f"report/{walk.rounds[-1]}/": walk.rounds[-1]}).items():
        shown = facts(walk, walk.visit(page))
        walk.same({code: shown[code] for code in walk.labels if code in shown}, walk.printed(day), page)
    for policy in sorted(set(walk.policy_of.values())):
        walk.visit(f"policies/{policy}/", f"?policy={policy}")
    assert walk.compared > OFFICIAL.compared


@pytest.mark.soak
@pytest.mark.parametrize("seen", [SAMPLE, SECOND], ids=lambda seen: seen.slug)
def test_so_it_is_at_every_round_and_of_every_item(client, sample, seen):
    csv = Csv(client, seen.slug)
    places = range(len(csv.table("rounds")))
    items = csv.table("programs")["program_number"]
    walk = Walk(client, csv, csv, replace(seen, places=tuple(places), items=tuple(items)))
    walk_through(walk)
    assert walk.compared > seen.compared


def test_a_number_that_differs_or_a_table_that_nobody_checks_is_found(client, sample, monkeypatch):
    csv = Csv(client, SAMPLE.slug)
    walk = Walk(client, csv, csv, SAMPLE)
    csv.table("long").loc[lambda table: table["measure"] == "effect", "value"] = "1"
    with pytest.raises(AssertionError, match=r"on the page, \d\.0 from Csv"):
        Walk(client, csv, csv, SAMPLE).visit("effects/")
    monkeypatch.delitem(CHECKS, "番号")
    with pytest.raises(AssertionError, match="nobody checks the table 「この方針の実施項目"):
        walk.visit("policies/1/", "?policy=1")
