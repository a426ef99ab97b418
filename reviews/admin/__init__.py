"""Rounds, reports, survey sheets and published figures in the admin."""

from reviews.admin import figures, reports, rounds, surveys

__all__ = ["figures", "reports", "rounds", "surveys"]
