"""What the roles may do with the models of this package; accounts/roles.py grants it."""

from accounts.roles import DESCRIPTIONS, OFFICE, codenames, kept_by_office, together

_WRITTEN_BY_ACTS = ["contenterratum", "latecontent", "planindicatorerratum"]
_MODELS = (
    *("program", "programedition", "yearplan", "indicator", "indicatortarget", "indicatoractual"),
    *("revision", "revisionmark"),
    *("planindicator", "planindicatortarget", "planindicatoractual"),
)

RIGHTS = together(
    kept_by_office("programs", _MODELS),
    # Written by the act alone: nobody changes errata by hand.
    dict.fromkeys(DESCRIPTIONS, codenames("programs", _WRITTEN_BY_ACTS, "view")),
    {OFFICE: codenames("programs", _WRITTEN_BY_ACTS, "add", "import", "export")},
    {OFFICE: codenames("programs", ["planindicator"], "publish")},
)
