"""見直し: what an edition changed, computed from the two promises, beside the city's own marks.

For citizens: only editions that are frozen are compared. Of any other one nothing is known here but what was published
about it outside this application (PublishedFigure, RevisionMark).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from core.fiscal import first_day
from policies.models import Edition, Plan, Policy
from programs.content import Content
from programs.differences import Aspect, Difference, Presence, common_years, compare
from programs.models import UNREGISTERED_NAME, Revision, RevisionMark
from programs.promises import Promises, load


@dataclass(frozen=True)
class Event:
    """The step from one edition to the next. `revision` is what the office wrote down about it."""

    edition: Edition
    before: Edition | None
    revision: Revision | None

    @property
    def is_frozen(self) -> bool:
        """Whether both promises are published, so that they can be compared in public."""
        return self.before is not None and None not in (self.before.frozen_at, self.edition.frozen_at)

    def is_public(self, printed: Collection[int | None]) -> bool:
        """Whether citizens may know of it: both promises are published, or the city has printed figures about its edition
        (`printed` holds the keys of such editions). Nobody outside may know of one that is being prepared."""
        return self.is_frozen or self.edition.pk in printed

    @property
    def added_only(self) -> bool:
        """Whether the city counts added departments alone."""
        return self.revision is not None and self.revision.counts_added_only

    def label_of(self, aspect: Aspect) -> str:
        """The name of an aspect, as this revision counts it."""
        return f"{aspect.label}の追加" if aspect is Aspect.DEPARTMENTS and self.added_only else str(aspect.label)

    @property
    def years(self) -> range:
        """The fiscal years that both editions cover."""
        return common_years(self.before.fiscal_years, self.edition.fiscal_years) if self.before else range(0)


def events(editions: Iterable[Edition]) -> list[Event]:
    """Give the step to each edition of a plan, oldest first. The editions are read with select_related("revision").
    Without a Revision that says otherwise, an edition follows the one that began before it."""
    ordered = sorted(editions, key=lambda edition: edition.first_fiscal_year)
    by_pk = {edition.pk: edition for edition in ordered}
    found = []
    for previous, edition in zip([None, *ordered], ordered, strict=False):
        revision = getattr(edition, "revision", None)
        before = by_pk.get(revision.from_edition_id, previous) if revision else previous
        found.append(Event(edition, before, revision))
    return found


class RevisionItem(NamedTuple):
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


def policies_and_items(plan: Plan) -> tuple[list[tuple[int, str]], list[RevisionItem]]:
    """(number, name) of the policies, and all items that citizens know of in order. One query."""
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
        "programs__public_at",
    )
    policies: dict[int, str] = {}
    items = []
    for policy, policy_name, sort_key, pk, number, provisional, name, added, ended, shown in rows.order_by("number"):
        policies[policy] = policy_name
        if pk is not None and shown is not None:
            items.append(RevisionItem(sort_key, pk, number, provisional, name, policy, policy_name, added, ended))
    return list(policies.items()), sorted(items)


@dataclass(frozen=True)
class ItemRevision:
    """How an item stands in a revision. `computed` is what differs between the promises; `marks` are the city's own,
    None where no mark of the revision is registered."""

    presence: Presence
    computed: tuple[Aspect, ...]
    marks: frozenset[Aspect] | None

    @property
    def is_compared(self) -> bool:
        return self.presence is Presence.BOTH

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """What was revised: computed, or by the city's marks where the promises are not registered."""
        if self.is_compared or self.marks is None:
            return self.computed
        return tuple(aspect for aspect in Aspect if aspect in self.marks)

    @property
    def is_known(self) -> bool:
        """Whether it can be said if the item was revised."""
        return self.is_compared or self.marks is not None


@dataclass(frozen=True)
class RevisionEntry(ItemRevision):
    """One item in a revision."""

    item: RevisionItem

    @property
    def was_added(self) -> bool:
        return self.presence is Presence.ONLY_NEW and self.item.added_on is not None

    @property
    def was_ended(self) -> bool:
        return self.presence is Presence.ONLY_OLD and self.item.ended_on is not None

    @property
    def is_registered(self) -> bool:
        """Whether the editions say all about it that there is to say."""
        return self.is_compared or self.was_added or self.was_ended


class Disagreement(NamedTuple):
    """An aspect of an item that the promises and the city's mark tell differently."""

    item: RevisionItem
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
class ComparedRevision:
    """A revision with every item that it concerns, in order."""

    event: Event
    entries: list[RevisionEntry]
    _tallies: dict[str, Counter[tuple[int | None, Aspect | None]]] = field(default_factory=dict, repr=False)

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
    def revised(self) -> list[RevisionEntry]:
        return [entry for entry in self.entries if entry.aspects]

    @property
    def added(self) -> list[RevisionEntry]:
        return [entry for entry in self.entries if entry.was_added]

    @property
    def ended(self) -> list[RevisionEntry]:
        return [entry for entry in self.entries if entry.was_ended]

    @property
    def is_known(self) -> bool:
        """Whether it can be said of any item if it was revised."""
        return any(entry.is_known for entry in self.entries)

    def computed(self, aspect: Aspect | None = None, policy: int | None = None) -> int | None:
        """Items revised by comparison, over those that are registered. None: no item is."""
        if not self.registered:
            return None
        return self._tally("computed")[policy, aspect]

    def marked(self, aspect: Aspect | None = None, policy: int | None = None) -> int | None:
        """Items with the city's mark. None: no mark is registered."""
        if not self.has_marks:
            return None
        return self._tally("marks")[policy, aspect]

    def _tally(self, name: str) -> Counter[tuple[int | None, Aspect | None]]:
        """Items by policy and by aspect of `computed` or `marks`; None stands for all policies and for any aspect."""
        if name not in self._tallies:
            found: Counter[tuple[int | None, Aspect | None]] = Counter()
            for entry in self.entries:
                if (aspects := getattr(entry, name)) and (name == "marks" or entry.is_compared):
                    for aspect in (None, *aspects):
                        found[None, aspect] += 1
                        found[entry.item.policy_number, aspect] += 1
            self._tallies[name] = found
        return self._tallies[name]

    @cached_property
    def disagreements(self) -> list[Disagreement]:
        """Every aspect of every compared item that the city's marks tell differently."""
        return [
            Disagreement(entry.item, aspect, aspect in entry.computed)
            for entry in self.entries
            if entry.is_compared and entry.marks is not None
            for aspect in Aspect
            if (aspect in entry.computed) != (aspect in entry.marks)
        ]


def comparisons(wanted: Sequence[Event], items: Sequence[RevisionItem]) -> list[ComparedRevision]:
    """The given revisions of one plan, each with its items. Four queries, one without frozen editions."""
    promises, marks = read(wanted)
    return [
        ComparedRevision(event, entries_of(items, item_revisions(event, items, promises, marks))) for event in wanted
    ]


def entries_of(items: Iterable[RevisionItem], found: Mapping[int, ItemRevision]) -> list[RevisionEntry]:
    """The items that a revision concerns, in their order."""
    rows = ((item, found[item.pk]) for item in items if item.pk in found)
    return [RevisionEntry(revision.presence, revision.computed, revision.marks, item) for item, revision in rows]


Marks = dict[int, dict[int, set[Aspect]]]  # by revision, then by item


def read(wanted: Sequence[Event]) -> tuple[Promises, Marks]:
    """Read what tells whether items were revised: the promises and the marks of the given revisions. Four queries, one
    without frozen editions."""
    frozen = {edition.pk for event in wanted if event.is_frozen for edition in (event.before, event.edition) if edition}
    marks: Marks = {}
    for revision, program, aspect in RevisionMark.objects.filter(
        revision__in=[event.revision.pk for event in wanted if event.revision]
    ).values_list("revision", "program", "aspect"):
        marks.setdefault(revision, {}).setdefault(program, set()).add(Aspect(aspect))
    return load(frozen) if frozen else {}, marks


def item_revisions(
    event: Event, items: Iterable[RevisionItem], promises: Promises, marks: Marks
) -> dict[int, ItemRevision]:
    """How each item stands in a revision, by its key; without those that it does not concern."""
    before, after = _sides(event, promises)
    marked = marks.get(event.revision.pk) if event.revision else None
    same: dict[ItemRevision, ItemRevision] = {}  # most of them are alike: one object each
    found = {}
    for item in items:
        old, new = before.get(item.pk), after.get(item.pk)
        if old is None and new is None and _is_outside(item, event):
            continue
        difference = compare(old, new, event.years, added_only=event.added_only)
        own = None if marked is None else frozenset(marked.get(item.pk, ()))
        revision = ItemRevision(difference.presence, difference.aspects, own)
        found[item.pk] = same.setdefault(revision, revision)
    return found


def _sides(event: Event, promises: Promises) -> tuple[dict[int, Content], dict[int, Content]]:
    if not event.is_frozen or event.before is None:
        return {}, {}
    return promises.get(event.before.pk, {}), promises.get(event.edition.pk, {})


class Detail(NamedTuple):
    """An entry before and after."""

    entry: RevisionEntry
    difference: Difference
    reason: str


def details(event: Event, entries: Sequence[RevisionEntry], promises: Promises | None = None) -> list[Detail]:
    """Some entries in full. Three queries if the promises are not at hand."""
    if promises is None and event.is_frozen and event.before:
        promises = load([event.before.pk, event.edition.pk], [entry.item.pk for entry in entries])
    before, after = _sides(event, promises or {})
    found = []
    for entry in entries:
        old, new = before.get(entry.item.pk), after.get(entry.item.pk)
        found.append(
            Detail(
                entry,
                compare(old, new, event.years, added_only=event.added_only),
                new.texts["revision_reason"].strip() if new else "",
            )
        )
    return found


def _is_outside(item: RevisionItem, event: Event) -> bool:
    """An item that came after the revision, or had ended before the earlier edition began."""
    came_later = item.added_on is not None and item.added_on > first_day(event.edition.first_fiscal_year)
    start = first_day((event.before or event.edition).first_fiscal_year)
    return came_later or (item.ended_on is not None and item.ended_on <= start)


def editions_of(plan: Plan) -> list[Edition]:
    """Read the editions of a plan, oldest first, with what the office wrote about their revisions. One query."""
    return list(Edition.objects.filter(plan=plan).select_related("revision").order_by("first_fiscal_year"))
