"""見直し: what an edition changed, computed from the two wordings, beside the city's own marks and its published counts.

For citizens: only editions that are frozen are compared. Of any other one nothing is known here but what was published
about it outside this application (PublishedFigure, RevisionMark).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from kodaira_reform.fiscal import first_day
from policies.models import Edition, Plan, Policy
from programs.differences import Aspect, Difference, Presence, Wording, common_years, compare
from programs.models import UNREGISTERED_NAME
from programs.wordings import Wordings, load
from reviews.models import PublishedFigure, Revision, RevisionMark

REVISION_MEASURES = (PublishedFigure.Measure.REVISED_ITEMS, PublishedFigure.Measure.REVISED_ASPECT)


class Status(StrEnum):
    AGREES = "一致"
    DIFFERS = "不一致"
    UNCHECKED = "照合できません"


@dataclass(frozen=True)
class Event:
    """The step from one edition to the next. `revision` is what the office wrote down about it."""

    edition: Edition
    before: Edition | None
    revision: Revision | None

    @property
    def is_frozen(self) -> bool:
        """Whether both wordings are published, so that they can be compared in public."""
        return self.before is not None and None not in (self.before.frozen_at, self.edition.frozen_at)

    @property
    def years(self) -> range:
        """The fiscal years that both editions cover."""
        return common_years(_period(self.before), _period(self.edition)) if self.before else range(0)


def _period(edition: Edition) -> range:
    return range(edition.first_fiscal_year, edition.last_fiscal_year + 1)


def events(editions: Iterable[Edition]) -> list[Event]:
    """One for each edition of a plan, oldest first; read with select_related("revision"). Without a Revision that says
    otherwise, an edition follows the one that began before it."""
    ordered = sorted(editions, key=lambda edition: edition.first_fiscal_year)
    by_pk = {edition.pk: edition for edition in ordered}
    found = []
    for previous, edition in zip([None, *ordered], ordered, strict=False):
        revision = getattr(edition, "revision", None)
        before = by_pk.get(revision.from_edition_id, previous) if revision else previous
        found.append(Event(edition, before, revision))
    return found


class Item(NamedTuple):
    """An item as far as the revision must know it."""

    sort_key: str
    pk: int
    number: str
    number_is_provisional: bool
    name: str
    policy_number: int
    policy_name: str
    added_on: date | None
    ended_on: date | None

    @property
    def display_name(self) -> str:
        return self.name or UNREGISTERED_NAME


def policies_and_items(plan: Plan) -> tuple[list[tuple[int, str]], list[Item]]:
    """(number, name) of the policies, and all items in order. One query."""
    rows = Policy.objects.filter(plan=plan).values_list(
        "number",
        "name",
        "programs__sort_key",
        "programs__pk",
        "programs__number",
        "programs__number_is_provisional",
        "programs__name",
        "programs__added_on",
        "programs__ended_on",
    )
    policies: dict[int, str] = {}
    items = []
    for policy, policy_name, sort_key, pk, number, provisional, name, added, ended in rows.order_by("number"):
        policies[policy] = policy_name
        if pk is not None:
            items.append(Item(sort_key, pk, number, provisional, name, policy, policy_name, added, ended))
    return list(policies.items()), sorted(items)


@dataclass(frozen=True)
class Entry:
    """One item in a revision. `marks` are the city's own; None where no mark of the revision is registered."""

    item: Item
    difference: Difference
    marks: frozenset[Aspect] | None
    reason: str = ""

    @property
    def is_compared(self) -> bool:
        return self.difference.presence is Presence.BOTH

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """What was revised: computed, or by the city's marks where the wordings are not registered."""
        if self.is_compared or self.marks is None:
            return self.difference.aspects
        return tuple(aspect for aspect in Aspect if aspect in self.marks)

    @property
    def is_known(self) -> bool:
        """Whether it can be said if the item was revised."""
        return self.is_compared or self.marks is not None

    @property
    def was_added(self) -> bool:
        return self.difference.presence is Presence.ONLY_NEW and self.item.added_on is not None

    @property
    def was_ended(self) -> bool:
        return self.difference.presence is Presence.ONLY_OLD and self.item.ended_on is not None

    @property
    def is_registered(self) -> bool:
        """Whether the editions say all about it that there is to say."""
        return self.is_compared or self.was_added or self.was_ended


class Disagreement(NamedTuple):
    """An aspect of an item that the wordings and the city's mark tell differently."""

    item: Item
    aspect: Aspect
    is_computed: bool

    @property
    def text(self) -> str:
        return (
            "二つの版の内容は違いますが、市の表に○印がありません。"
            if self.is_computed
            else "市の表に○印がありますが、二つの版の内容は同じです。"
        )


@dataclass(frozen=True)
class Count:
    """Numbers of items revised in one aspect (None: in any). None is unknown."""

    aspect: Aspect | None
    published: PublishedFigure | None
    computed: int | None
    marked: int | None
    is_complete: bool

    @property
    def label(self) -> str:
        return self.aspect.label if self.aspect else "見直した項目"

    @property
    def status(self) -> Status:
        """Of all numbers that are known and complete."""
        numbers: list[Decimal | int] = (
            [] if self.published is None or self.published.value is None else [self.published.value]
        )
        if self.computed is not None and self.is_complete:
            numbers.append(self.computed)
        if self.marked is not None:
            numbers.append(self.marked)
        if len(numbers) < 2:
            return Status.UNCHECKED
        return Status.AGREES if len(set(map(Decimal, numbers))) == 1 else Status.DIFFERS


@dataclass(frozen=True)
class Comparison:
    """A revision with every item that it concerns, in order."""

    event: Event
    entries: list[Entry]
    figures: list[PublishedFigure] = field(default_factory=list)

    @cached_property
    def registered(self) -> int:
        return sum(entry.is_registered for entry in self.entries)

    @property
    def is_complete(self) -> bool:
        return 0 < self.registered == len(self.entries)

    @cached_property
    def has_marks(self) -> bool:
        return any(entry.marks is not None for entry in self.entries)

    @cached_property
    def revised(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.aspects]

    @property
    def added(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.was_added]

    @property
    def ended(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.was_ended]

    @property
    def is_known(self) -> bool:
        """Whether it can be said of any item if it was revised."""
        return any(entry.is_known for entry in self.entries)

    def select(self, is_revised: bool, aspect: Aspect | None = None) -> frozenset[int]:
        """Primary keys of the items that were revised (in an aspect), or that were not. What is unknown is in neither."""
        return frozenset(
            entry.item.pk
            for entry in self.entries
            if entry.is_known and (aspect in entry.aspects if aspect else bool(entry.aspects)) == is_revised
        )

    def computed(self, aspect: Aspect | None = None, policy: int | None = None) -> int | None:
        """Items revised by comparison, over those that are registered. None: no item is."""
        if not self.registered:
            return None
        return sum(
            entry.is_compared and (aspect in entry.difference.aspects if aspect else entry.difference.is_revised)
            for entry in self._of(policy)
        )

    def marked(self, aspect: Aspect | None = None, policy: int | None = None) -> int | None:
        """Items with the city's mark. None: no mark is registered."""
        if not self.has_marks:
            return None
        return sum(bool(entry.marks and (aspect is None or aspect in entry.marks)) for entry in self._of(policy))

    def _of(self, policy: int | None) -> Iterable[Entry]:
        return (entry for entry in self.entries if policy is None or entry.item.policy_number == policy)

    @property
    def counts(self) -> list[Count]:
        """All items, and then aspect by aspect."""
        published = {figure.category: figure for figure in self.figures if figure.policy_id is None}
        return [
            Count(
                aspect,
                published.get(aspect or ""),
                self.computed(aspect),
                self.marked(aspect),
                self.is_complete,
            )
            for aspect in (None, *Aspect)
        ]

    @property
    def disagreements(self) -> list[Disagreement]:
        """Every aspect of every compared item that the city's marks tell differently."""
        return [
            Disagreement(entry.item, aspect, aspect in entry.difference.aspects)
            for entry in self.entries
            if entry.is_compared and entry.marks is not None
            for aspect in Aspect
            if (aspect in entry.difference.aspects) != (aspect in entry.marks)
        ]

    def count_for(self, figure: PublishedFigure) -> tuple[Decimal | None, str, bool]:
        """What the records say about a published count: (number, how it was found or why not, whether it is whole)."""
        aspect = _aspect_of(figure)
        if figure.measure == PublishedFigure.Measure.REVISED_ASPECT and aspect is None:
            return None, f"見直し箇所「{figure.category}」は、計算できる箇所ではありません。", False
        policy = figure.policy.number if figure.policy else None
        if self.is_complete:
            return _decimal(self.computed(aspect, policy)), "二つの版の計画内容を比べて数えました。", True
        if self.has_marks:
            return _decimal(self.marked(aspect, policy)), "市の表の○印を数えました。", True
        if not self.registered:
            return None, "版ごとの計画内容が登録されていないため、計算できません。", False
        return (
            _decimal(self.computed(aspect, policy)),
            f"{len(self.entries)}項目のうち{self.registered}項目の計画内容だけが登録されているため、照合できません。",
            False,
        )


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _aspect_of(figure: PublishedFigure) -> Aspect | None:
    return Aspect(figure.category) if figure.category in Aspect.values else None


def comparisons(
    wanted: Sequence[Event], items: Sequence[Item], figures: Iterable[PublishedFigure] = ()
) -> list[Comparison]:
    """The given revisions of one plan, each with its items and its published counts. Four queries, one without frozen
    editions."""
    frozen = {edition.pk for event in wanted if event.is_frozen for edition in (event.before, event.edition) if edition}
    wordings = load(frozen) if frozen else {}
    marks: dict[int, dict[int, set[Aspect]]] = {}
    for revision, program, aspect in RevisionMark.objects.filter(
        revision__in=[event.revision.pk for event in wanted if event.revision]
    ).values_list("revision", "program", "aspect"):
        marks.setdefault(revision, {}).setdefault(program, set()).add(Aspect(aspect))
    counted = [figure for figure in figures if figure.measure in REVISION_MEASURES]
    return [
        Comparison(
            event,
            _entries(event, items, wordings, marks.get(event.revision.pk) if event.revision else None),
            [figure for figure in counted if figure.edition_id == event.edition.pk],
        )
        for event in wanted
    ]


def _entries(
    event: Event, items: Sequence[Item], wordings: Wordings, marks: dict[int, set[Aspect]] | None
) -> list[Entry]:
    nothing: dict[int, Wording] = {}
    before = wordings.get(event.before.pk, nothing) if event.before and event.is_frozen else nothing
    after = wordings.get(event.edition.pk, nothing) if event.is_frozen else nothing
    entries = []
    for item in items:
        old, new = before.get(item.pk), after.get(item.pk)
        if old is None and new is None and _is_outside(item, event):
            continue
        marked = None if marks is None else frozenset(marks.get(item.pk, ()))
        entries.append(Entry(item, compare(old, new, event.years), marked, new.reason.strip() if new else ""))
    return entries


def _is_outside(item: Item, event: Event) -> bool:
    """An item that came after the revision, or had ended before the earlier edition began."""
    came_later = item.added_on is not None and item.added_on > first_day(event.edition.first_fiscal_year)
    start = first_day((event.before or event.edition).first_fiscal_year)
    return came_later or (item.ended_on is not None and item.ended_on <= start)


def editions_of(plan: Plan) -> list[Edition]:
    """With what the office wrote about their revisions. One query."""
    return list(Edition.objects.filter(plan=plan).select_related("revision").order_by("first_fiscal_year"))


def of_plan(plan: Plan) -> list[Comparison]:
    """Every revision of a plan, oldest first. At most seven queries."""
    wanted = [event for event in events(editions_of(plan)) if event.before]
    if not wanted:
        return []
    figures = plan.figures.filter(measure__in=REVISION_MEASURES).select_related("source", "policy")
    return comparisons(wanted, policies_and_items(plan)[1], figures)


def latest(plan: Plan) -> Comparison | None:
    """The last revision of which citizens may know the items. At most six queries."""
    items: list[Item] | None = None
    for event in reversed(events(editions_of(plan))):
        if event.before and (event.is_frozen or event.revision):
            items = policies_and_items(plan)[1] if items is None else items
            [found] = comparisons([event], items)
            if found.is_known:
                return found
    return None
