from django.apps import AppConfig


class WorkbooksConfig(AppConfig):
    name = "workbooks"
    verbose_name = "Excel"

    def ready(self) -> None:
        from workbooks import exports
        from workbooks.survey import acts as _sheets  # noqa: F401 - they listen to redactions
        from workbooks.tables import uploads as _tables  # noqa: F401

        exports.register(exports.BOOK)
