"""「戻る」: what was typed is there again, and never written over what somebody saved in between."""

import pytest
from playwright.sync_api import expect

from programs.models import Program

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
