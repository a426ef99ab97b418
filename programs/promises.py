"""What the editions say about items, read in three or four queries however many items, years and indicators there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import TypedDict

from accounts.models import Department
from policies.models import Edition, Plan
from programs.content import FACTS, TEXTS, Content, IndicatorContent, Owner, Target
from programs.models.contents import IndicatorTarget, ProgramEdition, YearPlan

# By edition and then by item, the primary keys of both.
Promises = dict[int, dict[int, Content]]

_CHUNK = 5000
_Place = tuple[int, int]  # edition, item


def load(editions: Collection[int], programs: Collection[int] | None = None) -> Promises:
    """What the given editions say about all items, or about some of them. Three queries, and one if a department
    has a successor.

    An item without contents in an edition is not in the answer; targets of such an item are left out too, and so are
    indicators for which the edition sets no target.
    """
    plans = _year_plans(editions, programs)
    indicators = _indicators(editions, programs)
    found: Promises = {edition: {} for edition in editions}
    for edition, item, parts in _contents(editions, programs):
        place = edition, item
        of_years = plans.get(place, {})
        found[edition][item] = Content(
            **parts,
            year_plans={year: text for year, (text, _none) in of_years.items()},
            no_plan=frozenset(year for year, (_text, is_none) in of_years.items() if is_none),
            indicators=indicators.get(place, {}),
        )
    return found


def by_year(plan: Plan, editions: Sequence[Edition], wordings: Promises, program: int) -> list[tuple[int, Content]]:
    """Each year of the plan with what the edition that was in force in it says of an item; `editions` oldest first."""
    found = []
    for year in plan.fiscal_years:
        covering = [edition for edition in editions if edition.first_fiscal_year <= year <= edition.last_fiscal_year]
        wording = wordings.get(covering[-1].pk, {}).get(program) if covering else None
        found.append((year, wording or Content()))
    return found


class _Parts(TypedDict):
    """Of a Content, what stands in the row of an item and its departments."""

    texts: dict[str, str]
    source: int | None
    departments: tuple[int, ...]
    owners: tuple[Owner, ...]


def _contents(editions: Collection[int], programs: Collection[int] | None) -> list[tuple[int, int, _Parts]]:
    rows = ProgramEdition.objects.filter(edition__in=editions, **_only("program__in", programs))
    owner = "responsibilities__department"
    found: dict[_Place, _Parts] = {}
    successions: dict[int, tuple[int, ...]] | None = None
    for edition, item, source, pk, code, name, successor, *texts in (
        rows.order_by("edition", "program", "responsibilities__order")
        .values_list(
            *("edition", "program", "source"),
            *(owner, f"{owner}__code", f"{owner}__name", f"{owner}__successor"),
            *TEXTS,
        )
        .iterator(chunk_size=_CHUNK)
    ):
        parts = found.get((edition, item))
        if parts is None:
            parts = found[edition, item] = {
                "texts": dict(zip(TEXTS, texts, strict=True)),
                "source": source,
                "departments": (),
                "owners": (),
            }
        if pk is not None:
            parts["departments"] += (pk,)
            if successor is not None and successions is None:
                successions = Department.objects.successions()
            parts["owners"] += (Owner(code, name, (successions or {}).get(pk, ())),)
    return [(*place, parts) for place, parts in found.items()]


def _year_plans(
    editions: Collection[int], programs: Collection[int] | None
) -> dict[_Place, dict[int, tuple[str, bool]]]:
    rows = YearPlan.objects.filter(
        program_edition__edition__in=editions, **_only("program_edition__program__in", programs)
    )
    found: dict[_Place, dict[int, tuple[str, bool]]] = defaultdict(dict)
    for edition, item, year, text, is_none in (
        rows.order_by("fiscal_year")
        .values_list("program_edition__edition", "program_edition__program", "fiscal_year", "text", "is_none")
        .iterator(chunk_size=_CHUNK)
    ):
        found[edition, item][year] = text, is_none
    return found


def _indicators(
    editions: Collection[int], programs: Collection[int] | None
) -> dict[_Place, dict[str, IndicatorContent]]:
    rows = IndicatorTarget.objects.filter(edition__in=editions, **_only("indicator__program__in", programs))
    found: dict[_Place, dict[str, IndicatorContent]] = defaultdict(dict)
    targets: dict[tuple[int, int], dict[int, Target]] = {}
    for edition, item, pk, year, value, text, *facts in (
        rows.order_by("indicator__number", "fiscal_year")
        .values_list(
            *("edition", "indicator__program", "indicator", "fiscal_year", "value", "text"),
            *(f"indicator__{name}" for name in FACTS),
        )
        .iterator(chunk_size=_CHUNK)
    ):
        years = targets.get((edition, pk))
        if years is None:
            years = targets[edition, pk] = {}
            described = dict(zip(FACTS, facts, strict=True))
            found[edition, item][f"i{pk}"] = IndicatorContent(pk=pk, **described, targets=years)
        years[year] = Target(value, text)
    return found


def _only(path: str, programs: Collection[int] | None) -> dict[str, Collection[int]]:
    return {} if programs is None else {path: programs}
