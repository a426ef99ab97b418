from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "利用者と部署"

    def ready(self) -> None:
        from accounts import sign_in
        from accounts.roles import grant_permissions

        sign_in.connect()
        post_migrate.connect(grant_permissions, dispatch_uid="accounts.roles")
