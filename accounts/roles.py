"""Who may do what, as data.

A role is a Django group. The groups are made by a migration of this app, and after every `migrate` each gets exactly the
permissions written here, so a release can change them and nobody has to click. Row rules (own department, round open)
stand in the querysets and business acts, not here.
"""

from typing import Any

from django.apps import AppConfig, apps

REPORTER = "reporter"
OFFICE = "office"
COMMITTEE = "committee"
VIEWER = "viewer"

DESCRIPTIONS = {
    REPORTER: "推進担当課。自分の課の項目の進捗報告を、受付中に入力し提出する。",
    OFFICE: "行政経営課。利用者の管理を除くすべて。調査の開始、承認・差し戻し、公表、計画の登録。",
    COMMITTEE: "推進委員会の委員。公表された内容と、公開前の意見を見る。自分の意見を書く。",
    VIEWER: "閲覧。自分の課の下書きを見る。",
}

# The models of the plan itself: everybody on staff sees them, the office keeps them.
_PLAN_MODELS = {
    "policies": ["plan", "edition", "source", "viewpoint", "direction", "policy", "position"],
    "programs": ["program", "programedition", "yearplan", "indicator", "indicatortarget", "indicatoractual"],
    "reviews": ["grade", "round", "publishedfigure", "meeting", "effect", "revision", "revisionmark", "keyprogram"],
}
# Written by the acts alone: nobody adds or changes them by hand.
_RECORDS = {"reviews": ["publishedreport", "erratum"]}
_SENDINGS = {"reviews": ["surveyupload", "notice"]}


def _codenames(models: dict[str, list[str]], *actions: str) -> set[str]:
    return {f"{app}.{action}_{model}" for app, names in models.items() for model in names for action in actions}


_READ_PLAN = _codenames(_PLAN_MODELS, "view") | _codenames(_RECORDS, "view")
_REPORT = {"reviews": ["report"]}
_MEMBERS = {"reviews": ["committeemember"]}
_OPINION = {"reviews": ["opinion"]}

PERMISSIONS: dict[str, set[str]] = {
    REPORTER: _READ_PLAN | _codenames(_REPORT, "view", "change", "import", "export"),
    OFFICE: (
        _codenames(_PLAN_MODELS, "view", "add", "change", "delete", "import", "export")
        | _codenames({"accounts": ["department"]}, "view", "add", "change", "delete", "import", "export")
        | _codenames(_REPORT, "view", "change", "approve", "import", "export")
        | _codenames(_OPINION, "view", "add", "change", "delete", "answer", "import", "export")
        | _codenames(_MEMBERS, "view", "add", "change", "delete")
        | _codenames(_RECORDS, "view")
        | _codenames(_SENDINGS, "view")
        | {"policies.freeze_edition", "reviews.open_round", "reviews.publish_round"}
        | {"reviews.add_erratum", "reviews.import_erratum", "reviews.export_erratum"}
    ),
    COMMITTEE: _READ_PLAN | _codenames(_OPINION, "view", "add", "change"),
    VIEWER: _READ_PLAN | _codenames(_REPORT, "view"),
}


def grant_permissions(app_config: AppConfig, using: str, **_: Any) -> None:
    """After an app's migrations: give every role exactly its permissions of that app."""
    if not apps.is_installed("accounts"):
        return
    from django.contrib.auth.models import Group, Permission

    permissions = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.using(using)
        .filter(content_type__app_label=app_config.label)
        .select_related("content_type")
    }
    if not permissions:
        return
    for role, names in PERMISSIONS.items():
        group, _created = Group.objects.using(using).get_or_create(name=role)
        group.permissions.remove(*group.permissions.filter(content_type__app_label=app_config.label))
        group.permissions.add(*(permissions[name] for name in sorted(names) if name in permissions))
