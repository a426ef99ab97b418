"""Rounds, reports, survey sheets, published figures, notices and the committee in the admin."""

from reviews.admin import committee, figures, notices, published, reports, rounds, surveys

__all__ = ["committee", "figures", "notices", "published", "reports", "rounds", "surveys"]
