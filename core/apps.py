from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "値と書式"

    def ready(self) -> None:
        from core import converters

        converters.register()
