"""What several sheets of the plan workbook have in common: what they refer to, and the columns of errata."""

from __future__ import annotations

from typing import Any

from workbooks.plan.specification import Person, Reference

SOURCE = Reference("source", "sources")
PROGRAM = Reference("program", "programs")
EDITION = Reference("edition", "editions")
REPORT = Reference("report", "reports", ("as_of", "program"))

ERRATUM = ("corrected_on", "field", "label", "old", "new", "reason")
ERRATA: dict[str, Any] = {
    "key": ("number",),
    "plain": ERRATUM,
    "can_delete": False,
    "numbered": True,
    "people": (Person("corrected_by"),),
}
