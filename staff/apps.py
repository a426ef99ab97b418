from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = "職員のページ"
    default = True


class ReformAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site."""

    default_site = "staff.start.ReformAdminSite"
    default = False
