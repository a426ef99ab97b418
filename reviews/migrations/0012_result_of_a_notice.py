from django.conf import settings
from django.db import migrations, models


def not_sent_without_a_server(apps, schema_editor):
    """What a site without a mail server logged so far reached nobody; the log did not say it."""
    if settings.EMAIL_BACKEND.endswith((".console.EmailBackend", ".dummy.EmailBackend", ".filebased.EmailBackend")):
        apps.get_model("reviews", "Notice").objects.using(schema_editor.connection.alias).update(result="no_server")


class Migration(migrations.Migration):
    dependencies = [("reviews", "0011_department_order")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="report",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=models.deletion.CASCADE,
                related_name="+",
                to="reviews.report",
                verbose_name="報告",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="result",
            field=models.CharField(
                choices=[
                    ("sending", "送信の途中（送れたか未確認）"),
                    ("sent", "送った（メールサーバーに渡した）"),
                    ("no_server", "送っていない（メールサーバーの設定がない）"),
                    ("failed", "送れなかった"),
                ],
                default="sent",
                max_length=10,
                verbose_name="結果",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="notice",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=300, verbose_name="送れなかった理由"),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="notice", name="sent_at", field=models.DateTimeField(verbose_name="日時")
        ),
        migrations.RunPython(not_sent_without_a_server, migrations.RunPython.noop),
    ]
