"""「戻る」: what was typed is there again, and never written over what somebody saved in between."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from committee.models import Meeting
from programs.models import PlanIndicator, PlanIndicatorActual, Program, ProgramEdition, Responsibility
from reviews import workflow
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
SAVE = "保存して編集を続ける"


def left(page):
    """By a link, after the question whether to."""
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#site-name a").click()
    expect(page.get_by_role("heading", name="はじめに")).to_be_visible()


def back(page):
    page.go_back()
    page.wait_for_load_state()


def test_what_was_typed_is_there_and_not_written_over_what_was_saved_in_between(plan, cast, someone):
    item = Program.objects.get(number="1")
    page = someone().sign_in("office").page
    page.goto(f"/admin/programs/program/{item.pk}/change/")
    note = page.get_by_role("textbox", name="備考")
    note.fill("わたしの備考")
    left(page)
    back(page)
    expect(note).to_have_value("わたしの備考")
    page.get_by_role("button", name=SAVE).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    item.refresh_from_db()
    assert item.note == "わたしの備考"

    # Saved; then a colleague; then back to the form as it was sent.
    item.note = "同僚の備考"
    item.save()
    back(page)
    expect(note).to_have_value("わたしの備考")
    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_role("heading", name="別の人が先に保存しました")).to_be_visible()
    item.refresh_from_db()
    assert item.note == "同僚の備考"


def test_lines_that_were_added_are_there_again_with_what_was_typed(plan, cast, someone):
    indicator = PlanIndicator.objects.create(plan=plan, number=1, name="自主財源比率")
    page = someone().sign_in("office").page
    page.goto(f"/admin/programs/planindicator/{indicator.pk}/change/")
    notes = page.locator("#actuals-group tr:not(.empty-form) [name$=-note]")
    years = page.locator("#actuals-group tr:not(.empty-form) [name$=-fiscal_year]")
    values = page.locator("#actuals-group tr:not(.empty-form) [name$=-value]")
    for line in range(2):
        if line:
            page.locator("#actuals-group .add-row a").click()
        years.nth(line).fill(str(2014 + line))
        values.nth(line).fill(f"{50 + line}.5")
        notes.nth(line).fill(f"{line + 1}行目の補足")
    typed = ["1行目の補足", "2行目の補足"]
    left(page)
    # Meanwhile a colleague saves a line, so that all others stand a number further.
    PlanIndicatorActual.objects.create(indicator=indicator, fiscal_year=2013, value=49)
    back(page)
    expect(notes).to_have_count(3)  # the colleague's too
    left(page)
    PlanIndicatorActual.objects.all().delete()
    back(page)
    expect(notes).to_have_count(2)
    assert [each.input_value() for each in notes.all()] == typed
    for field in (years, values, notes):
        field.first.fill("")
    page.get_by_role("button", name=SAVE).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    saved = [(2015, Decimal("51.5"), "2行目の補足")]
    assert list(indicator.actuals.values_list("fiscal_year", "value", "note")) == saved
    # Saved once: what comes back is not saved a second time.
    back(page)
    expect(notes.last).to_have_value("2行目の補足")
    page.get_by_role("button", name=SAVE).click()
    expect(page.locator(".errornote")).to_be_visible()
    assert list(indicator.actuals.values_list("fiscal_year", "value", "note")) == saved


@pytest.mark.soak
def test_every_kind_of_form_has_what_was_typed(plan, cast, someone):
    """A record, one that is added, a report, a word of another department, a content, acts with a page and without, a guided
    table, a list of lines, a reason to take back."""
    item = Program.objects.get(number="1")
    waiting = factories.handed_in(workflow.open_round(plan.rounds.first(), by=cast.office), 1, by=cast.reporter)
    draft = factories.report(waiting.round, 2)
    meeting = Meeting.objects.create(plan=plan, held_on="2014-10-31", **factories.PUBLIC)
    indicator = PlanIndicator.objects.create(plan=plan, number=1, name="自主財源比率")
    content = ProgramEdition.objects.get(program=item, edition__key="original")
    Responsibility.objects.create(
        program_edition=draft.round.edition.contents.get(program=draft.program), department=cast.zaisei, order=2
    )
    kinds = [
        ("office", f"programs/program/{item.pk}/change/", "備考"),
        ("office", "policies/source/add/", "題名"),
        ("office", f"programs/program/{item.pk}/end/", "説明"),
        ("office", f"programs/programedition/{content.pk}/change/", "実施内容"),
        ("office", f"reviews/report/{waiting.pk}/change/", "差し戻しの理由"),
        ("office", f"committee/meeting/{meeting.pk}/withdraw/", "理由"),
        ("office", f"policies/edition/{content.edition_id}/next/", "名称"),
        ("office", f"programs/planindicator/{indicator.pk}/change/", "新しい行の補足"),
        ("office", f"policies/plan/{plan.pk}/tables/", "貼り付け"),
        ("reporter", f"reviews/report/{draft.pk}/change/", "取組状況"),
        ("stranger", f"reviews/report/{draft.pk}/change/", "取組状況"),
        ("committee", f"committee/opinion/add/?plan={plan.pk}", "意見"),
    ]
    pages, wrong = {}, {}
    for who, address, label in kinds:
        page = pages[who] = pages.get(who) or someone().sign_in(who).page
        page.goto(f"/admin/{address}")
        field = page.get_by_role("textbox", name=label).first
        field.fill("打ちかけの文")
        left(page)
        back(page)
        if field.input_value() != "打ちかけの文":
            wrong[who, address] = field.input_value()
            continue
        left(page)  # asks again
    assert wrong == {}


def test_what_was_typed_into_a_saved_line_comes_back_to_its_record_whatever_its_number_is_then(plan, cast, someone):
    indicator = PlanIndicator.objects.create(plan=plan, number=1, name="自主財源比率")
    for year in (2014, 2015):
        indicator.actuals.create(fiscal_year=year, value=50, note=f"{year}の補足")
    page = someone().sign_in("office").page
    page.goto(f"/admin/programs/planindicator/{indicator.pk}/change/")
    lines = page.locator("#actuals-group tr.form-row:not(.empty-form)")
    notes = page.locator("#actuals-group tr:not(.empty-form) [name$=-note]")

    def read():
        return [each.input_value() for each in notes.all()]

    # Of the second line; the first one is deleted meanwhile.
    notes.nth(1).fill("2015年度に打った補足")
    left(page)
    indicator.actuals.get(fiscal_year=2014).delete()
    back(page)
    assert read() == ["2015年度に打った補足", ""]
    page.get_by_role("button", name=SAVE).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert list(indicator.actuals.values_list("fiscal_year", "note")) == [(2015, "2015年度に打った補足")]

    # What should be deleted is that record, and no colleague's that has its number by then.
    lines.first.locator("[name$=-DELETE]").check()
    left(page)
    indicator.actuals.create(fiscal_year=2013, value=49, note="同僚の補足")
    back(page)
    assert read() == ["同僚の補足", "2015年度に打った補足", ""]
    assert [each.locator("[name$=-DELETE]").is_checked() for each in lines.all()[:2]] == [False, True]
    left(page)

    # A record that is gone: what was typed stands in a new line, and in no other record.
    page.goto(f"/admin/programs/planindicator/{indicator.pk}/change/")
    notes.first.fill("2013年度に打った補足")
    left(page)
    indicator.actuals.get(fiscal_year=2013).delete()
    back(page)
    assert read() == ["2015年度に打った補足", "2013年度に打った補足", ""]
