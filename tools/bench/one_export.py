"""Write one export file and say what it cost, as JSON. In a process of its own, because the peak memory of a process never falls again."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any

import tablib
from django.db import connection
from django.urls import get_resolver
from django.utils import timezone
from openpyxl import Workbook

from figures.datasets import frozen_editions, published_rounds, scale_of, snapshot
from figures.rows import Selection
from opendata.metadata import about_now
from opendata.package import write_table, write_zip
from opendata.program_files import ProgramExport
from opendata.tables.columns import COLUMNS, READING
from opendata.tables.long import LONG
from policies.models import Plan
from website.workbook import write_people

Writer = Callable[[IO[bytes]], object]


def measure(slug: str, name: str) -> dict[str, float]:
    """Seconds, peak megabytes of this process so far, and bytes, of one of the writers below."""
    with tempfile.TemporaryFile() as file:
        start = time.perf_counter()
        _writer(name, slug)(file)
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "peak": peak(), "bytes": file.tell()}


def peak() -> float:
    """Megabytes. Where Linux tells it, of this program alone: ru_maxrss begins with what its parent had."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _writer(name: str, slug: str) -> Writer:
    plan = Plan.objects.get(slug=slug)
    current = snapshot(plan, published_rounds(plan), frozen_editions(plan))
    export = ProgramExport(current, Selection(), scale_of(plan), [])
    get_resolver().url_patterns  # noqa: B018 - loaded now, once for all requests of a worker

    def with_people(file: IO[bytes]) -> None:
        now = timezone.localtime()
        write = partial(
            write_people,
            export=export,
            now=now,
            page="http://localhost/",
            address=lambda number: f"http://localhost/{number}",
        )
        export.write_xlsx(file, now=now, people=write)

    def by_openpyxl(file: IO[bytes]) -> None:
        book = Workbook()
        sheet: Any = book.active
        sheet.append([header for header, _ in READING])
        for row in export.rows():
            sheet.append([cell(row) for _, cell in READING])
        sheet = book.create_sheet("long")
        sheet.append([column.name for column in LONG.columns])
        for values in export.long_rows():
            sheet.append(values)
        book.save(file)

    def by_tablib(kind: str) -> Writer:
        def write(file: IO[bytes]) -> None:
            def dataset(title: str, headers: list[str], rows: Any) -> Any:
                table = tablib.Dataset(headers=headers, title=title)
                for row in rows:
                    table.append(row)
                return table

            if kind == "xlsx":
                programs = ([cell(row) for _, cell in READING] for row in export.rows())
                book = tablib.Databook(
                    [
                        dataset("programs", [header for header, _ in READING], programs),
                        dataset("long", [column.name for column in LONG.columns], export.long_rows()),
                    ]
                )
                file.write(book.export("xlsx"))
            else:
                rows = ([column.value(row) for column in COLUMNS] for row in export.rows())
                file.write(dataset("programs", [column.name for column in COLUMNS], rows).export(kind).encode())

        return write

    writers: dict[str, Writer] = {
        "programs.xlsx": export.write_xlsx,
        "people": with_people,
        "programs.csv": lambda file: export.write_csv(file, bom=True),
        "programs.json": export.write_json,
        "long.csv": lambda file: write_table(file, LONG, export.long_rows(), bom=True),
        "data.zip": lambda file: write_zip(file, about_now(plan, "http://localhost"), bom=True),
        "openpyxl": by_openpyxl,
        "tablib.xlsx": by_tablib("xlsx"),
        "tablib.csv": by_tablib("csv"),
        "tablib.json": by_tablib("json"),
    }
    return writers[name]


def main() -> None:
    """The process of its own: database name, plan and file stand on the command line; Django is set up."""
    connection.settings_dict["NAME"], slug, name = sys.argv[1:]
    json.dump(measure(slug, name), sys.stdout)
