"""The grid of items and rounds, one round, and the ledger of published figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.text import show_number
from figures.axes import counts_by_axis
from figures.causes import delay_causes
from figures.counts import distribution
from figures.datasets import published_rounds, snapshot
from figures.departments import by_department, most_behind
from figures.filters import GridFilter
from figures.ledger import Reconciled, reconcile
from figures.measures import AXIS, MEASURES
from figures.models import PublishedFigure
from figures.queries import filter_choices, requestable_plans, search_of
from figures.revised import Editions
from figures.revisions import Status
from opendata.pages import page_of, public, public_plans, requested_page
from policies.models import Axis, Grade, Plan
from reviews.models import Redaction, Round, ungraded_labels
from website.courses import in_groups
from website.grid import UNJUDGED, columns_of, editions_of, grouped, items, lines, sums
from website.published_figures import Measure, PublishedGrades, published_grades, reading_order
from website.summary import with_bars
from website.trend import AxisTrend, axis_trends, trend


@partial(public, takes=GridFilter.base_fields)
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """Seven queries, however many items and rounds there are; two more where axes beside the first judged, one more by such an axis."""
    plan = get_object_or_404(requestable_plans().select_related("source"), slug=slug)
    found = trend(plan)
    published = found.published
    chosen = next((r for r in published if r.as_of.isoformat() == request.GET.get("round")), None)
    shown = chosen or next(iter(published), None)
    editions = Editions(plan)
    choices = filter_choices(plan, shown, editions, lambda: search_of(plan, published, editions, chosen))
    figures = list(PublishedFigure.objects.current().filter(plan=plan).select_related("source"))
    found.surround(choices["grades"], figures)
    axes = axis_trends(published, found.items)
    axis = next((one for one in axes if one.key == request.GET.get("axis")), None)
    if axis:
        published, choices["grades"] = axis.published, list(axis.grades)
        shown = next((one for one in published if one == chosen), published[0])
    names = [("", (shown and shown.main_axis_name) or "評価"), *((one.key, one.name) for one in axes)]
    form = GridFilter(request.GET, axes=names, rounds=published, **choices)
    context = {
        "plan": plan,
        "section": "progress",
        "trend": found,
        "axis_trends": axes,
        "axis": axis,
        "main_axis": names[0][1],
        "grades": choices["grades"],
        "shown": shown,
        "form": form,
    }
    if not form.is_valid():
        return render(request, "website/progress.html", context, status=400)
    context["axis_links"] = _axis_links(form, names, found.published, axes)
    if shown:
        context |= _grid(plan, published, shown, form, choices["grades"])
    return render(request, "website/progress.html", context)


def _axis_links(
    form: GridFilter, names: Sequence[tuple[str, str]], published: list[Round], axes: Sequence[AxisTrend]
) -> list[tuple[str, str, str]]:
    """(key, name, the query string that asks the same) of each axis: without the grades, which are of one axis, and
    without a round in which this one did not judge."""
    links = []
    for (key, name), rounds in zip(names, [published, *(axis.published for axis in axes)], strict=True):
        days = {each.as_of.isoformat() for each in rounds}
        asked = [
            (asks, value)
            for asks, value, *_ in form.conditions
            if asks not in ("axis", "grade") and (asks != "round" or value in days)
        ]
        asked += [("axis", key)] if key else []
        links.append((key, name, f"?{urlencode(asked)}" if asked else ""))
    return links


def _grid(
    plan: Plan, published: list[Round], shown: Round, form: GridFilter, grades: Sequence[Grade]
) -> dict[str, Any]:
    sort, key = form.cleaned_data["sort"], form.cleaned_data["axis"]
    axis = Axis.objects.get(plan=plan, key=key).pk if key else None
    columns = columns_of(published, shown, axis)
    page = page_of(items(plan, columns, form.selection, sort, axis), form.page_number)
    found = lines(plan, page.object_list, columns, axis)
    return {
        "page": page,
        "columns": columns,
        "missing_now": columns[-1].ungraded,
        "has_breaks": any(column.breaks for column in columns),
        "editions": editions_of(columns),
        "missing": UNJUDGED if axis else ungraded_labels(column.round for column in columns),
        "groups": grouped(found, sort),
        "sums": sums(found, columns, grades) if not page.has_other_pages() else [],
        "conditions": form.conditions,
        "query": form.query,
    }


@partial(public, takes=("page",))
def round_page(request: HttpRequest, slug: str, as_of: date) -> HttpResponse:
    shown = get_object_or_404(
        Round.objects.shown().filter(plan__is_public=True).select_related("plan__source", "source"),
        plan__slug=slug,
        as_of=as_of,
    )
    if shown.state == Round.State.PUBLISHED:
        return _published_round(request, shown)
    grades = list(Grade.objects.main_of(shown.plan))
    printed = _printed(shown.plan, grades, as_of).get(as_of)
    context = {"plan": shown.plan, "section": "progress", "round": shown, "printed": printed}
    return render(request, "website/round.html", context)


def _published_round(request: HttpRequest, shown: Round) -> HttpResponse:
    plan = shown.plan
    current = snapshot(plan, published_rounds(plan), as_of=shown.as_of)
    counts = distribution(current)
    printed = _printed(plan, counts.grades, shown.as_of).get(shown.as_of)
    departments = by_department(shown, counts.grades, city=plan.city)
    page = page_of(current.programs(), requested_page(request), count=counts.total.items)
    rows = list(current.rows(page.object_list))
    return render(
        request,
        "website/round.html",
        {
            "plan": plan,
            "section": "progress",
            "round": shown,
            "snapshot": current,
            "distribution": counts,
            "axes": counts_by_axis(shown, counts.total.items),
            "printed": printed,
            "agrees": printed is not None
            and printed.is_whole
            and all(value in (None, count) for (_, value), (_, count) in zip(printed.cells, counts.cells, strict=True)),
            "moves": current.moves(counts.changes),
            "causes": delay_causes(shown),
            "departments": departments,
            "most_behind": most_behind(departments, counts.grades),
            "policies": with_bars(counts),
            "errata": current.errata(),
            "redactions": list(Redaction.objects.public().filter(round=shown)),
            "page": page,
            "rows": rows,
            "is_grouped": in_groups(rows),
        },
    )


def _printed(plan: Plan, grades: list[Grade], as_of: date | None = None) -> dict[date, PublishedGrades]:
    figures = PublishedFigure.objects.current().filter(plan=plan, as_of__isnull=False).select_related("source")
    return published_grades(figures if as_of is None else figures.filter(as_of=as_of), grades)


_UNFOLDED = 100  # figures that stand in one table; more are folded by what they count
# Where all figures of one heading share what they are read with, it stands there and not in each row.
_READ_WITH = ("basis", "account", "series")


@dataclass(frozen=True)
class LedgerPart:
    """The figures of one measure and one axis, each with the number of its source, and what all of them share."""

    heading: str
    lines: list[tuple[Reconciled, int]]

    @property
    def shared(self) -> dict[str, str]:
        """Of basis, account and series, what is the same in all lines: field → its name."""
        figures = [line.figure for line, _ in self.lines]
        return {
            name: getattr(figures[0], f"get_{name}_display")()
            for name in _READ_WITH
            if getattr(figures[0], name) and len({getattr(figure, name) for figure in figures}) == 1
        }

    @property
    def anchor(self) -> str:
        """What leads to all figures of a measure (of its first axis); "" for those of a further axis."""
        figure = self.lines[0][0].figure
        return "" if figure.axis else f"figures-{figure.measure}"

    @property
    def alone(self) -> list[LedgerPart]:
        return [self]

    @property
    def found(self) -> str:
        """How the checks ended: 一致 24、照合できません 2."""
        counts = Counter(line.status for line, _ in self.lines)
        return "、".join(f"{status} {counts[status]}" for status in Status if counts[status])

    @property
    def differs(self) -> bool:
        return any(line.status is Status.DIFFERS for line, _ in self.lines)

    @property
    def reason(self) -> str:
        """How the records gave what agrees, where that is the same for all lines that do; "" for a single line."""
        reasons = [line.reason for line, _ in self.lines if line.status.agrees]
        return reasons[0] if len(reasons) > 1 and len(set(reasons)) == 1 else ""

    @property
    def told(self) -> list[tuple[Reconciled, int, str]]:
        """(line, number of its source, what the check found): nothing that stands above all lines, no number twice."""
        return [(line, number, self._found(line)) for line, number in self.lines]

    def _found(self, line: Reconciled) -> str:
        reason = "" if line.status.agrees and line.reason == self.reason else line.reason
        number = "" if line.computed is None else f"{show_number(line.computed)}{line.figure.unit}"
        return reason if not number or number in reason else f"記録では{number}。{reason}"

    @property
    def read_with(self) -> str:
        units = dict.fromkeys(line.figure.unit for line, _ in self.lines if line.figure.unit)
        return "　".join([*self.shared.values(), *([f"単位：{'、'.join(units)}"] if units else [])])


def _heading(figure: PublishedFigure, first: str) -> str:
    """What figures are listed under: what was counted, and by which axis, where there are several (`first`: how the first is
    called)."""
    axis = figure.axis or (first if AXIS in MEASURES[Measure(figure.measure)].may else "")
    return f"{figure.get_measure_display()}{f'：{axis}' if axis else ''}"


@public
def figures(request: HttpRequest, slug: str) -> HttpResponse:
    plan = get_object_or_404(public_plans(), slug=slug)
    grades = list(Grade.objects.main_of(plan))
    ledger = sorted(reconcile(plan), key=lambda line: reading_order(line.figure, grades))
    found = Counter(line.status for line in ledger)
    axes = list(plan.axes.order_by("order"))
    first = str(axes[0]) if len(axes) > 1 else ""
    sources = list(dict.fromkeys(line.figure.source for line in ledger if line.figure.source))
    number = {source: place for place, source in enumerate(sources, start=1)}
    return render(
        request,
        "website/figures.html",
        {
            "plan": plan,
            "section": "figures",
            "is_long": len(ledger) > _UNFOLDED,
            "caption": f"公表値（{len(ledger)}件）",
            "ledger": [
                LedgerPart(heading, [(line, number.get(line.figure.source, 0)) for line in lines])
                for heading, lines in groupby(ledger, lambda line: _heading(line.figure, first))
            ],
            "sources": sources,
            "statuses": [(status, found[status]) for status in Status],
        },
    )
