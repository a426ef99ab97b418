"""Errata: the published value stays, the correction stands beside it, on pages and in files."""

import csv
import io
import json

import openpyxl
import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.utils import timezone

from committee.models import KeyProgram, Meeting
from core.fiscal import fiscal_year_of
from programs.models import Indicator, IndicatorActual
from reviews import report_fields, workflow
from reviews.corrections import correctables
from reviews.models import Contribution, Effect, PublishedReport, ReportActual, ReportEffect, ReportErratum
from tests import factories
from tests.kept import kept
from tests.reading import finish, read

PLAN = "/plans/kodaira-2"
WHY = "集計の誤り"


@kept
def row(plan, cast):
    """Item 1, published with S and an effect of 1,200 千円; item 2 unreported."""
    plan.editions.update(frozen_at=timezone.now(), frozen_by=cast.office)
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    ReportEffect.objects.create(
        report=factories.report(opened, 1), fiscal_year=2014, kind="saving", basis="actual", amount=1200
    )
    workflow.approve(factories.handed_in(opened, 1, "S", by=cast.office), by=cast.office)
    workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)
    return PublishedReport.objects.get(number="1")


def test_an_erratum_keeps_the_frozen_row_and_says_when_who_and_why(row, cast):
    before = PublishedReport.objects.values().get(pk=row.pk)
    erratum = workflow.correct(row, "grade", " Ａ ", reason=f" {WHY} ", by=cast.office)
    assert [getattr(erratum, name) for name in ("field", "label", "old", "new", "reason", "corrected_by")] == [
        *("grade", "評価", "S", "A", WHY, cast.office)
    ]
    assert erratum.corrected_on == timezone.localdate()
    assert ReportErratum.history.get().history_user == cast.office
    second = workflow.correct(row, "grade", "B", reason=WHY, by=cast.office)
    assert (second.old, second.new) == ("A", "B")  # what an earlier erratum made of it is wrong now
    workflow.correct(row, "recovery_on", "平成28年3月31日", reason=WHY, by=cast.office)
    assert row.errata.get(field="recovery_on").new == "2016-03-31"
    assert PublishedReport.objects.values().get(pk=row.pk) == before


def test_a_corrected_figure_holds_from_then_on_while_it_is_still_the_one_of_the_report(row, cast):
    field = "effects:2014:saving:actual"
    workflow.correct(row, field, "△1,500", reason=WHY, by=cast.office)
    assert Effect.objects.get().amount == -1500
    Effect.objects.update(amount=7)  # a later round has said something else
    workflow.correct(row, field, "1300", reason=WHY, by=cast.office)
    assert Effect.objects.get().amount == 7
    assert row.effects[0]["amount"] == 1200


def test_an_amount_of_an_account_and_a_series_is_corrected_as_what_it_is(row):
    """Its place says both, as far as the published row does."""
    row.effects = [
        {"fiscal_year": 2014, "kind": "saving", "basis": "actual", "amount": 1, "note": "", **known}
        for known in ({}, {"account": "special"}, {"series": "cumulative"}, {"account": "general", "series": "single"})
    ]
    assert [each.field for each in correctables(row) if each.field.startswith("effects:")] == [
        "effects:2014:saving:actual",
        "effects:2014:saving:actual:special",
        "effects:2014:saving:actual::cumulative",
        "effects:2014:saving:actual:general:single",
    ]


@kept
def whole(plan, cast):
    """Item 1 with every kind of published words: an actual with target and note, an effect with note, another department's word."""
    factories.written(plan)
    plan.editions.update(frozen_at=timezone.now(), frozen_by=cast.office)
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    report = factories.report(opened, 1)
    indicator = Indicator.objects.get(program=report.program)
    ReportActual.objects.create(report=report, indicator=indicator, fiscal_year=2014, value="76.5", note="速報")
    ReportEffect.objects.create(
        report=report, fiscal_year=2014, kind="saving", basis="actual", amount=1200, note="委託料"
    )
    Contribution.objects.create(report=report, department=cast.zeimu, text="窓口を開いた。", updated_by=cast.office)
    workflow.approve(factories.handed_in(opened, 1, "S", by=cast.office), by=cast.office)
    workflow.publish(opened, by=cast.office, accept_unreported=True, freeze_edition=True)
    return PublishedReport.objects.get(number="1")


def test_every_field_that_was_published_can_be_corrected(whole, cast):
    before = PublishedReport.objects.values().get(pk=whole.pk)
    known = {each.field: each.value for each in correctables(whole)}
    new = {
        "name": "項目1の取り組み",
        "policy_name": "財政の強化",
        "direction_name": "",
        "note": "備考",
        "departments": "財政課、税務課",
        "contributions:1": "窓口を2つ開いた。",
        "actuals:1:2014": "",
        "actuals:1:2014:note": "確報",
        "actuals:1:2014:is_forecast": "はい",
        "actuals:1:2014:name": "収納の割合",
        "actuals:1:2014:unit": "％",
        "actuals:1:2014:target": "77",
        "actuals:1:2014:target_text": "以上",
        "effects:2014:saving:actual": "",
        "effect_notes:2014:saving:actual": "使用料",
    }
    assert new.keys() == known.keys() - {field.name for field in report_fields.FIELDS}
    for field, text in new.items():
        erratum = workflow.correct(whole, field, text, reason=WHY, by=cast.office)
        assert (erratum.old, erratum.new) == (known[field], text), field
    assert PublishedReport.objects.values().get(pk=whole.pk) == before
    actual = IndicatorActual.objects.get()  # what holds now follows
    assert (actual.value, actual.note, actual.is_forecast) == (None, "確報", True)
    assert Effect.objects.count() == 0
    workflow.correct(whole, "actuals:1:2014:note", "", reason=WHY, by=cast.office)
    assert IndicatorActual.objects.count() == 0
    for field, text, message in (
        ("actuals:1:2014:unit", "長" * 21, "20文字以内にしてください（21文字あります）。"),
        ("contributions:1", "長" * 2001, "2000文字以内にしてください（2001文字あります）。"),
        ("actuals:1:2014:target", "多い", "「多い」は数として読めません"),
    ):
        with pytest.raises(ValidationError) as refused:
            workflow.correct(whole, field, text, reason=WHY, by=cast.office)
        assert refused.value.message_dict["new"][0].startswith(message), field


def test_every_field_can_be_emptied_and_filled_again(whole, cast):
    """What was published of the wrong item is taken back, and so is an erratum to the wrong field."""
    told = {each.field: each.value for each in correctables(whole) if each.value not in ("", "いいえ")}
    assert {"grade", "progress", "name", "departments", "contributions:1", "actuals:1:2014:unit"} <= told.keys()
    for field, value in told.items():
        for old, new in ((value, ""), ("", value)):
            erratum = workflow.correct(whole, field, new, reason=WHY, by=cast.office)
            assert (erratum.old, erratum.new) == (old, new), field


def test_a_correction_is_seen_in_the_headline_the_history_of_grades_and_the_packet(client, plan, whole, cast):
    Meeting.objects.create(plan=plan, held_on=timezone.localdate(), agenda="進捗", **factories.PUBLIC)
    KeyProgram.objects.create(program=whole.program, fiscal_year=fiscal_year_of(timezone.localdate()))
    workflow.correct(whole, "grade", "A", reason=WHY, by=cast.office)
    workflow.correct(whole, "effect_notes:2014:saving:actual", "", reason=WHY, by=cast.office)
    item = client.get(f"{PLAN}/programs/1/").text
    headline, _, history = item.partition('id="now"')[2].partition('class="strip')
    assert '評価：<span class="text">誤「S」→ 正「A」</span>' in headline
    assert "誤「委託料」→ 正「（空欄）」" in headline
    assert history.partition("</table>")[0].count("訂正あり") == 1
    packet = client.get(f"{PLAN}/committee/{timezone.localdate().isoformat()}/").text
    assert '評価：<span class="text">誤「S」→ 正「A」</span>' in packet


def test_what_cannot_be_corrected_is_refused_at_its_field(row, cast):
    refusals = {
        ("grade", "Z", WHY): {"new": ["「Z」という評価はこの計画にありません。評価の記号を入力してください。"]},
        ("grade", "S", WHY): {"new": ["いまの内容と同じです。正しい内容を入力してください。"]},
        ("grade", "A", " \u3000"): {"reason": ["訂正の理由を入力してください。市民のページに表示されます。"]},
        ("progress", "あ" * 4001, WHY): {"new": ["4000文字以内にしてください（4001文字あります）。"]},
        ("recovery_on", "2014-09-30", WHY): {
            "new": ["回復予定日は、調査の基準日（平成26年9月30日）より後の日にしてください。"]
        },
        ("effects:2014:saving:actual", "1.0005", WHY): {
            "new": ["「1.0005」（千円単位）は1円より細かい金額です。1円までの数にしてください。"]
        },
        ("effects:2013:saving:actual", "1", WHY): {"field": ["この欄は公表されていないため、訂正できません。"]},
        ("number", "9", WHY): {"field": ["この欄は公表されていないため、訂正できません。"]},
    }
    for (field, new, reason), message in refusals.items():
        with pytest.raises(ValidationError) as refused:
            workflow.correct(row, field, new, reason=reason, by=cast.office)
        assert refused.value.message_dict == message
    for day in (row.round.as_of, timezone.localdate() + timezone.timedelta(days=1)):
        with pytest.raises(ValidationError) as refused:
            workflow.correct(row, "grade", "A", reason=WHY, by=cast.office, corrected_on=day)
        assert list(refused.value.message_dict) == ["corrected_on"]
    for who in ("reporter", "viewer", "committee", "stranger"):
        with pytest.raises(workflow.NotAllowed):
            workflow.correct(row, "grade", "A", reason=WHY, by=getattr(cast, who))
    assert ReportErratum.objects.count() == 0


def test_errata_stand_beside_the_published_values_on_pages_and_in_files(client, row, cast):
    def tables():
        """The tables of what was published, without what tells of errata."""
        files = {}
        for query in ("", "?round=2014-09-30"):
            files[f"csv{query}"] = finish(client.get(f"{PLAN}/programs.csv{query}"))
            files[f"json{query}"] = finish(client.get(f"{PLAN}/programs.json{query}")).partition(b'], "errata"')[0]
            book = openpyxl.load_workbook(io.BytesIO(finish(client.get(f"{PLAN}/programs.xlsx{query}"))))
            files[f"xlsx{query}"] = [list(book[name].values) for name in ("programs", "long")]
        return files

    before = tables()
    workflow.correct(row, "grade", "A", reason=WHY, by=cast.office, corrected_on=timezone.datetime(2015, 1, 9).date())
    assert tables() == before
    for page, shown in (
        ("programs/", ["▲S 予定以上に進捗訂正あり", "○未報告"]),  # the third has no name
        ("programs/?round=2014-09-30", ["▲S 予定以上に進捗訂正あり", "○未報告"]),
        ("progress/2014-09-30/", ["▲S 予定以上に進捗訂正あり", "○未報告", "○未報告"]),
    ):
        rows = read(client.get(f"{PLAN}/{page}")).tables[-1][1:]
        cells = [cell for line in rows for cell in line if cell.startswith(("▲", "○"))]
        assert cells == shown, page
    shown = read(client.get(f"{PLAN}/progress/2014-09-30/"))
    assert "訂正（1件）" in shown.texts["h2"]
    assert (shown.definitions["誤"], shown.definitions["正"], shown.definitions["理由"]) == ("S", "A", WHY)
    item = client.get(f"{PLAN}/programs/1/").text
    assert '評価：<span class="text">誤「S」→ 正「A」</span>' in item
    assert f"訂正の理由：{WHY}" in item
    expected = {
        "plan": "kodaira-2",
        "program_number": "1",
        "as_of": "2014-09-30",
        "corrected_on": "2015-01-09",
        "field": "grade",
        "label": "評価",
        "old": "S",
        "new": "A",
        "reason": WHY,
        "is_fictional": "false",
    }
    text = finish(client.get(f"{PLAN}/errata.csv?policy=1")).decode("utf-8-sig")
    assert list(csv.DictReader(io.StringIO(text, newline=""))) == [expected]
    assert finish(client.get(f"{PLAN}/errata.csv?policy=2")).count(b"\r\n") == 1
    assert client.get(f"{PLAN}/errata.csv?policy=x").status_code == 400
    data = json.loads(finish(client.get(f"{PLAN}/programs.json")))
    assert data["errata"] == [expected | {"is_fictional": False}]
    book = openpyxl.load_workbook(io.BytesIO(finish(client.get(f"{PLAN}/programs.xlsx"))))
    assert [str(value) for value in list(book["errata"].values)[1]][5:9] == ["評価", "S", "A", WHY]


def test_the_office_corrects_by_page(client, row, cast):
    address = f"/admin/reviews/publishedreport/{row.pk}"
    client.force_login(cast.office)
    assert f"{address}/correct/" in client.get(f"{address}/change/").content.decode()
    wrong = client.post(f"{address}/correct/", {"field": "grade", "new": "Z", "reason": WHY})
    assert (wrong.status_code, list(wrong.context_data["form"].errors)) == (400, ["new"])
    done = client.post(f"{address}/correct/", {"field": "grade", "new": "A", "reason": WHY}, follow=True)
    assert [str(message) for message in get_messages(done.wsgi_request)] == [
        "評価を訂正しました。市民のページに正誤が表示されます。"
    ]
    assert WHY in done.content.decode()
    client.force_login(cast.reporter)
    assert f"{address}/correct/" not in client.get(f"{address}/change/").content.decode()
    assert client.get("/admin/reviews/publishedreport/9999/correct/").status_code == 403


def test_the_second_of_two_corrections_is_refused_until_its_person_has_seen_the_first(client, row, cast):
    page = f"/admin/reviews/publishedreport/{row.pk}/correct/"
    client.force_login(cast.office)
    assert 'name="seen" value="0"' in client.get(page).content.decode()
    typed = {"field": "grade", "reason": WHY}
    assert client.post(page, typed | {"new": "A", "seen": "0"}).status_code == 302
    refused = client.post(page, typed | {"new": "B", "seen": "0"})
    assert refused.status_code == 400
    assert refused.context_data["form"].errors == {
        "new": ["画面を開いたあとに、「評価」が「A」に訂正されました。いまの内容を確かめて、もう一度送ってください。"]
    }
    assert 'name="seen" value="1"' in refused.content.decode()
    assert row.errata.count() == 1
