"""Rounds, reports and published figures in the admin."""

from reviews.admin import figures, published, reports, rounds

__all__ = ["figures", "published", "reports", "rounds"]
