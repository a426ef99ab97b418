"""The folded text of every published row once more: long vowels and 々 are folded too. What was published stays as it is."""

from django.db import migrations

from kodaira_reform.text import fold


def refold(apps, schema_editor):
    PublishedReport = apps.get_model("reviews", "PublishedReport")
    rows = list(PublishedReport.objects.only("search_text"))
    for row in rows:
        row.search_text = fold(row.search_text)  # folding what is folded already only adds the new steps
    PublishedReport.objects.bulk_update(rows, ["search_text"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("reviews", "0004_committee_members")]
    operations = [migrations.RunPython(refold, migrations.RunPython.noop)]
