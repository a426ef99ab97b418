"""「過去の公表結果を登録する」: what the city published about a round before this system was used."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from core.acts import WrongState
from policies.models import MAIN_AXIS, Source
from programs.models import Program
from reviews import past
from reviews.models import Round
from staff.base import person, tell_beside_fields
from staff.fields import DayField, TextField, choose_from
from staff.framework import PlanPartAdmin


class PastForm(forms.Form):
    source = forms.ModelChoiceField(
        Source.objects.none(), label="出典", help_text="結果が載っている市の資料。先に「出典」に登録します。"
    )
    released_on = DayField(label="市が公表した日", help_text="例: 2014-11-20、平成26年11月20日")
    results = TextField(
        label="項目ごとの結果",
        help_text="1行に1項目、「番号、評価、取組状況」の順。表計算ソフトの列をそのまま貼り付けられます（タブ区切り）。"
        "評価は記号か名称。取組状況は、分かるときだけで構いません。結果の分からない項目は書きません。",
        widget=forms.Textarea(attrs={"rows": 16}),
        error_messages={"required": "結果を一つ以上入力してください。"},
    )

    def __init__(self, round_: Round, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if axes := round_.plan.further_axes:
            names = "、".join(str(axis) for axis in [round_.plan.axes.get(key=MAIN_AXIS), *axes])
            self.fields["results"].help_text = str(self.fields["results"].help_text).replace(
                "「番号、評価、取組状況」", f"「番号、{names}、取組状況」"
            )
        choose_from(self, "source", Source.objects.filter(plan=round_.plan_id))


class PastPage(PlanPartAdmin):
    """Part of the admin of rounds."""

    def past_urls(self) -> list[URLPattern]:
        return [path("<int:pk>/past/", self.admin_site.admin_view(self.past_view), name="reviews_round_past")]

    def round_of(self, request: HttpRequest, pk: int, permission: str) -> Any:
        """The round of an address, for a person with the right; 403 and 404 otherwise."""
        if not request.user.has_perm(permission):
            raise PermissionDenied
        round_ = self.get_queryset(request).select_related("plan", "edition").filter(pk=pk).first()
        if round_ is None:
            raise Http404
        return round_

    def past_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """First what would be registered is shown, and with it the button that does it."""
        round_ = self.round_of(request, pk, past.PERMISSION)
        initial = {"source": round_.source}
        form = PastForm(round_, request.POST if request.method == "POST" else None, initial=initial)
        preview: Any = None
        error = ""
        if round_.state != Round.State.PLANNED:
            error = f"この調査は{round_.get_state_display()}です。登録できるのは、受付を始めていない「予定」の調査だけです。"
        elif request.method == "POST" and form.is_valid():
            typed = form.cleaned_data
            try:
                results = past.read_results(round_, typed["results"])
                if "_confirm" in request.POST:
                    made = past.register_past(
                        round_,
                        results,
                        source=typed["source"],
                        released_on=typed["released_on"],
                        by=person(request),
                    )
                    return self.act_done(request, made, f"{made}の公表結果（{len(results)}項目）を登録しました。")
                counts = Counter(result.grade for result in results)
                active = Program.objects.filter(plan=round_.plan_id).active_on(round_.as_of).count()
                preview = {
                    "counts": sorted(counts.items(), key=lambda pair: pair[0].order),
                    "known": len(results),
                    "unknown": active - len(results),
                }
            except WrongState as refused:
                error = str(refused)
            except ValidationError as refused_fields:
                tell_beside_fields(form, refused_fields)
        return self.act_page(
            request,
            "staff/round/past.html",
            status=400 if error or form.errors else 200,
            original=round_,
            title="過去の公表結果を登録する",
            subtitle=str(round_),
            form=form,
            preview=None if form.errors else preview,
            error=error or ("登録していません。赤字のところを直してください。" if form.errors else ""),
        )
