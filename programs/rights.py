"""What the roles may do with the models of this package; accounts/roles.py grants it."""

from accounts.roles import DESCRIPTIONS, OFFICE, codenames, kept_by_office, together

_MODELS = (
    *("program", "programedition", "yearplan", "indicator", "indicatortarget", "indicatoractual"),
    *("revision", "revisionmark"),
)

RIGHTS = together(
    kept_by_office("programs", _MODELS),
    # Written by the act alone: nobody changes errata by hand.
    dict.fromkeys(DESCRIPTIONS, codenames("programs", ["contenterratum", "latecontent"], "view")),
    {OFFICE: codenames("programs", ["contenterratum", "latecontent"], "add", "import", "export")},
)
