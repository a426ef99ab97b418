from django.apps import AppConfig


class WorkbooksConfig(AppConfig):
    name = "workbooks"
    verbose_name = "Excel"

    def ready(self) -> None:
        from workbooks import exports

        exports.register(exports.BOOK)
