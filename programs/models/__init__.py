"""The promise: items with a lasting identity, and their content in each edition."""

from programs.models.contents import (
    Better,
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    ProgramEdition,
    Responsibility,
    YearPlan,
)
from programs.models.items import UNREGISTERED_NAME, EndReason, Program, ProgramQuerySet

__all__ = [
    "UNREGISTERED_NAME",
    "Better",
    "EndReason",
    "Indicator",
    "IndicatorActual",
    "IndicatorTarget",
    "Program",
    "ProgramEdition",
    "ProgramQuerySet",
    "Responsibility",
    "YearPlan",
]
