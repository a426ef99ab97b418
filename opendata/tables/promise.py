"""The open tables of what was promised: framework, editions and what they say. Frozen editions only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from accounts.models import Department
from core.fiscal import in_gregorian
from opendata.tables import printed
from opendata.tables.table import IS_FICTIONAL, PLAN, Field, Table, UnfoldedTable
from policies.models import MAIN_AXIS, Edition, Grade, Plan, Policy, Source, Tone
from policies.words import WORDS
from programs.models import (
    Better,
    EndReason,
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    LateContent,
    Program,
    ProgramEdition,
    Responsibility,
    YearPlan,
)


def program_number(path: str = "program__number") -> Field:
    return Field("program_number", "番号", "実施項目の番号。文字として扱う（例: 27、R1-1）。", path=path, example="27")


def fiscal_year(meaning: str, path: str = "", **more: Any) -> Field:
    return Field(
        "fiscal_year",
        "年度",
        f"{meaning}始まる年の西暦（2011 は平成23年度）。",
        path=path,
        type="integer",
        example=2014,
        **more,
    )


def source_key(path: str = "source__key") -> Field:
    return Field("source", "出典", "出典の記号。sources の表にある。", path=path, example="S1")


def department_code(path: str) -> Field:
    return Field("department_code", "推進担当課のコード", "departments の表にある。", path=path, example="zaisei")


def edition_key(path: str = "edition__key", meaning: str = "計画の版の識別名。") -> Field:
    return Field("edition", "版", meaning, path=path, example="original")


def _frozen(path: str = "edition") -> Q:
    return Q(**{f"{path}__frozen_at__isnull": False})


def _year(name: str, label: str, path: str = "") -> Field:
    return Field(name, label, "始まる年の西暦。", path=path, type="integer", example=2011)


def _indicator_number(path: str) -> Field:
    return Field("indicator", "指標の番号", "実施項目の中の番号。", path=path, type="integer", example=1)


def public_indicators(plan: Plan) -> QuerySet[Indicator]:
    """Those that a frozen edition sets a target for, or that have a published actual."""
    promised = IndicatorTarget.objects.filter(_frozen(), indicator=OuterRef("pk"))
    reported = IndicatorActual.objects.filter(indicator=OuterRef("pk"))
    return Indicator.objects.filter(
        Exists(promised) | Exists(reported), program__plan=plan, program__public_at__isnull=False
    )


def _policies(plan: Plan) -> QuerySet[Any]:
    return (
        Policy.objects.filter(plan=plan)
        .annotate(item_count=Count("programs", filter=Q(programs__public_at__isnull=False)))
        .order_by("number")
    )


def _editions(plan: Plan) -> QuerySet[Any]:
    return (
        Edition.objects.filter(plan=plan, frozen_at__isnull=False)
        .annotate(frozen_on=TruncDate("frozen_at"))
        .order_by("first_fiscal_year", "pk")
    )


def public_targets(plan: Plan) -> QuerySet[IndicatorTarget]:
    return IndicatorTarget.objects.filter(_frozen(), indicator__program__plan=plan).order_by(
        "indicator__program__sort_key",
        "indicator__program",
        "indicator__number",
        "edition__first_fiscal_year",
        "fiscal_year",
    )


def public_actuals(plan: Plan) -> QuerySet[IndicatorActual]:
    return IndicatorActual.objects.filter(
        indicator__program__plan=plan, indicator__program__public_at__isnull=False
    ).order_by("indicator__program__sort_key", "indicator__program", "indicator__number", "fiscal_year")


def _responsibilities(plan: Plan) -> QuerySet[Responsibility]:
    return Responsibility.objects.filter(_frozen("program_edition__edition"), program_edition__program__plan=plan)


def _departments(plan: Plan) -> QuerySet[Department]:
    """Those that a frozen edition names, and whoever has followed them."""
    named = set(_responsibilities(plan).values_list("department", flat=True))
    successions = Department.objects.successions()
    found = named.union(*(successions.get(pk, ()) for pk in named))
    return Department.objects.filter(pk__in=found)


# When something was decided, as a document says it and in the other calendar.
DECIDED_GREGORIAN = Field(
    "decided_gregorian",
    "決定した時期（西暦）",
    "資料に書かれた時期の年を、西暦に読み替えたもの。",
    example="2013年度末",
)

PLAN_FIELDS = (
    replace(PLAN, path="slug"),
    Field("city", "自治体", "計画を定めた自治体。", example="小平市"),
    Field("city_code", "全国地方公共団体コード", "自治体のコード（6桁）。", example="132110"),
    Field("name", "計画名", "計画の名称。"),
    Field("program_name", "プログラムの名称", "実施項目をまとめたプログラムの名称。"),
    Field("summary", "説明", "やさしい言葉による説明。"),
    _year("first_fiscal_year", "最初の年度"),
    _year("last_fiscal_year", "最後の年度"),
    Field(
        "original_last_fiscal_year",
        "当初の最後の年度",
        "見直しで期間を延長した計画のとき、延長する前の最後の年度。始まる年の西暦。",
        type="integer",
        example=2015,
    ),
    source_key(),
    replace(IS_FICTIONAL, path="is_fictional"),
    *(
        Field(f"{name}_word", f"「{ours}」の用語", f"この計画での{ours}の呼び方。空欄は「{ours}」と呼ぶことを表す。")
        for name, ours in WORDS.items()
    ),
)

SOURCES = Table(
    "sources",
    "出典",
    "数値や文を写した資料やページ。ほかの表の source はこの表の行を指す。",
    (
        Field("source", "記号", "出典の記号。", path="key", example="S1"),
        Field("title", "題名", "資料やページの題名。"),
        Field("publisher", "発行", "発行した機関。"),
        Field("published_on", "発行日", "発行された日。", path="date", type="date", example="2014-10-31"),
        Field("updated_on", "更新日", "ページに書かれた更新日。", path="updated", type="date"),
        Field("url", "アドレス", "公開されている場所。"),
        Field("note", "備考", "出典についての注記。"),
    ),
    lambda plan: Source.objects.shown().filter(plan=plan).order_by("key"),
    ("source",),
)

GRADES = Table(
    "grades",
    "評価の記号",
    "この計画の評価の段階。計画ごとに異なり、計画の間で比べられない。",
    (
        Field("grade", "記号", "評価の記号。", path="code", example="A"),
        Field("grade_label", "名称", "記号の名称。", path="label", example="予定どおりに進捗"),
        Field("definition", "定義", "評価の定義。"),
        Field("order", "並び順", "よいものから 1, 2, 3。", type="integer", example=2),
        Field("tone", "意味", "記号にかかわらない意味。", codes=tuple(Tone.choices), example="on_track"),
        source_key(),
        Field("axis", "評価の軸", f"軸の記号。1番目の軸は {MAIN_AXIS}。", path="axis__key", example=MAIN_AXIS),
        Field("axis_name", "軸の名称", "空欄は、軸が一つで名称のないことを表す。", path="axis__name"),
    ),
    lambda plan: Grade.objects.filter(plan=plan).order_by("axis__order", "order"),
    ("axis", "grade"),
)

POLICIES = Table(
    "policies",
    "方針",
    "計画の方針と、登録されている実施項目の数。",
    (
        Field("policy_number", "方針の番号", "方針の番号。", path="number", type="integer", example=1),
        Field("policy_name", "方針", "方針の名称。", path="name"),
        Field("summary", "説明", "やさしい言葉による説明。"),
        Field(
            "direction_number",
            "方向性の番号",
            "空欄は、方向性がないことを表す。",
            path="direction__number",
            type="integer",
            example=1,
        ),
        Field("direction_name", "方向性", "方向性の名称。", path="direction__name"),
        Field("item_count", "項目数", "登録されている実施項目の数。", type="integer", unit="項目", example=12),
        source_key(),
    ),
    _policies,
    ("policy_number",),
)

CAME_AND_WENT = Table(
    "added_and_ended",
    "加わった項目と終わった項目",
    "計画の途中で加わった実施項目と、終了・統合した実施項目。計画の初めから終わりまで続く項目は、行がない。",
    (
        program_number("number"),
        Field("name", "項目名", "実施項目の名称。空欄は未登録。"),
        Field("policy_number", "方針の番号", "方針の番号。", path="policy__number", type="integer", example=1),
        Field("added_on", "追加した日", "計画の途中で加わった日。", type="date", example="2014-04-01"),
        Field("ended_on", "終了した日", "この日まで続いた。", type="date", example="2014-03-31"),
        Field("end_reason", "終了の理由", "終了の理由。", codes=tuple(EndReason.choices), example="merged"),
        Field(
            "merged_into_program_number",
            "統合先の項目",
            "引き継いだ項目の番号。",
            path="merged_into__number",
            example="R1-1",
        ),
        Field("carried_plan", "引き継いだ計画", "次の計画へ継続したとき、その計画の識別名。", example="next"),
        Field(
            "carried_program_number",
            "引き継いだ計画の項目",
            "次の計画へ継続したとき、その計画での番号。",
            path="carried_number",
            example="R1-1",
        ),
        Field("end_note", "終了の説明", "終了についての説明。"),
        source_key(),
    ),
    lambda plan: (
        Program.objects.shown().filter(plan=plan).exclude(added_on=None, ended_on=None).order_by("sort_key", "pk")
    ),
    ("program_number",),
    {"program": "number"},
)

RELISTINGS = Table(
    "relistings",
    "再掲",
    "実施項目が、属する方針のほかに、もう一度載っている方針。項目の数は、属する方針で一度だけ数える。",
    (
        program_number(),
        Field(
            "policy_number", "方針の番号", "もう一度載っている方針。", path="policy__number", type="integer", example=3
        ),
    ),
    lambda plan: Program.relisted_in.through.objects.filter(
        program__plan=plan, program__public_at__isnull=False
    ).order_by("program__sort_key", "program", "policy__number"),
    ("program_number", "policy_number"),
    {"program": "program__number"},
)

EDITIONS = Table(
    "editions",
    "版",
    "計画の版（当初、改訂版）。確定した版と、市が公表した数で知られている版（level が plan）。",
    (
        printed.level(),
        edition_key("key"),
        Field("name", "名称", "版の名称。", example="当初"),
        _year("first_fiscal_year", "適用の最初の年度"),
        _year("last_fiscal_year", "適用の最後の年度"),
        Field("decided", "決定した時期", "資料に書かれた決定の時期。", example="平成25年度末"),
        replace(DECIDED_GREGORIAN, path="decided", of=in_gregorian),
        Field("frozen_on", "確定日", "このサイトで版を確定した日。", type="date", example="2014-04-01"),
        source_key(),
    ),
    _editions,
    ("edition",),
    printed=printed.editions,
)

PROGRAM_EDITIONS = Table(
    "program_editions",
    "計画内容",
    "実施項目ごと、版ごとの計画の文。確定した版だけを載せる。",
    (
        program_number(),
        edition_key(),
        Field("contents", "実施内容", "実施すること。"),
        Field("planned_years", "実施予定年度", "計画にあるとおりの表記。", example="平成23年度～平成25年度"),
        Field(
            "planned_years_gregorian",
            "実施予定年度（西暦）",
            "計画の表記の年を、西暦に読み替えたもの。",
            path="planned_years",
            of=in_gregorian,
            example="2011年度～2013年度",
        ),
        Field("expected_effect", "見込まれる効果", "計画に書かれた効果。"),
        Field("revision_reason", "見直しの理由", "前の版から変えた理由。"),
        source_key(),
    ),
    lambda plan: ProgramEdition.objects.filter(_frozen(), program__plan=plan).order_by(
        "program__sort_key", "program", "edition__first_fiscal_year"
    ),
    ("program_number", "edition"),
    {"program": "program__number", "edition": "edition__key"},
)

LATE_CONTENTS = UnfoldedTable(
    "late_contents",
    "あとから分かった内容",
    "版が確定したときには分からず、あとから計画内容に登録した欄。1行に一つの欄。正誤ではない。",
    (
        program_number("program_edition__program__number"),
        edition_key("program_edition__edition__key"),
        Field("learned_on", "分かった日", "登録した日。", type="date", example="2015-01-15"),
        Field("reason", "あとから登録した理由", "理由。"),
        source_key(),
        Field("label", "登録した欄", "登録した欄の日本語の名称。", example="実施内容"),
    ),
    lambda plan: LateContent.objects.filter(plan=plan).order_by("learned_on", "pk"),
    (),
    {"program": "program_edition__program__number", "edition": "program_edition__edition__key"},
    unfolds="fields",
    unfold=lambda fields: [{"label": label.strip()} for label in fields.split("、") if label.strip()],
    keys=("label",),
)

PROGRAM_DEPARTMENTS = Table(
    "program_departments",
    "推進担当課",
    "計画内容（program_editions）の推進担当課。1行に一つの課。確定した版だけを載せる。",
    (
        program_number("program_edition__program__number"),
        edition_key("program_edition__edition__key"),
        Field("order", "並び順", "1 は主担当。", type="integer", example=1),
        department_code("department__code"),
    ),
    lambda plan: _responsibilities(plan).order_by(
        "program_edition__program__sort_key",
        "program_edition__program",
        "program_edition__edition__first_fiscal_year",
        "order",
    ),
    ("program_number", "edition", "order"),
    {"program": "program_edition__program__number", "edition": "program_edition__edition__key"},
)

DEPARTMENTS = Table(
    "departments",
    "部署",
    "計画内容の推進担当課と、その仕事を引き継いだ部署。改称・統合した部署は、別の行になる。",
    (
        Field("department_code", "コード", "部署のコード。", path="code", example="zaisei"),
        Field("department_name", "名称", "部署の名称。", path="name", example="財政課"),
        Field("valid_from", "設置日", "空欄は未登録。", type="date"),
        Field("valid_to", "廃止・改称の前日", "空欄は、今もあるか未登録。", type="date"),
        Field("successor_department_code", "引き継いだ部署", "今の担当となる部署のコード。", "successor__code"),
        Field("order", "並び順", "自治体が部署を並べる順。空欄は未登録。", type="integer", example=3),
    ),
    _departments,
    ("department_code",),
)

YEAR_PLANS = Table(
    "year_plans",
    "年度計画",
    "年度ごとに実施すること。確定した版だけを載せる。",
    (
        program_number("program_edition__program__number"),
        edition_key("program_edition__edition__key"),
        fiscal_year("計画の年度。"),
        Field("text", "計画", "その年度に実施すること（検討、試行、実施など、計画にあるとおり）。", example="実施"),
        Field(
            "is_none",
            "計画がない年度",
            "true のとき、その年度の計画がないと資料が示している（text は資料の表記）。分からない年度は、行がない。",
            type="boolean",
            example=False,
        ),
    ),
    lambda plan: YearPlan.objects.filter(
        _frozen("program_edition__edition"), program_edition__program__plan=plan
    ).order_by(
        "program_edition__program__sort_key",
        "program_edition__program",
        "program_edition__edition__first_fiscal_year",
        "fiscal_year",
    ),
    ("program_number", "edition", "fiscal_year"),
    {
        "program": "program_edition__program__number",
        "edition": "program_edition__edition__key",
        "fiscal_year": "fiscal_year",
    },
)

UNIT = Field("unit", "単位", "値の単位。数値で表せない指標は空欄。", example="%")

INDICATORS = Table(
    "indicators",
    "成果指標",
    "実施項目の成果を測る指標。確定した版に目標があるか、公表された実績があるものだけを載せる。",
    (
        program_number(),
        _indicator_number("number"),
        Field("name", "指標名", "指標の名称。"),
        UNIT,
        Field("better", "よい方向", "値がどちらに動くとよいか。", codes=tuple(Better.choices), example="up"),
        Field("baseline", "基準値", "計画を作ったときの値。", type="number", example=95.5),
        Field("baseline_fiscal_year", "基準値の年度", "始まる年の西暦。", type="integer", example=2010),
        Field("baseline_note", "基準値の補足", "基準値についての注記。"),
    ),
    lambda plan: public_indicators(plan).order_by("program__sort_key", "program", "number"),
    ("program_number", "indicator"),
    {"program": "program__number"},
)

TARGETS = Table(
    "indicator_targets",
    "成果指標の目標",
    "版ごと、年度ごとの目標。確定した版だけを載せる。",
    (
        program_number("indicator__program__number"),
        _indicator_number("indicator__number"),
        edition_key(),
        fiscal_year("目標の年度。"),
        Field("value", "目標値", "単位は unit。", type="number", example=97),
        replace(UNIT, path="indicator__unit"),
        Field("text", "目標の言葉", "数値に添えられた言葉、または数値のない目標（以上、増加など）。", example="以上"),
    ),
    public_targets,
    ("program_number", "indicator", "edition", "fiscal_year"),
    {"program": "indicator__program__number", "edition": "edition__key", "fiscal_year": "fiscal_year"},
)

ACTUALS = Table(
    "indicator_actuals",
    "成果指標の実績",
    "年度ごとの実績。最後に公表された値。",
    (
        program_number("indicator__program__number"),
        _indicator_number("indicator__number"),
        fiscal_year("実績の年度。"),
        Field("value", "実績値", "単位は unit。", type="number", example=96.2),
        replace(UNIT, path="indicator__unit"),
        Field("is_forecast", "見込", "true のとき、年度の途中の見込みの値。", type="boolean", example=False),
        Field("note", "補足", "実績についての注記。"),
    ),
    public_actuals,
    ("program_number", "indicator", "fiscal_year"),
    {"program": "indicator__program__number", "fiscal_year": "fiscal_year"},
)
