from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "進捗と公表"
    default = True

    def ready(self) -> None:
        from programs.items import ending
        from reviews.items import refuse_ending_with_report

        ending.connect(refuse_ending_with_report, dispatch_uid="reviews.items")


class ReformAdminConfig(admin_apps.AdminConfig):
    """The admin with our start page. It stands here because that page tells what is due in this app."""

    default_site = "reviews.start.ReformAdminSite"
    default = False
