"""A request for items of a plan: what was asked, and everything that it could have chosen from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict

from committee.models import KeyProgram
from figures.causes import causes_of
from figures.datasets import Snapshot, edition_of, policies_of, published_rounds, scale_of, snapshot
from figures.filters import FilterChoices, ProgramFilter
from figures.revised import Editions
from figures.search import Search
from policies.models import Plan
from reviews.models import Round

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class _HasKeys(TypedDict):
    has_keys: bool


# A plan that knows whether key programs are registered.
RequestablePlan: TypeAlias = "WithAnnotations[Plan, _HasKeys]"


def requestable_plans() -> QuerySet[RequestablePlan]:
    """Select public plans that know whether key programs are registered, which saves a query of each request."""
    return Plan.objects.public().annotate(
        has_keys=Exists(KeyProgram.objects.filter(program__plan=OuterRef("pk"), program__public_at__isnull=False))
    )


def search_of(plan: Plan, rounds: Sequence[Round], editions: Editions, of_round: Round | None) -> Search:
    """The search of a plan, as far as `of_round` knew if a round was asked for. One query."""
    edition = edition_of(of_round) if of_round else None
    known = ([edition] if edition else []) if of_round else editions.frozen
    return Search(plan, rounds, [(each.pk, each.name) for each in known], of_round)


def filter_choices(
    plan: RequestablePlan, of_round: Round | None, editions: Editions, search: Callable[[], Search]
) -> FilterChoices:
    """What a form about the items of a plan (of `requestable_plans`) has to choose from, except its rounds. At most three
    queries.

    A published round offers the grades, policies and departments that it was published with.
    """
    edition = edition_of(of_round) if of_round else None
    return {
        "plan": plan,
        "policies": policies_of(plan, of_round),
        "editions": [edition] if edition else [] if of_round else editions.frozen,
        "department_order": lambda code: editions.department_order(code),
        "grades": scale_of(plan, of_round),
        "revised": editions.revised,
        "may_tell_revised": editions.may_tell_revised,
        "key_years": plan.fiscal_years if plan.has_keys else (),
        "causes": lambda: causes_of(plan),
        "find": lambda text: search().find(text),
    }


class ItemRequest:
    """A query string about the items of a plan (of `requestable_plans`). At most five queries, and five more when it
    asks what was revised and nobody has asked since the promise was written."""

    def __init__(self, plan: RequestablePlan, query: QueryDict, form: type[ProgramFilter] = ProgramFilter) -> None:
        self.plan = plan
        self.rounds = published_rounds(self.plan)
        self._all_editions = editions = Editions(self.plan)
        self.editions = editions.frozen
        of_round = next((r for r in self.rounds if r.as_of.isoformat() == query.get("round")), None)
        self._search = partial(search_of, self.plan, self.rounds, editions, of_round)
        choices = filter_choices(plan, of_round, editions, lambda: self.search)
        self.grades = choices["grades"]
        self.policies = [(each.number, each.name) for each in choices["policies"]]
        self.form = form(query, rounds=self.rounds, **choices)

    @cached_property
    def search(self) -> Search:
        return self._search()

    @property
    def permanent_query(self) -> str:
        """The same asked of the latest round, for a page that stays what it is; "" without a round, or where the round
        was published without what is asked for (a department that has no items any more)."""
        if self.form.as_of or not self.rounds:
            return ""
        latest = self.rounds[0]
        choices = filter_choices(self.plan, latest, self._all_editions, lambda: self.search)
        of_round = type(self.form)(QueryDict(), rounds=self.rounds, **choices)
        if not all(of_round.offers(name, value) for name, value, *_ in self.form.conditions):
            return ""
        return self.form.query_of(round=latest.as_of.isoformat())

    @property
    def snapshot(self) -> Snapshot:
        """Of a valid request."""
        return snapshot(self.plan, self.rounds, self.editions, self.form.as_of, self.form.compared_with)
