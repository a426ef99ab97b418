from django.apps import AppConfig


class WorkbooksConfig(AppConfig):
    name = "workbooks"
    verbose_name = "Excel"

    def ready(self) -> None:
        from workbooks import exports
        from workbooks.survey import acts  # noqa: F401 - it listens to redactions

        exports.register(exports.BOOK)
