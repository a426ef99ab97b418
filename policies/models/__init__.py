"""The framework of a plan, and by what it judges."""

from policies.models.framework import (
    MAIN_AXIS,
    Direction,
    Edition,
    EditionQuerySet,
    ErratumFields,
    FiscalYearField,
    Plan,
    PlanPart,
    PlanQuerySet,
    Policy,
    Source,
    former_names,
    import_export_permissions,
    period_label,
    ranks,
    same_plan,
)
from policies.models.publicity import PublicByAct, PublicByActQuerySet, Withdrawable, withdrawn_is_hidden
from policies.models.scales import (
    UNCOMPARED,
    WELL,
    Axis,
    DelayCause,
    Grade,
    GradeQuerySet,
    Judge,
    Scale,
    ScaleQuerySet,
    Tone,
)
from policies.models.surroundings import Position, Viewpoint

# Models too: Django reads this module. They stand on those above.
import policies.lineage  # noqa: F401, isort: skip

__all__ = [
    "MAIN_AXIS",
    "UNCOMPARED",
    "WELL",
    "Axis",
    "DelayCause",
    "Direction",
    "Edition",
    "EditionQuerySet",
    "ErratumFields",
    "FiscalYearField",
    "Grade",
    "GradeQuerySet",
    "Judge",
    "Plan",
    "PlanPart",
    "PlanQuerySet",
    "Policy",
    "Position",
    "PublicByAct",
    "PublicByActQuerySet",
    "Scale",
    "ScaleQuerySet",
    "Source",
    "Tone",
    "Viewpoint",
    "Withdrawable",
    "former_names",
    "import_export_permissions",
    "period_label",
    "ranks",
    "same_plan",
    "withdrawn_is_hidden",
]
