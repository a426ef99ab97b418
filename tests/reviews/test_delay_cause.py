"""遅れの原因, a field of a report from end to end: form, sheet, list, publication, erratum, page, files, workbook."""

import csv
import io
import json
import re
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError

from policies.models import DelayCause
from reviews import workflow
from reviews.models import PublishedReport
from tests import factories
from tests.kept import kept
from tests.workbooks.survey.sheets import Book
from workbooks.survey import acts
from workbooks.survey.changes import preview
from workbooks.survey.sheet import survey_sheet

CAUSES = ("人員", "予算", "その他")


@kept
def asked(plan):
    return [DelayCause.objects.create(plan=plan, name=name, order=order) for order, name in enumerate(CAUSES, 1)]


@kept
def opened(plan, cast, asked):
    return workflow.open_round(plan.rounds.first(), by=cast.office)


def behind(opened, number, cause, cast):
    report = factories.report(opened, number)
    content = factories.content(opened.plan, "B", delay_cause=cause)
    return workflow.save_draft(report, content, by=cast.office, version=report.version)


def test_a_behind_grade_asks_for_the_cause_where_the_plan_has_causes(opened, cast, asked):
    report = behind(opened, 1, None, cast)
    with pytest.raises(ValidationError) as refused:
        workflow.submit(report, by=cast.office)
    assert refused.value.message_dict == {
        "delay_cause": ["評価が「B 予定よりも遅れている」のときは、遅れの原因を入力してください。"]
    }
    report = behind(opened, 1, asked[1], cast)
    assert workflow.submit(report, by=cast.office).delay_cause == asked[1]


def test_a_plan_without_causes_does_not_ask(plan, cast, client):
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    report = behind(opened, 1, None, cast)
    client.force_login(cast.reporter)
    assert 'name="delay_cause"' not in client.get(f"/admin/reviews/report/{report.pk}/change/").text
    assert "遅れの原因" not in Book(survey_sheet(opened, cast.zaisei, by=cast.reporter)).titles("報告")
    workflow.submit(report, by=cast.office)


def test_a_cause_of_another_plan_is_refused(opened, cast):
    other = factories.small_plan("other")
    cause = DelayCause.objects.create(plan=other, name="他", order=1)
    with pytest.raises(ValidationError, match="別の計画のもの"):
        behind(opened, 1, cause, cast)


def test_the_form_offers_the_causes_of_the_plan_and_stores_one(opened, cast, client, asked):
    report = factories.report(opened, 1)
    client.force_login(cast.reporter)
    address = f"/admin/reviews/report/{report.pk}/change/"
    form = client.get(address).context_data["adminform"].form
    assert [label for _value, label in form["delay_cause"].field.choices][1:] == list(CAUSES)
    typed = {"version": report.version, "progress": "途中", "delay_cause": asked[2].pk}
    assert client.post(address, typed).status_code == 302
    assert factories.report(opened, 1).delay_cause == asked[2]


def test_the_sheet_has_a_column_with_the_choices(opened, cast, asked):
    book = Book(survey_sheet(opened, cast.zaisei, by=cast.reporter))
    book.put("報告", 4, 評価="B", 取組状況="遅れた。", 遅れの原因="予算")
    uploaded = acts.receive(book.saved(), "s.xlsx", opened, cast.zaisei, by=cast.reporter)
    found = preview(uploaded)
    assert [(change.label, change.mine) for change in found.changes if change.name == "delay_cause"] == [
        ("遅れの原因", "予算")
    ]
    acts.confirm(uploaded, fingerprint=found.fingerprint, by=cast.reporter)
    assert factories.report(opened, 1).delay_cause == asked[1]
    book.put("報告", 4, 遅れの原因="天候")
    wrong = acts.receive(book.saved(), "s.xlsx", opened, cast.zaisei, by=cast.reporter)
    assert [(fault.place, fault.message) for fault in preview(wrong).faults] == [
        ("「報告」シート J4", "遅れの原因: 「天候」は選べません。人員、予算、その他のいずれかにしてください。")
    ]


@pytest.fixture
def closed(opened, cast, asked):
    for number, cause in ((1, asked[1]), (2, asked[1]), (3, asked[0])):
        workflow.approve(workflow.submit(behind(opened, number, cause, cast), by=cast.office), by=cast.office)
    workflow.publish(opened, by=cast.office, freeze_edition=True)
    return opened


def test_publication_freezes_the_name_and_counts_by_cause(closed, client):
    DelayCause.objects.filter(name="予算").update(name="予算（改）")
    row = PublishedReport.objects.get(program__number="1")
    assert row.delay_cause == "予算"
    page = client.get("/plans/kodaira-2/progress/2014-09-30/").text
    table = page[page.index('id="causes"') : page.index("</table>", page.index('id="causes"'))]
    assert [part.split("<")[0] for part in table.split('scope="row">')[1:]] == ["予算", "人員"]
    assert re.findall(r'<td class="number"><a href="[^"]*cause=([^"&]*)[^"]*">(\d+)</a>', table) == [
        (quote("予算"), "2"),
        (quote("人員"), "1"),
    ]
    assert "<dt>遅れの原因</dt><dd>予算</dd>" in client.get("/plans/kodaira-2/programs/1/").text


def test_files_and_api_say_the_cause(closed, client):
    rows = csv.DictReader(io.StringIO(client.get("/plans/kodaira-2/programs.csv").getvalue().decode("utf-8-sig")))
    assert [row["delay_cause"] for row in rows] == ["予算", "予算", "人員"]
    items = json.loads(client.get("/plans/kodaira-2/programs.json").getvalue())["items"]
    assert [item["delay_cause"] for item in items] == ["予算", "予算", "人員"]
    counted = client.get("/api/v1/plans/kodaira-2/delay-causes").json()
    assert [(row["as_of"], row["delay_cause"], row["item_count"]) for row in counted["items"]] == [
        ("2014-09-30", "予算", 2),
        ("2014-09-30", "人員", 1),
    ]


def test_an_erratum_corrects_the_cause_among_the_choices(closed, cast, client):
    row = PublishedReport.objects.get(program__number="1")
    with pytest.raises(ValidationError, match="「天候」は選べません"):
        workflow.correct(row, "delay_cause", "天候", reason="誤り", by=cast.office)
    workflow.correct(row, "delay_cause", "その他", reason="区分の誤り", by=cast.office)
    page = client.get("/plans/kodaira-2/programs/1/").text
    assert "区分の誤り" in page
    row.refresh_from_db()
    assert row.delay_cause == "予算"
