"""Rounds, reports and published figures in the admin."""

from reviews.admin import figures, notices, reports, rounds

__all__ = ["figures", "notices", "reports", "rounds"]
