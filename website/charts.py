"""The charts of the pages as files: the numbers as CSV, and the picture as SVG that stands alone (website/drawing.py).

A chart is drawn from the same values and by the same part of a page as on its page. Its name is what stands in its address below
that of the plan, policy or item that it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.http import content_disposition_header

from core.fiscal import date_label
from core.text import FICTIONAL, MAKER
from figures.counts import distribution
from figures.datasets import LICENCE, LICENCE_URL, published_rounds, snapshot
from figures.effects import EffectTotals, registered, totals
from figures.models import PublishedFigure
from opendata.floods import limited
from opendata.frame import made_at, page_address
from opendata.pages import public, public_plans
from opendata.tables.table import write_csv
from opendata.templatetags.plan import cite, cite_each
from policies.models import Plan, Policy, Source
from policies.words import in_words_of, word
from programs.models import Program
from reviews.models import EffectKind
from website.drawing import alone
from website.item_page import measured_of
from website.measured import Measured, plan_indicators
from website.policy import PolicyTrend, trend_of
from website.published_figures import EFFECT_KINDS, Effects
from website.published_figures import effects as published_effects
from website.revisions import compared, counts_chart, first_published
from website.trend import Trend, axis_trends, trend

_REPORTS = "公表された進捗報告の集計"
_GRADES = ("基準日", "評価", "評価の意味", "項目数（項目）", "備考")
Of = Plan | Policy | Program


@dataclass(frozen=True)
class Chart:
    """`part` of a page draws it from `context`, `legend` says what its fills mean; the rows are its points."""

    name: str
    title: str
    part: str
    context: dict[str, Any]
    columns: Sequence[str]
    rows: list[tuple[Any, ...]]
    source: str
    legend: dict[str, Any] = field(default_factory=dict)
    unit: str = ""

    def markup(self, plan: Plan) -> str:
        parts = [f"{self.part}_chart"] + (["legend"] if self.legend else [])
        context = {**self.context, **self.legend, "title": self.title, "plan": plan}
        parts += ["chart_patterns"] if "kinds" in context else []
        parts += ["chart_marks"] if self.part == "line" else []
        return "".join(render_to_string(f"website/parts/{part}.html", context) for part in parts)


def _text(html: str) -> str:
    return unescape(strip_tags(html))


def of_trend(found: Trend) -> Chart | None:
    if not found.is_drawn:
        return None
    rows: list[tuple[Any, ...]] = []
    for line in found.lines:
        missing: list[int | None] = [None] if found.published else []
        values: list[Any] = [None] * len(found.grades)
        remark = "未登録"
        if line.counts is not None:
            values, missing, remark = list(line.counts.by_grade), [line.counts.unreported], ""
        elif line.printed is not None:
            values, remark = [value for _, value in line.printed.cells], "合計だけ登録"
        if line.round in found.breaks:
            remark = "。".join(filter(None, [remark, f"評価の基準を変更：{line.round.scale_note}"]))
        named = [(grade.code, grade.label) for grade in found.grades] + [("", found.missing_label)] * len(missing)
        rows += [
            (line.round.as_of, code, label, value, remark)
            for (code, label), value in zip(named, [*values, *missing], strict=True)
        ]
    cited = [figure for line in found.lines if line.printed and not line.counts for figure in line.printed.cited]
    sources = [*([_REPORTS] if found.published else []), *dict.fromkeys(_text(cite_each([one])) for one in cited)]
    legend = {
        "grades": found.grades,
        "with_missing": found.has_missing,
        "missing": found.missing_label,
        "trend": found,
    }
    drawn = {"chart": found.chart, "events": found.turns, "breaks": found.scale_starts}
    return Chart(found.chart_name, found.caption, "column", drawn, _GRADES, rows, "、".join(sources), legend, "項目数")


def of_course(course: PolicyTrend) -> Chart:
    rows = [
        (as_of, grade.code, grade.label if grade.code else course.missing_label, count, remark)
        for as_of, counts in course.counts
        for remark in [f"評価の基準を変更：{course.breaks[as_of]}" if as_of in course.breaks else ""]
        for grade, count in zip(course.grades, counts, strict=True)
    ]
    legend = {
        "grades": course.judged,
        "with_missing": course.has_missing,
        "missing": course.missing_label,
        "trend": course,
    }
    drawn = {"chart": course.chart, "breaks": course.scale_starts}
    return Chart("trend", "基準日ごとの評価別の項目数", "column", drawn, _GRADES, rows, _REPORTS, legend, "項目数")


def of_indicator(measured: Measured, source: str) -> Chart | None:
    indicator, chart = measured.indicator, measured.chart
    if chart is None:
        return None
    rows: list[tuple[Any, ...]] = []
    for year in measured.years:
        rows += [
            (
                year.fiscal_year,
                "目標",
                edition.name,
                target.value,
                "",
                "。".join(filter(None, [target.text, getattr(target, "note", "")])),
            )
            for edition, target in year.targets
        ] or [(year.fiscal_year, "目標", "", None, "", "未登録")]
        actual = year.actual
        is_forecast = actual is not None and actual.is_forecast
        remark = "未登録" if actual is None else actual.note
        rows.append((year.fiscal_year, "実績", "", actual and actual.value, "見込" if is_forecast else "", remark))
    unit = f"（{indicator.unit}）" if indicator.unit else ""
    columns = ("年度（西暦）", "目標か実績か", "目標を定めた版", f"値{unit}", "見込", "備考")
    title = f"{indicator.name}{unit}"
    return Chart(measured.chart_name, title, "line", {"chart": chart}, columns, rows, source, unit=indicator.unit)


def of_published_effects(effects: Effects) -> Chart | None:
    if (chart := effects.chart) is None:
        return None
    rows = [
        (
            *(year.fiscal_year, year.basis_label, label, figure and figure.value),
            *(figure.printed if figure else "", f"読み取り：{figure.reading}" if figure and figure.reading else ""),
        )
        for year in effects.years
        for label, figure in zip(EFFECT_KINDS.values(), year.cells, strict=True)
    ]
    columns = ("年度（西暦）", "根拠", "種類", f"金額（{effects.unit}）", "資料の表記", "備考")
    drawn = {"patterned": True, "chart": chart, "kinds": EffectKind.values}
    source = _text(cite_each(effects.cited))
    title = "市が公表した年度ごとの効果額"
    return Chart(
        "effects-published", title, "column", drawn, columns, rows, source, {"parts": effects.parts}, effects.unit
    )


def of_totals(found: EffectTotals, plan: Plan) -> Iterator[Chart]:
    if not found.has_results:
        return
    series = f"（{found.label}）" if found.label else ""
    source = "公表された進捗報告にある項目ごとの金額の集計"
    drawn = {"patterned": True, "kinds": EffectKind.values}
    legend = {"parts": found.parts}
    amount = ("種類", "根拠", f"金額（{found.unit}）")
    yield Chart(
        f"effects-years{found.chart_suffix}",
        f"年度ごとの効果額{series}",
        "column",
        drawn | {"chart": found.year_chart},
        ("年度（西暦）", *amount),
        [
            (year, kind_label, basis_label, one.by_part.get((kind, basis)))
            for year, one in zip(found.fiscal_years, found.everything.years, strict=True)
            for kind, basis, kind_label, basis_label in found.parts
        ],
        source,
        legend,
        found.unit,
    )
    if found.adds_up:
        policy = word(plan, "policy")
        yield Chart(
            f"effects-policies{found.chart_suffix}",
            in_words_of(plan, f"方針ごとの効果額{series}"),
            "column",
            drawn | {"chart": found.policy_chart},
            (f"{policy}の番号", f"{policy}の名称", *amount),
            [
                (line.number, line.name, kind_label, basis_label, line.over_years.by_part.get((kind, basis)))
                for line in found.policies
                if line.over_years
                for kind, basis, kind_label, basis_label in found.parts
            ],
            source,
            legend,
            f"すべての年度の計、{found.unit}",
        )


def of_revision(plan: Plan, key: str) -> Chart | None:
    comparison, _policies, _promises = compared(plan.slug, key)
    figure, event = first_published(comparison), comparison.event
    if figure is None and not comparison.registered:
        return None
    rows = [
        (in_words_of(plan, count.label), how, value)
        for count in comparison.counts
        for how, value in (("公表", count.published and count.published.value), ("計算", count.computed))
    ]
    sources = [f"公表は{_text(cite(figure.source, figure.locator))}"] if figure else []
    if comparison.registered and event.before:
        sources.append(f"計算は「{event.before.name}」と「{event.edition.name}」の計画内容を、このサイトで比べたもの")
    title = f"{event.edition.name}：見直した箇所ごとの項目数"
    drawn = {"chart": counts_chart(comparison), "unknown": "未登録"}
    columns = ("見直した箇所", "公表か計算か", "項目数（項目）")
    return Chart(f"revision-{key}", title, "bar", drawn, columns, rows, "、".join(sources), unit="項目数")


def _of_plan(plan: Plan, name: str) -> Iterator[Chart | None]:
    """The charts of a plan of the same kind as the one with this name."""
    kind, _, rest = name.partition("-")
    if kind == "trend":
        found = trend(plan)
        counts = distribution(snapshot(plan, found.published))
        found.surround(counts.grades, _published(plan))
        yield of_trend(found)
        yield from map(of_trend, axis_trends(found.published, found.items))
    elif kind == "effects":
        yield from map(of_published_effects, published_effects(_published(plan))[:1])
        for each in totals(registered(plan), plan.money_unit):
            yield from of_totals(each, plan)
    elif kind == "indicator":
        yield from _of_plan_indicators(plan)
    elif kind == "revision":
        yield of_revision(plan, rest)


def _published(plan: Plan) -> list[PublishedFigure]:
    return list(PublishedFigure.objects.current().filter(plan=plan).select_related("source", "edition", "policy"))


def _of_plan_indicators(plan: Plan, policy: Policy | None = None) -> Iterator[Chart | None]:
    for measured in plan_indicators(plan, policy):
        source: Source | None = measured.indicator.source  # type: ignore[union-attr] # of 全体の指標
        yield of_indicator(measured, _text(cite(source)))


def _of_policy(policy: Policy, name: str) -> Iterator[Chart | None]:
    plan = policy.plan
    if name.startswith("indicator-"):
        yield from _of_plan_indicators(plan, policy)
        return
    rounds = published_rounds(plan)
    course = trend_of(plan, policy.number, rounds)
    yield of_course(course) if course else None
    yield from map(of_trend, axis_trends(rounds, course.items if course else {}, policy.number))


def _of_item(program: Program) -> Iterator[Chart | None]:
    for measured in measured_of(program):
        yield of_indicator(measured, "このサイトで公表した計画内容と実績")


@public
@limited
def plan_chart(request: HttpRequest, slug: str, chart: str, form: str) -> HttpResponse:
    plan = get_object_or_404(public_plans(), slug=slug)
    return _answer(request, plan, "", _of_plan(plan, chart), chart, form)


@public
@limited
def policy_chart(request: HttpRequest, slug: str, number: int, chart: str, form: str) -> HttpResponse:
    shown = Policy.objects.filter(plan__is_public=True).select_related("plan__source")
    policy = get_object_or_404(shown, plan__slug=slug, number=number)
    about = f"{word(policy.plan, 'policy')}{policy.number} {policy.name}："
    return _answer(request, policy, about, _of_policy(policy, chart), chart, form)


@public
@limited
def item_chart(request: HttpRequest, slug: str, number: str, chart: str, form: str) -> HttpResponse:
    shown = Program.objects.public().select_related("plan__source")
    program = get_object_or_404(shown, plan__slug=slug, number=number)
    about = f"{program.number} {program.display_name}："
    return _answer(request, program, about, _of_item(program), chart, form)


def _answer(
    request: HttpRequest, of: Of, about: str, charts: Iterator[Chart | None], name: str, form: str
) -> HttpResponse:
    """The chart of this name in one of its forms; `about` stands before its title."""
    chart = next((each for each in charts if each is not None and each.name == name), None)
    if chart is None:
        raise Http404(name)
    if form == "csv":
        file = BytesIO()
        # A row that is copied into another file says of itself that it is made up.
        marked = ((FICTIONAL, "はい"),) if _plan_of(of).is_fictional else ()
        columns = (*chart.columns, *(head for head, _ in marked))
        write_csv(file, columns, ((*row, *(said for _, said in marked)) for row in chart.rows), bom=True)
        content, content_type = file.getvalue(), "text/csv; charset=utf-8"
    else:
        content, content_type = _picture(request, of, about, chart), "image/svg+xml"
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = content_disposition_header(form == "csv", f"{_file_name(of, name)}.{form}") or ""
    return answer


def _plan_of(of: Of) -> Plan:
    return of if isinstance(of, Plan) else of.plan


def _file_name(of: Of, name: str) -> str:
    plan = _plan_of(of)
    parts = [plan.slug]
    if not isinstance(of, Plan):
        parts.append(f"{'policy' if isinstance(of, Policy) else 'item'}-{of.number}")
    return "_".join([*parts, name, *([FICTIONAL] if plan.is_fictional else [])])


def _picture(request: HttpRequest, of: Of, about: str, chart: Chart) -> bytes:
    plan = _plan_of(of)
    lines = [
        *([f"単位：{chart.unit}"] if chart.unit else []),
        f"{FICTIONAL}：{plan.title}" if plan.is_fictional else plan.title,
        f"出典：{chart.source}",
        f"作成：{MAKER}",
        f"データの更新日：{date_label(made_at().date())}",
        f"利用条件：{LICENCE}",
        LICENCE_URL,
        page_address(request, of.get_absolute_url()),
    ]
    return alone(chart.markup(plan), f"{about}{chart.title}", lines)
