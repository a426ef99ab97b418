"""What the roles may do with the models of this package; accounts/roles.py grants it."""

from accounts.roles import kept_by_office

RIGHTS = kept_by_office("figures", ["publishedfigure"])
