"""「過去の公表結果を登録する」: frozen rows marked 市の公表による, without a report, and nothing invented."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.acts import NotAllowed, WrongState
from policies.models import Edition, Plan
from reviews import past, workflow
from reviews.models import PublishedReport, Report, Round
from tests.kept import kept
from tests.reading import items_of, read
from tests.workbooks.plan import books
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book

RELEASED = datetime.date(2014, 11, 20)
LINES = "1\tA\t窓口を一つにした。\n2\t予定よりも遅れている\n3\t\n"


@kept
def first(plan, cast):
    """The first planned round, of 2014-09-30."""
    return plan.rounds.get(as_of="2014-09-30")


def register(first, cast, text=LINES, **values):
    given = {"source": first.plan.sources.get(), "released_on": RELEASED, "by": cast.office} | values
    return past.register_past(first, past.read_results(first, text), **given)


def test_what_the_city_published_becomes_frozen_rows_without_reports(first, cast):
    made = register(first, cast)
    assert (made.state, made.released_on, made.published_by) == ("published", RELEASED, cast.office)
    rows = PublishedReport.objects.filter(round=first).order_by("sort_key")
    assert [(row.number, row.grade_code, row.tone, row.progress, row.origin, row.source_key) for row in rows] == [
        ("1", "A", "on_track", "窓口を一つにした。", "city", "S1"),
        ("2", "B", "behind", "", "city", "S1"),  # late, and nobody had to invent a reason
    ]
    assert Report.objects.filter(round=first).count() == 0
    assert [grade["code"] for grade in made.framework["grades"]] == ["S", "A", "B"]


def test_what_cannot_be_is_refused(first, cast, plan):
    for text, message in (
        ("9\tA", "1行目: 番号「9」の実施項目はありません。"),
        ("1\tZ", "1行目: 評価「Z」はありません。使えるのは S、A、B です。"),
        ("1\tA\n1\tB", "が2回あります。"),
        ("\n", "結果を一つ以上入力してください。"),
    ):
        with pytest.raises(ValidationError) as refused:
            register(first, cast, text)
        assert any(message in told for told in refused.value.message_dict["results"])
    for day in (datetime.date(2014, 9, 29), datetime.date(2199, 1, 1)):
        with pytest.raises(ValidationError) as refused:
            register(first, cast, released_on=day)
        assert "released_on" in refused.value.message_dict
    with pytest.raises(NotAllowed):
        register(first, cast, by=cast.reporter)
    assert (first.published_reports.count(), Round.objects.get(pk=first.pk).state) == (0, "planned")
    opened = workflow.open_round(first, by=cast.office)
    with pytest.raises(WrongState, match="受付を始めていない"):
        register(opened, cast)


def test_an_item_that_was_not_there_yet_is_refused(first, cast, plan):
    plan.programs.filter(number="2").update(added_on="2015-01-01")
    with pytest.raises(ValidationError, match="にはない項目です"):
        register(first, cast)


def test_the_database_holds_the_source(first, cast):
    register(first, cast)
    for change in ({"source": None}, {"released_on": "2014-09-29"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Round.objects.filter(pk=first.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedReport.objects.filter(round=first).update(source_key="")


def test_the_office_sees_what_it_registers_before_it_does(client, first, cast):
    client.force_login(cast.office)
    address = f"/admin/reviews/round/{first.pk}/past/"
    assert address in client.get(f"/admin/reviews/round/{first.pk}/change/").text
    typed = {"source": first.plan.sources.get().pk, "released_on": "平成26年11月20日", "results": LINES}
    shown = client.post(address, typed)
    assert (shown.status_code, first.published_reports.count()) == (200, 0)
    assert {"A 予定どおりに進捗：1項目", "結果が分からず、登録しない項目：1項目"} <= set(read(shown).texts["li"])
    wrong = client.post(address, typed | {"results": "1\tZ", "_confirm": "1"})
    assert (wrong.status_code, first.published_reports.count()) == (400, 0)
    assert client.post(address, typed | {"_confirm": "1"}).status_code == 302
    assert first.published_reports.count() == 2
    assert client.get(address).status_code == 400


def test_citizens_see_that_it_is_by_the_city(client, first, cast):
    register(first, cast)
    page = read(client.get("/plans/kodaira-2/progress/2014-09-30/"))
    assert any("市が平成26年（2014年）11月20日に公表した結果を登録したものです。" in text for text in page.texts["p"])
    overview = read(client.get("/plans/kodaira-2/"))
    assert overview.definitions["○未登録"] == "1項目"  # and nowhere 未報告: nobody was asked
    assert any(text.endswith("1項目は未登録です。") for text in overview.texts["p"])
    item = read(client.get("/plans/kodaira-2/programs/2/"))
    assert "市の公表による 平成26年（2014年）11月20日に市が公表した結果です。" in item.texts["p"]
    listed = read(client.get("/plans/kodaira-2/programs/?q=3"))
    assert [row[3] for row in items_of(listed.tables[0])] == ["○未登録"]
    rows = client.get("/plans/kodaira-2/data/reports.csv").getvalue().decode("utf-8-sig").splitlines()
    place = rows[0].split(",").index("origin")
    assert [row.split(",")[place] for row in rows[1:]] == ["city", "city"]


def test_the_workbook_keeps_it(first, cast):
    Edition.objects.filter(plan=first.plan).update(frozen_at=None)
    register(first, cast)
    data = books.exported(first.plan.slug)
    cells = books.cells(data)
    books.empty_database()
    book = read_book(data)
    import_tables(book.tables, by=cast.root, found=book.problems)
    assert books.cells(books.exported("kodaira-2")) == cells
    row = PublishedReport.objects.get(number="2")
    assert (row.origin, row.source_key, row.round.released_on) == ("city", "S1", RELEASED)
    assert Plan.objects.count() == 1
