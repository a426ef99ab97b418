"""What citizens see from an act on has the day of that act. What was there before was public and stays so."""

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):

    dependencies = [
        ('committee', '0001_initial'),
        ('policies', '0012_public_by_act'),
        ('programs', '0005_public_by_act'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalmeeting',
            name='public_at',
            field=models.DateTimeField(blank=True, default=timezone.now, editable=False, help_text='空欄の間は、市民のページとファイルに出ません。', null=True, verbose_name='公開した日時'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='historicalmeeting',
            name='withdrawn',
            field=models.CharField(blank=True, editable=False, help_text='入力のあるものは、公開したあとで取り下げています。市民のページには出ません。', max_length=500, verbose_name='取り下げた理由'),
        ),
        migrations.AddField(
            model_name='historicalopinion',
            name='withdrawn',
            field=models.CharField(blank=True, editable=False, help_text='入力のあるものは、公開したあとで取り下げています。市民のページには出ません。', max_length=500, verbose_name='取り下げた理由'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='public_at',
            field=models.DateTimeField(blank=True, default=timezone.now, editable=False, help_text='空欄の間は、市民のページとファイルに出ません。', null=True, verbose_name='公開した日時'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='meeting',
            name='withdrawn',
            field=models.CharField(blank=True, editable=False, help_text='入力のあるものは、公開したあとで取り下げています。市民のページには出ません。', max_length=500, verbose_name='取り下げた理由'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='withdrawn',
            field=models.CharField(blank=True, editable=False, help_text='入力のあるものは、公開したあとで取り下げています。市民のページには出ません。', max_length=500, verbose_name='取り下げた理由'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn', ''), ('public_at', None), _connector='OR'), name='meeting_withdrawn_is_hidden'),
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn', ''), ('published_on', None), _connector='OR'), name='opinion_withdrawn_is_hidden'),
        ),
    ]
