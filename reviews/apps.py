from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "進捗と公表"
    default = True

    def ready(self) -> None:
        from policies.models.publicity import keeping_public
        from policies.periods import shortening
        from programs.indicators import stating
        from programs.lifetime import ending
        from programs.models import Program
        from reviews.endings import refuse_ending_with_report, why_item_stays_public
        from reviews.periods import rows_in_years
        from reviews.settling import refuse_settled

        ending.connect(refuse_ending_with_report, dispatch_uid="reviews.endings")
        keeping_public.connect(why_item_stays_public, sender=Program, dispatch_uid="reviews.endings.public")
        stating.connect(refuse_settled, dispatch_uid="reviews.settling")
        shortening.connect(rows_in_years, dispatch_uid="reviews.periods")
