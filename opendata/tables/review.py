"""The open tables of check: what was reported, counted, corrected and printed. Published data only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from core.fiscal import fiscal_year_of
from core.text import clean_code
from figures.ledger import reconcile
from figures.models import PublishedFigure
from figures.revisions import Status
from opendata.tables import printed
from opendata.tables.plan_indicators import plan_indicator
from opendata.tables.promise import edition_key, fiscal_year, program_number, source_key
from opendata.tables.table import Field, Row, Table, Type, UnfoldedTable
from policies.models import Judge, Plan, Scale, Tone
from programs.models import ContentErratum, PlanIndicatorErratum
from reviews import report_fields
from reviews.models import (
    Account,
    Basis,
    Origin,
    PublishedJudgement,
    PublishedReport,
    ReportErratum,
    Round,
    Series,
    report_label,
)
from reviews.report_fields import FieldKind, ReportField

_FROM_AS_OF = "基準日が属する年度。"


def as_of(path: str = "", meaning: str = "調査の基準日。") -> Field:
    return Field("as_of", "基準日", meaning, path=path, type="date", example="2014-09-30")


# What a row of a round begins with.
_OF_ROUND = (as_of("round__as_of"), fiscal_year(_FROM_AS_OF, "round__as_of", of=fiscal_year_of))


def items_field(name: str, label: str, meaning: str) -> Field:
    return Field(name, label, meaning, type="integer", unit="項目", example=62)


def _reported(field: ReportField) -> Field:
    kind: Type = "date" if field.kind is FieldKind.DAY else "string"
    label = report_label(field.name)
    return Field(field.name, label, field.meaning, path=field.as_frozen, type=kind, example=field.example)


def _of_lead(key: str) -> Any:
    return lambda departments: departments[0][key] if departments else None


def published_rows(plan: Plan) -> QuerySet[PublishedReport]:
    """Every item of every published round, frozen as it was, by round and item."""
    return (
        PublishedReport.objects.public()
        .filter(round__plan=plan, round__state=Round.State.PUBLISHED)
        .order_by("round__as_of", "sort_key", "program")
    )


def _rounds(plan: Plan) -> QuerySet[Any]:
    graded = Q(published_reports__isnull=False) & ~Q(published_reports__grade_code="")
    excluded = Q(published_reports__tone=Tone.EXCLUDED)
    before = Round.objects.published().filter(plan=plan, as_of__lt=OuterRef("as_of")).order_by("-as_of")
    begun = Scale.objects.main_of(plan).filter(starts_on__gt=OuterRef("before")).in_force_on(OuterRef("as_of"))
    return (
        Round.objects.published()
        .filter(plan=plan)
        .annotate(before=Subquery(before.values("as_of")[:1]))
        .annotate(
            published_on=TruncDate("published_at"),
            item_count=Count("published_reports"),
            graded_count=Count("published_reports", filter=graded & ~excluded),
            excluded_count=Count("published_reports", filter=excluded),
            unreported_count=Count("published_reports", filter=Q(published_reports__grade_code="")),
            criteria_note=Subquery(begun.values("note")),
        )
        .order_by("as_of")
    )


def _grade_counts(plan: Plan) -> QuerySet[Any]:
    grade = ("round__as_of", "round__source__key", "grade_code", "grade_label", "tone", "grade_order")
    return (
        published_rows(plan)
        .exclude(grade_code="")
        .order_by()
        .values(*grade)
        .annotate(item_count=Count("pk"))
        .order_by("round__as_of", "grade_order", "grade_code")
    )


ROUNDS = Table(
    "rounds",
    "調査",
    "調査（基準日ごとの進捗の報告）と、項目の数。項目ごとの評価が未登録の調査は、level が plan で、市が公表した数だけを持つ。",
    (
        printed.level(),
        as_of(),
        fiscal_year(_FROM_AS_OF, "as_of", of=fiscal_year_of),
        edition_key(meaning="その基準日に適用された版の識別名。"),
        Field("published_on", "公表日", "このサイトで公表した日。", type="date", example="2014-11-20"),
        items_field("item_count", "項目数", "調査の対象になった実施項目の数。"),
        items_field("graded_count", "評価した項目数", "評価が公表された実施項目の数。評価の対象外は含まない。"),
        items_field("excluded_count", "評価の対象外の項目数", "調査の対象で、評価の対象でない実施項目の数。"),
        items_field("unreported_count", "未報告の項目数", "報告がないまま公表された実施項目の数。"),
        Field(
            "released_on",
            "市が公表した日",
            "この仕組みを使う前に市が公表した結果を登録した調査のとき。",
            type="date",
            example="2013-11-20",
        ),
        Field("criteria_note", "評価の基準の変更", "前の調査と基準が違うとき、変わったこと。空欄は、同じことを表す。"),
        source_key(),
    ),
    _rounds,
    ("as_of",),
    printed=printed.rounds,
)

GRADE_COUNTS = Table(
    "grade_counts",
    "評価別の項目数",
    "調査の、評価ごとの項目数。項目ごとの評価が未登録の基準日は、市が公表した数（level が plan か policy）。",
    (
        printed.level(path="grade_code"),
        replace(printed.policy_number(), path="grade_code"),
        *_OF_ROUND,
        Field("grade", "評価", "評価の記号。", path="grade_code", example="A"),
        Field("grade_label", "評価の名称", "その時の名称。", example="予定どおりに進捗"),
        Field("tone", "評価の意味", "記号にかかわらない意味。", codes=tuple(Tone.choices), example="on_track"),
        items_field("item_count", "項目数", "その評価の実施項目の数。"),
        source_key("round__source__key"),
    ),
    _grade_counts,
    (),
    {"round": "round__as_of"},
    printed=printed.grade_counts,
)


def _delay_causes(plan: Plan) -> QuerySet[Any]:
    rows = published_rows(plan).filter(tone=Tone.BEHIND).exclude(delay_cause="").order_by()
    counted = rows.values("round__as_of", "delay_cause").annotate(item_count=Count("pk"), first=Min("sort_key"))
    return counted.order_by("round__as_of", "-item_count", "first")  # never by collation


DELAY_CAUSES = Table(
    "delay_causes",
    "遅れの原因別の項目数",
    "公表された調査の、遅れている実施項目の数。推進担当課が報告した原因ごと。原因を報告していない項目は含まない。",
    (
        *_OF_ROUND,
        Field("delay_cause", "遅れの原因", report_fields.BY_NAME["delay_cause"].meaning, example="予算"),
        items_field("item_count", "項目数", "その原因を報告した実施項目の数。"),
    ),
    _delay_causes,
    ("as_of", "delay_cause"),
    {"round": "round__as_of"},
)

REPORTS = Table(
    "reports",
    "進捗報告",
    "公表された調査ごと、実施項目ごとの報告。公表した時のまま、後から変わらない。訂正は errata の表にある。",
    (
        *_OF_ROUND,
        program_number("number"),
        Field(
            "is_number_provisional",
            "番号は仮",
            "true のとき、番号は確かめられていない。",
            path="number_is_provisional",
            type="boolean",
            example=False,
        ),
        Field("name", "項目名", "その時の名称。空欄は未登録。"),
        Field("direction_number", "方向性の番号", "空欄は、方向性がないことを表す。", type="integer", example=1),
        Field("direction_name", "方向性", "その時の名称。"),
        Field("policy_number", "方針の番号", "方針の番号。", type="integer", example=1),
        Field("policy_name", "方針", "その時の名称。"),
        edition_key("edition_key"),
        Field(
            "lead_department_code",
            "主担当のコード",
            "その時の推進担当課のうち主担当。すべての担当課は report_departments の表にある。",
            path="departments",
            of=_of_lead("code"),
            example="zaisei",
        ),
        Field(
            "lead_department_name",
            "主担当",
            "その時の名称。",
            path="departments",
            of=_of_lead("name"),
            example="財政課",
        ),
        Field("grade", "評価", "評価の記号。空欄は、報告がないことを表す。", path="grade_code", example="A"),
        Field("grade_label", "評価の名称", "その時の名称。", example="予定どおりに進捗"),
        Field("tone", "評価の意味", "記号にかかわらない意味。", codes=tuple(Tone.choices), example="on_track"),
        *(_reported(field) for field in report_fields.PLAIN),
        Field(
            "origin",
            "結果の由来",
            "own はこの仕組みで公表した報告、city は市の公表による結果（報告はない）。",
            codes=tuple(Origin.choices),
            example="own",
        ),
        source_key("source_key"),
        Field("note", "備考", "項目についての注記。"),
    ),
    published_rows,
    ("as_of", "program_number"),
    {"round": "round__as_of", "program": "number", "policy": "policy_number"},
)

JUDGEMENTS = Table(
    "judgements",
    "2番目からの軸の評価",
    "評価の軸が二つ以上ある計画の、2番目からの軸の評価。1行に一つの実施項目の一つの軸。1番目の軸の評価は reports の表にある。"
    "公表した時のまま、後から変わらない。",
    (
        as_of("published_report__round__as_of"),
        fiscal_year(_FROM_AS_OF, "published_report__round__as_of", of=fiscal_year_of),
        program_number("published_report__number"),
        Field("axis", "評価の軸", "軸の記号。", path="axis__key", example="outcome"),
        Field("axis_name", "軸の名称", "その時の名称。", example="達成度"),
        Field(
            "judge",
            "評価する者",
            "軸の評価をする者。",
            path="axis__judge",
            codes=tuple(Judge.choices),
            example="committee",
        ),
        Field("grade", "評価", "評価の記号。", path="grade_code", example="A"),
        Field("grade_label", "評価の名称", "その時の名称。", example="達成"),
        Field("tone", "評価の意味", "記号にかかわらない意味。", codes=tuple(Tone.choices), example="on_track"),
    ),
    lambda plan: PublishedJudgement.objects.filter(published_report__in=published_rows(plan).order_by()).order_by(
        "published_report__round__as_of", "published_report__sort_key", "published_report", "axis_order"
    ),
    ("as_of", "program_number", "axis"),
    {
        "round": "published_report__round__as_of",
        "program": "published_report__number",
        "policy": "published_report__policy_number",
    },
)

REPORT_DEPARTMENTS = UnfoldedTable(
    "report_departments",
    "進捗報告の推進担当課",
    "進捗報告（reports）の実施項目の、その時の推進担当課。1行に一つの課。",
    (
        *_OF_ROUND,
        program_number("number"),
        Field("order", "並び順", "1 は主担当。", type="integer", example=1),
        Field("department_code", "推進担当課のコード", "その時のコード。", example="zaisei"),
        Field("department_name", "推進担当課", "その時の名称。", example="財政課"),
    ),
    lambda plan: published_rows(plan).exclude(departments=[]),
    ("as_of", "program_number", "order"),
    {"round": "round__as_of", "program": "number", "policy": "policy_number"},
    unfolds="departments",
    keys=("", "code", "name"),
)

CONTRIBUTIONS = UnfoldedTable(
    "contributions",
    "関係課の記入",
    "主担当でない推進担当課が、報告に書き添えた取組状況。公表した時のまま、後から変わらない。",
    (
        *_OF_ROUND,
        program_number("number"),
        Field("department_name", "推進担当課", "その時の名称。", example="財政課"),
        Field("text", "取組状況", "その課の報告。"),
    ),
    lambda plan: published_rows(plan).exclude(contributions=[]),
    ("as_of", "program_number", "department_name"),
    {"round": "round__as_of", "program": "number", "policy": "policy_number"},
    unfolds="contributions",
    keys=("department", "text"),
)

# The file of one published round never changes. Columns that are added later stay out of it.
_ROUND_FILE = (
    *("as_of", "fiscal_year", "program_number", "is_number_provisional", "name", "direction_number", "direction_name"),
    *(
        "policy_number",
        "policy_name",
        "edition",
        "lead_department_code",
        "lead_department_name",
        "grade",
        "grade_label",
        "tone",
    ),
    *(field.name for field in report_fields.PLAIN if field.since < 3),
    *("source", "note"),
)
ROUND_FILE = replace(
    REPORTS, name="programs", fields=tuple(column for column in REPORTS.fields if column.name in _ROUND_FILE)
)


def _errata(plan: Plan) -> list[Row]:
    """All three kinds, by date. They are few: three readable queries."""
    written = ("corrected_on", "field", "label", "old", "new", "reason")
    found = []
    for kind, errata, about in (
        (0, ReportErratum.objects.filter(plan=plan), ("published_report__number", "published_report__round__as_of")),
        (
            1,
            ContentErratum.objects.filter(plan=plan, program_edition__edition__frozen_at__isnull=False),
            ("program_edition__program__number", "program_edition__edition__key"),
        ),
        (2, PlanIndicatorErratum.objects.filter(plan=plan), ("plan__slug", "indicator__number")),
    ):
        for pk, number, of, corrected_on, *rest in errata.values_list("pk", *about, *written):
            where: list[Any] = [None, None, None]
            where[kind] = of
            item = None if kind == 2 else number
            found.append((corrected_on, kind, pk, (corrected_on, item, *where, *(value or None for value in rest))))
    return [row for *_, row in sorted(found)]


ERRATA = Table(
    "errata",
    "正誤",
    "公表した後の訂正。公表した値はそのまま残り、この表の値が正しい値。",
    (
        Field("corrected_on", "訂正日", "訂正した日。", type="date", example="2015-01-15"),
        Field("program_number", "番号", "実施項目の番号。", example="27"),
        as_of("as_of", "訂正した報告の基準日。空欄は、計画内容の訂正であることを表す。"),
        edition_key("edition", "訂正した計画内容の版。空欄は、報告の訂正であることを表す。"),
        plan_indicator(meaning="全体の指標の訂正のとき。"),
        Field("field", "欄", "訂正した欄の名前。", example="progress"),
        Field("label", "欄の名称", "訂正した欄の日本語の名称。", example="取組状況"),
        Field("old", "誤", "公表した値。"),
        Field("new", "正", "正しい値。"),
        Field("reason", "訂正の理由", "訂正した理由。"),
    ),
    _errata,
    (),
)


def _figures(plan: Plan) -> Sequence[Row]:
    lines = reconcile(plan)
    keys = {line.figure.pk: line.figure.key for line in lines}
    return [
        (
            figure.key,
            figure.measure,
            figure.label,
            figure.policy.number if figure.policy else None,
            figure.edition.key if figure.edition else None,
            figure.as_of,
            figure.fiscal_year,
            clean_code(figure.category) or None,
            figure.basis or None,
            figure.printed,
            figure.value,
            figure.unit or None,
            figure.is_approximate,
            line.computed,
            line.status.value,
            line.reason,
            figure.source.key,
            figure.locator,
            figure.note or None,
            figure.plan_indicator.number if figure.plan_indicator else None,
            figure.account or None,
            figure.series or None,
            keys.get(figure.supersedes_id or 0),
            figure.axis.key if figure.axis else None,
        )
        for line in lines
        for figure in (line.figure,)
    ]


FIGURES = Table(
    "figures",
    "公表値と照合",
    "市が資料で公表した数値と、このサイトの記録との照合の結果。",
    (
        Field("figure", "記号", "公表値の記号。", example="effect-2011-total"),
        Field("measure", "種別", "何の数か。", codes=tuple(PublishedFigure.Measure.choices), example="effect"),
        Field("label", "名称", "公表値の名称。"),
        Field("policy_number", "方針の番号", "方針についての数のとき。", type="integer"),
        edition_key("", "版についての数のとき、その識別名。"),
        as_of("", "基準日のある数のとき。"),
        Field("fiscal_year", "年度", "年度のある数のとき、始まる年の西暦。", type="integer", example=2011),
        Field("category", "区分", "評価の記号、効果額の種類、見直しの内容など。", example="total"),
        Field("basis", "根拠", "効果額の確かさ。", codes=tuple(Basis.choices), example="actual"),
        Field("printed", "印刷された表記", "資料にあるとおりの表記。", example="285"),
        Field("value", "読み取った値", "空欄は、読み取れないことを表す。", type="number", example=285),
        Field("unit", "単位", "値の単位。", example="百万円"),
        Field("is_approximate", "およその値", "true のとき、「約」などの付いた値。", type="boolean", example=False),
        Field("computed", "記録から計算した値", "空欄は、計算できないことを表す。", type="number", example=285),
        Field("status", "照合", "照合の結果。", codes=tuple((s.value, s.value) for s in Status), example="一致"),
        Field("reason", "照合の説明", "計算の方法、または計算できない理由。"),
        source_key(""),
        Field("locator", "資料の中の場所", "ページや表の番号。", example="表1"),
        Field("note", "備考", "公表値についての注記。"),
        plan_indicator(meaning="全体の指標の数のとき。"),
        Field("account", "会計", "一つの会計の効果額のとき。", codes=tuple(Account.choices), example="general"),
        Field("series", "数え方", "効果額の数え方。", codes=tuple(Series.choices), example="single"),
        Field(
            "superseded_figure",
            "差し替えた公表値",
            "訂正された表の値のとき、訂正する前の公表値の記号。",
            example="effect-2011-first",
        ),
        Field("axis", "評価の軸", "評価別の数が、2番目からの軸のものであるとき、その記号。空欄は1番目の軸。"),
    ),
    _figures,
    ("figure",),
)
