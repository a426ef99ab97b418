"""Bring tables into a plan: read, compare in memory, write set by set, all in one transaction.

The work is a fixed number of queries a sheet (and one more per thousand rows), with a history row for every row written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, router, transaction
from django.db.models import Model, Q
from django.db.models.deletion import Collector, ProtectedError

from accounts.models import User
from core.history import BATCH, create_with_history, record, update_with_history, written
from core.text import clean_code
from figures.version import moved_once
from policies.models import MAIN_AXIS, Plan, PublicByAct
from policies.publicity import show_with
from programs.models import Program
from reviews.locking import lock_rounds
from workbooks.plan import amounts, triangles
from workbooks.plan.changes import DELETE, PlanComparison, Problem, RawTable, SheetChanges, show_key
from workbooks.plan.compare import compare
from workbooks.plan.sheets import BY_NAME, SHEETS
from workbooks.plan.specification import Key, ListColumn, PlanSheet, Values, nothing_derived
from workbooks.plan.stored_plan import StoredPlan, load, read_rows, with_needs

REASON = "計画ブックの取り込み"
CHANGED_MEANWHILE = "確認の画面を開いたあとに、計画が変更されました。何も取り込んでいません。もう一度確認してください。"
_Row = TypeVar("_Row")
_Model = TypeVar("_Model", bound=Model)


class ImportRefused(Exception):
    """The tables hold problems; nothing was written."""

    def __init__(self, comparison: PlanComparison) -> None:
        super().__init__(f"{len(comparison.problems)}件の誤りがあります。何も取り込んでいません。")
        self.comparison = comparison


class PreviewOutdated(Exception):
    """The data changed between preview and confirmation; nothing was written."""


def import_tables(
    raw: Iterable[RawTable],
    *,
    by: User | None,
    dry_run: bool = False,
    only_missing: bool = False,
    expected: str | None = None,
    reason: str = REASON,
    found: Sequence[Problem] = (),
    triangle: str = "",
    shows: bool = False,
) -> PlanComparison:
    """Compare the tables with the plan that their sheet `plan` names, and write the difference.

    `by` is the person, or None for a management command. With `dry_run` nothing is written and problems are returned;
    without it they raise ImportRefused. With `only_missing` rows that do not exist are created and nothing stored is touched;
    the differences are in the result. `expected` is the fingerprint of the preview that was confirmed; PreviewOutdated is
    raised when the changes are no longer the same. `found` are problems that reading the file has found already, and
    `triangle` is what the person said that △ means in a column of savings (a Triangle).

    Whether a new row is public stands in its column `public_at`. Where a sheet has none, the rows of a plan that is new
    come as public as the plan itself, those of another are not shown, unless the caller says so (`shows`).
    """
    if by is not None and not by.has_perm("policies.import_plan"):
        raise PermissionDenied("計画ブックを取り込む権限がありません。")
    raw = list(raw)
    with transaction.atomic():
        plan = _locked_plan(raw)
        if plan is not None and not dry_run:
            lock_rounds(plan=plan)
        stored = load(plan, _sheets_to_load(raw), city=_cell_of_plan(raw, "city").strip())
        raw = _with_first_axis(raw, stored)
        raw, unclear = triangles.read(raw, stored.rows[triangles.FIGURES], triangle)
        comparison = compare(amounts.in_thousands(raw), stored, only_missing=only_missing, found=[*found, *unclear])
        if plan is not None and not only_missing:
            comparison.problems.extend(_outside(plan, comparison))
        if not comparison.sheets.get("plan") and not comparison.problems:
            comparison.problems.append(
                Problem("plan", 0, "", "", "このシートがありません。どの計画かを示すために必要です。")
            )
        if dry_run:
            return comparison
        if comparison.problems:
            raise ImportRefused(comparison)
        if expected is not None and comparison.fingerprint != expected:
            raise PreviewOutdated(CHANGED_MEANWHILE)
        if not comparison.is_empty:
            try:
                at_once = (
                    {table.sheet for table in raw if not shows_by_column(table)} if shows or plan is None else set()
                )
                with moved_once():
                    _PlanWriter(plan, stored, comparison, by, reason, at_once).write(only_missing=only_missing)
            except _InUse as error:
                comparison.problems.append(error.problem)
                raise ImportRefused(comparison) from None
        return comparison


def _outside(plan: Plan, comparison: PlanComparison) -> Iterator[Problem]:
    """Years that something stands in, and that the file takes out of the period of the plan."""
    for change in comparison.sheets["plan"].changed if "plan" in comparison.sheets else ():
        values = comparison.final["plan"][change.key]
        first, last = (int(str(values[name])) for name in ("first_fiscal_year", "last_fiscal_year"))
        try:
            plan.check_period(first, last)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                yield Problem("plan", change.row, name, str(values[name]), "".join(messages))


def _sheets_to_load(raw: list[RawTable]) -> set[str] | None:
    """Only what the file touches and refers to; everything when it deletes, because anything may use a deleted row."""
    if any(cells.get(DELETE) not in (None, "") for table in raw for _number, cells in table.rows):
        return None
    return with_needs({"plan", "axes", *(table.sheet for table in raw if table.sheet in BY_NAME)})


def _with_first_axis(raw: list[RawTable], stored: StoredPlan) -> list[RawTable]:
    """Every plan has its first axis, also one that comes from a file without a sheet of them."""
    if (MAIN_AXIS,) in stored.rows["axes"] or not any(table.sheet == "plan" for table in raw):
        return raw
    if any(table.sheet == "axes" for table in raw):
        return raw
    return [*raw, RawTable("axes", ("key",), ((1, {"key": MAIN_AXIS}),))]


def shows_by_column(table: RawTable) -> bool:
    """Whether a table says of its rows whether they are public."""
    return "public_at" in table.columns


class _InUse(Exception):
    """The database refuses to delete a row that something outside the workbook uses."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _locked_plan(raw: list[RawTable]) -> Plan | None:
    slug = clean_code(_cell_of_plan(raw, "slug"))
    return Plan.objects.select_for_update().filter(slug=slug).first()


def _cell_of_plan(raw: list[RawTable], column: str) -> str:
    rows = next((table.rows for table in raw if table.sheet == "plan"), ())
    return str(rows[0][1].get(column) or "") if rows else ""


class _PlanWriter:
    """Writes one comparison; knows the primary keys of what it has written so far."""

    def __init__(
        self,
        plan: Plan | None,
        stored: StoredPlan,
        comparison: PlanComparison,
        by: User | None,
        reason: str,
        at_once: Collection[str],
    ) -> None:
        self.plan = plan
        self.at_once = at_once  # sheets whose new rows are shown
        self.stored = stored.rows
        self.pks = stored.pks
        self.comparison = comparison
        self.by = by
        self.reason = reason
        # References to rows that did not exist yet: (sheet, field) → [(pk of the row, target sheet, target key)].
        self.waiting: dict[tuple[str, str], list[tuple[int, str, Key]]] = {}

    @cached_property
    def person(self) -> User:
        """Who stands where a record needs a person: people are not in a workbook."""
        return self.by or User.the_import()

    def write(self, *, only_missing: bool) -> None:
        sheets = self.comparison.sheets
        for sheet in SHEETS:
            if changes := sheets.get(sheet.name):
                self._create(sheet, changes)
                if not only_missing:
                    self._update(sheet, changes)
        self._resolve_waiting()
        if self.plan is not None:
            promised = Q(editions__edition__frozen_at__isnull=False) | Q(published_reports__isnull=False)
            programs = Program.objects.filter(plan=self.plan, withdrawn="")
            show_with(
                programs.filter(pk__in=Program.objects.filter(promised).values("pk")), by=self.by, reason=self.reason
            )
        if not only_missing:
            for sheet in reversed(SHEETS):
                if (changes := sheets.get(sheet.name)) and changes.deleted:
                    self._delete(sheet, changes)

    def _create(self, sheet: PlanSheet, changes: SheetChanges) -> None:
        layers = reversed(list(_layers(sheet, changes.created)))
        for keys in (keys for layer in layers for keys in _batches(layer)):
            rows = [(key, changes.created[key]) for key in keys]
            made = [self._fill(sheet, self._new(sheet), values) for _key, values in rows]
            if sheet.name in self.at_once:
                for row in made:
                    if isinstance(row, PublicByAct):
                        row.show()
            self._insert(sheet.model, made)
            self.pks[sheet.name].update((key, instance.pk) for (key, _values), instance in zip(rows, made, strict=True))
            if isinstance(made[0], Plan):
                self.plan = made[0]
            self._wait(sheet, rows)
            for one in sheet.lists:
                self._write_list(one, {self.pks[sheet.name][key]: one.codes(values) for key, values in rows})

    def _insert(self, model: type[_Model], rows: list[_Model]) -> None:
        if hasattr(model, "history"):
            create_with_history(model, rows, by=self.by, reason=self.reason)
        else:
            model._default_manager.bulk_create(rows, batch_size=BATCH)
            written.send(model, pks=[row.pk for row in rows])

    def _new(self, sheet: PlanSheet) -> Model:
        if sheet.scope == "plan":
            return sheet.model(plan=self.plan)
        if not sheet.scope and self.plan is not None:  # which the first sheet has made
            return sheet.model(city=self.plan.city)
        return sheet.model()

    def _fill(self, sheet: PlanSheet, instance: Model, values: Values) -> Model:
        """Set all fields of a row; a reference to a row that is still to come stays empty for now."""
        for name in sheet.plain:
            setattr(instance, name, sheet.by_name[name].to_field(values[name]))
        for reference in sheet.references:
            target = reference.target(values)
            setattr(instance, f"{reference.field}_id", self.pks[reference.sheet].get(target) if target else None)
        for one in sheet.people:
            if one.when and values[one.when] is None:
                setattr(instance, f"{one.field}_id", None)
            elif getattr(instance, f"{one.field}_id") is None:
                setattr(instance, one.field, self.person)
        for name, value in sheet.derived(values, self.comparison.final).items():
            setattr(instance, name, value)
        if sheet.derived is nothing_derived and hasattr(instance, "derive"):
            instance.derive()
        return instance

    def _wait(self, sheet: PlanSheet, rows: Iterable[tuple[Key, Values]]) -> None:
        """Note references of rows just written whose target comes later."""
        later = {other.name for other in SHEETS[SHEETS.index(sheet) + 1 :]}
        for reference in sheet.references:
            if reference.sheet not in later:
                continue
            for key, values in rows:
                if target := reference.target(values):
                    note = (self.pks[sheet.name][key], reference.sheet, target)
                    self.waiting.setdefault((sheet.name, reference.field), []).append(note)

    def _update(self, sheet: PlanSheet, changes: SheetChanges) -> None:
        pks, final = self.pks[sheet.name], self.comparison.final[sheet.name]
        for batch in _batches(changes.changed):
            self._lock(sheet, [change.key for change in batch])
            rows = [(change.key, final[change.key]) for change in batch]
            instances = sheet.model._default_manager.in_bulk([pks[key] for key, _values in rows])
            self._save(sheet.model, [self._fill(sheet, instances[pks[key]], values) for key, values in rows])
            self._wait(sheet, rows)
            for one in sheet.lists:
                codes = {pks[change.key]: one.codes(final[change.key]) for change in batch if one.name in change.fields}
                if codes:
                    old = one.through._default_manager.filter(**{f"{one.owner}__in": codes})
                    self._delete_all(one.through, list(old))
                    self._write_list(one, codes)

    def _lock(self, sheet: PlanSheet, keys: list[Key]) -> None:
        """Lock stored rows that are written as a whole or deleted. Raises PreviewOutdated if one has changed since the plan was
        read: an act (公開する) may have come in between, which locks only its record. SQLite has one writer at a time."""
        if not connection.features.has_select_for_update:
            return
        key_of = {self.pks[sheet.name][key]: key for key in keys}
        rows = sheet.model._default_manager.filter(pk__in=key_of)
        list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        for pk, values in read_rows(sheet, rows.order_by("pk")):
            stored = self.stored[sheet.name][key_of[pk]]
            if any(values[name] != stored[name] for name in sheet.plain):
                raise PreviewOutdated(CHANGED_MEANWHILE)

    def _resolve_waiting(self) -> None:
        for (name, field), notes in self.waiting.items():
            model = BY_NAME[name].model
            for batch in _batches(notes):
                locked = model._default_manager.select_for_update(of=("self",))
                instances = locked.in_bulk([pk for pk, _sheet, _key in batch])
                changed = []
                for pk, sheet, key in batch:
                    target = self.pks[sheet][key]
                    if getattr(instances[pk], f"{field}_id") != target:
                        setattr(instances[pk], f"{field}_id", target)
                        changed.append(instances[pk])
                self._save(model, changed)

    def _save(self, model: type[_Model], rows: list[_Model]) -> None:
        if hasattr(model, "history"):
            update_with_history(model, rows, by=self.by, reason=self.reason)
        elif rows:
            model._default_manager.bulk_update(rows, [f.name for f in model._meta.concrete_fields if not f.primary_key])

    def _write_list(self, one: ListColumn, codes: Mapping[int, Iterable[str]]) -> None:
        """Write many-to-many rows: owner's primary key → codes in order."""
        rows = []
        for owner, wanted in codes.items():
            for position, code in enumerate(wanted, start=1):
                row: dict[str, int] = {f"{one.owner}_id": owner, f"{one.target}_id": self.pks[one.sheet][one.key(code)]}
                if one.order:
                    row[one.order] = position
                rows.append(one.through(**row))
        self._insert(one.through, rows)
        written.send(one.through._meta.get_field(one.owner).related_model, pks=list(codes))

    def _delete(self, sheet: PlanSheet, changes: SheetChanges) -> None:
        stored = {key: self.stored[sheet.name][key] for key in changes.deleted}
        for keys in (keys for layer in _layers(sheet, stored) for keys in _batches(layer)):
            self._lock(sheet, keys)
            pks = {key: self.pks[sheet.name][key] for key in keys}
            instances = sheet.model._default_manager.in_bulk(list(pks.values()))
            for one in sheet.lists:
                self._delete_all(
                    one.through, list(one.through._default_manager.filter(**{f"{one.owner}__in": instances}))
                )
            try:
                self._delete_all(sheet.model, list(instances.values()))
            except ProtectedError as error:
                users = "、".join(sorted({str(used._meta.verbose_name) for used in error.protected_objects}))
                message = f"計画ブックの外（{users}）で使われているため削除できません。この欄を空にしてください。"
                shown = show_key(keys[0]) if len(keys) == 1 else ""
                raise _InUse(Problem(sheet.name, 0, DELETE, shown, message)) from None

    def _delete_all(self, model: type[_Model], rows: list[_Model]) -> None:
        """Delete rows that nothing in the plan refers to, with their history. Raises ProtectedError.

        The signals of a usual deletion would write the history again, row by row.
        """
        written.send(model, pks=[row.pk for row in rows])
        using = router.db_for_write(model)
        collector = Collector(using=using)
        collector.collect(rows)
        for dependent in collector.fast_deletes:
            dependent._raw_delete(using)
        pks = [row.pk for row in rows]
        if hasattr(model, "history"):
            record(model, pks, "-", by=self.by, reason=self.reason)
        model._default_manager.filter(pk__in=pks)._raw_delete(using)


def _layers(sheet: PlanSheet, rows: dict[Key, Values]) -> Iterator[list[Key]]:
    """The keys in the order in which rows can go: those that others of the sheet refer to come after these."""
    inside = [reference for reference in sheet.references if reference.sheet == sheet.name]
    remaining = list(rows)
    while remaining:
        used = {reference.target(rows[key]) for key in remaining for reference in inside}
        layer = [key for key in remaining if key not in used] or remaining
        yield layer
        gone = set(layer)
        remaining = [key for key in remaining if key not in gone]


def _batches(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    batch: list[_Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
