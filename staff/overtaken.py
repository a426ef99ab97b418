"""What was typed into a field or a line that was taken out of the page meanwhile: by an act (受付を始める, 公開する), or by somebody
who deleted the line. It is not saved, and neither lost nor passed over in silence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Model
from django.http import QueryDict

from staff.shared_records import MOST_LINES, Shown, marked, place_of, seen_in, text_of


def overtaken(
    posted: QueryDict, now: Mapping[str, Shown], record: Model, formsets: Iterable[Any]
) -> tuple[QueryDict, list[str]]:
    """The form as it goes on, and what to say above it: nothing, if nothing was typed there."""
    marks = seen_in(posted)
    seen = {tuple(name.split(":")): mark for name, mark in marks.items() if name not in now}
    moved = [name for name, mark in marks.items() if name not in now or marked(now[name].text) != mark]
    lines = {of for of in seen if len(of) == 3}  # formset, record, field
    typed = {of: text for of in seen if (text := _text(posted, of)) is not None and marked(text) != seen[of]}
    data, told = posted.copy(), [_settled(record, of[0], text) for of, text in typed.items() if len(of) == 1]
    for formset in formsets:
        stored = {str(row.pk): row for row in formset.get_queryset()}
        touched = {of[1]: (of[2], text) for of, text in typed.items() if of in lines and of[0] == formset.prefix}
        told += [_settled(stored[pk], *what) for pk, what in touched.items() if pk in stored]
        for pk in dict.fromkeys(name.split(":")[1] for name in moved if name.startswith(f"{formset.prefix}:")):
            ticked = f"{formset.prefix}-{place_of(posted, formset.prefix, pk)}-DELETE"
            if pk in stored and ticked in data:
                del data[ticked]
                told.append(f"「{stored[pk]}」の行は、あなたが開いたあとにほかの人が変えたため、削除していません。")
        gone = {of[1] for of in lines if of[0] == formset.prefix} - set(stored)
        if _move_lines(data, formset.prefix, gone, touched):
            told.append(
                f"入力した{formset.model._meta.verbose_name}の行は、あなたが開いたあとにほかの人が削除しました。"
                "入力した内容は新しい行にあります。登録し直すときはそのまま、要らないときはその行を空にして、もう一度保存してください。"
            )
    return data, told


def _text(posted: QueryDict, of: tuple[str, ...]) -> str | None:
    """What was sent for a field that a page showed; None if the form that was sent had no such field."""
    key = of[-1] if len(of) == 1 else f"{of[0]}-{place_of(posted, *of[:2])}-{of[-1]}"
    keys = [each for each in posted if each == key or re.fullmatch(rf"{re.escape(key)}_\d", each)]
    return text_of(posted.getlist(each) for each in keys) if keys else None


def _settled(record: Model, name: str, text: str) -> str:
    field = next((one for one in record._meta.fields if one.name == name), None)
    what = f"入力した「{text}」は" if text and not (field and (field.is_relation or field.choices)) else "変えた内容は"
    label = field.verbose_name if field else name
    return f"「{label}」（{record}）は、あなたが開いたあとに変えられなくなりました。{what}保存できません。"


def _move_lines(data: QueryDict, prefix: str, gone: Collection[str], touched: Collection[str]) -> bool:
    """Take out the lines whose records are gone, and let a new line say what was typed into one. Whether there is one."""
    counts = [str(data.get(f"{prefix}-{name}_FORMS", "")) for name in ("TOTAL", "INITIAL")]
    if not any(place_of(data, prefix, pk) is not None for pk in gone) or not all(map(str.isdecimal, counts)):
        return False
    total, initial = (min(int(count), MOST_LINES) for count in counts)
    lines = [_take(data, f"{prefix}-{place}-") for place in range(total)]
    kept = [line for line in lines[:initial] if line["id"][0] not in gone]
    typed = [line for line in lines[:initial] if line["id"][0] in gone and line["id"][0] in touched]
    moved = [line | {"id": [""]} for line in typed if "DELETE" not in line]
    lines = [*kept, *moved, *lines[initial:]]
    for place, line in enumerate(lines):
        for name, values in line.items():
            data.setlist(f"{prefix}-{place}-{name}", values)
    data[f"{prefix}-INITIAL_FORMS"] = str(len(kept))
    data[f"{prefix}-TOTAL_FORMS"] = str(len(lines))
    return bool(moved)


def _take(data: QueryDict, begins: str) -> dict[str, list[str]]:
    found = {name: data.getlist(name) for name in data if name.startswith(begins)}
    for name in found:
        del data[name]
    return {"id": [""]} | {name.removeprefix(begins): values for name, values in found.items()}
