"""What citizens see from an act on has the day of that act. What was there before was public and stays so."""

from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0011_extended_period'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalplan',
            name='withdrawn',
            field=models.CharField(blank=True, editable=False, help_text='入力のあるものは、公開したあとで取り下げています。市民のページには出ません。', max_length=500, verbose_name='取り下げた理由'),
        ),
        migrations.AddField(
            model_name='historicalsource',
            name='public_at',
            field=models.DateTimeField(blank=True, default=timezone.now, editable=False, help_text='空欄の間は、市民のページとファイルに出ません。', null=True, verbose_name='公開した日時'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='historicalsource',
            name='withdrawn',
            field=models.CharField(blank=True, editable=False, help_text='入力のあるものは、公開したあとで取り下げています。市民のページには出ません。', max_length=500, verbose_name='取り下げた理由'),
        ),
        migrations.AddField(
            model_name='plan',
            name='withdrawn',
            field=models.CharField(blank=True, editable=False, help_text='入力のあるものは、公開したあとで取り下げています。市民のページには出ません。', max_length=500, verbose_name='取り下げた理由'),
        ),
        migrations.AddField(
            model_name='source',
            name='public_at',
            field=models.DateTimeField(blank=True, default=timezone.now, editable=False, help_text='空欄の間は、市民のページとファイルに出ません。', null=True, verbose_name='公開した日時'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='source',
            name='withdrawn',
            field=models.CharField(blank=True, editable=False, help_text='入力のあるものは、公開したあとで取り下げています。市民のページには出ません。', max_length=500, verbose_name='取り下げた理由'),
        ),
        migrations.AlterField(
            model_name='historicalplan',
            name='is_public',
            field=models.BooleanField(default=False, editable=False, help_text='市民のページに出ています。「公開する」「取り下げる」で変わり、保存では変わりません。', verbose_name='公開'),
        ),
        migrations.AlterField(
            model_name='plan',
            name='is_public',
            field=models.BooleanField(default=False, editable=False, help_text='市民のページに出ています。「公開する」「取り下げる」で変わり、保存では変わりません。', verbose_name='公開'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn', ''), ('is_public', False), _connector='OR'), name='plan_withdrawn_is_hidden'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn', ''), ('public_at', None), _connector='OR'), name='source_withdrawn_is_hidden'),
        ),
    ]
