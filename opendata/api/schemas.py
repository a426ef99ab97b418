"""The shapes of answers, made from the columns of the open tables, so that they cannot drift apart."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, create_model
from pydantic import Field as Described

from figures.datasets import LICENCE, LICENCE_URL
from opendata.tables.table import Field

_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "date": date,
    "any": str | int | float,
}


def describe(column: Field) -> str:
    """Japanese name and meaning, unit and codes of a column."""
    parts = [f"{column.label}。{column.meaning}"]
    if column.unit:
        parts.append(f"単位: {column.unit}。")
    if column.codes:
        parts.append("、".join(f"{code}（{label}）" for code, label in column.codes) + "。")
    return "".join(parts)


def schema(name: str, columns: tuple[Field, ...], **more: Any) -> type[BaseModel]:
    """The shape of one row. Every name is always there; what is unknown is null."""
    fields: dict[str, Any] = {}
    for column in columns:
        kind = _TYPES[column.type]
        examples = [] if column.example is None else [column.example]
        fields[column.name] = (kind | None, Described(description=describe(column), examples=examples))
    fields.update(more)
    return create_model(name, **fields)


class Said(BaseModel):
    """What every answer says about itself."""

    is_fictional: bool = Described(
        description="true のとき、架空のデータ（見本）を含み、実在の市のものではありません。", examples=[False]
    )
    notice: str | None = Described(description="架空のデータのとき、その断り。", examples=[None])
    licence: str = Described(description="データの利用条件。", examples=[LICENCE])
    licence_url: str = Described(description="利用条件の全文のアドレス。", examples=[LICENCE_URL])


class Page(Said):
    """One page of a list."""

    count: int = Described(description="条件に当てはまる件数（このページの件数ではありません）。", examples=[62])
    page: int = Described(description="このページの番号。", examples=[1])
    per_page: int = Described(description="1ページの件数。", examples=[100])
    next: str | None = Described(description="次のページのアドレス。", examples=[None])
    previous: str | None = Described(description="前のページのアドレス。", examples=[None])


class PlanPage(Page):
    plan: str = Described(description="計画の識別名。", examples=["kodaira-2"])


class ProgramPage(PlanPage):
    as_of: date | None = Described(
        description="評価の基準日。null は、評価の登録された調査がないことを表します（未登録）。",
        examples=["2015-03-31"],
    )


class Department(BaseModel):
    department_code: str = Described(description="推進担当課のコード。", examples=["zaisei"])
    department_name: str = Described(description="推進担当課の名称。", examples=["財政課"])


def listed(name: str, item: Any, base: type[Page]) -> type[BaseModel]:
    """The shape of a list of such rows."""
    items: Any = (list[item], Described(description="このページの行。順序は変わりません。"))
    return create_model(name, __base__=base, items=items)


def said(*names: str) -> dict[str, Any]:
    """Fields of Said, for a single row that already has its own `is_fictional`."""
    return {name: (Said.model_fields[name].annotation, Said.model_fields[name]) for name in names}


def several(shape: Any, description: str) -> Any:
    """A field that holds rows of a shape."""
    return (list[shape], Described(description=description))
