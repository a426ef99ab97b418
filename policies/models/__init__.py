"""The framework of a plan, and by what it judges."""

from policies.models.framework import (
    Direction,
    Edition,
    EditionQuerySet,
    ErratumFields,
    FiscalYearField,
    Plan,
    PlanPart,
    PlanQuerySet,
    Policy,
    Position,
    Source,
    Viewpoint,
    import_export_permissions,
    period_label,
    ranks,
    same_plan,
)
from policies.models.scales import UNCOMPARED, WELL, DelayCause, Grade, Scale, ScaleQuerySet, Tone

# Models too: Django reads this module. They stand on those above.
import policies.lineage  # noqa: F401, isort: skip

__all__ = [
    "UNCOMPARED",
    "WELL",
    "DelayCause",
    "Direction",
    "Edition",
    "EditionQuerySet",
    "ErratumFields",
    "FiscalYearField",
    "Grade",
    "Plan",
    "PlanPart",
    "PlanQuerySet",
    "Policy",
    "Position",
    "Scale",
    "ScaleQuerySet",
    "Source",
    "Tone",
    "Viewpoint",
    "import_export_permissions",
    "period_label",
    "ranks",
    "same_plan",
]
