"""A file that wants more than there is, at every door: the survey sheet, the plan workbook, the lists, the command."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from tools import hostile_files

pytestmark = pytest.mark.confined
WIDE = "1,048,576行目に値があります。"


def test_every_door_refuses_with_the_reason(client, cast, opened, tmp_path):
    client.force_login(cast.root)
    far, commas = hostile_files.far_apart(), hostile_files.csv_of_commas()
    for address, field, name, data, reason in (
        ("/admin/policies/plan/book/import/", "file", "a.xlsx", far, WIDE),
        ("/admin/accounts/department/import/", "import_file", "a.xlsx", far, WIDE),
        ("/admin/accounts/department/import/", "import_file", "a.csv", commas, "1行に1,000個までです。"),
        (f"/admin/policies/plan/{opened.plan_id}/tables/", "file", "a.xlsx", far, WIDE),
        (f"/admin/policies/plan/{opened.plan_id}/tables/", "file", "a.csv", commas, "1行に1,000個までです。"),
        (f"/admin/workbooks/surveyupload/sheets/{opened.pk}/{cast.zaisei.pk}/", "file", "a.xlsx", far, WIDE),
    ):
        edition = opened.plan.editions.filter(frozen_at=None).first()
        typed = {"resource": "0", "format": "", "edition": edition.pk}
        response = client.post(address, typed | {field: SimpleUploadedFile(name, data)})
        assert response.status_code in (200, 400), address
        assert reason in response.text, address
    path = tmp_path / "a.xlsx"
    path.write_bytes(far)
    with pytest.raises(CommandError, match=WIDE):
        call_command("import_plan", str(path))
    path.write_bytes(b"PK" + bytes(21 * 1024 * 1024))
    with pytest.raises(CommandError, match="ファイルは20MBまでです"):
        call_command("import_plan", str(path))
