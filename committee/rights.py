"""What the roles may do with the models of this package; accounts/roles.py grants it."""

from accounts.roles import COMMITTEE, OFFICE, codenames, kept_by_office, together

RIGHTS = together(
    kept_by_office("committee", ["meeting", "keyprogram"]),
    {
        COMMITTEE: codenames("committee", ["opinion"], "view", "add", "change"),
        OFFICE: codenames("committee", ["opinion"], "view", "add", "change", "delete", "answer", "import", "export")
        | codenames("committee", ["committeemember"], "view", "add", "change", "delete"),
    },
)
