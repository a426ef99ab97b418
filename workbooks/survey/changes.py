"""What a sheet that came back would change: its cells beside what was downloaded and what is stored now.

A cell that still is what was downloaded was not touched. One that was touched changes what is stored, unless somebody else
has changed the same cell meanwhile: then it is a conflict, and a person says which of the two stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString

from core.differences import merged, side_by_side
from core.fiscal import era_date
from policies.models import Grade
from programs.models import Indicator
from reviews.hints import Facts, Hint, Known, hints, known
from reviews.models import Report
from workbooks.models import SurveyUpload
from workbooks.survey.cells import amounts_of, digest, label, shown
from workbooks.survey.layout import CONTRIBUTION
from workbooks.survey.loading import SurveyContents, SurveyItem, gather
from workbooks.survey.reading import Fault, Filled, read_sheet

THEIRS, MINE = "theirs", "mine"


@dataclass
class Change:
    """One cell that the sheet would change."""

    item: SurveyItem
    name: str
    place: str
    old: str
    new: str
    is_conflict: bool
    grades: Mapping[str, Grade]
    picked: str | None = None

    @property
    def label(self) -> str:
        return label(self.name, {indicator.number: indicator for indicator in self.item.indicators})

    @property
    def input_name(self) -> str:
        """Of the choice in the form of the preview."""
        return f"pick-{self.item.report.pk}-{self.name.replace('/', '-')}"

    @property
    def counts(self) -> bool:
        """Whether confirming writes it."""
        return not self.is_conflict or self.picked == MINE

    @cached_property
    def _shown(self) -> tuple[str, str]:
        return shown(self.name, self.old, self.grades), shown(self.name, self.new, self.grades)

    @property
    def marked(self) -> SafeString:
        return merged(*self._shown)

    @cached_property
    def beside(self) -> tuple[SafeString, SafeString]:
        return side_by_side(*self._shown)


@dataclass
class ItemChanges:
    item: SurveyItem
    changes: list[Change] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # what handing in would still ask for
    hints: list[Hint] = field(default_factory=list)  # of the report as it would be

    @property
    def new(self) -> dict[str, str]:
        return {change.name: change.new for change in self.changes if change.counts}


@dataclass
class Preview:
    contents: SurveyContents
    faults: list[Fault]
    items: list[ItemChanges]  # of every row of the sheet
    unchanged: int  # cells that were not touched, or say what is stored already
    notes: list[str] = field(default_factory=list)  # cells that were read as they are shown

    @property
    def changed(self) -> list[ItemChanges]:
        return [item for item in self.items if item.changes]

    @property
    def changes(self) -> list[Change]:
        return [change for item in self.items for change in item.changes]

    @property
    def conflicts(self) -> list[Change]:
        return [change for change in self.changes if change.is_conflict]

    @property
    def unpicked(self) -> list[Change]:
        return [change for change in self.conflicts if change.picked not in (THEIRS, MINE)]

    @property
    def ready(self) -> list[ItemChanges]:
        """Those that can be handed in once the changes are written."""
        return [item for item in self.items if item.item.is_editable and not item.missing]

    @property
    def hinted(self) -> list[ItemChanges]:
        """Without changes, but with something to look at before they are handed in."""
        return [item for item in self.ready if item.hints and not item.changes]

    @property
    def incomplete(self) -> list[ItemChanges]:
        return [item for item in self.items if item.item.is_editable and item.missing]

    @property
    def fingerprint(self) -> str:
        """Of what a person has seen: confirming writes exactly this or nothing."""
        seen = [[c.item.report.pk, c.name, c.old, c.new, c.is_conflict] for c in self.changes]
        states = [[item.item.report.pk, item.item.report.version] for item in self.items]
        return hashlib.sha256(json.dumps([seen, states]).encode()).hexdigest()


def preview(upload: SurveyUpload, picks: Mapping[str, str] | None = None, *, lock: bool = False) -> Preview:
    """What confirming an upload would do now. A fixed number of queries.

    `picks` are the choices of the form, by `Change.input_name`. `lock` holds the reports; see `gather`.
    Raises UnreadableFile.
    """
    contents = gather(upload.round, upload.department, lock=lock)
    against = known(upload.round, [item.report.program_id for item in contents.items])
    filled = read_sheet(bytes(upload.content), upload.round, upload.department, contents.grades)
    result = Preview(contents, list(filled.faults), [], 0, filled.notes)
    for number in filled.marks:
        item = contents.by_number.get(number)
        if item is None:
            _refuse_lost_item(result, filled, number)
        else:
            _compare(result, filled, item, picks or {}, against)
    result.items = [found for found in result.items if found.changes or found.item.number in filled.rows]
    return result


def _refuse_lost_item(result: Preview, filled: Filled, number: str) -> None:
    touched = [e for name, e in filled.entries.get(number, {}).items() if digest(e.text) != filled.was(number, name)]
    for entry in touched[:1]:
        message = f"番号{number}は、いまはこの課の項目ではありません。行政経営課に確かめてください。"
        result.faults.append(Fault(entry.place, message))


def _compare(result: Preview, filled: Filled, item: SurveyItem, picks: Mapping[str, str], against: Known) -> None:
    stored = item.cells
    found = ItemChanges(item)
    known = {indicator.number for indicator in item.indicators}
    for name, entry in filled.entries.get(item.number, {}).items():
        if name == CONTRIBUTION and item.supports is None:
            continue  # what others have added, there to be read
        old, was = stored.get(name, ""), filled.was(item.number, name)
        if digest(entry.text) == was or entry.text == old:
            result.unchanged += 1
            continue
        if name.startswith("actual/") and int(name.split("/")[1]) not in known:
            result.faults.append(
                Fault(entry.place, "この指標は、いまの計画にありません。行政経営課に確かめてください。")
            )
            continue
        change = Change(item, name, entry.place, old, entry.text, digest(old) != was, result.contents.grades)
        change.picked = picks.get(change.input_name)
        found.changes.append(change)
    closed = [change for change in found.changes if not item.is_open(change.name)]
    if closed:
        result.faults.append(Fault(closed[0].place, _why_closed(item)))
        found.changes = [change for change in found.changes if change not in closed]
    trial = _check(result, found, stored)
    if item.is_editable:
        found.hints = hints(_facts(trial, item, {**stored, **found.new}, against))
    result.items.append(found)


def _why_closed(item: SurveyItem) -> str:
    number, report = item.number, item.report
    if report.state not in Report.EDITABLE:
        state = report.get_state_display()
        return f"番号{number}の報告は{state}のため、変えられません。直すときは、行政経営課に差し戻しを頼んでください。"
    return f"番号{number}は主担当がほかの課のため、変えられません。「関係課の記入」の欄に記入してください。"


def _check(result: Preview, found: ItemChanges, stored: Mapping[str, str]) -> Report:
    """Judge the report as it would be: what is wrong is a fault, what is missing stands in the way of handing in only."""
    report = found.item.report
    recovery = found.new.get("recovery_on")
    if recovery and date.fromisoformat(recovery) <= report.round.as_of:
        place = next(change.place for change in found.changes if change.name == "recovery_on")
        message = f"回復予定日は、調査の基準日（{era_date(report.round.as_of)}）より後の日にしてください。"
        result.faults.append(Fault(place, message))
    after = {**stored, **found.new}
    trial = Report(round=report.round, program=report.program)
    for name in Report.CONTENT:
        text = after.get(name, "")
        setattr(trial, name, result.contents.grades.get(text) if name == "grade" else text)
    trial.recovery_on = date.fromisoformat(after["recovery_on"]) if after["recovery_on"] else None
    try:
        trial.check_complete()
    except ValidationError as error:
        found.missing = [message for messages in error.message_dict.values() for message in messages]
    return trial


def _facts(trial: Report, item: SurveyItem, cells: Mapping[str, str], against: Known) -> Facts:
    """Of the report as it would be: its texts in `trial`, all of its cells as texts."""
    year = trial.round.fiscal_year
    values = {number.split("/")[1]: text for number, text in cells.items() if number.endswith("/value")}
    actuals: list[tuple[Indicator, int, Decimal | None]] = [
        (one, year, Decimal(values[str(one.number)])) for one in item.indicators if values.get(str(one.number))
    ]
    actuals += [
        (actual.indicator, actual.fiscal_year, actual.value)
        for actual in item.report.actuals.all()
        if actual.fiscal_year != year
    ]
    return against.facts(
        trial.program_id,
        actuals,
        as_of=trial.round.as_of,
        grade=str(trial.grade or ""),
        tone=trial.grade.tone if trial.grade else "",
        progress=trial.progress,
        evidence=trial.evidence,
        effects=[(amount.fiscal_year, amount.note) for amount in amounts_of(cells)],
    )
