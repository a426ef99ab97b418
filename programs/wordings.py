"""What the editions say about items, read in three queries however many items, years and indicators there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from programs.differences import IndicatorKey, Owner, Target, Wording
from programs.models.contents import IndicatorTarget, ProgramEdition, YearPlan

# By edition and then by item, the primary keys of both.
Wordings = dict[int, dict[int, Wording]]

_CHUNK = 5000


def load(editions: Collection[int], programs: Collection[int] | None = None) -> Wordings:
    """The wordings of all items in the given editions, or of some of the items. Three queries.

    An item without contents in an edition is not in the answer; targets of such an item are left out too.
    """
    found: Wordings = {edition: {} for edition in editions}
    only = {} if programs is None else {"program__in": programs}
    contents = ProgramEdition.objects.filter(edition__in=editions, **only)
    for edition, item, contents_text, planned_years, effect, reason, code, name in (
        contents.order_by("edition", "program", "responsibilities__order")
        .values_list(
            "edition",
            "program",
            "contents",
            "planned_years",
            "expected_effect",
            "revision_reason",
            "responsibilities__department__code",
            "responsibilities__department__name",
        )
        .iterator(chunk_size=_CHUNK)
    ):
        wording = found[edition].get(item)
        if wording is None:
            wording = found[edition][item] = Wording(contents_text, planned_years, effect, reason)
        if code is not None:
            wording.owners.append(Owner(code, name))
    plans = YearPlan.objects.filter(**_below("program_edition__", editions, only)).order_by("fiscal_year")
    for edition, item, year, text in plans.values_list(
        "program_edition__edition", "program_edition__program", "fiscal_year", "text"
    ).iterator(chunk_size=_CHUNK):
        found[edition][item].year_plans[year] = text
    targets = IndicatorTarget.objects.filter(
        edition__in=editions, **({} if programs is None else {"indicator__program__in": programs})
    )
    keys: dict[int, IndicatorKey] = {}
    by_indicator: dict[tuple[int, int], dict[int, Target]] = defaultdict(dict)
    for edition, item, indicator, number, name, unit, year, value, text in (
        targets.order_by("indicator__number", "fiscal_year")
        .values_list(
            "edition",
            "indicator__program",
            "indicator",
            "indicator__number",
            "indicator__name",
            "indicator__unit",
            "fiscal_year",
            "value",
            "text",
        )
        .iterator(chunk_size=_CHUNK)
    ):
        if wording := found[edition].get(item):
            key = keys.setdefault(indicator, IndicatorKey(number, name, unit))
            years = by_indicator[edition, indicator]
            wording.targets[key] = years
            years[year] = Target(value, text)
    return found


def _below(path: str, editions: Collection[int], only: Mapping[str, Collection[int]]) -> dict[str, Collection[int]]:
    return {f"{path}edition__in": editions, **{f"{path}{name}": value for name, value in only.items()}}
