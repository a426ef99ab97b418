"""What may be asked of the API: validated like the pages, and described for the OpenAPI document from the same forms."""

from __future__ import annotations

from typing import Any

from django import forms

from figures.filters import AnyOf, ProgramFilter, QueryForm
from opendata.pages import ROWS_PER_PAGE
from opendata.tables.table import Table
from policies.models import Edition, Plan, Policy
from programs.models import Program
from reviews.models import Round

MOST_PER_PAGE = 1000
_PAGE_HELP = "1 から始まるページの番号。ないページは 404 になります。"


def _per_page() -> forms.IntegerField:
    text = f"1 から {MOST_PER_PAGE} までの整数で指定してください。"
    return forms.IntegerField(
        label="1ページの件数",
        required=False,
        min_value=1,
        max_value=MOST_PER_PAGE,
        help_text=f"{MOST_PER_PAGE} まで。指定しないときは {ROWS_PER_PAGE}。",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), text),
    )


class NoQuery(QueryForm):
    """An address that takes no conditions: a misspelt one must not look as if it had been followed."""

    page = None  # type: ignore[assignment]


class PageQuery(QueryForm):
    """Which page of a list."""

    per_page = _per_page()


class ProgramQuery(ProgramFilter):
    """The filters of the list page, and which page."""

    per_page = _per_page()


class TableQuery(PageQuery):
    """Which rows of a table of a plan, and which page. Only the table's own filters are there."""

    program = forms.CharField(
        label="番号",
        required=False,
        max_length=16,
        help_text="実施項目の番号。",
        error_messages={
            "max_length": "番号は16文字以内にしてください。",
            "null_characters_not_allowed": "番号に使えない文字が含まれています。",
        },
    )
    policy = forms.IntegerField(
        label="方針",
        required=False,
        min_value=0,
        max_value=32767,
        help_text="方針の番号。",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "方針の番号を指定してください。"),
    )
    round = forms.DateField(
        label="基準日",
        required=False,
        input_formats=["%Y-%m-%d"],
        help_text="公表された調査の基準日（YYYY-MM-DD）。",
        error_messages={"invalid": "基準日は 2015-03-31 の形で指定してください。"},
    )
    edition = forms.SlugField(
        label="版",
        required=False,
        max_length=40,
        help_text="版の識別名。",
        error_messages=dict.fromkeys(("invalid", "max_length"), "版の識別名を指定してください。"),
    )
    fiscal_year = forms.IntegerField(
        label="年度",
        required=False,
        min_value=1873,
        max_value=2199,
        help_text="始まる年の西暦。",
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "年度は始まる年の西暦で指定してください。"),
    )

    def __init__(self, data: Any, *, plan: Plan | None = None, table: Table) -> None:
        super().__init__(data)
        self.plan = plan
        for name in ("program", "policy", "round", "edition", "fiscal_year"):
            if name not in table.filters:
                del self.fields[name]

    def _known(self, name: str, queryset: Any, wrong: str) -> Any:
        value = self.cleaned_data[name]
        if value not in (None, "") and not queryset.exists():
            raise forms.ValidationError(wrong)
        return value

    def clean_program(self) -> Any:
        found = Program.objects.shown().filter(plan=self.plan, number=self.cleaned_data["program"])
        return self._known("program", found, "この番号の実施項目はありません。")

    def clean_policy(self) -> Any:
        found = Policy.objects.filter(plan=self.plan, number=self.cleaned_data["policy"])
        return self._known("policy", found, "この方針はありません。")

    def clean_round(self) -> Any:
        found = Round.objects.published().filter(plan=self.plan, as_of=self.cleaned_data["round"])
        return self._known("round", found, "この基準日の公表はありません。")

    def clean_edition(self) -> Any:
        found = Edition.objects.filter(plan=self.plan, key=self.cleaned_data["edition"], frozen_at__isnull=False)
        return self._known("edition", found, "この版はありません。")

    @property
    def chosen(self) -> dict[str, Any]:
        """Of a valid form."""
        asked = {name: value for name, value in self.cleaned_data.items() if name not in ("page", "per_page")}
        return {name: value for name, value in asked.items() if value not in (None, "")}


_EXAMPLES = {"page": 1, "per_page": ROWS_PER_PAGE, "policy": 1, "round": "2015-03-31", "fiscal_year": 2014}
_EXAMPLES |= {
    "program": "1",
    "edition": "original",
    "grade": "A",
    "change": "worse",
    "department": "zaisei",
    "lead": "zaisei",
    "since": "2014-09-30",
    "was": "A",
    "cause": "関係者との調整",
    "q": "見直し",
    "revised": "yes",
    "aspect": "contents",
    "key": "yes",
    "sort": "grade",
}


def parameters(form: type[forms.Form], names: Any = None) -> list[dict[str, Any]]:
    """The query parameters of a form, or some of them, as OpenAPI writes them."""
    described = []
    fields: dict[str, Any] = form.base_fields
    for name, field in fields.items():
        if names is not None and name not in names:
            continue
        schema: dict[str, Any] = {"type": "string"}
        if isinstance(field, forms.IntegerField) or name == "policy":
            schema = {"type": "integer"}
            if name == "page":
                schema["minimum"] = 1
            else:
                schema |= {
                    key: value
                    for key, value in (("minimum", field_limit(field, "min")), ("maximum", field_limit(field, "max")))
                    if value is not None
                }
        elif isinstance(field, forms.DateField) or name in ("round", "since"):
            schema["format"] = "date"
        elif getattr(field, "max_length", None):
            schema["maxLength"] = field.max_length
        if several := isinstance(field, AnyOf):
            schema = {"type": "array", "items": schema}
        label = str(field.label or "ページ")
        help_text = str(field.help_text) or (_PAGE_HELP if name == "page" else "")
        if not help_text:
            help_text = "計画にない値は 400 になります。"
        if several:
            help_text += "いくつも指定すると、そのどれかに当てはまる項目になります（policy=1&policy=4）。"
        described.append(
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": f"{label}。{help_text}",
                "schema": schema,
                "example": [_EXAMPLES[name]] if several else _EXAMPLES[name],
            }
        )
    return described


def field_limit(field: Any, end: str) -> int | None:
    return getattr(field, f"{end}_value", None)
