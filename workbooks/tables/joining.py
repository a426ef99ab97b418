"""Every item once: what several rows or tables say of one item comes together, what they say differently is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from core.fiscal import era_fiscal_year
from core.text import as_seen, natural_key
from workbooks.tables.again import shown
from workbooks.tables.cells import short
from workbooks.tables.column_roles import LABELS, Role
from workbooks.tables.doubts import Questions
from workbooks.tables.framework import Framework
from workbooks.tables.known import KnownPlan
from workbooks.tables.read_items import ReadIndicator, ReadItem, TableReading

_Said = TypeVar("_Said")
_Values = TypeVar("_Values", bound=tuple[object, ...])


def once_each(reading: TableReading, known: KnownPlan, questions: Questions) -> None:
    """Two rows of one number and name are the same item."""
    kept: dict[str, ReadItem] = {}
    for item in reading.items:
        other = kept.get(item.number)
        if other is None:
            kept[item.number] = item
        elif as_seen(other.name) == as_seen(item.name) or (
            other.sheet != item.sheet and not (other.name and item.name)
        ):
            kept[item.number] = _one_of(other, item, questions)
        else:
            reading.problems.append(
                f"{item.place}: 番号{item.number}が {other.place} にもあり、項目名が違います。表の番号を直してください。"
            )
    for item in kept.values():
        _known_as(item, known, questions)
        if item.policy is None:
            item.policy = known.policy_of.get(item.number)
    without = [item for item in kept.values() if item.policy is None and item.without_policy]
    Framework(known, questions, reading).ask_of(without)
    reading.items = sorted(kept.values(), key=lambda item: natural_key(item.number))


def _one_of(first: ReadItem, second: ReadItem, questions: Questions) -> ReadItem:
    if first.sheet == second.sheet:
        question = "同じ番号の項目が、このシートに2回以上あります。"
    else:
        question = f"「{first.sheet}」シートの項目と同じ番号です。"
    choices = (
        ("join", "欄を合わせて、1つの項目にする"),
        ("first", "先の行だけを登録する"),
        ("last", "後の行だけを登録する"),
    )
    rows = [*first.rows, *second.rows]
    match questions.ask("番号", f"「{second.sheet}」シートの項目", question, second.place, choices):
        case "join":
            _join(first, second, questions)
        case "last":
            first = second
    return replace(first, rows=rows)


@dataclass(frozen=True)
class _TwoRows:
    """Two rows of one item."""

    first: ReadItem
    second: ReadItem
    questions: Questions

    def chosen(self, label: str, one: _Said, other: _Said, in_words: Callable[[_Said], str] = str) -> _Said:
        """What one of them says where the other says nothing; what they say differently is asked."""
        if one == other or not other or other == (None, ""):
            return one
        if not one or one == (None, ""):
            return other
        question = (
            f"項目{self.first.number}の{label}が、{self.first.place} では「{short(in_words(one))}」です。"
            "どちらを登録しますか。"
        )
        choices = (("first", f"「{short(in_words(one))}」"), ("second", f"「{short(in_words(other))}」"))
        answer = self.questions.ask(label, in_words(other), question, self.second.place, choices, is_guessed=False)
        return one if answer == "first" else other


def _join(first: ReadItem, second: ReadItem, questions: Questions) -> None:
    """Add to an item what another row says of it."""
    rows = _TwoRows(first, second, questions)
    chosen = rows.chosen
    first.name = first.name or second.name
    first.without_policy = first.without_policy and second.without_policy
    first.policy = chosen(LABELS[Role.POLICY], first.policy, second.policy)
    first.departments = chosen(LABELS[Role.DEPARTMENTS], first.departments, second.departments, "、".join)
    if as_seen(second.note) not in as_seen(first.note):
        first.note = "\n".join(filter(None, (first.note, second.note)))
    for key, text in second.texts.items():
        first.texts[key] = chosen(LABELS[Role(key)], first.texts.get(key, ""), text)
    for year, plan in second.year_plans.items():
        label = f"{era_fiscal_year(year)}の年度計画"
        first.year_plans[year] = chosen(label, first.year_plans.get(year, plan), plan, lambda one: one[0])
    for indicator in second.indicators:
        _add_indicator(first.indicators, indicator, rows)
    for effect in second.effects:
        if effect not in first.effects:
            first.effects.append(
                effect
            )  # another amount of the same year is refused by the plan workbook, with its row


def _add_indicator(here: list[ReadIndicator], new: ReadIndicator, rows: _TwoRows) -> None:
    same = next((one for one in here if as_seen(one.name) == as_seen(new.name)), None)
    if same is None:
        here.append(new)
        return
    name, chosen = f"指標「{new.name}」の", rows.chosen
    same.unit = chosen(f"{name}単位", same.unit, new.unit)
    same.better = chosen(f"{name}よい方向", same.better, new.better)
    if same.baseline is None:
        same.baseline, same.baseline_year = new.baseline, new.baseline_year
    elif new.baseline is not None:
        same.baseline = chosen(f"{name}基準値", same.baseline, new.baseline)
    same.baseline_note = same.baseline_note or new.baseline_note
    _add_values(same.targets, new.targets, f"{name}目標", rows)
    _add_values(same.actuals, new.actuals, f"{name}実績", rows)


def _add_values(here: dict[int, _Values], new: dict[int, _Values], label: str, rows: _TwoRows) -> None:
    for year, value in new.items():
        here[year] = rows.chosen(f"{label}（{era_fiscal_year(year)}）", here.get(year, value), value, shown)


def _known_as(item: ReadItem, known: KnownPlan, questions: Questions) -> None:
    registered = known.programs.get(item.number)
    if registered and item.name and as_seen(registered) != as_seen(item.name):
        question = f"項目{item.number}は「{registered}」として登録されています。"
        choices = (("keep", "登録されている名称のままにする"), ("new", f"「{item.name}」に改める"))
        if questions.ask("項目名", item.name, question, item.place, choices) == "keep":
            item.name = registered
