"""Asking the API."""

import json

from opendata.api.document import document

API = "/api/v1/plans/kodaira-2"
ADDRESSES = [path.replace("{plan}", "kodaira-2").replace("{number}", "1") for path in document()["paths"]]


def get(client, address, status=200, **headers):
    response = client.get(address, headers=headers)
    assert response.status_code == status, response.content.decode()
    kind = "application/json" if status == 200 else "application/problem+json"
    assert response["Content-Type"].partition(";")[0] == kind
    return json.loads(response.content)
