"""The items of the sample plan: one block of YAML an item, unfolded into rows of the plan workbook.

A block says everything about its item: the promise of the first edition, under `revision` only what the second one changes,
indicators, effects, and what was reported in each round. Pure: files in, rows out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from workbooks.plan.changes import RawTable

EDITIONS = ("original", "fy2013-revision")
YEARS = range(2011, 2016)
REVISED_YEARS = range(2014, 2016)
SOURCES = dict(zip(EDITIONS, ("P1", "P2"), strict=True))
BASELINE_YEAR = 2010
Row = dict[str, object]

# As quick as PyYAML can be here; without the C library the files still load.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class SampleIndicator:
    """成果指標 as the file says it: lists stand for the years of the plan, of the revised edition for its own years."""

    name: str
    unit: str = ""
    better: str = "up"
    baseline: Decimal | None = None
    baseline_year: int | None = None
    targets: dict[str, dict[int, tuple[Decimal | None, str]]] = field(default_factory=dict)
    actuals: dict[int, Decimal | str] = field(default_factory=dict)
    # Settled after the survey of March, which can only give a forecast.
    is_late: bool = False

    @classmethod
    def of(cls, block: dict[str, Any]) -> SampleIndicator:
        first = _targets(YEARS, block.get("targets", ()))
        revised = _targets(REVISED_YEARS, block["revised"]) if "revised" in block else _covered(first)
        actuals = _by_year(YEARS, block["actuals"])
        baseline, year = block.get("baseline"), BASELINE_YEAR
        if not first:  # newly set by the revision: the year before is where it starts from
            year = REVISED_YEARS[0] - 1
            baseline = actuals.pop(year, None)
            actuals = {fiscal_year: value for fiscal_year, value in actuals.items() if fiscal_year in REVISED_YEARS}
        return cls(
            name=block["name"],
            unit=block.get("unit", ""),
            better=block.get("better", "up"),
            baseline=None if baseline is None else _number(baseline),
            baseline_year=None if baseline is None else year,
            targets=dict(zip(EDITIONS, (first, revised), strict=True)),
            actuals={y: value if isinstance(value, str) else _number(value) for y, value in actuals.items()},
            is_late=block.get("late", False),
        )


@dataclass(frozen=True)
class SampleItem:
    number: str
    block: dict[str, Any]
    indicators: list[SampleIndicator]

    @property
    def revision(self) -> dict[str, Any]:
        return self.block.get("revision", {})

    @property
    def reports(self) -> list[Any]:
        """One entry a round; None where the item was not there yet."""
        return self.block["reports"]

    def effects(self) -> Iterator[tuple[str, int, int, str]]:
        """(kind, fiscal year, 千円, note)"""
        effects = self.block.get("effects", {})
        notes = effects.get("notes", {})
        for kind in ("revenue", "saving"):
            for fiscal_year, amount in _by_year(YEARS, effects.get(kind, ())).items():
                yield kind, fiscal_year, amount, notes.get(fiscal_year, "") if amount < 0 or len(notes) > 1 else ""

    @property
    def has_only_a_budget(self) -> bool:
        """The last year's effect is known as a budget only."""
        return self.block.get("effects", {}).get("budget", False)


def read(folder: Path) -> list[SampleItem]:
    """All items, in the order of the files."""
    return [
        SampleItem(block["number"], block, [SampleIndicator.of(one) for one in block.get("indicators", ())])
        for path in sorted(folder.glob("items-*.yaml"))
        for block in read_file(path)
    ]


def read_file(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 a SafeLoader


def tables(items: list[SampleItem], marks: dict[str, Any]) -> list[RawTable]:
    """The promise of all items and the city's marks, as tables of the plan workbook."""
    return [
        table("programs", map(_program, items)),
        table("program_editions", (row for item in items for row in _contents(item))),
        table("year_plans", (row for item in items for row in _year_plans(item))),
        table("indicators", (row for item in items for row in _indicators(item))),
        table("indicator_targets", (row for item in items for row in _target_rows(item))),
        table("revision_marks", _marks(marks)),
    ]


def table(sheet: str, rows: Iterable[Row]) -> RawTable:
    numbered = tuple(enumerate(rows, start=2))
    return RawTable(sheet, tuple(dict.fromkeys(name for _number, row in numbered for name in row)), numbered)


def _program(item: SampleItem) -> Row:
    block = item.block
    plain = {name: block[name] for name in ("number", "policy", "name", "added_on", "note") if name in block}
    return plain | block.get("ended", {}) | {"name_kana": block["kana"], "source": SOURCES["original"]}


def _contents(item: SampleItem) -> Iterator[Row]:
    block, revision = item.block, item.revision
    for edition in EDITIONS:
        said = block if edition == EDITIONS[0] else block | revision
        yield {
            "program": item.number,
            "edition": edition,
            "contents": said["contents"].replace("\n", ""),
            "planned_years": said["years"],
            "expected_effect": said["effect"],
            "revision_reason": revision.get("reason", "") if edition != EDITIONS[0] else "",
            "departments": ";".join(said["departments"]),
            "source": SOURCES[edition],
        }


def _year_plans(item: SampleItem) -> Iterator[Row]:
    first = _by_year(YEARS, item.block["plan"])
    revised = _by_year(REVISED_YEARS, item.revision["plan"]) if "plan" in item.revision else _covered(first)
    for edition, plan in zip(EDITIONS, (first, revised), strict=True):
        for fiscal_year, text in plan.items():
            yield {"program": item.number, "edition": edition, "fiscal_year": fiscal_year, "text": text}


def _indicators(item: SampleItem) -> Iterator[Row]:
    for number, one in enumerate(item.indicators, start=1):
        yield {
            "program": item.number,
            "number": number,
            "name": one.name,
            "unit": one.unit,
            "better": one.better,
            "baseline": one.baseline,
            "baseline_fiscal_year": one.baseline_year,
        }


def _target_rows(item: SampleItem) -> Iterator[Row]:
    for number, one in enumerate(item.indicators, start=1):
        for edition, targets in one.targets.items():
            for fiscal_year, (value, text) in targets.items():
                yield {
                    "program": item.number,
                    "indicator": number,
                    "edition": edition,
                    "fiscal_year": fiscal_year,
                    "value": value,
                    "text": text,
                }


def _marks(file: dict[str, Any]) -> Iterator[Row]:
    for aspect, numbers in file["marks"].items():
        for number in numbers:
            note = file["notes"].get(f"{number} {aspect}", "")
            yield {
                "revision": EDITIONS[1],
                "program": str(number),
                "aspect": aspect,
                "note": note,
            }


def _by_year(years: Iterable[int], values: Iterable[Any]) -> dict[int, Any]:
    """The years for which the list says something."""
    return {year: value for year, value in zip(years, values, strict=False) if value not in (None, "")}


def _covered(first: dict[int, Any]) -> dict[int, Any]:
    """What the first edition says about the years that the second covers too."""
    return {year: value for year, value in first.items() if year in REVISED_YEARS}


def _targets(years: Iterable[int], values: Iterable[Any]) -> dict[int, tuple[Decimal | None, str]]:
    return {year: _target(value) for year, value in _by_year(years, values).items()}


def _target(value: Any) -> tuple[Decimal | None, str]:
    """77.5, "1 以上" (a number with words) or words alone."""
    if not isinstance(value, str):
        return _number(value), ""
    head, _, tail = value.partition(" ")
    return (Decimal(head), tail) if tail else (None, value)


def _number(value: Any) -> Decimal:
    return Decimal(str(value))
