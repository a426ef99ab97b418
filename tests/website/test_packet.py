"""The packet of a meeting: told as of its day, for everybody only what is published, as a page and as PDF."""

import datetime
import re
import subprocess

import pikepdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from committee.models import CommitteeMember, KeyProgram, Meeting, Opinion
from committee.opinions import preparations
from core.fiscal import date_label
from figures.models import PublishedFigure
from policies.models import Scale
from reviews.models import Round
from tests import factories
from tests.kept import kept
from tests.published import SECRET
from tests.reading import read
from website import pdf

PAGE = "/plans/kodaira-2/committee/2015-07-10/"
SESSION = "django.contrib.auth.backends.ModelBackend"


def published_on(plan, as_of, day):
    """As if the round had been published on that day."""
    when = datetime.datetime(day.year, day.month, day.day, 3, tzinfo=datetime.UTC)
    Round.objects.filter(plan=plan, as_of=as_of).update(published_at=when)


@kept
def met(published, cast):
    """Meetings before, on and after the day; both rounds published by 2015-06; opinions of every state; a secret one."""
    plan = published
    published_on(plan, "2014-09-30", datetime.date(2014, 12, 1))
    published_on(plan, "2015-03-31", datetime.date(2015, 6, 1))
    older, meeting, newer = (
        Meeting.objects.create(plan=plan, held_on=day, **values, **factories.PUBLIC)
        for day, values in (
            (datetime.date(2015, 1, 16), {}),
            (
                datetime.date(2015, 7, 10),
                {"title": "平成27年度第1回", "place": "501会議室", "agenda": "1 進捗状況\n\n2 見直し"},
            ),
            (datetime.date(2015, 12, 14), {}),
        )
    )
    meeting.documents.set(plan.sources.all())
    first, second = (plan.programs.get(number=number) for number in "12")
    KeyProgram.objects.create(program=first, fiscal_year=2015, note="効果が大きい")
    KeyProgram.objects.create(program=second, fiscal_year=2014)
    PublishedFigure.objects.create(
        plan=plan,
        key="revised",
        measure="revised_items",
        label="見直した項目",
        edition=plan.editions.get(key="fy2013-revision"),
        printed="50項目",
        value=50,
        unit="項目",
        source=plan.sources.get(),
        locator="表",
    )
    day = datetime.date
    for key, given, values in (
        ("waiting", day(2015, 1, 16), {"meeting": older}),
        ("late", day(2015, 1, 16), {"answered_on": day(2015, 8, 1)}),
        ("answered", day(2015, 1, 16), {"answered_on": day(2015, 3, 1)}),
        ("long-ago", day(2014, 4, 1), {"answered_on": day(2014, 5, 1)}),
        ("here", day(2015, 7, 10), {"meeting": meeting, "program": second}),
        ("after", day(2015, 12, 14), {"meeting": newer}),
    ):
        if "answered_on" in values:
            values |= {"disposition": "adopted", "answer": "取り入れます。"}
        Opinion.objects.create(
            plan=plan, key=key, given_on=given, text=f"意見 {key}。", published_on=day(2015, 12, 20), **values
        )
    Opinion.objects.create(
        plan=plan, key="secret", given_on=day(2015, 7, 1), text=SECRET, meeting=meeting, author=cast.committee
    )
    Opinion.objects.create(
        plan=plan, key="announced", given_on=day(2015, 7, 1), text=SECRET, meeting=meeting, published_on=day(2199, 1, 1)
    )
    return plan


def test_the_packet_tells_what_was_known_on_the_day(client, met):
    response = client.get(PAGE)
    page = read(response)
    assert page.texts["h1"] == ["平成27年（2015年）7月10日の会議"]
    assert {"1 進捗状況", "2 見直し", "「テスト資料」（小平市）"} <= set(page.texts["li"])
    assert page.tables[0][-1] == ["計", "1", "0", "1", "1", "3"]
    assert page.texts["h3"][1:3] == ["2 項目2の取組", "1 項目1の取組"]  # worse; watched
    said = page.texts["p"]
    assert "▲S 予定以上に進捗 → ▼B 予定よりも遅れている" in said
    assert "選んだ理由：効果が大きい" in said
    assert "改訂版（平成26年度（2014年度）から平成27年度（2015年度）まで）：市の公表では50項目を見直しました。" in said
    headings = [text for text in page.texts["h3"] if "意見（" in text]
    assert headings == [
        "この会議の日に回答を待っていた意見（2件）",
        "前の会議のあとに回答した意見（1件）",
        "この会議の意見（1件）",
    ]
    assert [text for text in said if text.startswith("意見 ")] == [
        "意見 late。",
        "意見 waiting。",
        "意見 answered。",
        "意見 here。",
    ]
    # The meeting before knew the earlier round alone, and nothing to compare it with.
    earlier = read(client.get("/plans/kodaira-2/committee/2015-01-16/"))
    assert earlier.tables[0][-1] == ["計", "1", "1", "0", "1", "3"]
    assert "前回の調査の評価が未登録のため、比べられません。" in earlier.texts["p"]
    Round.objects.update(published_at=datetime.datetime(2015, 7, 11, tzinfo=datetime.UTC))
    unknown = read(client.get(PAGE))
    assert "この会議の日までの調査の、項目ごとの評価は未登録です。" in unknown.texts["p"]
    assert unknown.tables == []


def test_nothing_is_worse_across_a_change_of_the_scale(client, met):
    assert "評価が下がった項目は" in client.get(PAGE).text
    Scale.objects.create(plan=met, starts_on="2015-03-31", note="厳しくした")
    said = client.get(PAGE).text
    assert "評価が下がった項目は" not in said
    assert "前回から評価の基準が変わったため、比べていません。" in said
    assert "変わったこと：厳しくした" in said
    assert (said.count("遅れが続"), said.count("遅れている項目")) == (0, 2)
    revisions = client.get("/plans/kodaira-2/revisions/").text
    assert "最初の公表です" not in revisions
    assert "から評価の基準が変わったため、前回（" in revisions


def test_eight_queries_and_nothing_unpublished_for_anybody(client, met, cast, monkeypatch):
    monkeypatch.setattr("website.committee.pdf_of", lambda html, stylesheet: html.encode())
    for user in (None, cast.committee, cast.office):
        if user:
            client.force_login(user, SESSION)
        for address in (PAGE, PAGE + "packet.pdf", "/plans/kodaira-2/committee/"):
            with CaptureQueriesContext(connection) as queries:
                response = client.get(address)
            assert len(queries) == (6 if address.endswith("committee/") else 8), address
            assert SECRET not in response.text
            assert "委員 四郎" not in response.text


def test_members_read_opinions_before_publication_on_a_page_of_their_own(client, met, cast, monkeypatch):
    monkeypatch.setattr("website.committee.pdf_of", lambda html, stylesheet: html.encode())
    meeting = Meeting.objects.get(held_on="2015-07-10")
    own = f"/admin/committee/meeting/{meeting.pk}/packet/"
    for user in (cast.committee, cast.office):
        client.force_login(user, SESSION)
        for address in (own, own + "packet.pdf"):
            response = client.get(address)
            assert response.text.count(SECRET) == 2
            assert response.text.count(">公開前<") == 2
            assert "委員 四郎" in response.text
            assert "no-store" in response["Cache-Control"]
            assert "private" in response["Cache-Control"]
    for user in (cast.reporter, cast.viewer, cast.stranger):
        client.force_login(user, SESSION)
        assert client.get(own).status_code == 403
        assert SECRET not in client.get(own + "packet.pdf").text


def test_without_the_libraries_the_page_to_print_remains(client, met, monkeypatch):
    for module in ("website.committee", "website.pdf"):
        monkeypatch.setattr(f"{module}.is_available", lambda: False)
    monkeypatch.setattr("website.committee.pdf_of", pdf.pdf_of.__wrapped__)
    response = client.get(PAGE + "packet.pdf")
    assert response.status_code == 503
    assert read(response).texts["h1"] == ["このサーバーでは PDF を作れません"]
    assert "Cache-Control" not in response
    page = client.get(PAGE)
    assert 'href="packet.pdf"' not in page.text
    assert "このサーバーでは PDF を作れません。ブラウザーの「印刷」を使うと" in page.text


@pytest.mark.pdf
def test_the_file_is_japanese_tagged_and_always_the_same(client, met, tmp_path):
    pdf.pdf_of.cache_clear()
    first = client.get(PAGE + "packet.pdf")
    assert first["Content-Type"] == "application/pdf"
    assert first["Content-Disposition"] == 'inline; filename="kodaira-2-2015-07-10-packet.pdf"'
    pdf.pdf_of.cache_clear()
    assert client.get(PAGE + "packet.pdf").content == first.content
    file = tmp_path / "packet.pdf"
    file.write_bytes(first.content)

    def asked(*command):
        return subprocess.run([*command], capture_output=True, text=True, check=True).stdout

    about = dict(re.findall(r"^(\w[\w ]*): +(.*)$", asked("pdfinfo", file), re.MULTILINE))
    assert (
        about["Title"]
        == "推進委員会 平成27年度第1回 会議資料（平成27年（2015年）7月10日、行財政改革プラン 進捗管理サイトが作成）"
    )
    assert about["Author"] == "行財政改革プラン 進捗管理サイト"
    assert (about["Tagged"], about["Page size"]) == ("yes", "595.276 x 841.89 pts (A4)")
    text = re.sub(r"\s+", "", asked("pdftotext", file, "-"))
    assert "評価が下がった項目2項目2の取組▲S予定以上に進捗→▼B予定よりも遅れている" in text
    below = f"{date_label(timezone.localdate())}に作成"
    for number in range(1, int(about["Pages"]) + 1):
        assert f"{below}{number}/{about['Pages']}" in text
    assert text.count(f"http://testserver{PAGE}") >= int(about["Pages"])
    assert SECRET not in text
    fonts = asked("pdffonts", file).splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts), fonts  # embedded
    assert asked("pdfinfo", "-struct", file).startswith("Document")
    # A file stands nowhere: what leads to a page says the whole address.
    with pikepdf.open(file) as book:
        links = {
            str(link.A.URI) for page in book.pages for link in page.get("/Annots", []) if "/URI" in link.get("/A", {})
        }
    assert {link for link in links if not link.startswith("http")} == set()
    assert any("/programs/?change=worse" in link for link in links)
    assert "http://testserver/plans/kodaira-2/programs/2/#r-2015-03-31" in links


def test_the_chair_and_the_office_see_who_has_not_written_yet(client, plan, cast, django_assert_num_queries):
    meeting = Meeting.objects.create(plan=plan, held_on=datetime.date(2199, 1, 1), **factories.PUBLIC)
    Meeting.objects.create(plan=plan, held_on=datetime.date(2199, 2, 1), **factories.PUBLIC)
    Meeting.objects.create(plan=plan, held_on=datetime.date(2015, 1, 1), **factories.PUBLIC)
    other = factories.small_plan("other")
    Meeting.objects.create(plan=other, held_on=datetime.date(2198, 1, 1), **factories.PUBLIC)
    silent = type(cast.committee).objects.create_user("silent", name="委員 七美", password="pass", is_staff=True)
    silent.groups.set(cast.committee.groups.all())
    CommitteeMember.objects.create(plan=plan, user=cast.committee)
    chair = CommitteeMember.objects.create(plan=plan, user=silent, is_chair=True)
    Opinion.objects.create(
        plan=plan, key="1", given_on="2015-01-01", text="意見", meeting=meeting, author=cast.committee
    )

    def seen(user):
        client.force_login(user, SESSION)
        response = client.get("/admin/")
        found = response.context_data["start"].preparations
        page = client.get(f"/admin/committee/meeting/{meeting.pk}/packet/")
        return [(each.meeting.held_on.year, each.own, [str(m) for m in each.silent]) for each in found], (
            "委員 七美" in response.text,
            "まだ書いていません" in page.text,
        )

    assert seen(cast.committee) == ([(2199, 1, [])], (False, False))
    assert seen(silent) == ([(2199, 0, ["委員 七美（委員長）"])], (True, True))
    assert seen(cast.office) == ([(2198, 0, []), (2199, 0, ["委員 七美（委員長）"])], (True, True))
    person = type(silent).objects.get(username="silent")
    assert person.has_perm("committee.add_opinion")  # the rights of a person are read once
    with django_assert_num_queries(4):
        preparations(person)
    CommitteeMember.objects.filter(pk=chair.pk).update(plan=other)  # chair of another plan: not of this one
    assert seen(silent) == ([(2198, 0, ["委員 七美（委員長）"])], (True, False))


def test_the_office_sets_up_a_meeting(client, plan, cast):
    client.force_login(cast.office, SESSION)
    Meeting.objects.create(plan=plan, held_on="2015-01-01", place="501会議室", **factories.PUBLIC)
    other = factories.small_plan("other")
    add = f"/admin/committee/meeting/add/?plan={plan.pk}"
    form = client.get(add).context_data["adminform"].form
    assert (form.initial["plan"], form.initial["place"]) == (str(plan.pk), "501会議室")
    assert list(form.fields["documents"].queryset) == list(plan.sources.all())
    values = {"plan": plan.pk, "held_on": "平成27年7月10日", "title": "", "place": "", "agenda": "1 進捗\r\n2 見直し"}
    late = client.post(add, {**values, "opinions_due_on": "2015-07-11"})
    assert "意見の締め切りは、開催日までの日にしてください。" in late.text
    foreign = {**values, "opinions_due_on": "", "documents": [other.sources.get().pk]}
    refused = client.post("/admin/committee/meeting/add/", foreign)
    assert "は別の計画の資料です。「テスト計画」の資料を選んでください。" in refused.text
    saved = {**values, "opinions_due_on": "2015-07-03", "documents": [plan.sources.get().pk]}
    assert client.post(add, saved).status_code == 302
    made = Meeting.objects.get(held_on="2015-07-10")
    assert (made.agenda_lines, made.opinions_due_on, made.documents.count()) == (
        ["1 進捗", "2 見直し"],
        datetime.date(2015, 7, 3),
        1,
    )
    page = client.get(f"/admin/committee/meeting/{made.pk}/change/")
    assert f'href="{PAGE}"' not in page.text  # it is not public yet
    assert client.post(f"/admin/committee/meeting/{made.pk}/public/").status_code == 302
    page = client.get(f"/admin/committee/meeting/{made.pk}/change/")
    assert f'href="{PAGE}"' in page.text or "/admin/r/" in page.text
    assert f"/admin/committee/meeting/{made.pk}/packet/" in page.text
    for named in ("x", "9" * 30, "0"):
        assert client.get(f"/admin/committee/meeting/add/?plan={named}").status_code == 200
