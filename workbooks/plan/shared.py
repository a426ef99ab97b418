"""What several sheets of the plan workbook have in common: what they refer to, and the columns of errata."""

from __future__ import annotations

from policies.models import ErratumFields
from workbooks.plan.specification import Person, PlanSheet, Reference

SOURCE = Reference("source", "sources")
PROGRAM = Reference("program", "programs")
EDITION = Reference("edition", "editions")
REPORT = Reference("report", "reports", ("as_of", "program"))

_ERRATUM = ("corrected_on", "field", "label", "old", "new", "reason")


def errata_sheet(name: str, model: type[ErratumFields], corrected: Reference, columns: tuple[str, ...]) -> PlanSheet:
    """Errata to what a reference leads to, by these columns."""
    return PlanSheet(
        name,
        model,
        key=("number",),
        plain=_ERRATUM,
        references=(corrected,),
        fixed=(*columns, *_ERRATUM),
        can_delete=False,
        numbered=True,
        people=(Person("corrected_by"),),
    )
