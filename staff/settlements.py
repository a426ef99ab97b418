"""「決算で確定した値を登録する」: the page of an item on which the office registers what the accounts settled."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path

from core.fiscal import era_date, era_fiscal_year
from policies.models import Source
from programs.models import Indicator, Program
from reviews import settling
from reviews.models import Basis, Effect, EffectKind, EffectPlace, Settlement
from reviews.settling import Subject
from staff.base import RecordAdmin, person, tell_beside_fields
from staff.fields import DayField, TextField, choose_from


def subjects(program: Program) -> dict[str, tuple[str, Subject]]:
    """What can be settled of an item, by the value of the choice: every indicator and kind of effect in every year, and the
    amounts that were published with an account or series."""
    found: dict[str, tuple[str, Subject]] = {}
    places = {place.joined(":"): place for year in program.plan.fiscal_years for place in _plain(year)}
    for effect in Effect.objects.filter(program=program).exclude(basis=Basis.PLANNED):
        place = effect.place._replace(basis=Basis.ACTUAL.value)
        places[place.joined(":")] = place
    for key, place in sorted(places.items(), key=lambda pair: pair[1]):
        found[f"effect:{key}"] = (f"効果額 {place}", place)
    for indicator in Indicator.objects.filter(program=program).order_by("number"):
        for year in program.plan.fiscal_years:
            label = f"指標{indicator.number} {indicator.name}（{era_fiscal_year(year)}）"
            found[f"indicator:{indicator.number}:{year}"] = (label, (indicator, year))
    return found


def _plain(year: int) -> list[EffectPlace]:
    return [EffectPlace(year, kind, Basis.ACTUAL.value) for kind in EffectKind.values]


class SettlementForm(forms.Form):
    subject = forms.ChoiceField(label="何の値か", error_messages={"required": "何の値かを選んでください。"})
    value = TextField(label="確定した値")
    settled_on = DayField(label="確定した日", help_text="決算が確定した日。例: 2015-10-01、平成27年10月1日")
    source = forms.ModelChoiceField(
        Source.objects.none(), label="出典", help_text="決算書など。先に「出典」に登録します。"
    )
    note = TextField(label="補足", required=False, max_length=500)

    def __init__(self, program: Program, data: QueryDict | None) -> None:
        super().__init__(data)
        self.subjects = subjects(program)
        chosen: forms.ChoiceField = self.fields["subject"]  # type: ignore[assignment]
        chosen.choices = [("", "選ぶ"), *((key, label) for key, (label, _) in self.subjects.items())]
        unit = program.plan.money_unit
        self.fields["value"].help_text = f"効果額は{unit}単位（130.7百万円 のように単位を付けてもよい）。指標は数だけ。"
        choose_from(self, "source", Source.objects.filter(plan=program.plan_id))


@admin.register(Settlement)
class SettlementAdmin(RecordAdmin):
    list_display = ["settled", "label", "program", "shown", "shown_before", "source", "plan"]
    list_display_links = ["settled", "label"]
    list_filter = [("plan", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["plan", "program", "indicator", "source"]
    search_fields = ["program__number", "program__name", "note"]

    @admin.display(description="確定した日", ordering="settled_on")
    def settled(self, row: Settlement) -> str:
        return era_date(row.settled_on)

    @admin.display(description="何の値か")
    def label(self, row: Settlement) -> str:
        return row.label

    @admin.display(description="確定した値")
    def shown(self, row: Settlement) -> str:
        return row.shown

    @admin.display(description="それまでの値")
    def shown_before(self, row: Settlement) -> str:
        return row.shown_before

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.settle_view)
        return [path("settle/<int:program>/", view, name="reviews_settlement_settle"), *super().get_urls()]

    def settle_view(self, request: HttpRequest, program: int) -> HttpResponse:
        user = person(request)
        if not user.has_perm(settling.PERMISSION):
            raise PermissionDenied
        found = get_object_or_404(Program.objects.select_related("plan", "policy"), pk=program)
        data = request.POST if request.method == "POST" else None
        form = SettlementForm(found, data)
        if data is not None and form.is_valid():
            typed = form.cleaned_data
            try:
                made = settling.settle(
                    found,
                    form.subjects[typed["subject"]][1],
                    typed["value"],
                    source=typed["source"],
                    settled_on=typed["settled_on"],
                    note=typed["note"],
                    by=user,
                )
            except ValidationError as refused:
                tell_beside_fields(form, refused, {})
            else:
                return self.act_done(request, made, f"決算で確定した値（{made.label}）を登録しました。")
        return self.act_page(
            request,
            "staff/item/settle.html",
            status=400 if data is not None else 200,
            original=found,
            title="決算で確定した値を登録する",
            form=form,
            settlements=Settlement.objects.filter(program=found).select_related("plan", "indicator", "source"),
        )
