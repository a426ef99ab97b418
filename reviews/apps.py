from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "進捗と公表"
    default = True


class ReformAdminConfig(admin_apps.AdminConfig):
    """The admin with our start page. It stands here because that page tells what is due in this app."""

    default_site = "reviews.start.ReformAdminSite"
    default = False
