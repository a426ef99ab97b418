from django.db import migrations


def judge_nothing(apps, schema_editor):
    """What was of no tone was what is not judged."""
    for name in ("Grade", "HistoricalGrade"):
        apps.get_model("policies", name).objects.filter(tone="none").update(tone="excluded")


class Migration(migrations.Migration):

    dependencies = [
        ("policies", "0004_scales"),
    ]

    operations = [migrations.RunPython(judge_nothing, migrations.RunPython.noop)]
