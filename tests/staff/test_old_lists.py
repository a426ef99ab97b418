"""A list that was written before somebody else's change undoes it never: what was not touched stays, what both changed is
asked about, and what was confirmed is what was seen."""

from dataclasses import replace

import pytest

from committee.models import Opinion
from core.merge import Side
from programs.contents import content_of, save_content
from programs.models import Program, ProgramEdition, YearPlan
from reviews import workflow
from staff.lists.formats import Xlsx
from tests import factories
from tests.reading import messages
from tests.staff.addresses import list_url
from tests.staff.files import changed, exported, problems, xlsx

CONTENTS = "programs.programedition"
FIRST = {"実施項目": "1", "版": "original"}


def content():
    return ProgramEdition.objects.get(program__number="1", edition__key="original")


def rewrite(by, **texts):
    """A colleague saves the content of item 1."""
    stored = content_of(content())
    save_content(content(), replace(stored, texts={**stored.texts, **texts}), by=by)


@pytest.fixture
def written(client, cast, plan):
    factories.written(plan)
    client.force_login(cast.office)
    rewrite(cast.office, contents="はじめの内容", expected_effect="はじめの効果")
    return exported(client, CONTENTS)


def totals(response):
    return [response.context_data["result"].totals[name] for name in ("new", "update")]


def test_an_old_list_undoes_nothing(written, cast, preview):
    rewrite(cast.root, contents="同僚の内容")
    response = preview(CONTENTS, written)
    assert (problems(response), totals(response)) == ([], [0, 0])
    assert response.context_data["result"].choices == []


def test_what_two_people_changed_in_two_columns_is_both_there(written, cast, take_in):
    rewrite(cast.root, contents="同僚の内容")
    done = take_in(CONTENTS, changed(written, FIRST, 見込まれる効果="わたしの効果"))
    assert messages(done)[0].startswith("計画内容を取り込みました。新規0件、更新1件、")
    assert (content().contents, content().expected_effect) == ("同僚の内容", "わたしの効果")
    last = content().history.first()
    assert (last.history_user, last.history_change_reason) == (cast.office, "保存（見込まれる効果）")


@pytest.mark.parametrize(("side", "stays"), [(Side.MINE, "わたしの内容"), (Side.THEIRS, "同僚の内容")])
def test_one_column_changed_by_two_people_is_asked_about(side, stays, written, client, cast, preview):
    rewrite(cast.root, contents="同僚の内容")
    response = preview(CONTENTS, changed(written, FIRST, 実施内容="わたしの内容"))
    [choice] = response.context_data["result"].choices
    assert (choice.stored, choice.mine, choice.picked) == ("同僚の内容", "わたしの内容", None)
    assert choice.label.endswith("の実施内容")
    page = response.rendered_content
    assert "<mark>同僚</mark>の内容" in page
    assert "<mark>わたし</mark>の内容" in page

    post = {"import_file_name": response.context_data["confirm_form"].initial["import_file_name"]}
    address = list_url(CONTENTS, "process_import/")
    refused = client.post(address, post)
    assert refused.status_code == 409
    assert refused.context_data["refused"] == [
        "どちらを残すか、重なったところすべてで選んでください。まだ取り込んでいません。"
    ]
    assert content().contents == "同僚の内容"

    assert client.post(address, post | {choice.input_name: side}).status_code == 302
    assert content().contents == stays


def test_what_is_confirmed_is_what_was_seen(written, client, cast, preview, monkeypatch):
    response = preview(CONTENTS, changed(written, FIRST, 実施内容="わたしの内容"))
    post = {"import_file_name": response.context_data["confirm_form"].initial["import_file_name"]}
    rewrite(cast.root, contents="見たあとの内容")
    read, reader = [], Xlsx.create_dataset
    monkeypatch.setattr(Xlsx, "create_dataset", lambda self, data: read.append(1) or reader(self, data))
    again = client.post(list_url(CONTENTS, "process_import/"), post)
    assert read == [1]  # a file is read once a request, also where it is shown again
    assert again.status_code == 409
    [choice] = again.context_data["result"].choices
    assert choice.stored == "見たあとの内容"
    assert content().contents == "見たあとの内容"
    done = client.post(list_url(CONTENTS, "process_import/"), post | {choice.input_name: "mine"})
    assert (done.status_code, content().contents) == (302, "わたしの内容")


def test_a_list_without_the_marks_changes_no_content(written, cast, preview):
    head = ["計画", "実施項目", "版", "実施内容"]
    response = preview(CONTENTS, xlsx([head, ["kodaira-2", "1", "original", "わたしの内容"]]))
    assert problems(response) == [
        (
            *(2, ""),
            "「書き出したときの印」がないため、ほかの人が変えたところと区別できません。書き出した一覧に、変えるところを写してください。",
        )
    ]


def test_marks_that_were_cut_are_refused(written, preview):
    response = preview(CONTENTS, changed(written, FIRST, 書き出したときの印="abcd"))
    [(_number, column, text)] = problems(response)
    assert (column, text) == (
        "",
        "「書き出したときの印」の欄が、書き出したときの値と違います。もう一度書き出した一覧に、変えるところを写してください。",
    )


def test_a_plain_list_says_that_it_cannot_tell(client, cast, plan, preview):
    """Items have no marks in a file that people made: their changes are shown beside what is stored, with a word on it."""
    client.force_login(cast.office)
    head = ["計画", "方針", "番号", "項目名"]
    response = preview("programs.program", xlsx([head, ["kodaira-2", 1, "1", "新しい名前"]]))
    assert problems(response) == []
    assert "ほかの人が変えたところと区別できません" in response.rendered_content
    assert "区別できません" not in preview("programs.program", exported(client, "programs.program")).rendered_content


def test_year_plans_and_items_are_kept_in_the_same_way(written, client, cast, preview):
    plans = exported(client, "programs.yearplan")
    items = exported(client, "programs.program")
    stored = content_of(content())
    year = min(stored.year_plans)
    plans_now = {**stored.year_plans, year: "同僚の年度計画"}
    save_content(content(), replace(stored, year_plans=plans_now), by=cast.root)
    Program.objects.filter(number="1").update(note="同僚の備考")
    for label, data in (("programs.yearplan", plans), ("programs.program", items)):
        response = preview(label, data)
        assert (problems(response), totals(response)[1]) == ([], 0)
    assert YearPlan.objects.get(program_edition=content(), fiscal_year=year).text == "同僚の年度計画"


def test_a_row_that_somebody_deleted_does_not_come_back(written, client, cast, preview):
    plans = exported(client, "programs.yearplan")
    stored = content_of(content())
    year = min(stored.year_plans)
    kept = {other: text for other, text in stored.year_plans.items() if other != year}
    save_content(content(), replace(stored, year_plans=kept), by=cast.root)
    [(_number, column, text)] = problems(preview("programs.yearplan", plans))
    assert (column, text[:21]) == ("", "書き出したあとに、ほかの人が削除しました。")
    anew = changed(plans, {**FIRST, "年度": str(year)}, 書き出したときの印=None)
    assert problems(preview("programs.yearplan", anew)) == []


def test_a_year_plan_is_written_by_the_act(written, client, cast, take_in):
    year = min(content_of(content()).year_plans)
    plans = exported(client, "programs.yearplan")
    take_in("programs.yearplan", changed(plans, {**FIRST, "年度": str(year)}, 年度計画="直した年度計画"))
    assert content_of(content()).year_plans[year] == "直した年度計画"
    assert content().history.first().history_change_reason == "保存（年度計画）"


def test_an_old_list_of_reports_keeps_the_words_of_others(client, cast, plan, take_in):
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    client.force_login(cast.reporter)
    old = exported(client, "reviews.report")
    workflow.save_draft(factories.report(opened, 1), {"evidence": "同僚の根拠"}, by=cast.colleague, version=1)
    take_in("reviews.report", changed(old, {"実施項目": "1"}, 取組状況="わたしの取組"))
    saved = factories.report(opened, 1)
    assert (saved.progress, saved.evidence, saved.version) == ("わたしの取組", "同僚の根拠", 3)


def test_an_opinion_answered_meanwhile_keeps_its_answer(client, cast, plan, take_in):
    opinion = Opinion.objects.create(plan=plan, key="2014-1", given_on="2014-10-31", text="意見")
    client.force_login(cast.office)
    old = exported(client, "committee.opinion")
    Opinion.objects.filter(pk=opinion.pk).update(text="同僚が直した意見")
    take_in("committee.opinion", changed(old, {"記号": "2014-1"}, 意見の日="2014-11-01"))
    opinion.refresh_from_db()
    assert (opinion.text, str(opinion.given_on)) == ("同僚が直した意見", "2014-11-01")


def test_a_mark_of_no_plan_in_a_list_is_set_and_taken_away(written, client, cast, take_in):
    year = min(content_of(content()).year_plans)
    row = {**FIRST, "年度": str(year)}
    take_in("programs.yearplan", changed(exported(client, "programs.yearplan"), row, 年度計画="－", 計画がない年度="1"))
    assert (content_of(content()).year_plans[year], content_of(content()).no_plan) == ("－", {year})
    take_in("programs.yearplan", changed(exported(client, "programs.yearplan"), row, 計画がない年度="0"))
    assert (content_of(content()).year_plans[year], content_of(content()).no_plan) == ("－", set())
