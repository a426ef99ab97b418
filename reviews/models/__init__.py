"""Check: what was asked for, reported, judged and published."""

from reviews.models.effects import Effect, EffectFields
from reviews.models.judgements import PublishedJudgement, ReportJudgement
from reviews.models.notices import Notice
from reviews.models.places import PLACE, Account, Basis, EffectKind, EffectPlace, Series
from reviews.models.publication import Origin, PublishedReport, ReportErratum
from reviews.models.redactions import Redaction
from reviews.models.reports import Contribution, Report, ReportActual, ReportEffect, report_label
from reviews.models.rounds import Round, scale_breaks, ungraded_labels
from reviews.models.settlements import Settlement

__all__ = [
    "PLACE",
    "Account",
    "Basis",
    "Contribution",
    "Effect",
    "EffectFields",
    "EffectKind",
    "EffectPlace",
    "Notice",
    "Origin",
    "PublishedJudgement",
    "PublishedReport",
    "Redaction",
    "Report",
    "ReportActual",
    "ReportEffect",
    "ReportErratum",
    "ReportJudgement",
    "Round",
    "Series",
    "Settlement",
    "report_label",
    "scale_breaks",
    "ungraded_labels",
]
