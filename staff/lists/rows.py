"""How the rows of a list become records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Diff, ModelResource, modelresource_factory

from core.cells import Refs, cell_for, plain, record_key
from core.differences import merged
from core.grammar import Codes
from core.history import signed
from core.merge import Choice, Side
from core.spreadsheets.limits import MAX_ROWS, UnreadableFile
from staff.lists import stamps
from staff.lists.stamps import Stamp

_Result = TypeVar("_Result")


class NotImported(Exception):
    """Nothing was written; the message says why. What there is to see now can be confirmed after another look."""


class _ByKey(BaseInstanceLoader):
    """Finds records by their natural key, all with one query."""

    def __init__(self, resource: ListResource, dataset: tablib.Dataset | None = None) -> None:
        super().__init__(resource, dataset)
        self.fields = resource.key_fields()

    @cached_property
    def known(self) -> Codes[tuple[Any, ...], models.Model]:
        return Codes(
            (tuple(map(self._value, self.fields, [record] * len(self.fields))), record)
            for record in self.get_queryset()
        )

    def get_queryset(self) -> models.QuerySet[Any]:
        """Where rows are written, all of the list are locked: a row is written as a whole, also what the list does not
        show, so no form or act (公開する) may change it in between."""
        rows = self.resource.get_queryset()
        return rows.select_for_update(of=("self",)) if self.resource.writes and self.resource.whole_rows else rows

    @staticmethod
    def _value(field: Field, record: models.Model) -> Any:
        value = field.get_value(record)
        return value if isinstance(value, models.Model) else field.widget.clean(value)

    def get_instance(self, row: dict[str, Any]) -> models.Model | None:
        return self.known.meant(tuple(field.clean(row) for field in self.fields))


class _Marked(Diff):
    def as_html(self) -> list[str]:
        return [
            merged("" if self.new else plain(old), plain(new)) for old, new in zip(self.left, self.right, strict=True)
        ]


class Several(Field):
    """Records of another list in one cell. They wait on the instance until that has been saved.

    `read` gives those of a saved instance, `write` stores them (without it the column is only written to files).
    Without `ordered` only the set counts.
    """

    def __init__(
        self,
        attribute: str,
        column_name: str,
        model: type[models.Model],
        *,
        read: Callable[[Any], Iterable[Any]],
        write: Callable[[Any, list[Any]], Any] | None = None,
        ordered: bool = False,
    ) -> None:
        super().__init__(attribute, column_name, Refs(model))
        self.read, self.write, self.ordered = read, write, ordered

    def _in_order(self, records: Iterable[Any]) -> list[Any]:
        return list(records) if self.ordered else sorted(records, key=lambda record: record.pk)

    def waiting(self, instance: Any) -> list[Any] | None:
        return instance.__dict__.get(f"_waiting_{self.attribute}")

    def get_value(self, instance: Any) -> list[Any]:
        waiting = self.waiting(instance)
        if waiting is not None:
            return waiting
        return self._in_order(self.read(instance)) if instance.pk else []

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        instance.__dict__[f"_waiting_{self.attribute}"] = self._in_order(self.clean(row))


class ListResource(ModelResource):
    """Rows of one model. Subclasses name the model (and fields that are not plain columns of it) in Meta.

    A row that changes nothing is skipped; a key is never changed; unknown columns, double rows and unknown keys are
    errors, and one error stops everything. A cell that still says what it was written with leaves the record alone; one
    that somebody else has changed meanwhile waits for a choice (core/merge.py).
    """

    # True for what several people write: a record that is there changes only by a list that knows what it was.
    needs_stamps = False
    # False for what an act of its own writes, which locks and reads by itself.
    whole_rows = True
    why_settled = "もう使われているため、変えられません。元の値に戻してください。"

    class Meta:
        skip_unchanged = True
        clean_model_instances = True
        instance_loader_class = _ByKey
        chunk_size = MAX_ROWS  # of an export: smaller pieces would ask for related records once per piece

    def __init__(self, *, picks: Mapping[str, Any] | None = None, expected: str = "", **kwargs: Any) -> None:
        """`picks` are the choices of the preview's form by `Choice.input_name`; `expected` is the fingerprint of what the
        person saw there: anything else is refused."""
        super().__init__(**kwargs)
        self._rows: dict[Any, int] = {}  # by what is typed of a key, and by the record that is meant
        self._picks, self._expected = picks or {}, expected
        self._stamps: list[Any] | None = None
        self._row: tuple[int, Stamp | None] = (0, None)
        self._changes: list[tuple[str, ...]] = []
        self.choices: list[Choice] = []  # cells that somebody else has changed too
        self.writes = False  # or it is tried only

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Field:
        return Field(field_name, str(django_field.verbose_name), cell_for(django_field), readonly=readonly)

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return _Marked

    def get_import_id_fields(self) -> list[str]:
        return list(record_key(self._meta.model))

    def key_fields(self) -> list[Field]:
        return [self.fields[name] for name in self.get_import_id_fields()]

    def required_columns(self) -> list[str]:
        return [field.column_name for field in self.key_fields()]

    def get_queryset(self) -> models.QuerySet[Any]:
        return self.filter_export(super().get_queryset())

    def filter_export(self, queryset: models.QuerySet[Any], **kwargs: Any) -> models.QuerySet[Any]:
        references = [f.name for f in self._meta.model._meta.fields if f.is_relation and f.name in self.fields]
        return queryset.select_related(*references) if references else queryset

    # Written with a stamp a row

    def _stamped(self) -> list[Field]:
        """The fields whose cells have a mark each."""
        keys = self.get_import_id_fields()
        return [field for field in self.get_import_fields() if self.get_field_name(field) not in keys]

    def get_export_headers(self, selected_fields: Any = None) -> list[str]:
        return [*super().get_export_headers(selected_fields=selected_fields), stamps.COLUMN]

    def export_resource(self, instance: Any, selected_fields: Any = None, **kwargs: Any) -> list[Any]:
        row = super().export_resource(instance, selected_fields=selected_fields, **kwargs)
        return [*row, stamps.stamp([plain(field.export(instance)) for field in self._stamped()])]

    # Read back

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        self.writes = not kwargs.get("dry_run", False)
        if stamps.COLUMN in dataset.headers:
            self._stamps = dataset[stamps.COLUMN]
            del dataset[stamps.COLUMN]
        columns = [field.column_name for field in self.get_import_fields()]
        wanted = f"使える見出しは、{'、'.join(columns)}です。"
        if missing := [name for name in self.required_columns() if name not in dataset.headers]:
            raise UnreadableFile(f"「{'」「'.join(missing)}」の列がありません。{wanted}")
        if unknown := [name for name in dataset.headers if name not in columns]:
            raise UnreadableFile(f"「{'」「'.join(unknown)}」という列は取り込めません。{wanted}")

    def after_import(self, dataset: tablib.Dataset, result: Any, **kwargs: Any) -> None:
        super().after_import(dataset, result, **kwargs)
        result.notes = getattr(dataset, "notes", [])  # for the preview: cells that were read as they are shown
        result.choices = [choice for choice in self.choices if choice.is_conflict]
        result.without_stamps = self._stamps is None and bool(result.totals["update"])
        result.fingerprint = hashlib.sha256(json.dumps(self._changes).encode()).hexdigest()
        if not kwargs.get("dry_run") and not (result.has_errors() or result.has_validation_errors()):
            if any(choice.is_open for choice in self.choices):
                raise NotImported("どちらを残すか、重なったところすべてで選んでください。まだ取り込んでいません。")
            if self._expected and result.fingerprint != self._expected:
                raise NotImported("確かめたあとにデータが変わったため、取り込んでいません。もう一度確かめてください。")

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        if all(value in (None, "") for value in row.values()):
            raise ValueError("空の行です。行ごと削除してください。")
        key = tuple(field.clean(row) for field in self.key_fields())
        if empty := [
            field.column_name for field, value in zip(self.key_fields(), key, strict=True) if value in (None, "")
        ]:
            raise ValueError(f"「{'」「'.join(empty)}」を入力してください。")
        number = kwargs["row_number"] + 1  # as a spreadsheet counts, the heading being row 1
        mark = str(self._stamps[kwargs["row_number"] - 1] or "").strip() if self._stamps else ""
        self._row = number, Stamp(mark, len(self._stamped())) if mark else None
        self._refuse_twice(key)

    def check_unmarked(self, instance: Any, row: Any) -> None:
        """Refuse to change a record by a row that does not tell what it was written with. Raises ValueError."""
        if self.needs_stamps:
            raise ValueError(
                f"「{stamps.COLUMN}」がないため、ほかの人が変えたところと区別できません。書き出した一覧に、変えるところを写してください。"
            )

    def settled(self, instance: Any) -> Collection[str]:
        """Fields of a record that can no longer change."""
        return ()

    def import_field(self, field: Field, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        name = self.get_field_name(field)
        if instance.pk is None:
            super().import_field(field, instance, row, is_m2m, **kwargs)
            if not field.readonly and field.column_name in row:
                self._changes.append((str(self._row[0]), name, "", plain(field.widget.render(field.clean(row)))))
        elif name not in self.get_import_id_fields() and field.column_name in row and not field.readonly:
            choice = self._choice(field, name, instance, row)
            if choice.picked is Side.MINE and choice.differs:
                if name in self.settled(instance):
                    raise ValueError(self.why_settled)
                super().import_field(field, instance, row, is_m2m, **kwargs)

    def _refuse_twice(self, what: Any) -> None:
        if (first := self._rows.setdefault(what, self._row[0])) != self._row[0]:
            raise ValueError(f"{first}行目と同じものです。どちらかの行を削除してください。")

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        if instance.pk is not None:
            self._refuse_twice(instance.pk)
        before = len(self._changes)
        if instance.pk is None and self._row[1] is not None:
            raise ValueError(
                "書き出したあとに、ほかの人が削除しました。要らないなら、この行を消してください。"
                f"もう一度登録するなら、「{stamps.COLUMN}」の欄を空にしてください。"
            )
        super().import_instance(instance, row, **kwargs)
        if instance.pk is not None and self._row[1] is None and len(self._changes) > before:
            self.check_unmarked(instance, row)

    def _choice(self, field: Field, name: str, instance: Any, row: Any) -> Choice:
        """A cell of a record that is there already: what it was written with, what is stored, what the file says."""
        number, mark = self._row
        stored, mine = plain(field.export(instance)), plain(field.widget.render(field.clean(row)))
        seen = mark.seen(self._stamped().index(field), stored, mine) if mark else stored
        key = " ".join(plain(row[column]) for column in self.required_columns() if row.get(column) not in (None, ""))
        label = f"{number}行目（{key}）の{field.column_name}"
        choice = Choice(f"{number}-{name}", label, seen, stored, mine)
        choice.asked = self._picks.get(choice.input_name)
        self.choices.append(choice)
        if choice.differs:
            self._changes.append((str(number), name, stored, mine))
        return choice

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        try:
            super().validate_instance(instance, import_validation_errors, validate_unique)
        except ValidationError as error:
            raise self.by_column(error) from error

    def by_column(self, error: ValidationError) -> ValidationError:
        """The same errors under the names that stand in the sheet; what has no column there is about the row."""
        columns = {field.attribute: field.column_name for field in self.fields.values()}
        found: dict[str, list[Any]] = {}
        for name, errors in error.update_error_dict({}).items():
            found.setdefault(columns.get(name, NON_FIELD_ERRORS), []).extend(errors)
        return ValidationError(found)

    def act(self, function: Callable[..., _Result], *args: Any, **kwargs: Any) -> _Result:
        """Call an act; what it refuses by field stands under the columns of the list."""
        try:
            return function(*args, **kwargs)
        except ValidationError as error:
            raise self.by_column(error) from error

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        signed(instance, kwargs["user"], "取り込み")

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        for field in self.fields.values():
            if isinstance(field, Several) and field.write and (records := field.waiting(instance)) is not None:
                field.write(instance, records)


def plain_columns(model: type[models.Model]) -> list[str]:
    """The fields of a model that people fill in."""
    return [field.name for field in model._meta.fields if field.editable and not field.primary_key]


def resource_of(model: type[models.Model]) -> type[ListResource]:
    """The resource of a model that needs nothing but its own fields."""
    return modelresource_factory(model, ListResource, {"fields": plain_columns(model)})
