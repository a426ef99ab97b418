from django.apps import AppConfig


class OpendataConfig(AppConfig):
    name = "opendata"
    verbose_name = "オープンデータ"

    def ready(self) -> None:
        from opendata.package import PACKAGE
        from workbooks import exports

        exports.register(PACKAGE)
