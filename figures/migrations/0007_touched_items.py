"""Beside the number of the published version stands of which items its last moves were."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('figures', '0006_axis'),
    ]

    operations = [
        migrations.AddField(
            model_name='publishedversion',
            name='touched',
            field=models.TextField(blank=True, default='', editable=False, verbose_name='変わった実施項目'),
        ),
    ]
