"""The form of one content: texts, departments in order, one row of years, one grid of indicators.

Its field names are those of `Content.flat`, so what is stored, what was typed and what a colleague saved compare by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

from accounts.departments import then_and_now
from accounts.models import Department
from core.differences import side_by_side
from core.fiscal import fiscal_year_label
from policies.models import Edition, Source
from programs.content import TEXTS, TYPED_FACTS, Content, IndicatorContent, Target, plain_number
from programs.contents import content_of
from programs.frozen import settled_indicators
from programs.models import Better, Indicator, IndicatorActual, IndicatorTarget, ProgramEdition, YearPlan
from staff.fields import FiscalYearFormField, NumberField, TextField

SLOTS = 3  # departments that can be chosen at least
NEW_ROWS = 2  # empty rows for new indicators
MOST = 40  # slots and rows that a posted form may ask for
ROWS = {"contents": 8, "expected_effect": 4, "revision_reason": 4}


def _max_length(model: Any, name: str) -> int:
    return model._meta.get_field(name).max_length


def _label(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)


def _numbered(pattern: str, names: Iterable[str]) -> int:
    """The highest number that a field name carries, within reason."""
    found = [int(match[1]) for name in names if (match := re.fullmatch(pattern, name))]
    return min(max(found, default=0), MOST)


@dataclass(frozen=True)
class ContentCell:
    """One field on the page: to be filled in or only read, with what the edition before said."""

    field: BoundField
    text: str
    previous: str
    editable: bool

    @property
    def differs(self) -> bool:
        return self.previous != self.text

    @cached_property
    def marked_previous(self) -> SafeString:
        """The text of the edition before, with the parts that this one does not have marked."""
        return side_by_side(self.previous, self.text)[0]


@dataclass(frozen=True)
class Year:
    year: int
    value: ContentCell
    words: ContentCell | None = None
    actual: str = ""

    @property
    def label(self) -> str:
        return fiscal_year_label(self.year)


@dataclass(frozen=True)
class IndicatorRow:
    key: str
    title: str
    facts: dict[str, ContentCell]
    years: list[Year]
    is_new: bool
    is_settled: bool
    in_edition: bool
    remove: BoundField | None


class ContentForm(forms.Form):
    """`stored` is what the content is now, `previous` what the edition before says (None if there is none).

    `settled` are the ids of indicators that a frozen edition uses: their facts are only shown.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        edition: Edition,
        stored: Content,
        previous: Content | None,
        departments: Mapping[int, str],
        sources: Mapping[int, str],
        settled: set[int],
        actuals: Mapping[tuple[int, int], str],
        editable: bool,
    ) -> None:
        super().__init__(data, initial=stored.flat())
        self.stored, self.edition, self.departments = stored, edition, departments
        self.sources = sources
        self.settled, self.actuals, self.editable = settled, actuals, editable
        self.before = previous.flat() if previous else {}
        names = list(data or ())
        covered = edition.fiscal_years
        self.plan_years = sorted({*covered, *stored.year_plans})
        set_years = {year for one in stored.indicators.values() for year in one.targets}
        self.target_years = sorted({*covered, *set_years})
        self.keys = list(stored.indicators)
        if editable:
            count = max(NEW_ROWS, _numbered(r"n(\d+)-name", names))
            self.keys += [f"n{number}" for number in range(1, count + 1)]
        self.slots = max(SLOTS, len(stored.departments) + 1, _numbered(r"department_(\d+)", names))
        self._add_fields()

    def _add_fields(self) -> None:
        fields = self.fields
        for name in TEXTS:
            maximum = _max_length(ProgramEdition, name)
            field: Any = ProgramEdition._meta.get_field(name)
            label, help_text = _label(ProgramEdition, name), str(field.help_text)
            widget: forms.Widget = forms.Textarea(attrs={"rows": ROWS[name]}) if name in ROWS else forms.TextInput()
            fields[name] = TextField(
                label=label, help_text=help_text, required=False, max_length=maximum, widget=widget
            )
        source: Any = ProgramEdition._meta.get_field("source")
        fields["source"] = forms.TypedChoiceField(
            label=str(source.verbose_name),
            help_text="この計画内容が載っている資料。一覧にないときは、先に「出典」に登録します。",
            choices=[("", "未登録"), *self.sources.items()],
            coerce=int,
            empty_value=None,
            required=False,
        )
        choices = [("", "－"), *self.departments.items()]
        for slot in range(1, self.slots + 1):
            fields[f"department_{slot}"] = forms.TypedChoiceField(
                label="主担当" if slot == 1 else f"関係課{slot - 1}",
                choices=choices,
                coerce=int,
                empty_value=None,
                required=False,
            )
        for year in self.plan_years:
            fields[f"year_{year}"] = TextField(
                label=fiscal_year_label(year),
                required=False,
                max_length=_max_length(YearPlan, "text"),
                widget=forms.Textarea(attrs={"rows": 3}),
            )
            fields[f"none_{year}"] = forms.BooleanField(
                label="資料に「計画なし」とある", required=False, initial=year in self.stored.no_plan
            )
        for key in self.keys:
            self._add_indicator(key)

    def _add_indicator(self, key: str) -> None:
        fields, title = self.fields, self._title(key)
        hints = {"name": "", "unit": "単位", "baseline_note": "補足"}
        for name, hint in hints.items():
            fields[f"{key}-{name}"] = TextField(
                label=f"{title}の{_label(Indicator, name)}",
                required=False,
                max_length=_max_length(Indicator, name),
                widget=forms.TextInput(attrs={"placeholder": hint} if hint else None),
            )
        fields[f"{key}-better"] = forms.ChoiceField(
            label=f"{title}の{_label(Indicator, 'better')}", choices=Better.choices, initial=Better.UP, required=False
        )
        fields[f"{key}-baseline"] = NumberField(
            label=f"{title}の{_label(Indicator, 'baseline')}",
            required=False,
            widget=forms.TextInput(attrs={"size": 8, "inputmode": "decimal", "placeholder": "基準値"}),
        )
        fields[f"{key}-baseline_fiscal_year"] = FiscalYearFormField(
            label=f"{title}の{_label(Indicator, 'baseline_fiscal_year')}",
            required=False,
            widget=forms.TextInput(attrs={"size": 8, "placeholder": "年度"}),
        )
        for year in self.target_years:
            when = fiscal_year_label(year)
            fields[f"{key}-value_{year}"] = NumberField(
                label=f"{title}の{when}の目標値",
                required=False,
                widget=forms.TextInput(attrs={"size": 7, "inputmode": "decimal", "placeholder": "数値"}),
            )
            fields[f"{key}-text_{year}"] = TextField(
                label=f"{title}の{when}の目標の言葉",
                required=False,
                max_length=_max_length(IndicatorTarget, "text"),
                widget=forms.TextInput(attrs={"size": 7, "placeholder": "以上 など"}),
            )
        if key in self.stored.indicators:
            fields[f"{key}-remove"] = forms.BooleanField(label=f"{title}をこの版から外す", required=False)
        pk = self.stored.indicators[key].pk if key in self.stored.indicators else None
        for name in TYPED_FACTS if pk in self.settled else ():
            fields[f"{key}-{name}"].disabled = True

    def _title(self, key: str) -> str:
        stored = self.stored.indicators.get(key)
        return f"指標{stored.number}" if stored else f"新しい指標{key.removeprefix('n')}"

    # What was typed, as a content

    def content(self) -> Content:
        """Of a valid form."""
        typed = self.cleaned_data
        slots = [typed[f"department_{slot}"] for slot in range(1, self.slots + 1)]
        indicators = {}
        for key in self.keys:
            one = self._indicator(key, typed)
            is_blank = one.pk is None and not any(
                [one.name, one.unit, one.baseline is not None, one.baseline_fiscal_year, one.baseline_note]
                + [bool(target) for target in one.targets.values()]
            )
            if not is_blank and not typed.get(f"{key}-remove"):
                indicators[key] = one
        return Content(
            texts={name: typed[name] for name in TEXTS},
            source=typed["source"],
            departments=tuple(pk for pk in slots if pk is not None),
            year_plans={year: typed[f"year_{year}"] for year in self.plan_years},
            no_plan=frozenset(year for year in self.plan_years if typed[f"none_{year}"]),
            indicators=indicators,
        )

    def _indicator(self, key: str, typed: Mapping[str, Any]) -> IndicatorContent:
        stored = self.stored.indicators.get(key)
        targets = {
            year: Target(typed[f"{key}-value_{year}"], typed[f"{key}-text_{year}"]) for year in self.target_years
        }
        facts = {name: typed[f"{key}-{name}"] for name in TYPED_FACTS} | {"better": typed[f"{key}-better"] or Better.UP}
        if stored is not None and stored.pk in self.settled:
            facts = stored.facts
        return IndicatorContent(
            pk=stored.pk if stored else None,
            number=stored.number if stored else None,
            **facts,
            targets={year: target for year, target in targets.items() if target},
        )

    def refuse(self, error: ValidationError) -> None:
        """Show what an act refused beside its fields."""
        slots = [slot for slot in range(1, self.slots + 1) if self.cleaned_data.get(f"department_{slot}") is not None]
        for name, messages in error.message_dict.items():
            if match := re.fullmatch(r"department_(\d+)", name):
                name = f"department_{slots[int(match[1]) - 1]}"  # the act counts chosen departments only
            for message in messages:
                self.add_error(name if name in self.fields else None, message)

    # The page

    @property
    def seen(self) -> str:
        """What the person sees now, to be sent back with the form."""
        return json.dumps(self.stored.flat(), ensure_ascii=False)

    def _cell(self, name: str, *, editable: bool | None = None) -> ContentCell:
        editable = self.editable if editable is None else editable
        return ContentCell(self[name], self.shown(name, self.stored.flat()), self.shown(name, self.before), editable)

    def shown(self, name: str, flat: Mapping[str, str]) -> str:
        """A field of a flat content as people read it."""
        value = flat.get(name, "")
        if name.startswith("department_"):
            return self.departments.get(int(value), value) if value.isdecimal() else value
        if name.startswith("none_"):
            return "計画なし" if value else ""
        if name == "source":
            return self.sources.get(int(value), value) if value.isdecimal() else value
        if name.endswith("-better"):
            return dict(Better.choices).get(value, value)
        if name.endswith("baseline_fiscal_year") and value.isdecimal():
            return fiscal_year_label(int(value))
        return value

    @property
    def text_cells(self) -> list[ContentCell]:
        return [self._cell(name) for name in (*TEXTS, "source")]

    @property
    def department_cells(self) -> list[ContentCell]:
        cells = [self._cell(f"department_{slot}") for slot in range(1, self.slots + 1)]
        return cells if self.editable else [cell for cell in cells if cell.text]

    @property
    def previous_departments(self) -> list[str]:
        slots = sorted(int(name.removeprefix("department_")) for name in self.before if name.startswith("department_"))
        return [self.shown(f"department_{slot}", self.before) for slot in slots]

    @property
    def year_cells(self) -> list[Year]:
        return [Year(year, self._cell(f"year_{year}"), self._cell(f"none_{year}")) for year in self.plan_years]

    @property
    def target_labels(self) -> list[str]:
        return [fiscal_year_label(year) for year in self.target_years]

    @property
    def indicator_rows(self) -> list[IndicatorRow]:
        return [self._row(key) for key in self.keys]

    def _row(self, key: str) -> IndicatorRow:
        stored = self.stored.indicators.get(key)
        pk = stored.pk if stored else None
        is_settled = pk in self.settled
        return IndicatorRow(
            key=key,
            title=self._title(key),
            facts={
                name: self._cell(f"{key}-{name}", editable=self.editable and not is_settled) for name in TYPED_FACTS
            },
            years=[
                Year(
                    year,
                    self._cell(f"{key}-value_{year}"),
                    self._cell(f"{key}-text_{year}"),
                    self.actuals.get((pk, year), "") if pk else "",
                )
                for year in self.target_years
            ],
            is_new=stored is None,
            is_settled=is_settled,
            in_edition=bool(stored and stored.targets),
            remove=self[f"{key}-remove"] if stored and self.editable else None,
        )


def form_of(of: ProgramEdition, data: Mapping[str, Any] | None = None, *, editable: bool = True) -> ContentForm:
    """The form of a content with what is stored of it, of the same item in the edition before, and of its indicators."""
    indicators = list(Indicator.objects.filter(program=of.program_id))
    owners = Department.objects.owners_today()
    city = list(Department.objects.filter(city=of.program.plan.city))
    city.sort(key=lambda one: one.successor_id is not None)  # today's names first
    actuals = IndicatorActual.objects.filter(indicator__in=indicators)
    return ContentForm(
        data,
        edition=of.edition,
        stored=content_of(of),
        previous=content_of(before) if (before := content_before(of)) else None,
        departments={one.pk: then_and_now(one, owners) for one in city},
        sources={one.pk: str(one) for one in Source.objects.filter(plan=of.program.plan_id)},
        settled=settled_indicators(indicators),
        actuals={
            (one.indicator_id, one.fiscal_year): f"{plain_number(one.value)}{'（見込）' if one.is_forecast else ''}"
            or one.note
            for one in actuals
        },
        editable=editable,
    )


def content_before(of: ProgramEdition) -> ProgramEdition | None:
    """The same item in the edition before."""
    earlier = ProgramEdition.objects.filter(
        program=of.program_id, edition__first_fiscal_year__lt=of.edition.first_fiscal_year
    )
    return earlier.select_related("edition").order_by("edition__first_fiscal_year").last()
