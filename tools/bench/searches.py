"""The search of a plan: thirty queries made from its published texts, all their items found, and how long that takes; and how
long the first query takes after an act that citizens can see.

Which items hold the words is found by a program of its own, that looks for them in the texts as they were written.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from io import StringIO

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from committee.models import Opinion
from figures.datasets import published_rounds
from figures.queries import search_of
from figures.revised import Editions
from figures.search import Search
from policies.models import Plan
from programs.models import Indicator, Program, ProgramEdition, YearPlan
from reviews.models import PublishedReport
from tools.bench.exports import fill
from tools.bench.verdict import BROKEN

QUERIES = 30
WITHIN = 0.05  # seconds of the processor
ACTS = 15
AFTER_AN_ACT = {"sqlite": 0.05, "postgresql": 0.1}  # seconds of the clock; most of it the query for the editions there
_WORD = re.compile(r"[一-龥]{2,5}|[ァ-ヴー]{3,8}")


def run(items: int) -> Iterator[str]:
    call_command("load_sample", in_production=True, stdout=StringIO())  # into a database of the bench
    for slug in ("sample", many(items)):
        yield from measured(slug)
        yield from after_acts(slug)


def many(items: int) -> str:
    """The slug of a plan of so many items, which say what those of the sample say."""
    said = list(
        PublishedReport.objects.filter(round__plan__slug="sample")
        .order_by("round__as_of", "sort_key")
        .values_list("name", "progress", "remedy")
    )
    contents = list(
        ProgramEdition.objects.filter(edition__plan__slug="sample").order_by("pk").values_list("contents", flat=True)
    )
    slug = fill(items)
    programs = list(Program.objects.filter(plan__slug=slug))
    for place, program in enumerate(programs):
        program.name = said[place % len(said)][0]
    Program.objects.bulk_update(programs, ["name"], batch_size=500)
    promises = list(ProgramEdition.objects.filter(edition__plan__slug=slug))
    for place, promise in enumerate(promises):
        promise.contents = contents[place % len(contents)]
    ProgramEdition.objects.bulk_update(promises, ["contents"], batch_size=500)
    reports = list(PublishedReport.objects.filter(round__plan__slug=slug))
    for place, report in enumerate(reports):
        _, report.progress, report.remedy = said[place % len(said)]
    PublishedReport.objects.bulk_update(reports, ["progress", "remedy"], batch_size=500)
    return slug


def texts(slug: str) -> dict[int, str]:
    """What is published of each item, as it was written."""
    frozen = {"plan__slug": slug, "frozen_at__isnull": False}
    promises = ProgramEdition.objects.filter(**{f"edition__{name}": value for name, value in frozen.items()})
    years = YearPlan.objects.filter(**{f"program_edition__edition__{name}": value for name, value in frozen.items()})
    rows = (
        Program.objects.shown().filter(plan__slug=slug).values_list("pk", "name"),
        promises.values_list("program", "contents", "planned_years", "expected_effect"),
        years.values_list("program_edition__program", "text"),
        Indicator.objects.filter(program__plan__slug=slug, targets__edition__frozen_at__isnull=False).values_list(
            "program", "name"
        ),
        PublishedReport.objects.public()
        .filter(round__plan__slug=slug)
        .values_list("program", "progress", "evidence", "delay_reason", "remedy"),
        Opinion.objects.published()
        .filter(plan__slug=slug, program__isnull=False)
        .values_list("program", "text", "answer"),
    )
    found: dict[int, list[str]] = {}
    for each in rows:
        for pk, *said in each:
            found.setdefault(pk, []).extend(said)
    return {pk: "\n".join(said) for pk, said in found.items()}


def queries(written: dict[int, str]) -> dict[str, set[int]]:
    """Words of the texts, as many of each kind as come, and two at once for every third; with the items that hold them."""
    words = sorted({word for text in written.values() for word in _WORD.findall(text)})
    chosen = [words[place * len(words) // QUERIES] for place in range(QUERIES)]
    for place in range(0, QUERIES, 3):
        text = next(text for text in written.values() if chosen[place] in text)
        chosen[place] += f"　{_WORD.findall(text)[-1]}"
    return {
        query: {pk for pk, text in written.items() if all(word in text for word in query.split())} for query in chosen
    }


def measured(slug: str) -> Iterator[str]:
    plan = Plan.objects.get(slug=slug)
    written = texts(slug)
    asked = queries(written)
    start = time.process_time()
    _search(plan).find("最初")
    first = time.process_time() - start
    took, missed, more = [], {}, 0
    for query, expected in asked.items():
        start = time.process_time()
        found = _search(plan).find(query)
        took.append(time.process_time() - start)
        if not expected <= found:
            missed[query] = sorted(expected - found)
        more += len(found - expected)
    slowest = max(took)
    yield (
        f"{len(written):,}項目: {len(asked)}の問いの{sum(map(len, asked.values())):,}項目をさがし、中央値 "
        f"{sorted(took)[len(took) // 2] * 1000:.1f}ミリ秒、最も遅いもの {slowest * 1000:.1f}ミリ秒"
        f"（はじめての1回 {first * 1000:.0f}ミリ秒。同じ意味の言葉などで見つけたもの {more:,}）"
    )
    if missed:
        yield f"{BROKEN}見つからない項目があります: {missed}"
    if slowest > WITHIN:
        yield f"{BROKEN}検索が{WITHIN * 1000:.0f}ミリ秒より遅い（{slowest * 1000:.1f}ミリ秒）"


def after_acts(slug: str) -> Iterator[str]:
    """The first search after each of some acts: names that are corrected, opinions that are published and withdrawn."""
    plan, today = Plan.objects.get(slug=slug), timezone.localdate()
    took, wrong = [], []

    def search(word: str, expected: set[int]) -> None:
        start = time.perf_counter()
        found = _search(plan).find(word)
        took.append(time.perf_counter() - start)
        if found != expected:
            wrong.append(word)

    for place, item in enumerate(Program.objects.shown().filter(plan=plan)[: ACTS // 3]):
        item.name += f"、鼬{place}"
        item.save()
        search(f"鼬{place}", {item.pk})
        said = {"key": f"bench-{place}", "text": f"貂{place}", "given_on": today, "published_on": today}
        opinion = Opinion.objects.create(plan=plan, program=item, **said)
        search(opinion.text, {item.pk})
        opinion.delete()
        search(opinion.text, set())
    middle, within = sorted(took)[len(took) // 2], AFTER_AN_ACT[connection.vendor]
    yield f"公開の変更のあと最初の1回、中央値 {middle * 1000:.1f}ミリ秒、最も遅いもの {max(took) * 1000:.1f}ミリ秒"
    if wrong:
        yield f"{BROKEN}変更のあと正しく見つかりません: {wrong}"
    if middle > within:
        yield f"{BROKEN}変更のあと最初の検索が{within * 1000:.0f}ミリ秒より遅い（{middle * 1000:.1f}ミリ秒）"


def _search(plan: Plan) -> Search:
    """As a page begins one, with what it reads of the plan before."""
    return search_of(plan, published_rounds(plan), Editions(plan), None)
