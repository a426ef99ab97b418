"""Check and act: what was reported, judged, published and counted."""

from reviews.models.figures import Meeting, PublishedFigure
from reviews.models.rounds import Grade, Report, Round

__all__ = ["Grade", "Meeting", "PublishedFigure", "Report", "Round"]
