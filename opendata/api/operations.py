"""The operations of the API. Each answers with a fixed number of queries, whatever the number of rows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import NinjaAPI, Path
from ninja.errors import Throttled
from ninja.renderers import BaseRenderer

from core.text import FICTIONAL
from figures.datasets import LICENCE, LICENCE_URL
from figures.filters import refused_conditions
from figures.queries import ItemRequest, RequestablePlan, requestable_plans
from opendata.api import schemas
from opendata.api.limit import THROTTLE, busy, too_many
from opendata.api.problems import ProblemError, problem
from opendata.api.queries import NoQuery, PageQuery, ProgramQuery, TableQuery, parameters
from opendata.floods import bounded, searches
from opendata.pages import ROWS_PER_PAGE
from opendata.tables.catalogue import PROGRAM_FIELDS, PROGRAMS, TABLES
from opendata.tables.columns import json_item
from opendata.tables.committee import KEY_PROGRAMS, OPINIONS
from opendata.tables.effects import EFFECTS
from opendata.tables.long import LONG, long_rows
from opendata.tables.plan_indicators import PLAN_ACTUALS, PLAN_INDICATORS, PLAN_TARGETS
from opendata.tables.promise import (
    ACTUALS,
    INDICATORS,
    LATE_CONTENTS,
    PLAN_FIELDS,
    PROGRAM_EDITIONS,
    TARGETS,
    YEAR_PLANS,
)
from opendata.tables.review import CONTRIBUTIONS, GRADE_COUNTS, REPORTS, ROUNDS
from opendata.tables.revision import REVISION_COUNTS, REVISIONS
from opendata.tables.table import QueryRows, Table, json_row
from policies.models import Plan

DESCRIPTION = """行財政改革プランの、公表されたデータを読むための API です。だれでも、登録なしで使えます。

- 読み取り専用です（GET、HEAD、OPTIONS）。ほかのサイトのページからも読めます（CORS）。
- 値のない項目は null です。0 とは違い、「分からない」ことを表します。
- 実施項目の番号は文字列です（`27`、`R1-1`）。年度は始まる年の西暦です。
- 知らない条件や正しくない値は、無視せず 400 を返します。誤りは application/problem+json です。
- 一つのアドレスからの要求が1分に多すぎると 429 を返します。Retry-After の秒数だけ待ってください。
- 混み合っているときは 503 を返します。Retry-After があれば、その秒数だけ待ってください。
- ETag と Last-Modified が付きます。If-None-Match を付けて要求すると、変わっていないときは 304 を返します。
"""


class Renderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> str:
        return json.dumps(data, ensure_ascii=False, default=date.isoformat)


_bounded = partial(bounded, when=searches, busy=lambda _request, wait: busy(wait))

api = NinjaAPI(
    title="行財政改革プラン 進捗データ API",
    version="1.0.0",
    description=DESCRIPTION,
    docs_url=None,
    openapi_url="",
    urls_namespace="api",
    renderer=Renderer(),
    throttle=THROTTLE,
)


@api.exception_handler(ProblemError)
def _problem(request: HttpRequest, error: ProblemError) -> HttpResponse:
    return problem(error.status, error.detail, error.errors)


@api.exception_handler(Throttled)
def _throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    return too_many()


# --- what all answers share ---


def _said(fictional: bool) -> dict[str, Any]:
    notice = FICTIONAL if fictional else None
    return {"is_fictional": fictional, "notice": notice, "licence": LICENCE, "licence_url": LICENCE_URL}


def _plan(slug: str) -> RequestablePlan:
    try:
        return requestable_plans().select_related("source").get(slug=slug)
    except Plan.DoesNotExist:
        raise ProblemError(404, f"計画「{slug}」はありません。/api/v1/plans に一覧があります。") from None


def _takes_only(request: HttpRequest, taken: Collection[str]) -> None:
    """Refuse what an address does not take before anything is read."""
    if reasons := refused_conditions(request.GET, taken):
        raise ProblemError(400, errors={"": reasons})


def _valid(form: Any) -> Any:
    if not form.is_valid():
        raise ProblemError(400, errors=form.reasons())
    return form


def _page(request: HttpRequest, form: Any, rows: Any) -> tuple[dict[str, Any], int, int]:
    """(what a page says about itself, first row, row after the last). `rows` can count."""
    asked_page, asked_size = form.cleaned_data["page"], form.cleaned_data["per_page"]
    page, size = (1 if asked_page is None else asked_page), asked_size or ROWS_PER_PAGE
    count = rows.count()
    last = max(1, -(-count // size))
    if not 1 <= page <= last:
        raise ProblemError(404, f"{page}ページ目はありません（全部で{last}ページです）。")

    def address(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")

    said = {
        "count": count,
        "page": page,
        "per_page": size,
        "next": address(page + 1) if page < last else None,
        "previous": address(page - 1) if page > 1 else None,
    }
    return said, (page - 1) * size, min(page * size, count)


# The patterns repeat what the addresses accept; anything else is 404 before it comes here.
_PLAN = Path(
    ...,
    pattern="^[-a-zA-Z0-9_]+$",
    description="計画の識別名。/api/v1/plans に一覧があります。",
    examples=["kodaira-2", "sample"],
)
_NUMBER = Path(..., pattern="^[0-9A-Za-z][0-9A-Za-z.-]{0,15}$", description="実施項目の番号。", examples=["27", "R1-1"])

_SHAPES = {
    table.name: schemas.schema("".join(part.title() for part in table.name.split("_")), table.columns)
    for table in TABLES
}


def _rows_as_json(table: Table, rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [json_row(table.columns, row) for row in rows]


# --- plans ---


@api.get(
    "/plans",
    response=schemas.listed("PlanList", schemas.schema("Plan", PLAN_FIELDS), schemas.Page),
    operation_id="plans",
    summary="計画の一覧",
    tags=["計画"],
    openapi_extra={"parameters": parameters(PageQuery)},
)
def plans(request: HttpRequest) -> Any:
    """公開されている計画です。ほかのアドレスの {plan} には、ここの plan の値を入れます。"""
    form = _valid(PageQuery(request.GET))
    rows = QueryRows(Plan.objects.public().order_by("first_fiscal_year", "slug"), PLAN_FIELDS)
    said, start, stop = _page(request, form, rows)
    items = [json_row(PLAN_FIELDS, row) for row in rows.slice(start, stop)]
    return _said(any(item["is_fictional"] for item in items)) | said | {"items": items}


@api.get(
    "/plans/{slug:plan}",
    response=schemas.schema("PlanDetail", PLAN_FIELDS, **schemas.said("notice", "licence", "licence_url")),
    operation_id="plan",
    summary="計画",
    tags=["計画"],
)
def plan(request: HttpRequest, plan: str = _PLAN) -> Any:
    """一つの計画の名称と期間です。"""
    _valid(NoQuery(request.GET))
    found = _plan(plan)
    rows = QueryRows(Plan.objects.filter(pk=found.pk), PLAN_FIELDS)
    return _said(found.is_fictional) | json_row(PLAN_FIELDS, next(iter(rows)))


# --- items ---

_NUMBER_FIELD = next(field for field in PROGRAM_FIELDS if field.name == "program_number")
_NUMBERED = (PROGRAM_FIELDS[0], replace(_NUMBER_FIELD, name="number"), *PROGRAM_FIELDS[1:])
_DEPARTMENTS = schemas.several(schemas.Department, "推進担当課。主担当が先。空の列は未登録。")
_ITEM = schemas.schema("Program", _NUMBERED, departments=_DEPARTMENTS)


@api.get(
    "/plans/{slug:plan}/programs",
    response=schemas.listed("ProgramList", _ITEM, schemas.ProgramPage),
    operation_id="programs",
    summary="実施項目の一覧",
    tags=["実施項目"],
    openapi_extra={"parameters": parameters(ProgramQuery)},
)
@_bounded
def programs(request: HttpRequest, plan: str = _PLAN) -> Any:
    """最も新しく公表された調査（round を指定したときはその調査）の実施項目です。条件の意味は市民のページの一覧と同じです。"""
    _takes_only(request, ProgramQuery.base_fields)
    listing = ItemRequest(_plan(plan), request.GET, ProgramQuery)
    form = _valid(listing.form)
    current = listing.snapshot
    found = current.programs(form.selection)
    said, start, stop = _page(request, form, found)
    items = [json_item(row) for row in current.rows(found[start:stop])]
    as_of = current.round.as_of if current.round else None
    return _said(listing.plan.is_fictional) | said | {"plan": listing.plan.slug, "as_of": as_of, "items": items}


_PARTS: tuple[Table, ...] = (
    *(PROGRAM_EDITIONS, LATE_CONTENTS, YEAR_PLANS, INDICATORS, TARGETS, ACTUALS, REPORTS, CONTRIBUTIONS, EFFECTS),
    *(KEY_PROGRAMS, OPINIONS),
)
_DETAIL = schemas.schema(
    "ProgramDetail",
    _NUMBERED,
    departments=_DEPARTMENTS,
    **schemas.said("notice", "licence", "licence_url"),
    **{table.name: schemas.several(_SHAPES[table.name], f"{table.title}。{table.meaning}") for table in _PARTS},
)


@api.get(
    "/plans/{slug:plan}/programs/{item:number}",
    response=_DETAIL,
    operation_id="program",
    summary="一つの実施項目",
    tags=["実施項目"],
)
def program(request: HttpRequest, plan: str = _PLAN, number: str = _NUMBER) -> Any:
    """一つの実施項目の、計画内容、年度計画、成果指標、報告、効果額、意見と回答です。"""
    _valid(NoQuery(request.GET))
    listing = ItemRequest(_plan(plan), QueryDict(), ProgramQuery)
    _valid(listing.form)
    current = replace(listing.snapshot, with_ended=True)
    row = next(iter(current.rows(current.programs().filter(number=number))), None)
    if row is None:
        raise ProblemError(404, f"番号「{number}」の実施項目はありません。")
    parts = {table.name: _rows_as_json(table, table.rows(listing.plan, program=number)) for table in _PARTS}
    return _said(listing.plan.is_fictional) | json_item(row) | parts


# --- the tables ---

# (table inside the rows of another, the columns that join them)
_INSIDE: dict[str, list[tuple[Table, tuple[str, ...]]]] = {
    INDICATORS.name: [(TARGETS, ("program_number", "indicator")), (ACTUALS, ("program_number", "indicator"))],
    PLAN_INDICATORS.name: [(PLAN_TARGETS, ("plan_indicator",)), (PLAN_ACTUALS, ("plan_indicator",))],
    ROUNDS.name: [(GRADE_COUNTS, ("as_of",))],
    REVISIONS.name: [(REVISION_COUNTS, ("edition",))],
}


def _fill(plan: Plan, table: Table, items: list[dict[str, Any]]) -> None:
    """Put the rows of the inner tables into the rows of one page. One query (or as the table needs) for each table."""
    for inner, keys in _INSIDE.get(table.name, ()):
        conditions = {}
        if "program" in inner.filters:
            conditions["program"] = sorted({item["program_number"] for item in items})
        found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for row in _rows_as_json(inner, inner.rows(plan, **conditions)):
            found[tuple(row[key] for key in keys)].append(row)
        for item in items:
            item[inner.name] = found[tuple(item[key] for key in keys)]


def _shape(table: Table) -> Any:
    inside: Any = {
        inner.name: schemas.several(_SHAPES[inner.name], f"{inner.title}。{inner.meaning}")
        for inner, _ in _INSIDE.get(table.name, ())
    }
    name = _SHAPES[table.name].__name__
    item = schemas.schema(f"{name}Row", table.columns, **inside) if inside else _SHAPES[table.name]
    return schemas.listed(f"{name}List", item, schemas.PlanPage)


def _reader(table: Table) -> Callable[..., Any]:
    def read(request: HttpRequest, plan: str = _PLAN) -> Any:
        _takes_only(request, {"page", "per_page", *table.filters})
        found = _plan(plan)
        form = _valid(TableQuery(request.GET, plan=found, table=table))
        rows = table.rows(found, **form.chosen)
        said, start, stop = _page(request, form, rows)
        items = _rows_as_json(table, rows.slice(start, stop))
        _fill(found, table, items)
        return _said(found.is_fictional) | said | {"plan": found.slug, "items": items}

    return read


for _table in TABLES:
    if _table not in (PROGRAMS, LONG):
        api.get(
            f"/plans/{{slug:plan}}/{_table.name.replace('_', '-')}",
            response=_shape(_table),
            operation_id=_table.name,
            summary=_table.title,
            description=_table.meaning,
            tags=["表"],
            url_name=_table.name,
            openapi_extra={"parameters": parameters(TableQuery, {"page", "per_page", *_table.filters})},
        )(_reader(_table))


@api.get(
    "/plans/{slug:plan}/long",
    response=schemas.listed("LongList", _SHAPES[LONG.name], schemas.PlanPage),
    operation_id="long",
    summary=LONG.title,
    tags=["実施項目"],
    openapi_extra={"parameters": parameters(ProgramQuery)},
)
@_bounded
def long(request: HttpRequest, plan: str = _PLAN) -> Any:
    """1行に一つの値。評価、成果指標の目標と実績、効果額を縦に並べた、集計のための表です。条件に当てはまる実施項目の、すべての時点の値です。"""
    _takes_only(request, ProgramQuery.base_fields)
    listing = ItemRequest(_plan(plan), request.GET, ProgramQuery)
    form = _valid(listing.form)
    current = listing.snapshot
    rows = long_rows(current, form.selection, is_whole=all(name == "sort" for name, *_ in form.conditions))
    said, start, stop = _page(request, form, rows)
    items = _rows_as_json(LONG, rows.slice(start, stop))
    return _said(listing.plan.is_fictional) | said | {"plan": listing.plan.slug, "items": items}
