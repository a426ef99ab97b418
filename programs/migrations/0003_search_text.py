"""The folded text of every item once more: long vowels and 々 are folded too."""

from django.db import migrations

from kodaira_reform.text import fold


def refold(apps, schema_editor):
    Program = apps.get_model("programs", "Program")
    rows = list(Program.objects.only("name", "name_kana", "search_text"))
    for row in rows:
        row.search_text = fold(f"{row.name} {row.name_kana}")
    Program.objects.bulk_update(rows, ["search_text"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("programs", "0002_promise_and_round")]
    # Backwards there is nothing to do: the older form is made again when an item is saved.
    operations = [migrations.RunPython(refold, migrations.RunPython.noop)]
