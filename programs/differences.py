"""What changed in one item from one edition to the next. Pure: contents in, differences out; no database.

How the answer to "was it revised?" is found, aspect by aspect (docs/decisions/0007-computed-revision.md says why):

- An item is compared when both editions have contents for it. One that only one edition has was added, dropped or not
  registered; it is never counted as revised.
- 推進担当課: the sets of departments differ. Another order alone is no revision, nor is a new name.
- 実施内容, 実施予定年度, 見込まれる効果: the texts differ, apart from space around them.
- 年度計画: the text of a fiscal year that both editions cover differs; one without a text counts as empty.
- 成果指標: an edition has an indicator when it sets a target for it. An indicator was newly set (the old edition has it
  not), dropped (the old one has targets for years that both cover, the new one has none), or its targets for years that
  both cover differ in value or words. Newly set ones are counted on their own as well (成果指標の新規設定).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from django.db.models import TextChoices

from core.differences import Segment, segments
from core.text import as_seen
from programs.content import Content, IndicatorKey, Owner, Target


class Aspect(TextChoices):
    """What of an item can be revised, in the order of the city's own table."""

    DEPARTMENTS = "departments", "推進担当課"
    CONTENTS = "contents", "実施内容"
    PLANNED_YEARS = "planned_years", "実施予定年度"
    EXPECTED_EFFECT = "expected_effect", "見込まれる効果"
    INDICATORS = "indicators", "成果指標"
    INDICATORS_NEW = "indicators_new", "成果指標の新規設定"
    YEAR_PLANS = "year_plans", "年度計画"


class Presence(StrEnum):
    """Which of the two editions has contents for the item."""

    BOTH = "both"
    ONLY_OLD = "only_old"
    ONLY_NEW = "only_new"
    NEITHER = "neither"


class TextChange(NamedTuple):
    old: str
    new: str

    @property
    def segments(self) -> list[Segment]:
        return segments(self.old, self.new)


class YearChange(NamedTuple):
    """年度計画 of one fiscal year; "" is no plan."""

    fiscal_year: int
    old: str
    new: str

    @property
    def segments(self) -> list[Segment]:
        return segments(self.old, self.new)


class TargetChange(NamedTuple):
    fiscal_year: int
    old: Target | None
    new: Target | None


class IndicatorKind(TextChoices):
    NEW = "new", "新規設定"
    DROPPED = "dropped", "取りやめ"
    CHANGED = "changed", "目標の変更"


class IndicatorChange(NamedTuple):
    indicator: IndicatorKey
    kind: IndicatorKind
    targets: tuple[TargetChange, ...]


@dataclass(frozen=True)
class Difference:
    """The result of a comparison. `texts` holds the changed ones of the three single texts."""

    presence: Presence
    owners_added: tuple[Owner, ...] = ()
    owners_removed: tuple[Owner, ...] = ()
    added_only: bool = False  # the city counts added departments alone
    texts: Mapping[Aspect, TextChange] = field(default_factory=dict)
    indicators: tuple[IndicatorChange, ...] = ()
    year_plans: tuple[YearChange, ...] = ()

    @cached_property
    def aspects(self) -> tuple[Aspect, ...]:
        """What was revised, in the order of Aspect."""
        changed = {
            Aspect.DEPARTMENTS: self.owners_added or (self.owners_removed and not self.added_only),
            **self.texts,
            Aspect.INDICATORS: self.indicators,
            Aspect.INDICATORS_NEW: [each for each in self.indicators if each.kind is IndicatorKind.NEW],
            Aspect.YEAR_PLANS: self.year_plans,
        }
        return tuple(aspect for aspect in Aspect if changed.get(aspect))

    @property
    def is_revised(self) -> bool:
        return bool(self.aspects)

    @property
    def has_changed(self) -> bool:
        """Whether a reader sees a difference, counted as revised or not."""
        return self.is_revised or bool(self.owners_removed)


TEXT_ASPECTS = (Aspect.CONTENTS, Aspect.PLANNED_YEARS, Aspect.EXPECTED_EFFECT)


def common_years(old: range, new: range) -> range:
    """The fiscal years that two periods share."""
    return range(max(old.start, new.start), min(old.stop, new.stop))


def compare(
    old: Content | None, new: Content | None, years: Collection[int], *, added_only: bool = False
) -> Difference:
    """Tell what changed in one item. `old` and `new` are its contents, None where an edition has no content for it;
    `years` are the fiscal years that both editions cover (`common_years`). With `added_only` a department that left is
    told, but does not make the item a revised one."""
    if old is None or new is None:
        if old is new:
            return Difference(Presence.NEITHER)
        return Difference(Presence.ONLY_NEW if old is None else Presence.ONLY_OLD)
    before, after = {owner.code for owner in old.owners}, {owner.code for owner in new.owners}
    # A department that was renamed or merged goes on under its new name: nothing was revised by that.
    keys = dict(zip((owner.code for owner in new.owners), new.departments, strict=False))
    heirs = {key for owner in old.owners for key in owner.successors} & {*keys.values()}
    return Difference(
        Presence.BOTH,
        owners_added=tuple(
            owner for owner in new.owners if owner.code not in before and keys.get(owner.code) not in heirs
        ),
        owners_removed=tuple(
            owner for owner in old.owners if owner.code not in after and heirs.isdisjoint(owner.successors)
        ),
        added_only=added_only,
        texts={
            aspect: TextChange(before_text, after_text)
            for aspect in TEXT_ASPECTS
            for before_text, after_text in [(_text(old, aspect), _text(new, aspect))]
            if _differ(before_text, after_text)
        },
        indicators=_indicators(old.targets, new.targets, years),
        year_plans=tuple(
            YearChange(year, before_text, after_text)
            for year in sorted(years)
            for before_text, after_text in [
                (old.year_plans.get(year, "").strip(), new.year_plans.get(year, "").strip())
            ]
            if _differ(before_text, after_text)
        ),
    )


_Targets = Mapping[IndicatorKey, Mapping[int, Target]]


def _indicators(old: _Targets, new: _Targets, years: Collection[int]) -> tuple[IndicatorChange, ...]:
    changes = []
    for indicator in sorted({*old, *new}):
        before, after = old.get(indicator, {}), new.get(indicator, {})
        if not before:
            kind, shown = IndicatorKind.NEW, sorted(after)
        elif not after:
            kind, shown = IndicatorKind.DROPPED, sorted(set(years) & set(before))
        else:
            kind = IndicatorKind.CHANGED
            shown = [year for year in sorted(years) if _as_seen(before.get(year)) != _as_seen(after.get(year))]
        targets = tuple(TargetChange(year, before.get(year), after.get(year)) for year in shown)
        if targets:
            changes.append(IndicatorChange(indicator, kind, targets))
    return tuple(changes)


def _text(content: Content, aspect: Aspect) -> str:
    return content.texts.get(aspect, "").strip()


def _as_seen(target: Target | None) -> Target | None:
    return target and Target(target.value, as_seen(target.text))


def _differ(old: str, new: str) -> bool:
    """Whether a reader can see a difference."""
    return old != new and as_seen(old) != as_seen(new)
