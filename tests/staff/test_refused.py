"""A form that is refused as a whole, because of what happened while it was open: what was typed into it is shown once more."""

import re

import pytest

from accounts.models import Membership
from programs import editions
from programs.models import Program, ProgramEdition, Responsibility
from reviews import workflow
from tests import factories
from tests.staff.addresses import url
from tests.staff.forms import answered, filled

pytestmark = pytest.mark.django_db
TEXT = "夜まで書いた文"


def shown(page):
    """What the page says that was typed, and nothing else."""
    return re.findall(r'<p class="text">(.*?)</p>', page.text.partition('id="typed-words"')[2])


@pytest.fixture
def round_(plan, cast):
    return workflow.open_round(plan.rounds.first(), by=cast.office)


@pytest.mark.parametrize("signed_in_anew", [False, True])
def test_a_content_whose_edition_was_frozen(signed_in_anew, client, plan, cast):
    content = ProgramEdition.objects.get(program__number="1", edition__key="original")
    client.force_login(cast.office)
    sent = filled(client.get(url(content))) | {"contents": TEXT, "department_1": cast.zeimu.pk}
    editions.freeze(content.edition, by=cast.root, accept_incomplete=True)
    page = answered(client, url(content), sent, cast.office, signed_in_anew=signed_in_anew)
    assert (page.status_code, shown(page)) == (400, [TEXT, "税務課"])
    assert "「当初」は、あなたが開いたあとに確定したため、保存していません。" in page.text
    assert shown(client.get(url(content))) == []  # once
    assert ProgramEdition.objects.get(pk=content.pk).contents == ""


def test_a_word_for_a_report_that_was_handed_in(client, round_, cast):
    report = factories.report(round_, 1)
    content = round_.edition.contents.get(program=report.program)
    Responsibility.objects.create(program_edition=content, department=cast.zeimu, order=2)
    client.force_login(cast.stranger)
    sent = {"department": cast.zeimu.pk, "version": report.version, "text": TEXT}
    factories.handed_in(round_, 1, by=cast.reporter)
    page = client.post(url(report, "contribute"), sent)
    assert (page.status_code, shown(page)) == (409, [TEXT])


@pytest.mark.parametrize("change", ["the department", "the person"])
def test_a_report_that_went_to_another_department(change, client, round_, cast):
    report = factories.report(round_, 1)
    client.force_login(cast.reporter)
    sent = filled(client.get(url(report))) | {"progress": TEXT}
    if change == "the person":
        Membership.objects.all().delete()
    else:
        round_.edition.contents.get(program=report.program).responsibilities.update(department=cast.zeimu)
    page = client.post(url(report), sent)
    assert (page.status_code, shown(page)) == (404, [TEXT])
    assert "保存していません" in page.text
    report.refresh_from_db()
    assert report.progress == ""


def test_an_act_of_a_person_whose_role_was_taken_away(client, cast, plan):
    item = Program.objects.get(number="1")
    client.force_login(cast.office)
    act = url(item, "end")
    sent = filled(client.get(act)) | {"note": TEXT, "ended_on": "2014-10-01"}
    cast.office.groups.clear()
    page = client.post(act, sent)
    assert (page.status_code, TEXT in shown(page)) == (403, True)
    # Whoever did not open the form is told nothing of it.
    client.force_login(cast.stranger)
    page = client.post(act, sent)
    assert (page.status_code, shown(page)) == (403, [])


def test_a_secret_word_is_never_shown(client, cast):
    client.force_login(cast.root)
    act = "/admin/reviews/redaction/redact/"
    sent = filled(client.get(act)) | {"words": "小平太郎", "reason": TEXT, "password": "ひみつ"}
    cast.root.is_superuser = False
    cast.root.save()
    page = client.post(act, sent)
    assert (page.status_code, shown(page)) == (403, [TEXT])
