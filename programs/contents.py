"""Saving what one edition says about one item, as a whole.

A form, a sheet or a test fills in a `Content`; `save_content` writes what differs from what is stored. The flat form of a
content (field name → text) tells two versions apart, whoever wrote them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.deletion import ProtectedError

from accounts.models import Department, User
from core.acts import Conflict, require
from core.fields import field_label
from core.fiscal import fiscal_year_label
from core.history import create_with_history, is_last_writer, signed, update_with_history
from policies.models import Edition, Source
from programs.content import FACTS, TEXTS, Content, IndicatorContent, Target, fingerprint
from programs.editions import lock_edition
from programs.frozen import SettledIndicator, refuse_frozen, settled_indicators
from programs.models import (
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    ProgramEdition,
    Responsibility,
    YearPlan,
)
from programs.promises import load

_Row = TypeVar("_Row", bound=models.Model)
_Key = TypeVar("_Key", bound=Hashable)


class ContentConflict(Conflict):
    """Somebody saved the content after the person had opened it. Nothing was written."""

    current: ProgramEdition

    def __init__(self, current: ProgramEdition, by: User) -> None:
        super().__init__(current, "この計画内容", own=is_last_writer(current, by))


def content_of(stored: ProgramEdition) -> Content:
    """What is stored of a content, with all indicators of the item: those without a target in this edition have empty
    targets. Four queries."""
    read = load([stored.edition_id], [stored.program_id])[stored.edition_id] if stored.pk else {}
    content = read.get(stored.program_id, Content(texts=dict.fromkeys(TEXTS, "")))
    indicators = {
        f"i{one.pk}": IndicatorContent(pk=one.pk, **{name: getattr(one, name) for name in FACTS})
        for one in Indicator.objects.filter(program=stored.program_id).order_by("number")
    }
    return replace(content, indicators={key: content.indicators.get(key, one) for key, one in indicators.items()})


def save_content(content: ProgramEdition, wanted: Content, *, by: User, seen: str | None = None) -> ProgramEdition:
    """Store what an edition is to say about an item, as a whole: an indicator that is left out leaves the edition.

    An indicator that nothing else uses (another edition, an actual, a report) is deleted with its last target. `seen` is
    the fingerprint of what the person saw: if it is not the stored one any more, ContentConflict carries what is stored.
    """
    require(by, "programs.change_programedition", "計画内容を変える")
    with transaction.atomic():
        edition = lock_edition(content.edition_id)
        refuse_frozen(edition)
        current = (
            ProgramEdition.objects.select_for_update(of=("self",)).select_related("program__plan").get(pk=content.pk)
        )
        current.edition = edition
        stored = content_of(current)
        if seen is not None and fingerprint(stored.flat()) != seen:
            raise ContentConflict(current, by)
        write_content(current, stored, wanted, by=by, reason="保存")
        return current


def amend_content(content: ProgramEdition, change: Callable[[Content], Content], *, by: User) -> ProgramEdition:
    """Change a part of what is stored, as a list does that holds single rows. Raises what `save_content` raises."""
    stored = content_of(content)
    return save_content(content, change(stored), by=by, seen=fingerprint(stored.flat()))


def write_content(current: ProgramEdition, stored: Content, wanted: Content, *, by: User, reason: str) -> list[str]:
    """Write the difference between what is stored of a content and what is wanted; answer with the names of what changed.

    For acts that have locked the edition and checked the person.
    """
    wanted = _whole(wanted)
    _check(current, stored, wanted)
    changed = _ContentWriter(current, by).write(stored, wanted)
    if changed:
        for name in TEXTS:
            setattr(current, name, wanted.texts.get(name, ""))
        current.source_id = wanted.source
        signed(current, by, f"{reason}（{'、'.join(changed)}）"[:100]).save()
    return changed


def _whole(wanted: Content) -> Content:
    """Without years and targets that say nothing."""
    return replace(
        wanted,
        year_plans={year: text for year, text in wanted.year_plans.items() if text},
        indicators={
            key: replace(indicator, targets={year: target for year, target in indicator.targets.items() if target})
            for key, indicator in wanted.indicators.items()
        },
    )


def _problems(instance: models.Model, *fields: str) -> dict[str, list[str]]:
    """What is wrong with single fields of an instance, by field name. No query."""
    try:
        instance.clean_fields(exclude=[f.name for f in instance._meta.fields if f.name not in fields])
    except ValidationError as error:
        return error.message_dict
    return {}


def _check(current: ProgramEdition, stored: Content, wanted: Content) -> None:
    """Raises ValidationError by the field names of `Content.flat`."""
    errors = _problems(ProgramEdition(**{name: wanted.texts.get(name, "") for name in TEXTS}), *TEXTS)
    city = current.program.plan.city
    in_city = set(Department.objects.filter(pk__in=wanted.departments, city=city).values_list("pk", flat=True))
    for place, pk in enumerate(wanted.departments, 1):
        if pk not in in_city:
            errors[f"department_{place}"] = [f"{city}の部署から選んでください。"]
        elif pk in wanted.departments[: place - 1]:
            errors[f"department_{place}"] = ["同じ部署が2回選ばれています。どちらかを空欄にしてください。"]
    if wanted.source is not None and not Source.objects.filter(pk=wanted.source, plan=current.program.plan_id).exists():
        errors["source"] = ["同じ計画の出典から選んでください。"]
    years = current.edition.fiscal_years
    for year, text in wanted.year_plans.items():
        if year not in years and stored.year_plans.get(year) != text:
            errors[f"year_{year}"] = [_outside(current.edition, year)]
        for messages in _problems(YearPlan(text=text), "text").values():
            errors[f"year_{year}"] = messages
    for year in wanted.no_plan - wanted.year_plans.keys():
        errors[f"year_{year}"] = ["計画がないと示している資料の表記（－、なし など）を入力してください。"]
    for key, indicator in wanted.indicators.items():
        before = stored.indicators.get(key)
        if indicator.pk is not None and before is None:
            errors[f"{key}-name"] = ["この指標は別の人が外しました。新しい指標として入力し直してください。"]
            continue
        for name, messages in _problems(Indicator(**indicator.facts), *indicator.facts).items():
            errors[f"{key}-{name}"] = messages
        for year, target in indicator.targets.items():
            if year not in years and (before is None or before.targets.get(year) != target):
                errors[f"{key}-value_{year}"] = [_outside(current.edition, year)]
            row = IndicatorTarget(value=target.value, text=target.text)
            for name, messages in _problems(row, "value", "text").items():
                errors[f"{key}-{name}_{year}"] = messages
    if errors:
        raise ValidationError(errors)


def _outside(edition: Edition, year: int) -> str:
    return f"{fiscal_year_label(year)}は「{edition}」の期間（{edition.period_label}）にありません。"


class _ContentWriter:
    """Writes the difference between two contents; each part answers whether it changed."""

    def __init__(self, content: ProgramEdition, by: User) -> None:
        self.content = content
        self.by = by

    def write(self, stored: Content, wanted: Content) -> list[str]:
        """The Japanese names of what changed. The texts are left to the caller, who saves the content itself."""
        changed = [
            field_label(ProgramEdition, name) for name in TEXTS if stored.texts[name] != wanted.texts.get(name, "")
        ]
        parts = {
            "出典": stored.source != wanted.source,
            "推進担当課": self._departments(stored.departments, wanted.departments),
            "年度計画": self._year_plans(stored, wanted),
            "成果指標": self._indicators(stored.indicators, wanted.indicators),
        }
        return changed + [name for name, is_changed in parts.items() if is_changed]

    def _sync(
        self,
        model: type[_Row],
        stored: Mapping[_Key, _Row],
        wanted: Mapping[_Key, Mapping[str, object]],
        new: Callable[[_Key], _Row],
    ) -> bool:
        """Bring rows by key to the wanted values: new ones and changed ones in bulk, each with its history.

        `new` makes the row of a key, without values.
        """
        gone = [row for key, row in stored.items() if key not in wanted]
        created: list[_Row] = []
        changed: list[_Row] = []
        for key, values in wanted.items():
            row = stored.get(key) or new(key)
            if key in stored and all(getattr(row, name) == value for name, value in values.items()):
                continue
            for name, value in values.items():
                setattr(row, name, value)
            (changed if key in stored else created).append(row)
        for row in gone:
            signed(row, self.by, "保存").delete()
        update_with_history(model, changed, by=self.by, reason="保存")
        create_with_history(model, created, by=self.by, reason="保存")
        return bool(gone or created or changed)

    def _departments(self, stored: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
        if stored == wanted:
            return False
        # Written anew: two rows that swap places would meet the constraint on the order in between.
        for old in Responsibility.objects.filter(program_edition=self.content):
            signed(old, self.by, "保存").delete()
        rows = [
            Responsibility(program_edition=self.content, department_id=pk, order=place)
            for place, pk in enumerate(wanted, 1)
        ]
        create_with_history(Responsibility, rows, by=self.by, reason="保存")
        return True

    def _year_plans(self, stored: Content, wanted: Content) -> bool:
        if (stored.year_plans, stored.no_plan) == (wanted.year_plans, wanted.no_plan):
            return False
        rows = {row.fiscal_year: row for row in YearPlan.objects.filter(program_edition=self.content)}
        return self._sync(
            YearPlan,
            rows,
            {year: {"text": text, "is_none": year in wanted.no_plan} for year, text in wanted.year_plans.items()},
            lambda year: YearPlan(program_edition=self.content, fiscal_year=year),
        )

    def _indicators(self, stored: Mapping[str, IndicatorContent], wanted: Mapping[str, IndicatorContent]) -> bool:
        if stored == wanted:
            return False
        rows = {row.pk: row for row in Indicator.objects.filter(program=self.content.program_id)}
        pks: dict[str, int] = {}
        renamed = []
        for key, indicator in wanted.items():
            if indicator.pk is None:
                continue
            pks[key] = indicator.pk
            if indicator.facts != stored[key].facts:
                renamed.append(indicator)
        if clash := settled_indicators([rows[indicator.pk] for indicator in renamed if indicator.pk]):
            raise SettledIndicator(rows[min(clash)])
        for indicator in renamed:
            for name, value in indicator.facts.items():
                setattr(rows[indicator.pk], name, value)  # type: ignore[index]
        update_with_history(Indicator, [rows[one.pk] for one in renamed if one.pk], by=self.by, reason="保存")
        last = max((row.number for row in rows.values()), default=0)
        new = {key: indicator for key, indicator in wanted.items() if indicator.pk is None}
        created = [
            Indicator(program_id=self.content.program_id, number=number, **indicator.facts)
            for number, indicator in enumerate(new.values(), last + 1)
        ]
        create_with_history(Indicator, created, by=self.by, reason="保存")
        pks |= {key: row.pk for key, row in zip(new, created, strict=True)}
        changed = self._targets({pks[key]: wanted[key].targets for key in wanted})
        removed = [rows[old.pk] for key, old in stored.items() if key not in wanted if old.pk]
        return self._drop_unused(removed) or changed or bool(renamed or created)

    def _targets(self, wanted: Mapping[int, Mapping[int, Target]]) -> bool:
        edition = self.content.edition
        targets = IndicatorTarget.objects.filter(edition=edition, indicator__program=self.content.program_id)
        return self._sync(
            IndicatorTarget,
            {(row.indicator_id, row.fiscal_year): row for row in targets},
            {
                (pk, year): {"value": target.value, "text": target.text}
                for pk, of_years in wanted.items()
                for year, target in of_years.items()
            },
            lambda key: IndicatorTarget(indicator_id=key[0], edition=edition, fiscal_year=key[1]),
        )

    def _drop_unused(self, removed: list[Indicator]) -> bool:
        used = {
            pk
            for model in (IndicatorTarget, IndicatorActual)
            for pk in model._default_manager.filter(indicator__in=removed).values_list("indicator", flat=True)
        }
        dropped = False
        for indicator in removed:
            if indicator.pk in used:
                continue
            try:
                with transaction.atomic():
                    signed(indicator, self.by, "保存").delete()
                    dropped = True
            except ProtectedError:  # a report speaks of it
                continue
        return dropped
