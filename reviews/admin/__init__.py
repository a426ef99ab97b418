"""Plan workbooks, rounds, reports, survey sheets, published figures, notices and the committee in the admin."""

from reviews.admin import committee, figures, notices, plans, published, reports, rounds, surveys

__all__ = ["committee", "figures", "notices", "plans", "published", "reports", "rounds", "surveys"]

