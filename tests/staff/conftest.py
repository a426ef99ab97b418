"""Lists in and out of the admin: a file is uploaded, its preview confirmed; what waits between is cleared away."""

import io

import pytest
from django.core.files.storage import storages

from tests.staff.addresses import list_url
from tests.staff.files import problems, waiting


@pytest.fixture(autouse=True)
def _empty_folder():
    yield
    for name in waiting():
        storages["import_export"].delete(f"django-import-export/{name}")


@pytest.fixture
def preview(client):
    """Upload a file for a model; the answer is the preview."""

    def upload(label, data, name="list.xlsx"):
        file = io.BytesIO(data)
        file.name = name
        return client.post(list_url(label, "import/"), {"import_file": file, "resource": "0", "format": ""})

    return upload


@pytest.fixture
def confirm(client):
    """Confirm what a preview offered."""

    def post(label, response):
        return client.post(
            list_url(label, "process_import/"), response.context_data["confirm_form"].initial, follow=True
        )

    return post


@pytest.fixture
def take_in(preview, confirm):
    def act(label, data, name="list.xlsx"):
        response = preview(label, data, name)
        assert problems(response) == []
        return confirm(label, response)

    return act
