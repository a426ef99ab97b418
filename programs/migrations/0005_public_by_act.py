"""What citizens see from an act on has the day of that act. What was there before was public and stays so."""

from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0012_public_by_act'),
        ('programs', '0004_plan_indicators'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalprogram',
            name='public_at',
            field=models.DateTimeField(blank=True, default=timezone.now, editable=False, help_text='空欄の間は、市民のページとファイルに出ません。', null=True, verbose_name='公開した日時'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='historicalprogram',
            name='withdrawn',
            field=models.CharField(blank=True, editable=False, help_text='入力のあるものは、公開したあとで取り下げています。市民のページには出ません。', max_length=500, verbose_name='取り下げた理由'),
        ),
        migrations.AddField(
            model_name='program',
            name='public_at',
            field=models.DateTimeField(blank=True, default=timezone.now, editable=False, help_text='空欄の間は、市民のページとファイルに出ません。', null=True, verbose_name='公開した日時'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='program',
            name='withdrawn',
            field=models.CharField(blank=True, editable=False, help_text='入力のあるものは、公開したあとで取り下げています。市民のページには出ません。', max_length=500, verbose_name='取り下げた理由'),
        ),
        migrations.AddConstraint(
            model_name='program',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn', ''), ('public_at', None), _connector='OR'), name='program_withdrawn_is_hidden'),
        ),
    ]
