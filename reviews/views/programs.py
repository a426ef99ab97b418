"""The item list with its downloads, one policy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import IO, Any

from django.db.models import OuterRef, Subquery
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render

from policies.models import Policy
from reviews.asked import Asked, askable_plans
from reviews.datasets import (
    Selection,
    distribution,
    frozen_editions,
    published_rounds,
    snapshot,
)
from reviews.exports.programs import ProgramExport
from reviews.filters import CsvFilter, ProgramFilter
from reviews.models import PublishedFigure
from reviews.policy_page import course_of
from reviews.views.frame import made_at
from reviews.views.pages import file_response, page_of, public, requested_page


class AskedPage(Asked):
    """The same, to be answered by a page or file of a public plan."""

    def __init__(self, request: HttpRequest, slug: str, form: type[ProgramFilter] = ProgramFilter) -> None:
        self.request = request
        super().__init__(get_object_or_404(askable_plans().select_related("source"), slug=slug), request.GET, form)

    @property
    def export(self) -> ProgramExport:
        """Of a valid request."""
        current = self.snapshot
        return ProgramExport(current, current.programs(self.form.selection), self.grades, self.form.conditions)

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        shown = {"plan": self.plan, "section": "programs", "form": self.form, **context}
        return render(self.request, "programs.html", shown, status=status)


@public
def programs(request: HttpRequest, slug: str) -> HttpResponse:
    asked = AskedPage(request, slug)
    if not asked.form.is_valid():
        return asked.page(status=400)
    current = asked.snapshot
    page = page_of(current.programs(asked.form.selection), asked.form.page_number)
    return asked.page(
        snapshot=current,
        page=page,
        rows=list(current.rows(page.object_list)),
        query=asked.form.query,
        frozen_query=asked.form.query_of(round=current.round.as_of.isoformat()) if current.round else "",
        conditions=asked.form.conditions,
    )


@public
def programs_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    asked = AskedPage(request, slug, CsvFilter)
    if not asked.form.is_valid():
        return asked.page(status=400)
    export, bom = asked.export, asked.form.cleaned_data["bom"] != "0"
    return _file(export, "csv", "text/csv; charset=utf-8", lambda file: export.write_csv(file, bom=bom))


@public
def errata_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The corrections to what programs.csv holds, with the same conditions."""
    asked = AskedPage(request, slug, CsvFilter)
    if not asked.form.is_valid():
        return asked.page(status=400)
    export, bom = asked.export, asked.form.cleaned_data["bom"] != "0"
    write = partial(export.write_errata, bom=bom)
    return _file(export, "csv", "text/csv; charset=utf-8", write, content="errata")


@public
def programs_xlsx(request: HttpRequest, slug: str) -> HttpResponseBase:
    asked = AskedPage(request, slug)
    if not asked.form.is_valid():
        return asked.page(status=400)
    export = asked.export
    write = partial(export.write_xlsx, now=made_at(request, asked.plan))
    return _file(export, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write)


@public
def programs_json(request: HttpRequest, slug: str) -> HttpResponseBase:
    asked = AskedPage(request, slug)
    if not asked.form.is_valid():
        return JsonResponse(
            {
                "title": "条件が正しくありません。",
                "detail": "errors にある条件を直して、もう一度要求してください。",
                "errors": asked.form.reasons(),
            },
            status=400,
            content_type="application/problem+json",
            json_dumps_params={"ensure_ascii": False},
        )
    export = asked.export
    return _file(export, "json", "application/json", export.write_json, as_attachment=False)


def _file(
    export: ProgramExport,
    extension: str,
    content_type: str,
    write: Callable[[IO[bytes]], None],
    *,
    as_attachment: bool = True,
    content: str = "programs",
) -> FileResponse:
    return file_response(write, export.file_name(extension, content), content_type, as_attachment=as_attachment)


@public
def policy(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Eight queries, however many items and rounds there are."""
    item_count = PublishedFigure.objects.filter(policy=OuterRef("pk"), measure=PublishedFigure.Measure.ITEM_COUNT)
    found = get_object_or_404(
        Policy.objects.filter(plan__is_public=True)
        .select_related("plan__source", "direction", "source")
        .annotate(item_count=Subquery(item_count.order_by("key").values("printed")[:1])),
        plan__slug=slug,
        number=number,
    )
    current = snapshot(found.plan, published_rounds(found.plan), frozen_editions(found.plan))
    counts = distribution(current, found.number)
    page = page_of(current.programs(Selection(policy=found.number)), requested_page(request), count=counts.total.items)
    return render(
        request,
        "policy.html",
        {
            "plan": found.plan,
            "section": "programs",
            "policy": found,
            "snapshot": current,
            "distribution": counts,
            "page": page,
            "rows": list(current.rows(page.object_list)),
            "course": course_of(found.plan, found.number),
        },
    )
