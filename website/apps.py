from django.apps import AppConfig


class WebsiteConfig(AppConfig):
    name = "website"
    verbose_name = "市民のページ"

    def ready(self) -> None:
        from website.report import REPORT
        from workbooks import exports

        exports.register(REPORT)
