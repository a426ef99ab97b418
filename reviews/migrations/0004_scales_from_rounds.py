from django.db import migrations
from django.utils import timezone


def declare_scales(apps, schema_editor):
    """That a round judged by other criteria becomes a scale of the plan that begins with it, with the same grades."""
    Scale, HistoricalScale = (apps.get_model("policies", name) for name in ("Scale", "HistoricalScale"))
    for round_ in apps.get_model("reviews", "Round").objects.exclude(criteria_note="").order_by("plan", "as_of"):
        values = {
            "plan_id": round_.plan_id,
            "starts_on": round_.as_of,
            "note": round_.criteria_note,
            "source_id": round_.source_id,
        }
        scale = Scale.objects.create(**values)
        HistoricalScale.objects.create(
            id=scale.pk,
            history_date=timezone.now(),
            history_type="+",
            history_change_reason="調査の「評価の基準の変更」から",
            **values,
        )


def judge_nothing(apps, schema_editor):
    """What was of no tone was what is not judged."""
    for name in ("Report", "HistoricalReport", "PublishedReport"):
        apps.get_model("reviews", name).objects.filter(tone="none").update(tone="excluded")
    for round_ in apps.get_model("reviews", "Round").objects.all():
        grades = round_.framework.get("grades", [])
        if any(grade["tone"] == "none" for grade in grades):
            for grade in grades:
                grade["tone"] = "excluded" if grade["tone"] == "none" else grade["tone"]
            round_.save(update_fields=["framework"])


class Migration(migrations.Migration):

    dependencies = [
        ("policies", "0005_excluded"),
        ("reviews", "0003_results_of_the_city"),
    ]

    operations = [
        migrations.RunPython(declare_scales, migrations.RunPython.noop),
        migrations.RunPython(judge_nothing, migrations.RunPython.noop),
    ]
