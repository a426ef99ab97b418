"""Who may do what, as data.

A role is a Django group. The groups are made by a migration of this app. Each package declares in its module `rights` what
the roles may do with its models, and after every `migrate` each role gets exactly that, so a release can change it and nobody
has to click. Row rules (own department, round open) stand in the querysets and business acts.
"""

from collections.abc import Iterable
from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule

REPORTER = "reporter"
OFFICE = "office"
COMMITTEE = "committee"
VIEWER = "viewer"

DESCRIPTIONS = {
    REPORTER: "推進担当課。自分の課の項目の進捗報告を、受付中に入力し提出する。",
    OFFICE: "事務局。利用者の管理を除くすべて。調査の開始、承認・差し戻し、公表、計画の登録。",
    COMMITTEE: "推進委員会の委員。公表された内容と、公開前の意見を見る。自分の意見を書く。",
    VIEWER: "閲覧。自分の課の下書きを見る。",
}

Rights = dict[str, set[str]]  # by role: "app.codename"


def codenames(app: str, models: Iterable[str], *actions: str) -> set[str]:
    """("accounts", ["department"], "view", "add") → accounts.view_department, accounts.add_department."""
    return {f"{app}.{action}_{model}" for model in models for action in actions}


def kept_by_office(app: str, models: Iterable[str]) -> Rights:
    """Records of the plan itself: everybody on staff sees them, the office keeps them."""
    models = list(models)
    seen = codenames(app, models, "view")
    return {role: set(seen) for role in DESCRIPTIONS} | {
        OFFICE: codenames(app, models, "view", "add", "change", "delete", "import", "export")
    }


def together(*parts: Rights) -> Rights:
    """Join several declarations of rights: role → codenames of all of them."""
    return {role: set().union(*(part.get(role, set()) for part in parts)) for role in DESCRIPTIONS}


def rights_of(app: AppConfig) -> Rights:
    """What a package declares in its module `rights`; nothing without one."""
    if not module_has_submodule(app.module, "rights"):
        return {}
    declared: Rights = import_module(f"{app.name}.rights").RIGHTS
    return declared


def all_rights() -> Rights:
    """Join the rights of every role over all packages: role → codenames."""
    return together(*(rights_of(app) for app in apps.get_app_configs()))


def grant_permissions(app_config: AppConfig, using: str, **_: object) -> None:
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
    rights = rights_of(app_config)
    for role in DESCRIPTIONS:
        names = rights.get(role, set())
        group, _created = Group.objects.using(using).get_or_create(name=role)
        group.permissions.remove(*group.permissions.filter(content_type__app_label=app_config.label))
        group.permissions.add(*(permissions[name] for name in sorted(names) if name in permissions))
