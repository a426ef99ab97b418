"""The promise: items with a lasting identity, their content in each edition, and the revision between two editions."""

from programs.differences import Aspect
from programs.models.contents import (
    Better,
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    ProgramEdition,
    Responsibility,
    YearPlan,
)
from programs.models.errata import ContentErratum
from programs.models.items import UNREGISTERED_NAME, EndReason, Program, ProgramQuerySet, active_on
from programs.models.late import LateContent
from programs.models.plan_indicators import (
    PlanIndicator,
    PlanIndicatorActual,
    PlanIndicatorErratum,
    PlanIndicatorTarget,
)
from programs.models.revisions import DepartmentsCounted, Revision, RevisionMark

__all__ = [
    "UNREGISTERED_NAME",
    "Aspect",
    "Better",
    "ContentErratum",
    "DepartmentsCounted",
    "EndReason",
    "Indicator",
    "IndicatorActual",
    "IndicatorTarget",
    "LateContent",
    "PlanIndicator",
    "PlanIndicatorActual",
    "PlanIndicatorErratum",
    "PlanIndicatorTarget",
    "Program",
    "ProgramEdition",
    "ProgramQuerySet",
    "Responsibility",
    "Revision",
    "RevisionMark",
    "YearPlan",
    "active_on",
]
