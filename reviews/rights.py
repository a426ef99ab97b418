"""What the roles may do with the models of this package; accounts/roles.py grants it."""

from accounts.roles import DESCRIPTIONS, OFFICE, REPORTER, VIEWER, codenames, kept_by_office, together

RIGHTS = together(
    kept_by_office("reviews", ["round", "effect"]),
    # Written by the acts alone: nobody adds or changes them by hand.
    dict.fromkeys(DESCRIPTIONS, codenames("reviews", ["publishedreport", "reporterratum", "settlement"], "view")),
    {
        REPORTER: codenames("reviews", ["report"], "view", "change", "import", "export"),
        OFFICE: codenames("reviews", ["report"], "view", "change", "approve", "import", "export")
        | codenames("reviews", ["round"], "open", "publish")
        | codenames("reviews", ["reporterratum"], "add", "import", "export")
        | codenames("reviews", ["settlement"], "add")
        | codenames("reviews", ["notice", "redaction"], "view"),
        VIEWER: codenames("reviews", ["report"], "view"),
    },
)
