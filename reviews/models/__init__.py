"""Check and act: what was reported, judged, published, revised and counted."""

from reviews.models.committee import CommitteeMember, Disposition, KeyProgram, Meeting, Opinion
from reviews.models.effects import Basis, Effect, EffectKind
from reviews.models.figures import PublishedFigure
from reviews.models.publication import Erratum, PublishedReport
from reviews.models.reports import Contribution, Report, ReportActual, ReportEffect
from reviews.models.revisions import Aspect, Revision, RevisionMark
from reviews.models.rounds import Grade, Round, Tone
from reviews.models.surveys import Notice, SurveyUpload

__all__ = [
    "Aspect",
    "Basis",
    "CommitteeMember",
    "Contribution",
    "Disposition",
    "Effect",
    "EffectKind",
    "Erratum",
    "Grade",
    "KeyProgram",
    "Meeting",
    "Notice",
    "Opinion",
    "PublishedFigure",
    "PublishedReport",
    "Report",
    "ReportActual",
    "ReportEffect",
    "Revision",
    "RevisionMark",
    "Round",
    "SurveyUpload",
    "Tone",
]
