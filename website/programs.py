"""The item list with its downloads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import IO, Any, NamedTuple

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from figures.datasets import Snapshot
from figures.filters import CsvFilter, ProgramFilter
from figures.queries import ItemRequest, requestable_plans
from figures.search import nearest_departments
from figures.synonyms import as_attributes
from opendata.floods import bounded, limited, searches
from opendata.frame import copy_of, made_at, page_address
from opendata.package import write_table
from opendata.pages import file_response, page_of, public
from opendata.program_files import ProgramExport
from opendata.tables.long import LONG
from programs.models import Program, active_on
from website.besides import Besides, besides
from website.courses import in_groups, last_columns, with_courses
from website.named import Unnamed, named
from website.workbook import write_people

TAKES = ProgramFilter.base_fields


class SortedBy(NamedTuple):
    """A head of the list: `order` is how it is sorted by it now ("" if by another), `query` what sorts it, or turns it round."""

    order: str
    query: str


def heads_of(form: ProgramFilter) -> dict[str, SortedBy]:
    """Of a valid form, by what the list can be sorted by. The numbers, ascending, are the order that nobody asks for."""
    asked = form.cleaned_data["sort"] or "number"
    heads = {}
    for name in ("number", "name", "department", "grade", "change"):
        order = {name: "ascending", f"-{name}": "descending"}.get(asked, "")
        wanted = f"-{name}" if order == "ascending" else "" if name == "number" else name
        heads[name] = SortedBy(order, form.query_of(sort=wanted))
    return heads


class ItemRequestPage(ItemRequest):
    """The same, to be answered by a page or file of a public plan."""

    def __init__(self, request: HttpRequest, slug: str, form: type[ProgramFilter] = ProgramFilter) -> None:
        self.request = request
        super().__init__(get_object_or_404(requestable_plans().select_related("source"), slug=slug), request.GET, form)

    @property
    def export(self) -> ProgramExport:
        """Of a valid request."""
        return ProgramExport(self.snapshot, self.form.selection, self.grades, self.form.conditions)

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        shown = {"plan": self.plan, "section": "programs", "form": self.form, **context}
        return render(self.request, "website/programs.html", shown, status=status)


@partial(public, takes=TAKES)
@partial(bounded, when=searches)
def programs(request: HttpRequest, slug: str) -> HttpResponse:
    listing = ItemRequestPage(request, slug)
    if not listing.form.is_valid():
        return listing.page(status=400)
    current = listing.snapshot
    items, unnamed, relisted = current.programs(listing.form.selection), list[Unnamed](), list[Program]()
    asked_for = {name for name, *_ in listing.form.conditions}
    is_copy = copy_of(request) is not None
    if asked_for <= {"policy", "round", "sort"}:  # what was searched for is shown whole
        items, unnamed = named(current, items)
        for policy in listing.form.selection.policies:
            relisted += _relisted(current, policy)
    page = page_of(items, listing.form.page_number)
    rows, asked = list(current.rows(page.object_list)), listing.form.cleaned_data["q"]
    if asked and rows:
        hits = listing.search.hits([row.pk for row in rows], asked)
        rows = [replace(row, hits=hits.get(row.pk, [])) for row in rows]
    shown = last_columns(listing.rounds, current.round)
    return listing.page(
        snapshot=current,
        page=page,
        rows=with_courses(rows, shown),
        course_columns=shown,
        heads=heads_of(listing.form) if not is_copy or asked_for <= {"sort"} else {},
        is_grouped=in_groups(rows) and not asked and listing.form.cleaned_data["sort"] in ("", "-number"),
        nearest=listing.search.nearest(asked) if asked and not rows else [],
        nearest_departments=nearest_departments(asked, listing.form.departments) if asked and not rows else [],
        besides=_besides(listing, asked) if page.number == 1 else None,
        taken_apart=listing.search.taken_apart(asked) if asked and rows else [],
        unnamed=unnamed,
        count=page.paginator.count + sum(each.items for each in unnamed),
        query=listing.form.query,
        frozen_query=listing.permanent_query,
        conditions=listing.form.conditions,
        known_words=as_attributes() if is_copy else None,
        relisted=relisted,
    )


def _besides(listing: ItemRequestPage, asked: str) -> Besides | None:
    """Nothing where a round was asked for: its pages stay as they are. Nor for an item by its number."""
    if not asked or listing.form.as_of or listing.search.names_an_item(asked):
        return None
    return besides(listing.plan, asked, listing.policies)


def _relisted(current: Snapshot, policy: int) -> list[Program]:
    """The items that stand a second time under a policy. One query."""
    found = Program.objects.shown().filter(active_on(current.day), plan=current.plan, relisted_in__number=policy)
    return list(found.select_related("policy").order_by("sort_key", "pk"))


@partial(public, takes=CsvFilter.base_fields)
@limited
@partial(bounded, when=searches)
def programs_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    listing = ItemRequestPage(request, slug, CsvFilter)
    if not listing.form.is_valid():
        return listing.page(status=400)
    export, bom = listing.export, listing.form.cleaned_data["bom"] != "0"
    return _file(export, "csv", "text/csv; charset=utf-8", lambda file: export.write_csv(file, bom=bom))


@partial(public, takes=CsvFilter.base_fields)
@limited
@partial(bounded, when=searches)
def errata_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The corrections to what programs.csv holds, with the same conditions."""
    listing = ItemRequestPage(request, slug, CsvFilter)
    if not listing.form.is_valid():
        return listing.page(status=400)
    export, bom = listing.export, listing.form.cleaned_data["bom"] != "0"
    write = partial(export.write_errata, bom=bom)
    return _file(export, "csv", "text/csv; charset=utf-8", write, content="errata")


@partial(public, takes=TAKES)
@limited
@bounded
def programs_xlsx(request: HttpRequest, slug: str) -> HttpResponseBase:
    listing = ItemRequestPage(request, slug)
    if not listing.form.is_valid():
        return listing.page(status=400)
    export, now = listing.export, made_at()
    people = partial(
        write_people,
        export=export,
        now=now,
        page=page_address(request, reverse("programs", args=[slug])) + listing.form.query,
        address=lambda number: page_address(request, reverse("program", args=[slug, number])),
    )
    write = partial(export.write_xlsx, now=now, people=people)
    return _file(export, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write)


def _refuse_in_json(request: HttpRequest, *, reasons: Iterable[str]) -> HttpResponse:
    return _problem({"": list(reasons)})


def _problem(refused: Mapping[str, list[str]]) -> HttpResponse:
    return JsonResponse(
        {
            "title": "条件が正しくありません。",
            "detail": "errors にある条件を直して、もう一度要求してください。",
            "errors": refused,
        },
        status=400,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )


@partial(public, takes=TAKES, refuse=_refuse_in_json)
@limited
@partial(bounded, when=searches)
def programs_json(request: HttpRequest, slug: str) -> HttpResponseBase:
    listing = ItemRequestPage(request, slug)
    if not listing.form.is_valid():
        return _problem(listing.form.reasons())
    export = listing.export
    return _file(export, "json", "application/json", export.write_json, as_attachment=False)


def _file(
    export: ProgramExport,
    extension: str,
    content_type: str,
    write: Callable[[IO[bytes]], object],
    *,
    as_attachment: bool = True,
    content: str = "programs",
) -> FileResponse:
    return file_response(write, export.file_name(extension, content), content_type, as_attachment=as_attachment)


@partial(public, takes=CsvFilter.base_fields)
@limited
@partial(bounded, when=searches)
def long_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    listing = ItemRequestPage(request, slug, CsvFilter)
    if not listing.form.is_valid():
        return listing.page(status=400)
    export, bom = listing.export, listing.form.cleaned_data["bom"] != "0"
    write = partial(write_table, table=LONG, rows=export.long_rows(), bom=bom)
    return _file(export, "csv", "text/csv; charset=utf-8", write, content="long")
