from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "programs"
    verbose_name = "実施項目と計画内容"

    def ready(self) -> None:
        from policies.periods import shortening
        from programs import frozen, periods, plan_indicators

        frozen.connect()
        plan_indicators.connect()
        shortening.connect(periods.rows_in_years, dispatch_uid="programs.periods")
