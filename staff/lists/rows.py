"""How the rows of a list become records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from typing import Any

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Diff, ModelResource, modelresource_factory

from core.cells import Refs, cell_for, plain, record_key
from core.differences import merged
from core.history import signed
from workbooks.reader import MAX_ROWS, UnreadableFile


class _ByKey(BaseInstanceLoader):
    """Finds records by their natural key, all with one query."""

    def __init__(self, resource: ListResource, dataset: tablib.Dataset | None = None) -> None:
        super().__init__(resource, dataset)
        self.fields = resource.key_fields()

    @cached_property
    def known(self) -> dict[tuple[Any, ...], models.Model]:
        return {
            tuple(map(self._value, self.fields, [record] * len(self.fields))): record for record in self.get_queryset()
        }

    def get_queryset(self) -> models.QuerySet[Any]:
        return self.resource.get_queryset()

    @staticmethod
    def _value(field: Field, record: models.Model) -> Any:
        value = field.get_value(record)
        return value if isinstance(value, models.Model) else field.widget.clean(value)

    def get_instance(self, row: dict[str, Any]) -> models.Model | None:
        return self.known.get(tuple(field.clean(row) for field in self.fields))


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
    errors, and one error stops everything.
    """

    why_settled = "もう使われているため、変えられません。元の値に戻してください。"

    class Meta:
        skip_unchanged = True
        clean_model_instances = True
        instance_loader_class = _ByKey
        chunk_size = MAX_ROWS  # of an export: smaller pieces would ask for related records once per piece

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._rows: dict[tuple[Any, ...], int] = {}

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

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        columns = [field.column_name for field in self.get_import_fields()]
        wanted = f"使える見出しは、{'、'.join(columns)}です。"
        if missing := [name for name in self.required_columns() if name not in dataset.headers]:
            raise UnreadableFile(f"「{'」「'.join(missing)}」の列がありません。{wanted}")
        if unknown := [name for name in dataset.headers if name not in columns]:
            raise UnreadableFile(f"「{'」「'.join(unknown)}」という列は取り込めません。{wanted}")

    def after_import(self, dataset: tablib.Dataset, result: Any, **kwargs: Any) -> None:
        super().after_import(dataset, result, **kwargs)
        result.notes = getattr(dataset, "notes", [])  # for the preview: cells that were read as they are shown

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        if all(value in (None, "") for value in row.values()):
            raise ValueError("空の行です。行ごと削除してください。")
        key = tuple(field.clean(row) for field in self.key_fields())
        if empty := [
            field.column_name for field, value in zip(self.key_fields(), key, strict=True) if value in (None, "")
        ]:
            raise ValueError(f"「{'」「'.join(empty)}」を入力してください。")
        number = kwargs["row_number"] + 1  # as a spreadsheet counts, the heading being row 1
        if self._rows.setdefault(key, number) != number:
            raise ValueError(f"{self._rows[key]}行目と同じものです。どちらかの行を削除してください。")

    def settled(self, instance: Any) -> Collection[str]:
        """Fields of a record that can no longer change."""
        return ()

    def import_field(self, field: Field, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        name = self.get_field_name(field)
        if instance.pk is None:
            super().import_field(field, instance, row, is_m2m, **kwargs)
        elif name not in self.get_import_id_fields():
            before = field.get_value(instance)
            super().import_field(field, instance, row, is_m2m, **kwargs)
            if name in self.settled(instance) and field.get_value(instance) != before:
                raise ValueError(self.why_settled)

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        try:
            super().validate_instance(instance, import_validation_errors, validate_unique)
        except ValidationError as error:
            raise self.by_column(error) from error

    def by_column(self, error: ValidationError) -> ValidationError:
        """The same errors under the names that stand in the sheet."""
        columns = {field.attribute: field.column_name for field in self.fields.values()} | {
            NON_FIELD_ERRORS: NON_FIELD_ERRORS
        }
        return ValidationError(
            {columns.get(name, name): errors for name, errors in error.update_error_dict({}).items()}
        )

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
