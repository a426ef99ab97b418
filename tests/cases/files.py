"""The files of this folder, and what their pages are asked."""

from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile

FOLDER = Path(__file__).parent
NAMES = {path.stem for path in FOLDER.glob("*.xlsx")}
BOOK_PAGE = "/admin/policies/plan/book/import/"


def path_of(name):
    return FOLDER / f"{name}.xlsx"


def data_of(name):
    return path_of(name).read_bytes()


def sent_back(client, bugs, data):
    """The page that answers when the department sends its 調査票 of the open round."""
    file = SimpleUploadedFile("調査票.xlsx", data)
    address = f"/admin/workbooks/surveyupload/sheets/{bugs.round.pk}/{bugs.department.pk}/"
    return client.post(address, {"file": file}, follow=True)


def looked_at(client, data):
    """The preview of a plan workbook in the admin."""
    return client.post(BOOK_PAGE, {"file": SimpleUploadedFile("計画ブック.xlsx", data)})
