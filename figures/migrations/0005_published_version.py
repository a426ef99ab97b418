"""公開版: one row, which is there from the beginning."""

import django.utils.timezone
from django.db import migrations, models


def begin(apps, schema_editor):
    apps.get_model("figures", "PublishedVersion").objects.create(pk=1)


class Migration(migrations.Migration):

    dependencies = [
        ('figures', '0004_plan_indicators'),
    ]

    operations = [
        migrations.CreateModel(
            name='PublishedVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(default=1, verbose_name='番号')),
                ('moved_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='変わった日時')),
            ],
            options={
                'verbose_name': '公開版',
                'verbose_name_plural': '公開版',
                'default_permissions': (),
            },
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
