"""What the roles may do with the models of this package; accounts/roles.py grants it."""

from accounts.roles import OFFICE, codenames

RIGHTS = {OFFICE: codenames("workbooks", ["surveyupload"], "view")}
