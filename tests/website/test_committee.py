"""/plans/<plan>/committee/: published opinions, answers and what is overdue; never an unpublished opinion."""

import datetime
import re

import pytest

from committee.models import KeyProgram, Meeting, Opinion
from policies.models import Source
from programs.models import Program
from tests import factories
from tests.reading import read

URL = "/plans/kodaira-2/committee/"
DAY = datetime.date(2014, 10, 31)


def opinion(plan, key, text, **values):
    return Opinion.objects.create(plan=plan, key=key, given_on=DAY, text=text, **{"published_on": DAY} | values)


@pytest.fixture
def opinions(plan):
    """Three published ones: answered, overdue, not yet due; and one that is not published."""
    meeting = Meeting.objects.create(
        plan=plan, held_on=DAY, place="市役所 会議室", agenda="1 進み具合", **factories.PUBLIC
    )
    meeting.documents.set(Source.objects.filter(plan=plan))
    first = Program.objects.get(number="1")
    KeyProgram.objects.create(program=first, fiscal_year=2014, note="効果が大きい")
    answered = {
        "disposition": "partly",
        "answer": "次の版で目標を見直します。",
        "answered_on": datetime.date(2014, 12, 1),
    }
    opinion(plan, "2014-1", "目標を数で示してほしい。", program=first, meeting=meeting, **answered)
    opinion(plan, "2014-2", "公表を早めてほしい。", answer_due_on=datetime.date(2015, 1, 31))
    opinion(
        plan, "2014-3", "方針の説明を増やしてほしい。", policy=first.policy, answer_due_on=datetime.date(2199, 1, 1)
    )
    opinion(plan, "2014-4", "まだ公開していない意見です。", published_on=None, answer_due_on=DAY)
    opinion(
        plan, "2014-6", "まだ公開していない、後日の意見です。", published_on=datetime.date(2199, 1, 1), program=first
    )
    return plan


def keys(page):
    return re.findall(r'id="opinion-([\d-]+)"', page.text)


def test_opinions_stand_with_their_answers_and_those_that_wait_come_first(client, opinions):
    page = client.get(URL)
    assert keys(page) == ["2014-2", "2014-3", "2014-1"]
    said = "公開した意見は3件、このうち回答を待っているものは2件です"
    assert [text for text in read(page).texts["p"] if text.startswith(said)]
    assert "回答の期限を過ぎたものが1件あります" in page.text
    assert page.text.count("（過ぎています）") == 1
    assert "一部反映</span>" in page.text
    assert "次の版で目標を見直します。" in page.text
    for address in (URL, "/plans/kodaira-2/programs/1/", "/plans/kodaira-2/data/opinions.csv"):
        assert "まだ公開していない" not in client.get(address).getvalue().decode()
    assert '<a href="/plans/kodaira-2/programs/1/">1 項目1の取組</a><span class="meta">効果が大きい</span>' in page.text
    assert '<a href="/plans/kodaira-2/committee/2014-10-31/">平成26年（2014年）10月31日　推進委員会</a>' in page.text
    assert "場所：市役所 会議室" in client.get(f"{URL}2014-10-31/").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=open", ["2014-2", "2014-3"]),
        ("state=partly", ["2014-1"]),
        ("state=adopted", []),
        ("state=", ["2014-2", "2014-3", "2014-1"]),
        ("state=open&state=partly", ["2014-2", "2014-3", "2014-1"]),
        ("policy=1", ["2014-3", "2014-1"]),  # the policy itself, and an item of it
        ("policy=-", ["2014-2"]),
        ("policy=-&policy=1", ["2014-2", "2014-3", "2014-1"]),
        ("policy=1&state=open", ["2014-3"]),
    ],
)
def test_opinions_are_filtered_by_what_the_city_did_and_by_policy(query, found, client, opinions):
    page = client.get(f"{URL}?{query}")
    assert keys(page) == found
    said = re.findall(r"<strong>(\d+)</strong>件", page.text)
    assert said == ([] if query == "state=" else [str(len(found))])
    assert ("この条件に合う意見はありません。" in page.text) == (not found)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("state=<b>", "市の対応：この市の対応はありません。一覧から選び直してください。"),
        ("policy=2", "方針：この方針についての意見はありません。一覧から選び直してください。"),
        ("page=x", "ページの番号は半角の数字で指定してください。"),
    ],
)
def test_an_unknown_condition_is_refused_on_the_page(query, reason, client, opinions):
    page = client.get(f"{URL}?{query}")
    assert page.status_code == 400
    assert reason in read(page).texts["li"]
    assert keys(page) == []


def test_a_plan_without_opinions_says_so(client, plan):
    page = client.get(URL)
    assert page.status_code == 200
    for unknown in ("推進委員会は未登録", "意見・助言は未登録", "主要管理項目は未登録", "会議は未登録"):
        assert unknown in page.text


def test_the_page_costs_the_same_with_3_and_120_opinions(client, opinions, django_assert_num_queries):
    with django_assert_num_queries(5):
        client.get(URL)
    first = Program.objects.get(number="1")
    for number in range(7, 127):
        opinion(opinions, f"2014-{number}", "同じ意見。", program=first)
    with django_assert_num_queries(5):
        page = client.get(URL)
    assert len(keys(page)) == 100
    assert "1〜100件目（2ページ中1ページ目）" in page.text


def test_a_member_writes_in_the_admin_and_the_office_answers(client, opinions, cast):
    client.force_login(cast.committee, "django.contrib.auth.backends.ModelBackend")
    first = Program.objects.get(number="1")
    form = {"plan": opinions.pk, "program": first.pk, "policy": "", "meeting": "", "text": "会議の前に一言。"}
    assert client.post("/admin/committee/opinion/add/", {**form, "answer": "回答を装う"}).status_code == 302
    written = Opinion.objects.get(text="会議の前に一言。")
    assert (written.author, written.answer, written.published_on) == (cast.committee, "", None)
    assert client.get(f"/admin/committee/opinion/{Opinion.objects.get(key='2014-4').pk}/change/").status_code == 200
    client.force_login(cast.office, "django.contrib.auth.backends.ModelBackend")
    answer = form | {
        "given_on": "平成26年11月1日",
        "published_on": "2014-11-05",
        "answer_due_on": "",
        "author": cast.committee.pk,
    }
    url = f"/admin/committee/opinion/{written.pk}/change/"
    refused = client.post(url, {**answer, "disposition": "adopted", "answer": "", "answered_on": ""})
    assert "回答、回答日、市の対応は、3つとも入力するか、3つとも空欄にしてください。" in refused.text
    done = client.post(
        url, {**answer, "disposition": "adopted", "answer": "取り入れます。", "answered_on": "2014-12-01"}
    )
    assert done.status_code == 302
    written.refresh_from_db()
    assert (written.disposition, written.published_on) == ("adopted", datetime.date(2014, 11, 5))
    refused = client.post(
        url, {**answer, "policy": first.policy_id, "disposition": "", "answer": "", "answered_on": ""}
    )
    assert "どちらか一方だけを選んでください" in refused.text


def test_the_author_of_an_opinion_is_a_member_or_who_wrote_it_before(client, opinions, cast):
    """Not whoever has an account; and who has left the committee stays the author of what he wrote."""
    client.force_login(cast.office, "django.contrib.auth.backends.ModelBackend")

    def offered(address):
        choices = (
            client.get(f"/admin/committee/opinion/{address}").context_data["adminform"].form.fields["author"].choices
        )
        return [str(label) for value, label in choices if value]

    assert offered("add/") == [str(cast.committee)]
    opinion = Opinion.objects.filter(published_on=None).first()
    Opinion.objects.filter(pk=opinion.pk).update(author=cast.viewer)
    assert sorted(offered(f"{opinion.pk}/change/")) == sorted([str(cast.committee), str(cast.viewer)])
    cast.committee.is_active = False
    cast.committee.save()
    assert offered(f"{opinion.pk}/change/") == [str(cast.viewer)]
