"""Lines of other records on the page of a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

_Lines: Any = forms.BaseInlineFormSet  # as in the classes of the libraries: without types


class RecordLines(_Lines):
    """Two lines that say the same are told apart in the words of the page, and what goes makes room first."""

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        fields = [self.model._meta.get_field(name) for name in unique_check if name != self.fk.name]
        return (
            f"{'と'.join(f'「{one.verbose_name}」' for one in fields)}が同じ行が、二つ以上あります。"
            "一方を直すか、削除してください。"
        )

    def get_form_error(self) -> str:
        return "ほかの行と同じです。"

    def save_existing_objects(self, commit: bool = True) -> list[Any]:
        gone = [line.instance for line in self.deleted_forms if line.instance.pk] if commit else []
        for record in gone:
            self.delete_existing(record)
        saved: list[Any] = super().save_existing_objects(commit)
        self.deleted_objects += gone
        return saved
