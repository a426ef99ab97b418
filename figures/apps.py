from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "figures"
    verbose_name = "数値と照合"

    def ready(self) -> None:
        from figures import version

        version.listen()
