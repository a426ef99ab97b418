from django.apps import AppConfig


class ToolsConfig(AppConfig):
    name = "tools"
    verbose_name = "計測"

    def ready(self) -> None:
        from tools import checks

        checks.connect()
