"""What the roles may do with the models of this package; accounts/roles.py grants it."""

from accounts.roles import OFFICE, kept_by_office, together

_MODELS = (
    "plan",
    "edition",
    "source",
    "viewpoint",
    "direction",
    "policy",
    "position",
    "axis",
    "grade",
    "scale",
    "delaycause",
)
_LINEAGE = ("lineageplan", "lineagefigure", "lineagenote")

RIGHTS = together(kept_by_office("policies", (*_MODELS, *_LINEAGE)), {OFFICE: {"policies.freeze_edition"}})
