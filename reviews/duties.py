"""Who answers for the reports of a round: the departments of its edition under their names then, and the people now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from accounts.models import Department, Membership, User, taken_over
from programs.models import Responsibility
from reviews.models import Round


@dataclass
class Duties:
    """Read once for a round: four queries, whatever the number of items."""

    departments: dict[int, Department]
    # Item → its departments in order; the first leads. An item without any is not in it.
    of_program: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    # Department → people who are in it and may fill in its reports.
    members: dict[int, list[User]] = field(default_factory=lambda: defaultdict(list))

    def successors(self, department: int) -> list[int]:
        """The department and those that took it over, one after the other; the last one owns its items today."""
        return [department, *taken_over(department, self._following)]

    @cached_property
    def _following(self) -> dict[int, int | None]:
        return {pk: one.successor_id for pk, one in self.departments.items()}

    def owner(self, department: int) -> Department:
        return self.departments[self.successors(department)[-1]]

    def people(self, departments: Iterable[int]) -> list[User]:
        """Who may fill in the reports of these departments: their members and those of their successors, each once."""
        found = {
            user.pk: user
            for department in departments
            for following in self.successors(department)
            for user in self.members.get(following, ())
        }
        return sorted(found.values(), key=lambda user: user.username)


def duties_of(round_: Round) -> Duties:
    """Read who answers for the items of a round: by its edition, under the names of today."""
    duties = Duties({one.pk: one for one in Department.objects.all()})
    for program, department in (
        Responsibility.objects.filter(program_edition__edition=round_.edition_id)
        .order_by("program_edition", "order")
        .values_list("program_edition__program_id", "department_id")
    ):
        duties.of_program[program].append(department)
    writers = User.objects.with_perm("reviews.change_report", backend="django.contrib.auth.backends.ModelBackend")
    memberships = Membership.objects.filter(user__in=writers.filter(is_staff=True).values("pk"))
    for membership in memberships.select_related("user"):
        duties.members[membership.department_id].append(membership.user)
    return duties
