"""The item list with its downloads, one item, one policy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render

from policies.models import Plan, Policy
from programs.models import Program, Responsibility
from reviews.datasets import (
    Selection,
    Snapshot,
    distribution,
    edition_of,
    frozen_editions,
    policies_of,
    published_rounds,
    scale_of,
    snapshot,
)
from reviews.exports.programs import ProgramExport
from reviews.filters import CsvFilter, ProgramFilter
from reviews.models import PublishedFigure, PublishedReport
from reviews.views.pages import page_of, public, public_plans, requested_page

_IN_MEMORY = 4 * 1024 * 1024  # larger files wait on disk until they are sent


class _Asked:
    """A request for items of a public plan, with everything that it could have chosen from. At most five queries."""

    def __init__(self, request: HttpRequest, slug: str, form: type[ProgramFilter] = ProgramFilter) -> None:
        self.request = request
        self.plan: Plan = get_object_or_404(public_plans(), slug=slug)
        self.rounds = published_rounds(self.plan)
        self.editions = frozen_editions(self.plan)
        # A published round offers the grades, policies and departments that it was published with.
        of_round = next((r for r in self.rounds if r.as_of.isoformat() == request.GET.get("round")), None)
        self.grades = scale_of(self.plan, of_round)
        self.form = form(
            request.GET,
            policies=policies_of(self.plan, of_round),
            editions=[edition for edition in (edition_of(of_round),) if edition] if of_round else self.editions,
            grades=self.grades,
            rounds=self.rounds,
        )

    @property
    def snapshot(self) -> Snapshot:
        """Of a valid request."""
        return snapshot(self.plan, self.rounds, self.editions, self.form.as_of)

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
    asked = _Asked(request, slug)
    if not asked.form.is_valid():
        return asked.page(status=400)
    current = asked.snapshot
    page = page_of(current.programs(asked.form.selection), asked.form.page_number)
    return asked.page(
        snapshot=current,
        page=page,
        rows=list(current.rows(page.object_list)),
        query=asked.form.query,
        conditions=asked.form.conditions,
    )


@public
def programs_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    asked = _Asked(request, slug, CsvFilter)
    if not asked.form.is_valid():
        return asked.page(status=400)
    export, bom = asked.export, asked.form.cleaned_data["bom"] != "0"
    return _file(export, "csv", "text/csv; charset=utf-8", lambda file: export.write_csv(file, bom=bom))


@public
def errata_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The corrections to what programs.csv holds, with the same conditions."""
    asked = _Asked(request, slug, CsvFilter)
    if not asked.form.is_valid():
        return asked.page(status=400)
    export, bom = asked.export, asked.form.cleaned_data["bom"] != "0"
    write = partial(export.write_errata, bom=bom)
    return _file(export, "csv", "text/csv; charset=utf-8", write, content="errata")


@public
def programs_xlsx(request: HttpRequest, slug: str) -> HttpResponseBase:
    asked = _Asked(request, slug)
    if not asked.form.is_valid():
        return asked.page(status=400)
    export = asked.export
    return _file(export, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", export.write_xlsx)


@public
def programs_json(request: HttpRequest, slug: str) -> HttpResponseBase:
    asked = _Asked(request, slug)
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
    file = cast(IO[bytes], SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - the response closes it
    write(file)
    file.seek(0)
    name = export.file_name(extension, content)
    return FileResponse(file, as_attachment=as_attachment, filename=name, content_type=content_type)


@public
def program(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    found = get_object_or_404(
        Program.objects.public().select_related("plan__source", "policy__direction", "source"),
        plan__slug=slug,
        number=number,
    )
    # Rounds in which the item was asked for; what it was called and how it was judged then.
    reports = (
        PublishedReport.objects.public()
        .filter(program=found)
        .select_related("round__source")
        .prefetch_related("errata")
        .order_by("-round__as_of")
    )
    owners: dict[str, list[str]] = {}
    for edition, department in (
        Responsibility.objects.filter(program_edition__program=found, program_edition__edition__frozen_at__isnull=False)
        .order_by("-program_edition__edition__first_fiscal_year", "order")
        .values_list("program_edition__edition__name", "department__name")
    ):
        owners.setdefault(edition, []).append(department)
    siblings = Program.objects.filter(plan=found.plan)
    before = Q(sort_key__lt=found.sort_key) | Q(sort_key=found.sort_key, pk__lt=found.pk)
    after = Q(sort_key__gt=found.sort_key) | Q(sort_key=found.sort_key, pk__gt=found.pk)
    return render(
        request,
        "program.html",
        {
            "plan": found.plan,
            "section": "programs",
            "program": found,
            "owners": owners,
            "history": list(reports),
            "previous": siblings.filter(before).order_by("-sort_key", "-pk").first(),
            "next": siblings.filter(after).order_by("sort_key", "pk").first(),
        },
    )


@public
def policy(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    found = get_object_or_404(
        Policy.objects.filter(plan__is_public=True).select_related("plan__source", "direction", "source"),
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
            "item_count": PublishedFigure.objects.filter(policy=found, measure=PublishedFigure.Measure.ITEM_COUNT)
            .select_related("source")
            .first(),
        },
    )
