from django.db import migrations
from django.utils import timezone


def begin_with_one(apps, schema_editor):
    """What a plan judged by so far is its first axis."""
    names = ("Axis", "HistoricalAxis", "Grade", "HistoricalGrade", "Scale", "HistoricalScale")
    Axis, HistoricalAxis, *parts = (apps.get_model("policies", name) for name in names)
    for plan in apps.get_model("policies", "Plan").objects.all():
        axis = Axis.objects.create(plan=plan, key="main")
        HistoricalAxis.objects.create(
            id=axis.pk,
            plan_id=plan.pk,
            key=axis.key,
            name=axis.name,
            order=axis.order,
            judge=axis.judge,
            definition=axis.definition,
            history_date=timezone.now(),
            history_type="+",
            history_change_reason="1番目の軸",
        )
        for part in parts:
            part.objects.filter(plan_id=plan.pk).update(axis_id=axis.pk)


class Migration(migrations.Migration):

    dependencies = [
        ("policies", "0008_axes"),
    ]

    operations = [migrations.RunPython(begin_with_one, migrations.RunPython.noop)]
