"""Rounds, reports and published figures in the admin."""

from reviews.admin import figures, reports, rounds

__all__ = ["figures", "reports", "rounds"]
