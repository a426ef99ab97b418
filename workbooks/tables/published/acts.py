"""The way of a table that a city published: received, its rows and headings said, its doubts answered, registered as figures.

What its owner says is kept in the upload: `sheets` has for each sheet that is read its rows, what its headings mean and what
holds for the whole table, `answers` the answers to doubts. Everything else is found again from the file at each step.
"""

from __future__ import annotations

import copy
import enum
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property

from django.db import transaction

from accounts.models import User
from core.acts import require
from core.grammar import day
from figures.ledger import Reconciled, foresee
from figures.models import PublishedFigure
from figures.registering import PERMISSION, SAID, RegisteredFigures, name_keys, next_source_key, register, says_the_same
from figures.revisions import Status
from policies.locking import lock_plan
from policies.models import Axis, Edition, Grade, Plan, Policy, Source, former_names
from policies.words import in_words_of
from workbooks.models import TableKind, TableUpload
from workbooks.tables.doubts import Doubt, Questions
from workbooks.tables.layout import Grid
from workbooks.tables.published import sums
from workbooks.tables.published.layout import FigureLayout, find, titles
from workbooks.tables.published.meanings import AXIS, NameableParts
from workbooks.tables.published.printed import FiguresReading, Printed
from workbooks.tables.published.reading import ChosenFigureSheet, read
from workbooks.tables.uploads import keep, keep_answers, keep_said, said_before, sheets_of


class FiguresOutdated(Exception):
    """What would be registered is not what the person saw."""


def receive(
    data: bytes, file_name: str, plan: Plan, source: Source | None, new_source: Mapping[str, str], *, by: User
) -> TableUpload:
    """Keep a file while its owner says how it is to be read. Without a source, `new_source` says the title, publisher, date
    and address of the one that is registered with the figures. Raises UnreadableFile; then nothing is kept."""
    require(by, PERMISSION, "公表値を取り込む")
    upload = TableUpload(
        kind=TableKind.FIGURES,
        plan=plan,
        source=source,
        new_source={} if source else dict(new_source),
        file_name=file_name[-255:],
        content=data,
        uploaded_by=by,
    )
    choose_sheets(upload, choices_of(upload), {})
    return keep(upload)


class Stored:
    """What a plan has that a table can name, and its figures; each read where it is asked for, once for a page."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    @cached_property
    def policies(self) -> Mapping[int, Policy]:
        return {policy.number: policy for policy in self.plan.policies.all()}

    @cached_property
    def editions(self) -> Mapping[str, Edition]:
        return {edition.key: edition for edition in self.plan.editions.order_by("first_fiscal_year", "pk")}

    @cached_property
    def axes(self) -> Mapping[str, Axis]:
        return {axis.key: axis for axis in self.plan.further_axes}

    @cached_property
    def known(self) -> NameableParts:
        return NameableParts(
            policies={number: policy.name for number, policy in self.policies.items()},
            grades=list(Grade.objects.main_of(self.plan)),
            axes={key: (axis.name, list(axis.grades.all())) for key, axis in self.axes.items()},
            editions={key: edition.name for key, edition in self.editions.items()},
            days=list(self.plan.rounds.order_by("as_of").values_list("as_of", flat=True)),
            years=list(range(self.plan.first_fiscal_year - 1, self.plan.last_fiscal_year + 2)),
        )

    @cached_property
    def figures(self) -> list[PublishedFigure]:
        return list(self.plan.figures.select_related("source", "policy", "edition"))

    @cached_property
    def taken_keys(self) -> set[str]:
        """Of figures that are there, and of those that were taken back."""
        return {figure.key for figure in self.figures} | set(map(str, former_names(PublishedFigure, self.plan.pk)))


@dataclass
class FigureSheetChoice:
    """A sheet of the file; `chosen` None: it is not read."""

    grid: Grid
    chosen: ChosenFigureSheet | None

    @property
    def name(self) -> str:
        return self.grid.sheet.name


def choices_of(upload: TableUpload) -> list[FigureSheetChoice]:
    """Every sheet of the file with what was said about it. Raises UnreadableFile where the machine is too busy now."""
    found = []
    for grid in map(Grid, sheets_of(upload)):
        said = upload.sheets.get(grid.sheet.name)
        chosen = (
            ChosenFigureSheet(grid, FigureLayout(**said["layout"]), said["rows"], said["columns"], said["whole"])
            if said
            else None
        )
        found.append(FigureSheetChoice(grid, chosen))
    return found


def choose_sheets(upload: TableUpload, found: list[FigureSheetChoice], said: Mapping[str, FigureLayout | None]) -> None:
    """Say which sheets are read, and where their tables stand; of a sheet that is not named it is found. What the headings
    mean is guessed for what is new. Not saved."""
    known, kept = Stored(upload.plan).known, said_before(upload)
    for choice in found:
        is_hidden = choice.grid.sheet.looks.is_hidden  # then it is read where somebody says so
        layout = said[choice.name] if choice.name in said else None if is_hidden else find(choice.grid)
        if layout is None:
            choice.chosen = None
        elif choice.chosen is None or choice.chosen.layout != layout:
            choice.chosen = ChosenFigureSheet(choice.grid, layout)
            choice.chosen.guess(known, kept, titles(choice.grid, layout))
    _note(upload, found)


def choose_meanings(upload: TableUpload, found: Sequence[FigureSheetChoice], known: NameableParts) -> list[str]:
    """Say what the headings mean, and keep what the rules would not have guessed for the next table of this plan. Gives what
    is still missing (Japanese)."""
    _note(upload, found)
    upload.save(update_fields=["sheets"])
    kept = said_before(upload)
    for said in _chosen(found):
        guessed = ChosenFigureSheet(said.grid, said.layout)
        guessed.guess_headings(known, {}, said.axis)
        if said.axis:
            continue  # the same headings mean other grades in a table of the first axis
        for side in ("rows", "columns"):
            for text, meaning in getattr(said, side).items():
                if meaning == getattr(guessed, side).get(text):
                    kept.pop(f"{side}:{text}", None)
                else:
                    kept[f"{side}:{text}"] = meaning
    keep_said(upload, kept)
    return read(_chosen(found), known, Questions(upload.answers)).problems


def choose_axis(
    upload: TableUpload, found: Sequence[FigureSheetChoice], chosen: ChosenFigureSheet, known: NameableParts, axis: str
) -> None:
    """Say which axis a table is about; its headings are read anew, with the grades of that axis."""
    chosen.whole = {name: value for name, value in chosen.whole.items() if name != AXIS} | (
        {AXIS: axis} if axis else {}
    )
    chosen.guess_headings(known, said_before(upload), axis)
    _note(upload, found)
    upload.save(update_fields=["sheets"])


def _chosen(found: Sequence[FigureSheetChoice]) -> list[ChosenFigureSheet]:
    return [choice.chosen for choice in found if choice.chosen]


def _note(upload: TableUpload, found: Sequence[FigureSheetChoice]) -> None:
    upload.sheets = {
        choice.name: {
            "layout": asdict(choice.chosen.layout),
            "rows": choice.chosen.rows,
            "columns": choice.chosen.columns,
            "whole": choice.chosen.whole,
        }
        for choice in found
        if choice.chosen is not None
    }


class What(enum.StrEnum):
    """What becomes of a printed number."""

    NEW = "新しく登録"
    SAME = "登録済み（同じ値）"
    CORRECTED = "登録の誤りを直す"
    SUPERSEDES = "訂正された表の値として差し替える"
    KEPT = "登録しない（いまの値のまま）"


@dataclass
class PrintedLine:
    """One printed number, the figure that it becomes, and what the records say about that."""

    printed: Printed
    figure: PublishedFigure
    what: What
    before: PublishedFigure | None = None
    reconciled: Reconciled | None = None
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def differs_from(self) -> PublishedFigure | None:
        """The figure that is registered with another number."""
        return None if self.what is What.SAME else self.before


@dataclass
class FiguresResult:
    """What a file becomes as far as its owner has decided."""

    reading: FiguresReading
    doubts: list[Doubt]
    lines: list[PrintedLine]
    source: Source

    @property
    def open_doubts(self) -> int:
        return sum(not doubt.is_answered for doubt in self.doubts)

    def of(self, *whats: What) -> list[PublishedFigure]:
        return [line.figure for line in self.lines if line.what in whats]

    @property
    def fingerprint(self) -> str:
        """Changes with anything that would be written."""
        lines = [
            (line.what, line.figure.key, line.figure.supersedes_id, *(str(getattr(line.figure, name)) for name in SAID))
            for line in self.lines
        ]
        return hashlib.sha256(repr((self.source.key, lines)).encode()).hexdigest()


def result_of(upload: TableUpload, given: Mapping[str, str] | None = None) -> FiguresResult:
    """Read the file as its owner has said. `given` are answers to doubts (by their ids), which are kept from now on."""
    stored, chosen = Stored(upload.plan), _chosen(choices_of(upload))
    source = upload.source or _new_source(upload)
    result = _read(stored, chosen, source, upload.answers)
    if given:
        keep_answers(upload, result.doubts, given)
        result = _read(stored, chosen, source, upload.answers)
    reconciled = foresee(upload.plan, [line.figure for line in result.lines])
    for line, one in zip(result.lines, reconciled, strict=True):
        line.reconciled = one
    return result


def _read(
    stored: Stored, chosen: Sequence[ChosenFigureSheet], source: Source, answers: Mapping[str, str]
) -> FiguresResult:
    questions = Questions(answers)
    reading = read(chosen, stored.known, questions)
    lines = _lines(stored, reading, source, questions) if not reading.problems else []
    for axis in dict.fromkeys(figure.axis for figure in reading.figures):
        of_axis = [figure for figure in reading.figures if figure.axis == axis]
        reading.notes += sums.told(of_axis, stored.known.of_axis(axis))
    doubts = list(questions.doubts.values())
    about: dict[str, list[Doubt]] = defaultdict(list)
    for doubt in doubts:
        for at in doubt.places:
            about[at].append(doubt)
    for line in lines:
        line.doubts = about[line.printed.place]
    return FiguresResult(reading, doubts, lines, source)


def _new_source(upload: TableUpload) -> Source:
    said = upload.new_source
    return Source(
        plan=upload.plan,
        key=next_source_key(upload.plan),
        title=said.get("title", ""),
        publisher=said.get("publisher", ""),
        date=day(said.get("date") or None),
        url=said.get("url", ""),
    )


def _lines(stored: Stored, reading: FiguresReading, source: Source, questions: Questions) -> list[PrintedLine]:
    lines = []
    registered = RegisteredFigures.of(stored.figures, stored.known.grades)
    for printed in reading.figures:
        figure = PublishedFigure(
            plan=stored.plan,
            measure=printed.measure,
            label=in_words_of(stored.plan, printed.label),
            policy=stored.policies.get(printed.policy or 0),
            edition=stored.editions.get(printed.edition),
            as_of=printed.as_of,
            fiscal_year=printed.fiscal_year,
            category=printed.category,
            basis=printed.basis,
            account=printed.account,
            series=printed.series,
            axis=stored.axes.get(printed.axis),
            printed=printed.value.printed,
            value=printed.value.value,
            unit=printed.unit,
            is_approximate=printed.value.is_approximate,
            triangle=printed.triangle,
            source=source,
            locator=printed.locator,
        )
        before = registered.beside(figure)
        same = before is not None and says_the_same(before, figure)
        lines.append(PrintedLine(printed, figure, What.SAME if same else What.NEW, before))
    _decide(lines, questions)
    name_keys([line.figure for line in lines if line.figure.pk is None], stored.taken_keys)
    return lines


_ANSWERS = {"correct": What.CORRECTED, "supersede": What.SUPERSEDES, "keep": What.KEPT}
_CHOICES = (
    ("correct", "登録が誤っていた（この表の値に直す）"),
    ("supersede", "市が表を訂正した（前の値も残し、この表の値で差し替える）"),
    ("keep", "いまの値のままにする（この表の値は登録しない）"),
)
_ABOUT = "登録されている値との違い"


def _decide(lines: list[PrintedLine], questions: Questions) -> None:
    """Ask what becomes of numbers that are registered otherwise: once for all that stand in one source, or one by one."""
    by_source: dict[str, list[PrintedLine]] = defaultdict(list)
    for line in lines:
        if line.before is None:
            continue
        if line.what is What.SAME:
            line.figure = line.before
        else:
            by_source[str(line.before.source)].append(line)
    for source, differing in by_source.items():
        answer = "each"
        if len(differing) > 1:
            question = (
                f"「{source}」の値として登録されている公表値{len(differing)}件と値が違います。資料で確かめてください。"
            )
            for line in differing:
                answer = questions.ask(
                    _ABOUT,
                    "（値の違うセル）",
                    question,
                    line.printed.place,
                    (*_CHOICES, ("each", "1つずつ決める")),
                    is_guessed=False,
                )
        for line in differing:
            _become(line, _ANSWERS[answer] if answer != "each" else _asked(line, questions))


def _asked(line: PrintedLine, questions: Questions) -> What:
    before = line.before.printed if line.before else ""
    question = f"「{line.printed.label}」は、いま「{before}」と登録されています。資料で確かめてください。"
    answer = questions.ask(_ABOUT, line.printed.value.printed, question, line.printed.place, _CHOICES, is_guessed=False)
    return _ANSWERS[answer]


def _become(line: PrintedLine, what: What) -> None:
    line.what, stored = what, line.before
    if stored is None or what is What.NEW:
        return
    if what is What.SUPERSEDES:
        line.figure.supersedes = stored
    elif what is What.KEPT:
        line.figure = stored
    else:
        made, line.figure = line.figure, copy.copy(stored)
        for name in SAID:
            setattr(line.figure, name, getattr(made, name))


@transaction.atomic
def confirm(upload: TableUpload, seen: str, *, by: User) -> FiguresResult:
    """Register what the person has seen (`seen` is its fingerprint). Raises FiguresOutdated where it would be something else by now."""
    plan = lock_plan(upload.plan_id)
    result = result_of(upload)
    if result.reading.problems or result.open_doubts or result.fingerprint != seen:
        raise FiguresOutdated
    register(plan, result.of(What.NEW, What.SUPERSEDES), result.of(What.CORRECTED), result.source, by=by)
    upload.delete()
    return result


def counted(lines: Iterable[PrintedLine]) -> str:
    """「一致 3件、不一致 1件」 of the lines of a result."""
    found = Counter(line.reconciled.status for line in lines if line.reconciled is not None)
    return "、".join(f"{status} {found[status]}件" for status in Status if found[status])
