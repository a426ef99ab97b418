"""Import of a large plan workbook, beside default import-export Resources that write the same rows one by one."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import tablib
from django.conf import settings
from django.db import connection
from import_export.resources import modelresource_factory
from openpyxl import Workbook

from policies.models import Edition, Plan, Policy
from programs.models import Indicator, IndicatorTarget, Program, ProgramEdition, YearPlan
from tools.bench.one_export import peak
from tools.bench.verdict import BROKEN
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book

SAMPLE = 100  # rows of each table that the yardstick writes
MEMORY = 250  # megabytes
_CHILD = "import django; django.setup(); from tools.bench.imports import main; main()"
TIMES_FASTER = 10
EDITIONS = ("original", "revised")
TABLES = (Program, ProgramEdition, YearPlan, Indicator, IndicatorTarget)


def rows_of(items: int) -> dict[str, list[tuple[Any, ...]]]:
    """Sheets of a plan with editions, yearly plans and indicators: header, then rows."""
    numbers = [str(number) for number in range(1, items + 1)]
    return {
        "plan": [
            ("slug", "city", "name", "first_fiscal_year", "last_fiscal_year", "is_fictional"),
            ("bench", "見本市", "計測用の計画", 2011, 2015, True),
        ],
        "editions": [
            ("key", "name", "first_fiscal_year", "last_fiscal_year"),
            ("original", "当初", 2011, 2015),
            ("revised", "改訂版", 2014, 2015),
        ],
        "policies": [("number", "name"), (1, "方針")],
        "departments": [("code", "name"), ("a", "第一課"), ("b", "第二課")],
        "programs": [("number", "policy", "name"), *((number, 1, f"計測用の項目{number}") for number in numbers)],
        "program_editions": [
            ("program", "edition", "contents", "departments"),
            *((number, edition, f"{number}の実施内容。" * 10, "a;b") for number in numbers for edition in EDITIONS),
        ],
        "year_plans": [
            ("program", "edition", "fiscal_year", "text"),
            *((number, "original", year, "検討し、実施する") for number in numbers for year in range(2011, 2016)),
        ],
        "indicators": [
            ("program", "number", "name", "unit", "baseline"),
            *((number, 1, "件数", "件", 100) for number in numbers),
        ],
        "indicator_targets": [
            ("program", "indicator", "edition", "fiscal_year", "value"),
            *((number, 1, edition, 2015, 120.5) for number in numbers for edition in EDITIONS),
        ],
    }


def written(sheets: dict[str, list[tuple[Any, ...]]]) -> bytes:
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet: Any = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def measure(data: bytes) -> dict[str, float]:
    """Rows of a workbook, seconds to read and to write it, and peak megabytes of this process so far."""
    start = time.perf_counter()
    book = read_book(data)
    read = time.perf_counter() - start
    rows = sum(len(table.rows) for table in book.tables)
    start = time.perf_counter()
    import_tables(book.tables, by=None)
    return {"rows": rows, "read": read, "written": time.perf_counter() - start, "peak": peak()}


def main() -> None:
    """The process of its own: making the file and the tables took more memory than the import does. The name of the database
    stands on the command line, the workbook is the standard input; Django is set up."""
    (connection.settings_dict["NAME"],) = sys.argv[1:]
    json.dump(measure(sys.stdin.buffer.read()), sys.stdout)


def measured(data: bytes) -> dict[str, float]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", _CHILD, str(connection.settings_dict["NAME"])],
            cwd=settings.BASE_DIR,
            check=True,
            stdin=file,
            stdout=subprocess.PIPE,
            text=True,
        )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def run(items: int) -> Iterator[str]:
    data = written(rows_of(items))
    cost = measured(data)
    rows, read, seconds = int(cost["rows"]), cost["read"], cost["written"]
    yield f"{items:,}項目、{rows:,}行（{len(data) / 1e6:.1f}MB）: 読み取り {read:.1f}秒、照合と書き込み {seconds:.1f}秒"
    yield f"1秒あたり {rows / (read + seconds):,.0f}行、メモリーの最大 {cost['peak']:,.0f}MB"
    if cost["peak"] > MEMORY:
        yield f"{BROKEN}メモリー {cost['peak']:,.0f}MB > {MEMORY}MB"

    counts = {model: model._default_manager.count() for model in TABLES}
    missing = {model.__name__: counts[model] - model.history.filter(history_type="+").count() for model in TABLES}
    yield f"履歴のない行: {sum(missing.values())}"
    if any(missing.values()):
        yield f"{BROKEN}履歴がそろっていません（{missing}）"

    one_by_one = sum(per_row(model, items) * counts[model] for model in TABLES)
    ours = seconds * sum(counts.values()) / rows
    yield f"同じ行を既定の Resource で1行ずつ: 推定 {one_by_one:.0f}秒（各表{SAMPLE}行から）、{one_by_one / ours:.0f}倍"
    if one_by_one < TIMES_FASTER * ours:
        yield f"{BROKEN}{TIMES_FASTER}倍より速くありません"


def per_row(model: Any, items: int) -> float:
    """Seconds that a default Resource needs for one row of a table."""
    fields = [field.name for field in model._meta.concrete_fields if field.editable]
    dataset = tablib.Dataset(headers=fields)
    for instance in _more(model, items):
        dataset.append([_plain(instance, name) for name in fields])
    start = time.perf_counter()
    done = modelresource_factory(model)().import_data(dataset, raise_errors=True)
    seconds = time.perf_counter() - start
    if done.totals["new"] != len(dataset):
        raise RuntimeError(f"{model.__name__}: {done.totals}")
    return seconds / len(dataset)


def _plain(instance: Any, name: str) -> Any:
    value = getattr(instance, instance._meta.get_field(name).attname)
    return "" if value is None else value


def _more(model: Any, items: int) -> list[Any]:
    """Rows that are not there yet, like those that are."""
    plan = Plan.objects.get(slug="bench")
    edition = Edition.objects.get(plan=plan, key="revised")
    if model is Program:
        policy = Policy.objects.get(plan=plan)
        return [Program(plan=plan, policy=policy, number=f"{items + n}", name=f"項目{n}") for n in range(1, SAMPLE + 1)]
    programs = list(Program.objects.filter(plan=plan).order_by("-pk")[:SAMPLE])  # those that the yardstick made
    if model is ProgramEdition:
        return [ProgramEdition(program=program, edition=edition, contents="実施内容。" * 10) for program in programs]
    if model is YearPlan:
        contents = ProgramEdition.objects.filter(program__in=programs)
        return [YearPlan(program_edition=content, fiscal_year=2014, text="検討し、実施する") for content in contents]
    if model is Indicator:
        return [Indicator(program=program, number=1, name="件数", unit="件", baseline=100) for program in programs]
    indicators = Indicator.objects.filter(program__in=programs)
    return [
        IndicatorTarget(indicator=indicator, edition=edition, fiscal_year=2015, value=120) for indicator in indicators
    ]
