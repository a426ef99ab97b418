"""Bring tables into a plan: read, compare in memory, write set by set, all in one transaction.

The work is a fixed number of queries a sheet (and one more per thousand rows), with a history row for every row written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from simple_history.utils import bulk_create_with_history

from accounts.models import User
from kodaira_reform.text import clean_code
from policies.models import Plan
from reviews.planbook.compare import Comparison, Problem, RawTable, SheetChanges, compare
from reviews.planbook.sheets import SHEETS, ListColumn, Sheet
from reviews.planbook.tables import Key, Tables, Values, load

BATCH = 1000
REASON = "計画ブックの取り込み"


class Refused(Exception):
    """The tables hold problems; nothing was written."""

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(f"{len(comparison.problems)}件の誤りがあります。何も取り込んでいません。")
        self.comparison = comparison


class Outdated(Exception):
    """The data changed between preview and confirmation; nothing was written."""


def import_tables(
    raw: Iterable[RawTable],
    *,
    by: User | None,
    dry_run: bool = False,
    only_missing: bool = False,
    expected: str | None = None,
    reason: str = REASON,
) -> Comparison:
    """Compare the tables with the plan that their sheet `plan` names, and write the difference.

    `by` is the person, or None for a management command. With `dry_run` nothing is written and problems are returned;
    without it they raise Refused. With `only_missing` rows that do not exist are created and nothing stored is touched;
    the differences are in the result. `expected` is the fingerprint of the preview that was confirmed; Outdated is
    raised when the changes are no longer the same.
    """
    if by is not None and not by.has_perm("policies.import_plan"):
        raise PermissionDenied("計画ブックを取り込む権限がありません。")
    raw = list(raw)
    with transaction.atomic():
        plan = _locked_plan(raw)
        stored = load(plan)
        comparison = compare(raw, stored)
        if not comparison.sheets.get("plan") and not comparison.problems:
            comparison.problems.append(
                Problem("plan", 0, "", "", "このシートがありません。どの計画かを示すために必要です。")
            )
        if dry_run:
            return comparison
        if comparison.problems:
            raise Refused(comparison)
        if expected is not None and comparison.fingerprint != expected:
            raise Outdated(
                "確認の画面を開いたあとに、計画が変更されました。何も取り込んでいません。もう一度確認してください。"
            )
        if not comparison.is_empty:
            _Writer(plan, stored, by, reason).write(comparison, only_missing=only_missing)
        return comparison


def _locked_plan(raw: list[RawTable]) -> Plan | None:
    for table in raw:
        if table.sheet == "plan" and table.rows:
            slug = clean_code(str(table.rows[0][1].get("slug") or ""))
            return Plan.objects.select_for_update().filter(slug=slug).first()
    return None


class _Writer:
    """Writes one comparison; knows the primary keys of what it has written so far."""

    def __init__(self, plan: Plan | None, stored: Tables, by: User | None, reason: str) -> None:
        self.plan = plan
        self.pks = stored.pks
        self.by = by
        self.reason = reason
        # References to rows that did not exist yet: (sheet, field) → [(pk of the row, target sheet, target key)].
        self.waiting: dict[tuple[str, str], list[tuple[int, str, Key]]] = {}

    def write(self, comparison: Comparison, *, only_missing: bool) -> None:
        for sheet in SHEETS:
            if changes := comparison.sheets.get(sheet.name):
                self._create(sheet, changes)
                if not only_missing:
                    self._update(sheet, changes)
        self._resolve_waiting()
        if not only_missing:
            for sheet in reversed(SHEETS):
                if changes := comparison.sheets.get(sheet.name):
                    self._delete(sheet, changes)

    def _create(self, sheet: Sheet, changes: SheetChanges) -> None:
        if not changes.created:
            return
        rows = changes.created
        made = [self._fill(sheet, self._new(sheet), key, values) for key, values in rows.items()]
        objects = bulk_create_with_history(
            made, sheet.model, batch_size=BATCH, default_user=self.by, default_change_reason=self.reason
        )
        self.pks[sheet.name] |= dict(zip(rows, (instance.pk for instance in objects), strict=True))
        if sheet.name == "plan":
            self.plan = objects[0]
        self._wait(sheet, rows)
        for one in sheet.lists:
            self._write_list(one, {self.pks[sheet.name][key]: values[one.name] for key, values in rows.items()}, set())

    def _new(self, sheet: Sheet) -> Any:
        if sheet.scope == "plan":
            return sheet.model(plan=self.plan)
        if not sheet.scope:
            return sheet.model(city=self.plan.city)  # type: ignore[union-attr]
        return sheet.model()

    def _fill(self, sheet: Sheet, instance: Any, key: Key, values: Values) -> Any:
        """Set the fields that `values` has; a reference to a row that is still to come stays empty for now."""
        for name in sheet.plain:
            if name in values:
                setattr(instance, name, values[name])
        for reference in sheet.references:
            if set(reference.names) <= set(values):
                target = tuple(values[name] for name in reference.names)
                setattr(instance, f"{reference.field}_id", self.pks[reference.sheet].get(target))
        if hasattr(instance, "derive"):
            instance.derive()
        return instance

    def _wait(self, sheet: Sheet, rows: dict[Key, Values]) -> None:
        """Note references of rows just written whose target comes later."""
        later = {other.name for other in SHEETS[SHEETS.index(sheet) :]}
        for reference in sheet.references:
            if reference.sheet not in later:
                continue
            for key, values in rows.items():
                target = tuple(values.get(name) for name in reference.names)
                if any(part is not None for part in target):
                    note = (self.pks[sheet.name][key], reference.sheet, target)
                    self.waiting.setdefault((sheet.name, reference.field), []).append(note)

    def _update(self, sheet: Sheet, changes: SheetChanges) -> None:
        if not changes.changed:
            return
        pks = self.pks[sheet.name]
        new = {change.key: {name: value for name, (_old, value) in change.fields.items()} for change in changes.changed}
        instances = _in_bulk(sheet.model, [pks[key] for key in new])
        for key, values in new.items():
            # A composite reference is written as a whole, so its unchanged columns are needed too.
            whole = dict(values)
            for reference in sheet.references:
                if set(reference.names) & set(values):
                    whole = dict(zip(sheet.key, key, strict=True)) | whole
            self._fill(sheet, instances[pks[key]], key, whole)
        self._save(sheet.model, list(instances.values()))
        self._wait(sheet, new)
        for one in sheet.lists:
            codes = {pks[key]: values[one.name] for key, values in new.items() if one.name in values}
            if codes:
                self._write_list(one, codes, set(codes))

    def _resolve_waiting(self) -> None:
        for (name, field), notes in self.waiting.items():
            model = next(sheet.model for sheet in SHEETS if sheet.name == name)
            instances = _in_bulk(model, [pk for pk, _sheet, _key in notes])
            changed = []
            for pk, sheet, key in notes:
                target = self.pks[sheet][key]
                if getattr(instances[pk], f"{field}_id") != target:
                    setattr(instances[pk], f"{field}_id", target)
                    changed.append(instances[pk])
            self._save(model, changed)

    def _save(self, model: Any, instances: list[Any]) -> None:
        """Update rows with their history. An upsert by primary key is many times faster than CASE … WHEN per row."""
        fields = [f.name for f in model._meta.concrete_fields if not f.primary_key]
        for start in range(0, len(instances), BATCH):
            batch = instances[start : start + BATCH]
            model._default_manager.bulk_create(
                batch, update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=fields
            )
            model.history.bulk_history_create(
                batch, update=True, default_user=self.by, default_change_reason=self.reason
            )

    def _write_list(self, one: ListColumn, codes: dict[int, Any], replaced: set[int]) -> None:
        """Write many-to-many rows: owner's primary key → codes in order. Old rows of `replaced` owners go first."""
        if replaced:
            for old in one.through._default_manager.filter(**{f"{one.owner}__in": replaced}):
                old.delete()
        rows = []
        for owner, wanted in codes.items():
            for position, code in enumerate(wanted, start=1):
                row: dict[str, int] = {f"{one.owner}_id": owner, f"{one.target}_id": self.pks[one.sheet][(code,)]}
                if one.order:
                    row[one.order] = position
                rows.append(one.through(**row))
        if hasattr(one.through, "history"):
            bulk_create_with_history(
                rows, one.through, batch_size=BATCH, default_user=self.by, default_change_reason=self.reason
            )
        else:
            one.through._default_manager.bulk_create(rows, batch_size=BATCH)

    def _delete(self, sheet: Sheet, changes: SheetChanges) -> None:
        instances = _in_bulk(sheet.model, [self.pks[sheet.name][key] for key in changes.deleted])
        for instance in instances.values():
            instance._history_user = self.by
            instance._change_reason = self.reason
            instance.delete()


def _in_bulk(model: type[models.Model], pks: list[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for start in range(0, len(pks), BATCH):
        found |= model._default_manager.in_bulk(pks[start : start + BATCH])
    return found
