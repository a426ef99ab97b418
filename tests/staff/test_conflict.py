"""Two people save the same report: the second sees both versions, and chooses field by field."""

import pytest

from reviews import workflow
from reviews.models import Report
from tests import factories


@pytest.fixture
def report(plan, cast):
    """Item 1, saved once by the reporter (version 2): A, 「説明会を3回開いた。」."""
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    draft = factories.report(opened, 1)
    return workflow.save_draft(draft, factories.content(plan), by=cast.reporter, version=draft.version)


@pytest.fixture
def typed(report):
    """What the reporter's open form sends: progress is rewritten, the rest as it was."""
    return {
        "grade": report.grade_id,
        "progress": "説明会を5回開いた。",
        **dict.fromkeys(Report.RECOVERY, ""),
        "version": report.version,
        "_save": "1",
    }


def colleague_saves(report, cast, **content):
    report.refresh_from_db()
    return workflow.save_draft(report, content, by=cast.colleague, version=report.version)


@pytest.fixture
def send(client, cast, report):
    client.force_login(cast.reporter)
    return lambda data: client.post(f"/admin/reviews/report/{report.pk}/change/", data)


def shown(response):
    return {choice.name: (*map(str, choice.beside), choice.picked) for choice in response.context_data["choices"]}


def test_an_own_second_tab_is_not_called_another_person(send, typed, report, cast):
    workflow.save_draft(report, {"progress": "別の画面の文"}, by=cast.reporter, version=report.version)
    response = send(typed)
    assert response.context_data["title"] == "別の画面で先に保存されています"
    assert "この報告は、あなたが開いたあとに別の画面であなた自身が更新しました。上書きはしていません。" in response.text


def test_both_versions_are_shown_with_who_saved_and_nothing_is_overwritten(send, typed, report, cast):
    colleague_saves(report, cast, progress="説明会を4回開いた。")
    response = send(typed)
    assert response.status_code == 409
    assert shown(response)["progress"] == (
        "説明会を<mark>4</mark>回開いた。",
        "説明会を<mark>5</mark>回開いた。",
        None,  # both changed it: the person must choose
    )
    html = response.content.decode()
    assert "同僚 花子が保存しました" in html
    assert "説明会を5回開いた。</textarea>" in html
    report.refresh_from_db()
    assert (report.progress, report.version) == ("説明会を4回開いた。", 3)


def test_a_field_that_only_one_of_them_changed_is_picked_for_that_one(send, typed, report, cast):
    other = report.round.plan.grades.get(code="S")
    colleague_saves(report, cast, grade=other)
    response = send(typed)
    picked = {name: pick for name, (_theirs, _mine, pick) in shown(response).items()}
    assert (picked["grade"], picked["progress"]) == ("theirs", "mine")


def test_choosing_field_by_field_saves_the_mixture(send, typed, report, cast):
    other = report.round.plan.grades.get(code="S")
    current = colleague_saves(report, cast, grade=other, progress="説明会を4回開いた。")
    send(typed)
    picks = {"_resolve": "1", "version": current.version, "pick_grade": "theirs", "pick_progress": "mine"}
    assert send({**typed, **picks}).status_code == 302
    report.refresh_from_db()
    assert (report.grade, report.progress, report.version) == (other, "説明会を5回開いた。", 4)
    assert report.updated_by == cast.reporter


def test_my_text_can_be_rewritten_on_the_conflict_page(send, typed, report, cast):
    current = colleague_saves(report, cast, progress="説明会を4回開いた。")
    picks = {"_resolve": "1", "version": current.version, "pick_progress": "mine"}
    send({**typed, **picks, "progress": "説明会を4回と5回開いた。"})
    report.refresh_from_db()
    assert report.progress == "説明会を4回と5回開いた。"


@pytest.mark.parametrize("pick", [{}, {"pick_progress": "both"}])
def test_a_difference_without_a_choice_saves_nothing(pick, send, typed, report, cast):
    current = colleague_saves(report, cast, progress="説明会を4回開いた。")
    response = send({**typed, "_resolve": "1", "version": current.version, **pick})
    assert response.status_code == 409
    assert response.context_data["message"] == "どちらを残すか、違いのある項目すべてで選んでください。"
    report.refresh_from_db()
    assert report.progress == "説明会を4回開いた。"


def test_a_third_save_meanwhile_is_a_conflict_again_and_keeps_what_was_typed(send, typed, report, cast):
    current = colleague_saves(report, cast, progress="説明会を4回開いた。")
    colleague_saves(report, cast, progress="説明会を6回開いた。")
    response = send({**typed, "_resolve": "1", "version": current.version, "pick_progress": "theirs"})
    assert response.status_code == 409
    assert shown(response)["progress"][:2] == ("説明会を<mark>6</mark>回開いた。", "説明会を<mark>5</mark>回開いた。")
    report.refresh_from_db()
    assert report.progress == "説明会を6回開いた。"


def test_handing_in_over_a_colleagues_save_is_a_conflict_too(send, typed, report, cast):
    colleague_saves(report, cast, progress="説明会を4回開いた。")
    response = send({**typed, "_save": "", "_submit": "1"})
    assert response.status_code == 409
    report.refresh_from_db()
    assert (report.state, report.progress) == ("draft", "説明会を4回開いた。")


def test_a_report_that_the_colleague_handed_in_shows_what_was_typed_but_offers_no_saving(send, typed, report, cast):
    colleague_saves(report, cast, progress="説明会を4回開いた。")
    report.refresh_from_db()
    workflow.submit(report, by=cast.colleague)
    response = send(typed)
    assert response.status_code == 409
    assert response.context_data["editable"] is False
    html = response.content.decode()
    assert "説明会を<mark>5</mark>回開いた。" in html
    assert 'name="_save"' not in html
    assert send({**typed, "_resolve": "1", "version": report.version + 1, "pick_progress": "mine"}).status_code == 400
    report.refresh_from_db()
    assert report.progress == "説明会を4回開いた。"


def test_typed_html_is_shown_as_text(send, typed, report, cast):
    colleague_saves(report, cast, progress="<b>太字</b>")
    html = send({**typed, "progress": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert(1)" not in html
    assert "<b>太字" not in html
