"""The page of the data, its files, and what machines are told about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from core.fiscal import date_label
from core.text import FICTIONAL
from figures.datasets import published_rounds
from figures.filters import FileQuery
from opendata import errors
from opendata.floods import bounded, limited
from opendata.frame import copy_of, made_at
from opendata.metadata import About, api_address, dcat, file_address, schema_org
from opendata.package import MeasuringFile, write_table, write_zip
from opendata.pages import file_response, public, public_plans
from opendata.tables.catalogue import SUBJECTS, TABLES
from opendata.tables.review import ROUND_FILE
from opendata.tables.table import Table, csv_value
from policies.models import Plan
from policies.words import in_words_of
from reviews.models import Redaction, Round

_PREVIEW = 3
_CSV = "text/csv; charset=utf-8"
_JSON_LD = "application/ld+json"
_EXAMPLES = ("grades_over_time.py", "every_item.py", "grades_over_time.R")


def _about(request: HttpRequest, plan: Plan, rounds: list[Round] | None = None) -> About:
    rounds = published_rounds(plan) if rounds is None else rounds
    site = request.build_absolute_uri("/").rstrip("/")
    as_of = rounds[0].as_of if rounds else None
    return About(plan, as_of, site, made_at(), has_api=copy_of(request) is None)


def _file(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A file of a public plan that takes no other condition than `bom`: view(request, plan, with mark?, …)."""

    def answer(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        plan = get_object_or_404(public_plans(), slug=slug)
        form = FileQuery(request.GET)
        if not form.is_valid():
            reasons = [reason for reasons in form.reasons().values() for reason in reasons]
            return errors.bad_request(request, reasons=reasons)
        return view(request, plan, form.cleaned_data["bom"] != "0", *args, **kwargs)

    return public(limited(answer), takes=FileQuery.base_fields)


@dataclass(frozen=True)
class Listed:
    """A table on the page. `rows` are the first ones of the table that was asked for; its page turns them, because a table
    has more columns than a screen is wide: `values` are (column, its value in each row)."""

    table: Table
    file: str
    api: str
    rows: tuple[list[str], ...] = ()

    @property
    def values(self) -> list[tuple[str, list[str]]]:
        names = [column.name for column in self.table.columns]
        return list(zip(names, map(list, zip(*self.rows, strict=True)), strict=False))


def _listed(plan: Plan, table: Table, *rows: list[str]) -> Listed:
    return Listed(table.in_words_of(plan), file_address(plan, table), api_address(plan, table), rows)


@cache
def _examples() -> dict[str, str]:
    folder = Path(settings.BASE_DIR) / "docs" / "examples"
    return {name: (folder / name).read_text() for name in _EXAMPLES}


@partial(public, takes=("table",))
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of all tables with what their columns mean or, with `table`, one of them with its first rows."""
    plan = get_object_or_404(public_plans(), slug=slug)
    if "table" in request.GET:
        return _table_page(request, plan, request.GET["table"])
    rounds = published_rounds(plan)
    cuts = Prefetch("redactions", Redaction.objects.public().filter(is_frozen=True), to_attr="cuts")
    prefetch_related_objects(rounds, cuts)
    python, api, r = _examples().values()
    return render(
        request,
        "opendata/data.html",
        {
            "plan": plan,
            "section": "data",
            "about": _about(request, plan, rounds),
            "rounds": rounds,
            "count": len(TABLES),
            "subjects": [
                (in_words_of(plan, subject), [_listed(plan, table) for table in tables]) for subject, tables in SUBJECTS
            ],
            "python": python,
            "api_example": api,
            "r": r,
        },
    )


def _table_page(request: HttpRequest, plan: Plan, name: str) -> HttpResponse:
    table = next((table for table in TABLES if table.name == name), None)
    if table is None:
        reasons = [f"「{name[:40]}」という表はありません。表の一覧から選び直してください。"]
        return render(request, "opendata/errors/400.html", {"reasons": reasons, "plan": plan}, status=400)
    rows = [[csv_value(value) for value in row] for row in table.rows(plan).slice(0, _PREVIEW)]
    context = {
        "plan": plan,
        "section": "data",
        "canonical_path": reverse("data", args=[plan.slug]),  # whichever table shows its first rows
        "listed": _listed(plan, table, *rows),
    }
    return render(request, "opendata/table.html", context)


@_file
def table_csv(request: HttpRequest, plan: Plan, bom: bool, name: str) -> HttpResponseBase:
    table = next((table for table in TABLES if table.name == name), None)
    if table is None:
        raise Http404(name)
    return file_response(
        lambda file: write_table(file, table, table.rows(plan), bom=bom), f"{plan.slug}_{name}.csv", _CSV
    )


@_file
@bounded
def data_zip(request: HttpRequest, plan: Plan, bom: bool) -> HttpResponseBase:
    about = _about(request, plan)
    as_of = f"_{about.as_of}" if about.as_of else ""
    return file_response(
        lambda file: write_zip(file, about, bom=bom), f"{plan.slug}_data{as_of}.zip", "application/zip"
    )


@_file
def dataset_jsonld(request: HttpRequest, plan: Plan, bom: bool) -> HttpResponseBase:
    return _json_ld(schema_org(_about(request, plan)))


@_file
def catalog_jsonld(request: HttpRequest, plan: Plan, bom: bool) -> HttpResponseBase:
    return _json_ld(dcat(_about(request, plan)))


def _json_ld(data: dict[str, Any]) -> JsonResponse:
    return JsonResponse(data, content_type=_JSON_LD, json_dumps_params={"ensure_ascii": False, "indent": 2})


# --- the files of one published round: the same bytes for ever, unless personal data was taken out ---


def _cuts(round_: Round) -> list[Redaction]:
    return list(Redaction.objects.public().filter(round=round_, is_frozen=True))


def _write_round(plan: Plan, as_of: date) -> Callable[[IO[bytes]], str]:
    return lambda file: write_table(file, ROUND_FILE, ROUND_FILE.rows(plan, round=as_of), bom=True).sha256


def _of_round(
    view: Callable[[HttpRequest, Plan, Round, str], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    def answer(request: HttpRequest, plan: Plan, bom: bool, as_of: date) -> HttpResponseBase:
        round_ = get_object_or_404(Round.objects.published(), plan=plan, as_of=as_of)
        sha256 = _write_round(plan, as_of)(MeasuringFile())  # type: ignore[arg-type]
        assert round_.published_at is not None  # noqa: S101 - the database holds it
        cuts = [one.redacted_at for one in _cuts(round_)]
        etag, changed = f'"{sha256[:32]}"', int(max([round_.published_at, *cuts]).timestamp())
        known: HttpResponse | None = get_conditional_response(request, etag=etag, last_modified=changed)
        response = known or view(request, plan, round_, sha256)
        response["ETag"], response["Last-Modified"] = etag, http_date(changed)
        return response

    return _file(answer)


@_of_round
def round_csv(request: HttpRequest, plan: Plan, round_: Round, sha256: str) -> HttpResponseBase:
    fictional = f"_{FICTIONAL}" if plan.is_fictional else ""
    name = f"{plan.slug}_round_{round_.as_of}{fictional}.csv"
    return file_response(_write_round(plan, round_.as_of), name, _CSV)


@_of_round
def round_checksums(request: HttpRequest, plan: Plan, round_: Round, sha256: str) -> HttpResponseBase:
    # `sha256sum -c` passes over lines that begin so.
    told = dict.fromkeys(f"# {date_label(cut.redacted_on)}に個人情報を削除\n" for cut in _cuts(round_))
    return HttpResponse(f"{''.join(told)}{sha256}  programs.csv\n", content_type="text/plain; charset=utf-8")
