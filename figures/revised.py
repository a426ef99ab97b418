"""Which items the last revision changed in what, for a list that is filtered by it. Found once, and kept in this process
for as long as nothing was written that it is found from (docs/decisions/0016-kept-comparison.md).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from core.history import history_of
from figures.rows import DepartmentName, FrozenEdition
from policies.models import Edition, Plan
from programs.differences import Aspect
from programs.models import (
    Indicator,
    IndicatorTarget,
    Program,
    ProgramEdition,
    Responsibility,
    Revision,
    RevisionMark,
    YearPlan,
)
from programs.promises import Promises
from programs.revisions import Event, ItemRevision, RevisionItem, events, item_revisions, policies_and_items, read

# What a comparison reads. Every write to one of them leaves a row in its history.
_READ = (Program, ProgramEdition, Responsibility, YearPlan, Indicator, IndicatorTarget, RevisionMark)
_MOST = 16
_revision_of_edition: Any = Edition._meta.get_field("revision")
_kept: OrderedDict[Hashable, dict[int, ItemRevision]] = OrderedDict()

# How far the histories of _READ have come.
Moment = tuple[int | None, ...]


def history_ends() -> dict[str, Subquery]:
    """Give annotations that read the moment along with any other query; each is the end of an index."""
    return {
        f"newest_{model._meta.model_name}": Subquery(history_of(model).order_by("-history_id").values("history_id")[:1])
        for model in _READ
    }


def moment_of(row: Edition) -> Moment:
    """Give how far the histories had come when a row was read with `history_ends()`."""
    return tuple(getattr(row, name) for name in history_ends())


def clear_cache() -> None:
    """Drop what is kept; for whoever writes around the histories."""
    _kept.clear()


def cached_item_revisions(
    event: Event, moment: Moment, items: Callable[[], Sequence[RevisionItem]]
) -> tuple[dict[int, ItemRevision], Promises | None]:
    """How each item stands in a revision, by its key; and the promises, when they had to be read for it.

    No query if it is kept, else four. `items` are called for only then.
    """
    before = event.before
    key = (
        *(
            (one.pk, one.frozen_at, one.first_fiscal_year, one.last_fiscal_year) if one else None
            for one in (before, event.edition)
        ),
        (event.revision.pk, event.revision.departments_counted) if event.revision else None,
        moment,
    )
    if (found := _kept.get(key)) is not None:
        return found, None
    promises, marks = read([event])
    found = item_revisions(event, items(), promises, marks)
    _kept[key] = found
    while len(_kept) > _MOST:
        _kept.popitem(last=False)
    return found, promises


@dataclass(frozen=True)
class Revised:
    """The last revision of a plan of which citizens may know the items."""

    item_revisions: dict[int, ItemRevision]

    def select(self, is_revised: bool, aspect: Aspect | None = None) -> frozenset[int]:
        """Keys of the items that were revised (in an aspect), or that were not. What is unknown is in neither."""
        return frozenset(
            pk
            for pk, standing in self.item_revisions.items()
            if standing.is_known and (aspect in standing.aspects if aspect else bool(standing.aspects)) == is_revised
        )


class Editions:
    """The editions of a plan, as a list of its items needs them. One query."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.frozen: list[FrozenEdition] = []  # history_ends first, each with its departments by code
        self._all: dict[int, Edition] = {}
        self._contents: dict[int, bool] = {}
        self._marks: dict[int, bool] = {}
        self._moment: Moment = ()
        department = "contents__responsibilities__department__"
        columns = ("pk", "key", "name", "first_fiscal_year", "last_fiscal_year", "frozen_at")
        rows = (
            Edition.objects.filter(plan=plan)
            .annotate(
                has_contents=Exists(ProgramEdition.objects.filter(edition=OuterRef("pk"))),
                has_marks=Exists(RevisionMark.objects.filter(revision__to_edition=OuterRef("pk"))),
                **history_ends(),
            )
            .order_by("-first_fiscal_year", f"{department}code")
            .values_list(
                *columns,
                *("revision__pk", "revision__from_edition", "revision__departments_counted"),
                *("has_contents", "has_marks"),
                *history_ends(),
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
            *moment,
            code,
            department_name,
        ) in rows:
            if pk not in self._all:
                self._moment = tuple(moment)
                self._contents[pk], self._marks[pk] = contents, marks
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
                    self.frozen.append(FrozenEdition(pk, key, name, first))
            if frozen_at is not None and code is not None:
                self.frozen[-1].departments.append(DepartmentName(code, department_name))

    def _events(self) -> list[Event]:
        """The revisions of which items may be known, the last one first."""
        found = reversed(events(self._all.values()))
        return [event for event in found if event.before and (event.is_frozen or event.revision)]

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
            found, _ = cached_item_revisions(event, self._moment, read_items)
            if any(standing.is_known for standing in found.values()):
                return Revised(found)
        return None
