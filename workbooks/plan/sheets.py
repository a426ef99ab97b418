"""The sheets of the plan workbook, declared once.

Export, import, the README sheet and the data dictionary all read this list. The order is the order of dependence: a
sheet refers to sheets above it (and, where a reference may be empty, to itself or to a later one).
"""

from __future__ import annotations

from accounts.models import Department
from committee.models import KeyProgram, Meeting, Opinion
from core.text import clean_code
from figures.models import PublishedFigure
from policies.models import (
    MAIN_AXIS,
    DelayCause,
    Direction,
    Edition,
    LineageFigure,
    LineageNote,
    LineagePlan,
    Plan,
    Policy,
    Position,
    Source,
    Viewpoint,
)
from policies.words import WORDS
from programs.models import (
    ContentErratum,
    LateContent,
    Program,
    ProgramEdition,
    Responsibility,
    Revision,
    RevisionMark,
    YearPlan,
)
from reviews import report_fields
from reviews.models import (
    Contribution,
    Effect,
    EffectPlace,
    PublishedReport,
    Redaction,
    Report,
    ReportActual,
    ReportEffect,
    ReportErratum,
    Round,
    Settlement,
)
from reviews.report_fields import FieldKind
from workbooks.plan import derivation
from workbooks.plan.axes import JUDGEMENTS, OF_AXES, PUBLISHED_JUDGEMENTS
from workbooks.plan.indicators import INDICATOR, OF_INDICATORS, PLAN_INDICATOR_ERRATA
from workbooks.plan.shared import EDITION, PROGRAM, REPORT, SOURCE, errata_sheet
from workbooks.plan.specification import BY_NAME, ListColumn, Person, PlanSheet, Reference

__all__ = ["BY_NAME", "SHEETS"]

_CONTENT = Reference("program_edition", "program_editions", ("program", "edition"))
_ROUND = Reference("round", "rounds", ("as_of",))
_PUBLICITY = ("public_at", "withdrawn")  # moved by acts alone
_EFFECT_KEY = EffectPlace._fields

_FRAMEWORK = (
    PlanSheet(
        "plan",
        Plan,
        key=("slug",),
        plain=(
            "slug",
            "city",
            "city_code",
            "name",
            "program_name",
            "summary",
            "first_fiscal_year",
            "last_fiscal_year",
            "original_last_fiscal_year",
            "rule_name",
            "rule_first_fiscal_year",
            "rule_last_fiscal_year",
            "committee_name",
            "committee_experts",
            "committee_citizens",
            "is_fictional",
            "is_public",
            "withdrawn",
            "money_unit",
            *(f"{name}_word" for name in WORDS),
        ),
        references=(SOURCE, Reference("committee_source", "sources")),
        scope="pk",
        fixed=("city",),  # departments belong to the city
        can_delete=False,
        units={"committee_experts": "人", "committee_citizens": "人"},
    ),
    PlanSheet(
        "sources",
        Source,
        key=("key",),
        plain=("key", "title", "publisher", "date", "updated", "url", "note", *_PUBLICITY),
        fixed=_PUBLICITY,
    ),
    *OF_AXES,
    PlanSheet("delay_causes", DelayCause, key=("name",), plain=("name", "order"), order=("order",)),
    PlanSheet(
        "editions",
        Edition,
        key=("key",),
        plain=("key", "name", "first_fiscal_year", "last_fiscal_year", "decided", "frozen_at"),
        references=(SOURCE,),
        order=("first_fiscal_year",),
        people=(Person("frozen_by", "frozen_at"),),
        meanings={"frozen_at": "入力のある版は確定していて、計画内容・年度計画・目標値を変えられません。"},
    ),
    PlanSheet("viewpoints", Viewpoint, key=("order",), plain=("order", "kind", "name"), references=(SOURCE,)),
    PlanSheet("directions", Direction, key=("number",), plain=("number", "name"), references=(SOURCE,)),
    PlanSheet(
        "policies",
        Policy,
        key=("number",),
        plain=("number", "name", "summary"),
        references=(Reference("direction", "directions"), SOURCE),
    ),
    PlanSheet(
        "departments",
        Department,
        key=("code",),
        plain=("code", "name", "valid_from", "valid_to", "order"),
        references=(Reference("successor", "departments"),),
        scope="",
        place="order",
    ),
)

_PROMISE = (
    PlanSheet(
        "programs",
        Program,
        key=("number",),
        plain=(
            "number",
            "number_is_provisional",
            "name",
            "name_kana",
            "note",
            "added_on",
            "ended_on",
            "end_reason",
            "end_note",
            "carried_plan",
            "carried_number",
            *_PUBLICITY,
        ),
        fixed=_PUBLICITY,
        references=(Reference("policy", "policies"), SOURCE, Reference("merged_into", "programs")),
        lists=(ListColumn("relisted_in", "policies", Program.relisted_in.through, "program", "policy", "再掲の方針"),),
        check=derivation.check_program,
    ),
    PlanSheet(
        "program_editions",
        ProgramEdition,
        key=("program", "edition"),
        plain=("contents", "planned_years", "expected_effect", "revision_reason"),
        references=(PROGRAM, EDITION, SOURCE),
        lists=(
            ListColumn(
                "departments",
                "departments",
                Responsibility,
                "program_edition",
                "department",
                "推進担当課",
                order="order",
            ),
        ),
        scope="program__plan",
        meanings={"departments": "departments シートの code を並べる。先頭が主担当。"},
    ),
    PlanSheet(
        "year_plans",
        YearPlan,
        key=("program", "edition", "fiscal_year"),
        plain=("fiscal_year", "text", "is_none"),
        references=(_CONTENT,),
        asks=("editions",),
        check=derivation.check_added_year,
        scope="program_edition__program__plan",
    ),
    *OF_INDICATORS,
)

_ROUNDS = (
    PlanSheet(
        "rounds",
        Round,
        key=("as_of",),
        plain=("as_of", "opens_on", "due_on", "state", "published_at", "released_on", "framework", *_PUBLICITY),
        fixed=_PUBLICITY,
        references=(EDITION, SOURCE),
        people=(Person("published_by", "published_at"),),
        check=derivation.check_round,
        meanings={"framework": derivation.AS_PUBLISHED},
    ),
    PlanSheet(
        "reports",
        Report,
        key=("as_of", "program"),
        plain=(
            "state",
            *report_fields.names(FieldKind.TEXT, FieldKind.DAY),
            "return_reason",
            "submitted_at",
            "approved_at",
            "published_at",
        ),
        references=(
            _ROUND,
            PROGRAM,
            Reference("grade", "grades", of=(MAIN_AXIS,)),
            *(Reference(name, f"{name}s") for name in report_fields.names(FieldKind.CHOICE)),
        ),
        scope="round__plan",
        people=(
            Person("updated_by"),
            Person("submitted_by", "submitted_at"),
            Person("approved_by", "approved_at"),
            Person("published_by", "published_at"),
        ),
        derived=derivation.of_report,
        check=derivation.check_report,
    ),
    PlanSheet(
        "report_actuals",
        ReportActual,
        key=("as_of", "program", "indicator", "fiscal_year"),
        plain=("fiscal_year", "value", "is_forecast", "note"),
        units={"value": "indicators シートの unit"},
        references=(REPORT, INDICATOR),
        scope="report__round__plan",
    ),
    PlanSheet(
        "report_effects",
        ReportEffect,
        key=("as_of", "program", *_EFFECT_KEY),
        plain=(*_EFFECT_KEY, "amount", "note"),
        units={"amount": "同じ行の unit"},
        money="amount",
        references=(REPORT,),
        scope="report__round__plan",
    ),
    JUDGEMENTS,
    PlanSheet(
        "contributions",
        Contribution,
        key=("as_of", "program", "department"),
        plain=("text",),
        references=(REPORT, Reference("department", "departments")),
        scope="report__round__plan",
        people=(Person("updated_by"),),
    ),
    PlanSheet(
        "published_reports",
        PublishedReport,
        key=("as_of", "program"),
        plain=(
            *("number", "number_is_provisional", "name", "direction_number", "direction_name"),
            *("policy_number", "policy_name", "edition_key", "departments", "grade_code"),
            *("grade_label", "grade_order", "tone"),
            *(field.as_frozen for field in report_fields.PLAIN),
            *("contributions", "actuals", "effects", "origin", "source_key"),
            *("note",),
        ),
        references=(_ROUND, PROGRAM),
        scope="round__plan",
        can_delete=False,
        shapes=derivation.PUBLISHED_SHAPES,
        also=derivation.ALSO_PUBLISHED,
        meanings=dict.fromkeys(
            ("departments", "contributions", "actuals", "effects"),
            "公表した日のままの記録。書き出した値をそのまま使います。",
        ),
        derived=derivation.of_published,
        asks=("grades",),
    ),
    PUBLISHED_JUDGEMENTS,
)

_SETTLED = (*("fiscal_year", "kind", "account", "series", "value", "before", "before_basis", "settled_on", "note"),)
_REDACTION = ("place", "fields", "count", "is_public", "is_frozen", "reason", "redacted_at")
_RESULTS = (
    PlanSheet(
        "effects",
        Effect,
        key=("program", *_EFFECT_KEY),
        plain=(*_EFFECT_KEY, "amount", "note"),
        units={"amount": "同じ行の unit"},
        money="amount",
        references=(PROGRAM, SOURCE),
        scope="program__plan",
        asks=("settlements",),
    ),
    PlanSheet(
        "revisions",
        Revision,
        key=("to_edition",),
        plain=("decided_on", "purpose", "departments_counted"),
        references=(Reference("to_edition", "editions"), Reference("from_edition", "editions"), SOURCE),
    ),
    PlanSheet(
        "revision_marks",
        RevisionMark,
        key=("revision", "program", "aspect"),
        plain=("aspect", "note"),
        references=(Reference("revision", "revisions"), PROGRAM),
        scope="revision__plan",
    ),
    PlanSheet(
        "key_programs",
        KeyProgram,
        key=("program", "fiscal_year"),
        plain=("fiscal_year", "note"),
        references=(PROGRAM,),
        scope="program__plan",
    ),
    PlanSheet(
        "meetings",
        Meeting,
        key=("held_on",),
        plain=("held_on", "title", "place", "agenda", "opinions_due_on", *_PUBLICITY),
        fixed=_PUBLICITY,
        lists=(ListColumn("documents", "sources", Meeting.documents.through, "meeting", "source", "資料"),),
    ),
    PlanSheet(
        "opinions",
        Opinion,
        key=("key",),
        plain=(
            "key",
            "given_on",
            "text",
            "published_on",
            "answer_due_on",
            "disposition",
            "answer",
            "answered_on",
            "withdrawn",
        ),
        fixed=("withdrawn",),
        references=(Reference("meeting", "meetings"), PROGRAM, Reference("policy", "policies")),
    ),
    PlanSheet(
        "published_figures",
        PublishedFigure,
        key=("key",),
        plain=(
            "key",
            "measure",
            "label",
            "as_of",
            "fiscal_year",
            "category",
            "basis",
            "account",
            "series",
            "printed",
            "value",
            "unit",
            "is_approximate",
            "triangle",
            "locator",
            "note",
        ),
        references=(
            Reference("policy", "policies"),
            Reference("axis", "axes"),
            EDITION,
            Reference("plan_indicator", "plan_indicators"),
            SOURCE,
            Reference("supersedes", "published_figures"),
        ),
        units={"value": "同じ行の unit"},
        check=derivation.check_figure,
    ),
    PlanSheet(
        "positions",
        Position,
        key=("order",),
        plain=("order", "layer", "name", "first_fiscal_year", "last_fiscal_year", "item_count"),
        units={"item_count": "項目"},
        references=(SOURCE,),
    ),
    PlanSheet(
        "lineage",
        LineagePlan,
        key=("key",),
        plain=(
            "key",
            "order",
            "name",
            "summary",
            "first_fiscal_year",
            "last_fiscal_year",
            "item_count",
            "committee_experts",
            "committee_citizens",
        ),
        lists=(ListColumn("sources", "sources", LineagePlan.sources.through, "lineageplan", "source", "出典"),),
        order=("order",),
        units={"item_count": "項目", "committee_experts": "人", "committee_citizens": "人"},
    ),
    PlanSheet(
        "lineage_figures",
        LineageFigure,
        key=("key",),
        plain=(
            "key",
            "as_of",
            "policy_number",
            "policy_name",
            "grade_order",
            "grade_code",
            "grade_label",
            "tone",
            "value",
            "note",
        ),
        references=(Reference("lineage", "lineage"), SOURCE),
        units={"value": "項目"},
    ),
    PlanSheet(
        "lineage_notes",
        LineageNote,
        key=("key",),
        plain=("key", "kind", "text"),
        references=(Reference("lineage", "lineage"), SOURCE),
    ),
    errata_sheet(
        "errata",
        ReportErratum,
        Reference("published_report", "published_reports", ("as_of", "program")),
        ("as_of", "program"),
    ),
    errata_sheet("content_errata", ContentErratum, _CONTENT, ("program", "edition")),
    PLAN_INDICATOR_ERRATA,
    PlanSheet(
        "late_contents",
        LateContent,
        key=("number",),
        plain=("learned_on", "fields", "reason"),
        references=(_CONTENT, SOURCE),
        fixed=("program", "edition", "learned_on", "fields", "reason", "source"),
        can_delete=False,
        numbered=True,
        people=(Person("learned_by"),),
    ),
    PlanSheet(
        "settlements",
        Settlement,
        key=("number",),
        plain=_SETTLED,
        references=(PROGRAM, INDICATOR, SOURCE),
        fixed=("program", "indicator", *_SETTLED, "source"),
        can_delete=False,
        numbered=True,
        people=(Person("settled_by"),),
        units={"value": "千円、または indicators シートの unit", "before": "千円、または indicators シートの unit"},
    ),
    PlanSheet(
        "redactions",
        Redaction,
        key=("number",),
        plain=_REDACTION,
        references=(PROGRAM, _ROUND),
        fixed=("program", "as_of", *_REDACTION),
        can_delete=False,
        numbered=True,
    ),
)

SHEETS: tuple[PlanSheet, ...] = (*_FRAMEWORK, *_PROMISE, *_ROUNDS, *_RESULTS)
BY_NAME.update({sheet.name: sheet for sheet in SHEETS})


def sheet_named(title: str) -> PlanSheet | None:
    """A sheet by its ASCII or its Japanese name."""
    name = clean_code(title)
    return BY_NAME.get(name) or next((sheet for sheet in SHEETS if sheet.label == name), None)
