"""Reports in and out as a list. A row goes through the same act as the form."""

from __future__ import annotations

from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from import_export.fields import Field

from reviews import report_fields, workflow
from reviews.models import Report, Round
from reviews.report_fields import FieldKind
from staff.lists import ListResource, TextCell, cell_for


class ReportResource(ListResource):
    """Only reports that the person may read are found, and none is made: opening a round makes them."""

    plan = Field("round__plan", "計画", cell_for(Round._meta.get_field("plan")), readonly=True)
    name = Field("program__display_name", "項目名", TextCell(), readonly=True)
    state = Field("get_state_display", "状態", TextCell(), readonly=True)
    return_reason = Field("return_reason", "差し戻しの理由", TextCell(), readonly=True)

    version = Field("version", "変更回数", cell_for(Report._meta.get_field("version")), readonly=True)

    whole_rows = False

    class Meta:
        model = Report
        fields = ("plan", "round", "program", "name", "state", "return_reason", *Report.CONTENT, "version")

    def required_columns(self) -> list[str]:
        return ["計画", *super().required_columns()]

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return queryset.select_related(
            "round__plan",
            "round__edition",
            "program__plan",
            "updated_by",
            *report_fields.names(FieldKind.GRADE, FieldKind.CHOICE),
        )

    def get_queryset(self) -> QuerySet[Any]:
        return self.filter_export(Report.objects.visible_to(self.user))

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        self.user = kwargs["user"]
        super().before_import(dataset, **kwargs)

    def init_instance(self, row: Any = None) -> Report:
        raise ValueError(
            "この調査には、あなたが入力できるこの項目の報告がありません。調査の基準日と項目の番号を確かめてください。"
        )

    def check_unmarked(self, instance: Report, row: Any) -> None:
        """The number of the version that was copied will do instead."""
        version = self.fields["version"].clean(row) if self.fields["version"].column_name in row else None
        if version is None:
            raise ValueError("「変更回数」が空です。書き出したときの値のまま取り込んでください。")
        if version != instance.version:
            raise ValueError(
                f"書き出したあとに{instance.updated_by}が更新しました（変更回数 {version} → {instance.version}）。"
                "書き出し直し、違いを確かめてから取り込んでください。"
            )

    def validate_instance(
        self, instance: Report, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        if import_validation_errors:
            raise self.by_column(ValidationError(import_validation_errors))

    def save_instance(self, instance: Report, is_create: bool, row: dict[str, Any], **kwargs: Any) -> None:
        content = {name: getattr(instance, name) for name in Report.CONTENT if self.fields[name].column_name in row}
        self.act(workflow.save_draft, instance, content, by=self.user, version=instance.version)
