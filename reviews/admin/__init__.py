"""Rounds, reports, published figures and the committee in the admin."""

from reviews.admin import committee, figures, notices, reports, rounds

__all__ = ["committee", "figures", "notices", "reports", "rounds"]
