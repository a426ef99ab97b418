"""What a browser sends of the staff's forms."""

from reviews.models import Report
from tests import factories


def typed(report, code="A", **values):
    """What the form sends."""
    filled = factories.content(report.round.plan, code, **values)
    filled["grade"] = filled["grade"].pk if filled["grade"] else ""
    return {**dict.fromkeys(Report.RECOVERY, ""), **filled, "version": report.version}
