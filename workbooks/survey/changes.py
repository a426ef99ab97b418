"""What a sheet that came back would change: its cells beside what was downloaded and what is stored now.

A cell that still is what was downloaded was not touched. One that was touched changes what is stored, unless somebody else
has changed the same cell meanwhile: then it is a conflict, and a person says which of the two stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError

from core.merge import Choice, Side, side
from policies.words import word
from programs.models import Indicator
from reviews.hints import HeldAgainst, Hint, ReportFacts, hints, known
from reviews.models import Report
from workbooks.models import SurveyUpload
from workbooks.survey.cells import JUDGEMENT, amounts_of, digest, filled_in, judgement_title, label, shown
from workbooks.survey.layout import CONTRIBUTION
from workbooks.survey.loading import SurveyContents, SurveyItem, gather
from workbooks.survey.reading import Fault, Filled, read_sheet


@dataclass(kw_only=True)
class CellChange(Choice):
    """One cell that the sheet would change. `name` is that of the cell within its report."""

    item: SurveyItem
    place: str

    @property
    def input_name(self) -> str:
        return f"pick-{self.item.report.pk}-{self.name.replace('/', '-')}"

    @property
    def counts(self) -> bool:
        """Whether confirming writes it."""
        return self.picked is Side.MINE


@dataclass
class ItemChanges:
    item: SurveyItem
    changes: list[CellChange] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # what handing in would still ask for
    hints: list[Hint] = field(default_factory=list)  # of the report as it would be

    @property
    def new(self) -> dict[str, str]:
        return {change.name: change.mine for change in self.changes if change.counts}


@dataclass
class Preview:
    contents: SurveyContents
    faults: list[Fault]
    items: list[ItemChanges]  # of every row of the sheet
    unchanged: int  # cells that were not touched, or say what is stored already
    notes: list[str] = field(default_factory=list)  # cells that were read as they are shown

    @property
    def office(self) -> str:
        return word(self.contents.round.plan, "office")

    @property
    def changed(self) -> list[ItemChanges]:
        return [item for item in self.items if item.changes]

    @property
    def changes(self) -> list[CellChange]:
        return [change for item in self.items for change in item.changes]

    @property
    def conflicts(self) -> list[CellChange]:
        return [change for change in self.changes if change.is_conflict]

    @property
    def unpicked(self) -> list[CellChange]:
        return [change for change in self.conflicts if change.is_open]

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
        seen = [[c.item.report.pk, c.name, c.stored, c.mine, c.is_conflict] for c in self.changes]
        states = [[item.item.report.pk, item.item.report.version] for item in self.items]
        return hashlib.sha256(json.dumps([seen, states]).encode()).hexdigest()


def preview(upload: SurveyUpload, picks: Mapping[str, str] | None = None, *, lock: bool = False) -> Preview:
    """What confirming an upload would do now. A fixed number of queries.

    `picks` are the choices of the form, by `CellChange.input_name`. `lock` holds the reports; see `gather`.
    Raises UnreadableFile.
    """
    contents = gather(upload.round, upload.department, lock=lock)
    against = known(upload.round, [item.report.program_id for item in contents.items])
    filled = read_sheet(bytes(upload.content), upload.round, upload.department, contents.choices)
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
        message = f"番号{number}は、いまはこの課の項目ではありません。{result.office}に確かめてください。"
        result.faults.append(Fault(entry.place, message))


def _compare(result: Preview, filled: Filled, item: SurveyItem, picks: Mapping[str, str], against: HeldAgainst) -> None:
    stored = item.cells
    found = ItemChanges(item)
    indicators = {indicator.number: indicator for indicator in item.indicators}
    for name, entry in filled.entries.get(item.number, {}).items():
        if name == CONTRIBUTION and item.supports is None:
            continue  # what others have added, there to be read
        old, mark = stored.get(name, ""), filled.was(item.number, name)
        # The sheet keeps marks of what it was filled with; a mark that is neither's stands for a third text.
        seen = next((text for text in (old, entry.text) if digest(text) == mark), mark)
        if side(seen, old, entry.text) is Side.THEIRS:
            result.unchanged += 1
            continue
        if name.startswith("actual/") and int(name.split("/")[1]) not in indicators:
            message = f"この指標は、いまの計画にありません。{result.office}に確かめてください。"
            result.faults.append(Fault(entry.place, message))
            continue
        change = CellChange(
            name,
            label(name, indicators, result.contents.choices),
            seen,
            old,
            entry.text,
            stored_text=shown(name, old, result.contents.choices, result.contents.unit),
            mine_text=shown(name, entry.text, result.contents.choices, result.contents.unit),
            item=item,
            place=entry.place,
        )
        change.asked = picks.get(change.input_name)
        found.changes.append(change)
    closed = [change for change in found.changes if not item.is_open(change.name)]
    if closed:
        result.faults.append(Fault(closed[0].place, _why_closed(item, result.office)))
        found.changes = [change for change in found.changes if change not in closed]
    trial = _check(result, found, stored)
    if item.is_editable:
        found.hints = hints(_facts(trial, item, {**stored, **found.new}, against))
    result.items.append(found)


def _why_closed(item: SurveyItem, office: str) -> str:
    number, report = item.number, item.report
    if report.state not in Report.EDITABLE:
        state = report.get_state_display()
        return f"番号{number}の報告は{state}のため、変えられません。直すときは、{office}に差し戻しを頼んでください。"
    return f"番号{number}は主担当がほかの課のため、変えられません。「関係課の記入」の欄に記入してください。"


def _check(result: Preview, found: ItemChanges, stored: Mapping[str, str]) -> Report:
    """Judge the report as it would be: what is wrong is a fault, what is missing stands in the way of handing in only."""
    report = found.item.report
    trial = filled_in(report, {**stored, **found.new}, result.contents.choices)
    try:
        trial.clean()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            places = [change.place for change in found.changes if change.name == name and change.counts]
            result.faults += [Fault(place, message) for place in places for message in messages]
    try:
        cells = {**stored, **found.new}
        chosen = result.contents.choices.items()
        unjudged = [grades for name, grades in chosen if name.startswith(JUDGEMENT) and not cells.get(name)]
        trial.check_complete([f"{judgement_title(grades)}を選んでください。" for grades in unjudged])
    except ValidationError as error:
        found.missing = [message for messages in error.message_dict.values() for message in messages]
    return trial


def _facts(trial: Report, item: SurveyItem, cells: Mapping[str, str], against: HeldAgainst) -> ReportFacts:
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
