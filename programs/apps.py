from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "programs"
    verbose_name = "実施項目"

    def ready(self) -> None:
        from programs import frozen, plan_indicators

        frozen.connect()
        plan_indicators.connect()
