"""The data dictionary of the item table: every column with its name for programs, its Japanese name and its meaning."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.text import FICTIONAL
from figures.rows import GradeChange, ProgramRow
from opendata.tables.table import Type
from policies.models import Tone
from programs.models import EndReason
from reviews import report_fields
from reviews.models import report_label
from reviews.report_fields import FieldKind, ReportField
from workbooks.writer import Value


@dataclass(frozen=True)
class ProgramColumn:
    name: str
    label: str
    meaning: str
    of: Callable[[ProgramRow], Any]

    def value(self, row: ProgramRow) -> Value:
        """The value of a cell; what is unknown is None."""
        value = self.of(row)
        return None if value == "" else value


def _reported(*, later: bool) -> list[ProgramColumn]:
    """Columns of the fields of a report: those of the beginning, or those that came later."""

    def column(field: ReportField) -> ProgramColumn:
        return ProgramColumn(field.name, report_label(field.name), field.meaning, lambda row: row.reported[field.name])

    return [column(field) for field in report_fields.PLAIN if (field.since > 1) is later]


def _field(name: str, label: str, meaning: str) -> ProgramColumn:
    return ProgramColumn(name, label, meaning, lambda row: getattr(row, name))


_OF_TODAY = "空欄は、当てはまらないか未登録。調査（round）を指定した表では、いつも空欄。"

# The order of the columns in CSV and in the dictionary. New columns go to the end.
COLUMNS = [
    _field("plan", "計画", "計画の識別名。アドレスの /plans/ の次にある文字。"),
    ProgramColumn("program_number", "番号", "実施項目の番号。文字として扱う（例: 27、R1-1）。", lambda row: row.number),
    ProgramColumn(
        "is_number_provisional",
        "番号は仮",
        "true のとき、番号は公表資料で確かめられておらず、変わることがある。",
        lambda row: row.number_is_provisional,
    ),
    _field("name", "項目名", "実施項目の名称。空欄は未登録。"),
    _field("direction_number", "方向性の番号", "方針が属する方向性。空欄は方向性がないことを表す。"),
    _field("direction_name", "方向性", "方向性の名称。"),
    _field("policy_number", "方針の番号", "実施項目が属する方針。"),
    _field("policy_name", "方針", "方針の名称。"),
    _field("edition", "版", "推進担当課を読んだ計画の版の識別名。空欄は、確定した版がないことを表す。"),
    ProgramColumn(
        "lead_department_code",
        "主担当のコード",
        "その版の推進担当課のうち主担当。空欄は未登録。すべての担当課は program_departments の表にある。",
        lambda row: row.departments[0].code if row.departments else None,
    ),
    ProgramColumn(
        "lead_department_name",
        "主担当",
        "主担当の名称。",
        lambda row: row.departments[0].name if row.departments else None,
    ),
    _field("as_of", "基準日", "評価の基準日（YYYY-MM-DD）。空欄は未登録（評価の登録された調査がない）。"),
    _field("fiscal_year", "年度", "基準日が属する年度。始まる年の西暦（2011 は平成23年度）。"),
    _field(
        "grade",
        "評価",
        "公表された評価の記号。空欄は、未登録か、報告がないまま公表した項目（as_of があるとき）。0 ではない。",
    ),
    _field("grade_label", "評価の名称", "記号の名称。定義は計画ごとに異なり、計画の間で比べられない。"),
    _field("tone", "評価の意味", f"{'、'.join(Tone.values)} のいずれか。"),
    *_reported(later=False),
    _field("previous_as_of", "前回の基準日", "一つ前に公表された調査の基準日。"),
    _field("previous_grade", "前回の評価", "前回の評価の記号。"),
    _field("change", "前回からの変化", "better、worse、same のいずれか。空欄は比べられないことを表す。"),
    _field("source", "出典", "項目の出典の記号。"),
    _field("note", "備考", "項目についての注記。"),
    _field("is_fictional", FICTIONAL, "true のとき、架空のデータ（見本）であり、実在の市のものではない。"),
    *_reported(later=True),
    _field("added_on", "追加した日", f"計画の途中で加わった日。{_OF_TODAY}"),
    _field("ended_on", "終了した日", f"計画の途中で終了した日。{_OF_TODAY}"),
    _field("end_reason", "終了の理由", f"{'、'.join(EndReason.values)} のいずれか。{_OF_TODAY}"),
    ProgramColumn(
        "merged_into_program_number",
        "統合先の項目",
        f"統合されたとき、引き継いだ項目の番号。{_OF_TODAY}",
        lambda row: row.merged_into,
    ),
    _field("carried_plan", "引き継いだ計画", f"次の計画へ継続したとき、その計画の識別名。{_OF_TODAY}"),
    ProgramColumn(
        "carried_program_number",
        "引き継いだ計画の項目",
        f"次の計画へ継続したとき、その計画での番号。{_OF_TODAY}",
        lambda row: row.carried_number,
    ),
]

# The type of a column that is not text.
TYPES: dict[str, Type] = {
    "is_number_provisional": "boolean",
    "direction_number": "integer",
    "policy_number": "integer",
    "as_of": "date",
    "fiscal_year": "integer",
    **dict.fromkeys(report_fields.names(FieldKind.DAY), "date"),
    "previous_as_of": "date",
    "added_on": "date",
    "ended_on": "date",
    "is_fictional": "boolean",
}


def json_item(row: ProgramRow) -> dict[str, Any]:
    """The row under the same names as in CSV, with its number as `number` too, and all departments. Unknown is null."""
    item: dict[str, Any] = {column.name: column.value(row) for column in COLUMNS}
    item["departments"] = [{"department_code": code, "department_name": name} for code, name in row.departments]
    return {"plan": item.pop("plan"), "number": item["program_number"]} | item


def _said(name: str, row: ProgramRow) -> Value:
    return row.reported[name] or None


def _came_and_went(row: ProgramRow) -> str:
    """2014-04-01 追加、2015-03-31 終了（統合: 57）."""
    parts = [f"{row.added_on} 追加"] if row.added_on else []
    if row.ended_on:
        why = [EndReason(row.end_reason).label, row.merged_into or row.carried_to]
        parts.append(f"{row.ended_on} 終了（{': '.join(filter(None, why))}）")
    return "、".join(parts)


# The columns of the sheet that people read: header and cell.
READING: list[tuple[str, Callable[[ProgramRow], Value]]] = [
    ("番号", lambda row: row.number),
    ("番号は仮", lambda row: "仮" if row.number_is_provisional else None),
    ("項目名", lambda row: row.display_name),
    ("方向性", lambda row: f"{row.direction_number} {row.direction_name}" if row.direction_number else None),
    ("方針", lambda row: f"{row.policy_number} {row.policy_name}"),
    ("推進担当課", lambda row: "、".join(department.name for department in row.departments) or "未登録"),
    ("基準日", lambda row: row.as_of),
    ("評価", lambda row: row.grade or None),
    ("評価の名称", lambda row: row.grade_label or row.no_grade),
    ("前回の評価", lambda row: row.previous_grade or None),
    ("前回から", lambda row: row.change_label or None),
    *((report_label(name), partial(_said, name)) for name in (each.name for each in report_fields.PLAIN)),
    ("追加・終了", lambda row: _came_and_went(row) or None),
    ("備考", lambda row: row.note or None),
    ("出典", lambda row: row.source or None),
    ("データの種類", lambda row: FICTIONAL if row.is_fictional else None),
]

# Corrections stand in a table of their own: the table of what was published never changes.
ERRATUM_HEADERS = (
    *("plan", "program_number", "as_of", "corrected_on", "field", "label", "old", "new", "reason", "is_fictional"),
)

# kind, code, label, meaning: the codes that do not depend on the plan.
FIXED_CODES = [
    *(("tone", tone.value, tone.label, "評価の意味") for tone in Tone),
    *(("end_reason", reason.value, reason.label, "項目が終了した理由") for reason in EndReason),
    *(("change", change.value, change.label, "前回に公表された評価との比較") for change in GradeChange),
    ("unit", "grade_code", "評価の記号", "long シートの unit。記号の意味は kind が grade の行。"),
    ("sheet", "errata", "正誤", "公表のあとの訂正。programs と long は公表したときの値のままで、old は誤、new は正。"),
    *(("column", column.name, column.label, column.meaning) for column in COLUMNS),
]
