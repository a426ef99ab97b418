import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0009_first_axis'),
    ]

    operations = [
        migrations.AlterField(
            model_name='grade',
            name='axis',
            field=models.ForeignKey(blank=True, help_text='空欄は1番目の軸。', on_delete=django.db.models.deletion.RESTRICT, to='policies.axis', verbose_name='評価の軸'),
        ),
        migrations.AlterField(
            model_name='scale',
            name='axis',
            field=models.ForeignKey(blank=True, help_text='空欄は1番目の軸。', on_delete=django.db.models.deletion.RESTRICT, to='policies.axis', verbose_name='評価の軸'),
        ),
        migrations.AddConstraint(
            model_name='grade',
            constraint=models.UniqueConstraint(fields=('plan', 'axis', 'code'), name='grade_code_once'),
        ),
        migrations.AddConstraint(
            model_name='grade',
            constraint=models.UniqueConstraint(fields=('axis', 'order'), name='grade_order_once'),
        ),
        migrations.AddConstraint(
            model_name='scale',
            constraint=models.UniqueConstraint(fields=('plan', 'axis', 'starts_on'), name='scale_start_once'),
        ),
    ]
