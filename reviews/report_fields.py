"""What a report says besides its figures: every field of it, declared once.

Form, 調査票, list, plan workbook, freezing, errata, open tables and Excel read this table. A new field is a line here, a
field of the same name on `Report` and on `PublishedReport` with their migration, and a line in each template that shows it.
Labels, lengths and help texts are those of the fields of `Report`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class FieldKind(Enum):
    GRADE = auto()  # of the plan's scale; frozen as its code, label, place and tone
    CHOICE = (
        auto()
    )  # of a list of the plan (a foreign key), frozen as its name; asked for where the plan has such a list
    TEXT = auto()
    DAY = auto()


@dataclass(frozen=True)
class ReportField:
    """One field of a report.

    `meaning` and `example` are for the data dictionary, `width` is that of the column in the 調査票 (characters),
    `when_behind` asks for it with a grade of tone "behind". `frozen` is the field of PublishedReport, if it has another
    name. `since` says in which form of the files it came: 1 from the beginning; 2 stands at the end of programs.csv, where
    new columns go; 3 stays out of the files of rounds too, which never change.
    """

    name: str
    kind: FieldKind
    meaning: str
    width: int
    when_behind: bool = False
    example: str | None = None
    frozen: str = ""
    since: int = 1

    @property
    def as_frozen(self) -> str:
        return self.frozen or self.name


FIELDS = (
    ReportField("grade", FieldKind.GRADE, "評価の記号。", 13, example="A", frozen="grade_code"),
    ReportField("progress", FieldKind.TEXT, "推進担当課の報告。", 34),
    ReportField("evidence", FieldKind.TEXT, "評価を裏づける事実や資料。", 20, since=2),
    ReportField(
        *("delay_cause", FieldKind.CHOICE, "遅れの原因の区分。区分は計画ごとに異なる。空欄は未登録。", 14),
        when_behind=True,
        example="予算",
        since=3,
    ),
    ReportField("delay_reason", FieldKind.TEXT, "遅れているときの報告。", 19, when_behind=True),
    ReportField("remedy", FieldKind.TEXT, "遅れているときの報告。", 19, when_behind=True),
    ReportField("recovery_on", FieldKind.DAY, "遅れが回復する予定の日。", 15, when_behind=True, example="2016-03-31"),
)
BY_NAME = {field.name: field for field in FIELDS}
# Those that are frozen under their own names, one value each.
PLAIN = tuple(field for field in FIELDS if field.kind is not FieldKind.GRADE)


def names(*kinds: FieldKind) -> tuple[str, ...]:
    """The names of the fields of some kinds, of all without any, in order."""
    return tuple(field.name for field in FIELDS if not kinds or field.kind in kinds)
