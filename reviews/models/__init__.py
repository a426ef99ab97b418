"""Check: what was asked for, reported, judged and published."""

from reviews.models.effects import Basis, Effect, EffectFields, EffectKind
from reviews.models.notices import Notice
from reviews.models.publication import Origin, PublishedReport, ReportErratum
from reviews.models.redactions import Redaction
from reviews.models.reports import Contribution, Report, ReportActual, ReportEffect, report_choices, report_label
from reviews.models.rounds import Round, scale_breaks, ungraded_labels

__all__ = [
    "Basis",
    "Contribution",
    "Effect",
    "EffectFields",
    "EffectKind",
    "Notice",
    "Origin",
    "PublishedReport",
    "Redaction",
    "Report",
    "ReportActual",
    "ReportEffect",
    "ReportErratum",
    "Round",
    "report_choices",
    "report_label",
    "scale_breaks",
    "ungraded_labels",
]
