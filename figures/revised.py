"""Which items the last revision changed in what, for a list that is filtered by it. Found once, and kept in this process
for one published version (docs/decisions/0016-kept-comparison.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from django.db.models import Exists, OuterRef

from accounts.models import Department
from core.process_cache import kept
from figures import version
from figures.models import PublishedFigure
from figures.revisions import REVISION_MEASURES
from figures.rows import DepartmentName, FrozenEditionRow
from policies.models import Edition, Plan
from programs.differences import Aspect
from programs.models import ProgramEdition, Revision, RevisionMark
from programs.promises import Promises
from programs.revisions import Event, ItemRevision, RevisionItem, events, item_revisions, policies_and_items, read

_revision_of_edition = Edition._meta.get_field("revision")


def cached_item_revisions(
    event: Event, number: int | None, items: Callable[[], Sequence[RevisionItem]]
) -> tuple[dict[int, ItemRevision], Promises | None]:
    """How each item stands in a revision that citizens may know of, by its key; and the promises, when they had to be read
    for it. `number` is the published version from before the event was read.

    No query if it is kept, else four. `items` are called for only then.
    """
    before = event.before
    at_hand: list[Promises] = []

    def find() -> dict[int, ItemRevision]:
        promises, marks = read([event])
        at_hand.append(promises)
        return item_revisions(event, items(), promises, marks)

    # The edition before may be one that citizens do not know, and then moves no version.
    of = None if number is None else (number, before and (before.pk, before.frozen_at, before.first_fiscal_year))
    found = kept(("revision", event.edition.pk), of, find)
    return found, next(iter(at_hand), None)


@dataclass(frozen=True)
class Revised:
    """The last revision of a plan of which citizens may know the items."""

    item_revisions: dict[int, ItemRevision]

    def select(self, is_revised: bool, aspect: Aspect | None = None) -> frozenset[int]:
        """Keys of the items that were revised (in an aspect), or that were not. What is unknown is in neither."""
        return frozenset(
            pk
            for pk, revision in self.item_revisions.items()
            if revision.is_known and (aspect in revision.aspects if aspect else bool(revision.aspects)) == is_revised
        )


class Editions:
    """The editions of a plan, as a list of its items needs them. One query."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.frozen: list[FrozenEditionRow] = []  # the last one first, each with its departments by code
        self._all: dict[int, Edition] = {}
        self._contents: dict[int, bool] = {}
        self._marks: dict[int, bool] = {}
        self._printed: set[int] = set()
        self._version = version.settled()
        department = "contents__responsibilities__department__"
        columns = ("pk", "key", "name", "first_fiscal_year", "last_fiscal_year", "frozen_at")
        rows = (
            Edition.objects.filter(plan=plan)
            .annotate(
                has_contents=Exists(ProgramEdition.objects.filter(edition=OuterRef("pk"))),
                has_marks=Exists(RevisionMark.objects.filter(revision__to_edition=OuterRef("pk"))),
                is_printed=Exists(
                    PublishedFigure.objects.current().filter(edition=OuterRef("pk"), measure__in=REVISION_MEASURES)
                ),
            )
            .order_by("-first_fiscal_year", f"{department}code")
            .values_list(
                *columns,
                *("revision__pk", "revision__from_edition", "revision__departments_counted"),
                *("has_contents", "has_marks", "is_printed"),
                *(f"{department}code", f"{department}name"),
            )
            .distinct()
        )
        for (
            pk,
            key,
            name,
            first,
            last,
            frozen_at,
            revision,
            before,
            counted,
            contents,
            marks,
            printed,
            code,
            department_name,
        ) in rows:
            if pk not in self._all:
                self._contents[pk], self._marks[pk] = contents, marks
                if printed:
                    self._printed.add(pk)
                self._all[pk] = Edition(
                    pk=pk,
                    plan=plan,
                    key=key,
                    name=name,
                    first_fiscal_year=first,
                    last_fiscal_year=last,
                    frozen_at=frozen_at,
                )
                # Known to be without one, too: nothing is to be asked for later.
                known = (
                    None
                    if revision is None
                    else Revision(pk=revision, from_edition_id=before, departments_counted=counted)
                )
                _revision_of_edition.set_cached_value(self._all[pk], known)
                if frozen_at is not None:
                    self.frozen.append(FrozenEditionRow(pk, key, name, first))
            if frozen_at is not None and code is not None:
                self.frozen[-1].departments.append(DepartmentName(code, department_name))

    @cached_property
    def department_order(self) -> Callable[[str], tuple[int, str]]:
        """By what the codes of departments are sorted. One query, where it is not kept."""
        find = partial(Department.objects.city_order, self.plan.city)
        return kept(("departments", self.plan.city), self._version, find)

    def _events(self) -> list[Event]:
        """The revisions that citizens may know of and of which items may be known, the last one first."""
        found = reversed(events(self._all.values()))
        return [event for event in found if event.before and event.is_public(self._printed)]

    @property
    def may_tell_revised(self) -> bool:
        """Whether anything is there by which items could be told to be revised. No query."""
        return any(
            self._marks[event.edition.pk]
            or (
                event.is_frozen
                and event.before
                and self._contents[event.before.pk]
                and self._contents[event.edition.pk]
            )
            for event in self._events()
        )

    def revised(self) -> Revised | None:
        """None: of no revision is it known. No query if it is kept."""
        items: list[RevisionItem] = []

        def read_items() -> list[RevisionItem]:
            items[:] = items or policies_and_items(self.plan)[1]
            return items

        for event in self._events() if self.may_tell_revised else ():
            found, _ = cached_item_revisions(event, self._version, read_items)
            if any(revision.is_known for revision in found.values()):
                return Revised(found)
        return None
