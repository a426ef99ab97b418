"""Effect amounts: what the city printed, what the items give, and whether they agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render

from core.fiscal import fiscal_year_label
from figures.effects import ACCOUNTS, EffectRow, planned, registered, surest, totals
from figures.filters import QueryForm
from figures.ledger import reconcile
from figures.measures import EFFECT_MEASURES
from figures.rows import UNNAMED
from opendata.pages import public, public_plans
from policies.models import Plan
from policies.words import in_words_of, word
from reviews.models import Basis, EffectKind, Series
from website.published_figures import effects as published_effects
from website.published_figures import reading_order


class EffectsForm(QueryForm):
    """Which amounts of items a sum of the page is made of."""

    page = None  # type: ignore[assignment]
    CRITERIA = ("policy", "account", "year", "kind", "basis", "series")
    LABELS = ("方針", "会計", "年度", "種類", "根拠", "数え方")

    def __init__(self, data: QueryDict, plan: Plan, rows: Sequence[EffectRow]) -> None:
        """`rows` are those to choose from."""
        super().__init__(data)
        of = word(plan, "policy")
        choices = (
            {str(row.policy_number): f"{of}{row.policy_number} {row.policy_name}" for row in rows},
            {row.account or UNNAMED: ACCOUNTS[row.account] for row in rows},
            {str(row.fiscal_year): fiscal_year_label(row.fiscal_year) for row in rows},
            dict(EffectKind.choices),
            dict(Basis.choices),
            {UNNAMED: "未登録", **dict(Series.choices)},
        )
        for name, label, offered in zip(self.CRITERIA, self.LABELS, choices, strict=True):
            self.fields[name] = forms.ChoiceField(
                label=in_words_of(plan, label),
                required=False,
                choices=[*offered.items()],
                error_messages={
                    "invalid_choice": "この条件に当てはまる効果額はありません。アドレスから消してください。"
                },
            )

    def select(self, rows: Sequence[EffectRow]) -> list[EffectRow]:
        """Of a valid form: the amounts that count, as the sums of the page count them."""
        asked = {name: value for name, value, *_ in self.conditions}
        found = planned(rows) if asked.get("basis") == Basis.PLANNED else surest(rows)

        def is_wanted(row: EffectRow) -> bool:
            says = {
                "policy": str(row.policy_number),
                "account": row.account or UNNAMED,
                "year": str(row.fiscal_year),
                "kind": row.kind,
                "basis": row.basis,
                "series": row.series or UNNAMED,
            }
            return all(says[name] == value for name, value in asked.items())

        return [row for row in found if is_wanted(row)]


@partial(public, takes=EffectsForm.CRITERIA)
def effects(request: HttpRequest, slug: str) -> HttpResponse:
    plan = get_object_or_404(public_plans(), slug=slug)
    rows = registered(plan)
    form = EffectsForm(request.GET, plan, rows)
    if not form.is_valid():
        context = {"plan": plan, "section": "effects", "form": form}
        return render(request, "website/effects.html", context, status=400)
    lines = reconcile(plan, rows, EFFECT_MEASURES)
    replaced = {line.figure.supersedes_id for line in lines}
    lines.sort(key=lambda line: reading_order(line.figure))
    asked = form.select(rows) if form.conditions else []
    return render(
        request,
        "website/effects.html",
        {
            "plan": plan,
            "section": "effects",
            "form": form,
            "conditions": form.conditions,
            "asked": asked,
            "asked_totals": totals(asked, plan.money_unit),
            "printed": published_effects(line.figure for line in lines if line.figure.pk not in replaced),
            "totals": totals(rows, plan.money_unit),
            "ledger": lines,
            "statuses": Counter(line.status for line in lines).most_common(),
            "kinds": EffectKind.values,
        },
    )
