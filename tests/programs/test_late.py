"""What of a frozen edition becomes known later: filled in by an act of its own, shown as such, never an erratum."""

import datetime
import html

import pytest
from django.core.exceptions import ValidationError

from core.acts import NotAllowed, WrongState
from policies.models import Edition
from programs import late
from programs.content import Content, IndicatorContent, Target
from programs.contents import content_of
from programs.editions import freeze
from programs.models import ContentErratum, LateContent, Program, ProgramEdition
from tests.kept import kept
from tests.reading import csv_rows, read
from tests.workbooks.plan import books
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book

DAY = datetime.date(2015, 1, 15)


@kept
def frozen(plan, cast):
    """The first edition, frozen without any text; item 3 has no content in it at all."""
    edition = plan.editions.get(key="original")
    ProgramEdition.objects.filter(edition=edition, program__number="3").delete()
    return freeze(edition, by=cast.office, accept_incomplete=True)


def learn(frozen, cast, number="3", wanted=None, **values):
    program = Program.objects.get(number=number)
    wanted = wanted or Content(
        texts={"contents": "窓口を一つにする。"},
        departments=(cast.zaisei.pk,),
        year_plans={2011: "検討", 2012: "－"},
        no_plan=frozenset({2012}),
        indicators={"n1": IndicatorContent(name="収納率", unit="%", targets={2014: Target(None, "増加")})},
    )
    given = {
        "source": frozen.plan.sources.get(),
        "learned_on": DAY,
        "reason": "計画書が見つかったため。",
        "by": cast.office,
    }
    return late.learn(program, frozen, wanted, **given | values)


def test_an_item_without_contents_gets_them_later(frozen, cast):
    made = learn(frozen, cast)
    assert made.fields == "実施内容、推進担当課、年度計画、成果指標"
    assert (made.learned_on, made.learned_by, made.source.key) == (DAY, cast.office, "S1")
    stored = content_of(ProgramEdition.objects.get(program__number="3", edition=frozen))
    assert (stored.texts["contents"], stored.departments) == ("窓口を一つにする。", (cast.zaisei.pk,))
    assert (stored.year_plans, stored.no_plan) == ({2011: "検討", 2012: "－"}, frozenset({2012}))
    assert ContentErratum.objects.count() == 0
    assert made.history.get().history_change_reason == "あとから分かった内容の登録"


def test_what_is_known_stays(frozen, cast):
    learn(frozen, cast)
    known = content_of(ProgramEdition.objects.get(program__number="3", edition=frozen))
    for wanted, field in (
        (Content(texts={"contents": "別の文"}), "contents"),
        (Content(texts=known.texts, departments=(cast.zeimu.pk,)), "department_1"),
        (Content(texts=known.texts, departments=known.departments, year_plans={2011: "実施"}), "year_2011"),
    ):
        with pytest.raises(ValidationError) as refused:
            learn(frozen, cast, wanted=wanted)
        assert "もう登録されている内容は、ここでは変えられません。" in refused.value.message_dict[field][0]
    assert LateContent.objects.count() == 1


def test_it_needs_a_reason_a_source_a_day_and_something_new(plan, frozen, cast):
    for values, field in (
        ({"reason": " "}, "reason"),
        ({"learned_on": datetime.date(2199, 1, 1)}, "learned_on"),
        ({"wanted": Content(texts={"contents": ""})}, "contents"),
        ({"wanted": Content(year_plans={2019: "実施"})}, "year_2019"),
    ):
        with pytest.raises(ValidationError) as refused:
            learn(frozen, cast, **values)
        assert field in refused.value.message_dict
    assert not ProgramEdition.objects.filter(program__number="3", edition=frozen).exists()
    with pytest.raises(NotAllowed):
        learn(frozen, cast, by=cast.reporter)
    open_edition = Edition.objects.get(key="fy2013-revision")
    with pytest.raises(WrongState, match="まだ確定していません"):
        learn(open_edition, cast)


def test_the_workbook_keeps_what_was_learned_later(frozen, cast):
    learn(frozen, cast)
    data = books.exported("kodaira-2")
    cells = books.cells(data)
    assert [row[2] for row in cells["late_contents"]] == ["edition", "original"]
    assert [row[-1] for row in cells["year_plans"]] == ["is_none", False, True]
    books.empty_database()
    book = read_book(data)
    import_tables(book.tables, by=cast.root, found=book.problems)
    assert books.cells(books.exported("kodaira-2")) == cells


def test_machines_read_a_row_for_every_part(client, frozen, cast):
    learn(frozen, cast)
    parts = ["実施内容", "推進担当課", "年度計画", "成果指標"]
    rows = csv_rows(client.get("/plans/kodaira-2/data/late_contents.csv").getvalue())
    assert [row.pop("label") for row in rows] == parts
    assert rows == [rows[0]] * 4
    assert (rows[0]["program_number"], rows[0]["source"], rows[0]["reason"]) == ("3", "S1", "計画書が見つかったため。")
    listed = client.get("/api/v1/plans/kodaira-2/late-contents?edition=original&per_page=3&page=2").json()
    assert (listed["count"], [row["label"] for row in listed["items"]]) == (4, ["成果指標"])
    item = client.get("/api/v1/plans/kodaira-2/programs/3").json()
    assert [row["label"] for row in item["late_contents"]] == parts
    assert client.get("/api/v1/plans/kodaira-2/programs/1").json()["late_contents"] == []


def test_the_office_fills_in_the_page_and_citizens_see_it_as_learned_later(client, frozen, cast, plan):
    client.force_login(cast.office)
    program = Program.objects.get(number="3")
    address = f"/admin/programs/programedition/learn/{program.pk}/{frozen.pk}/"
    item = html.unescape(client.get(f"/admin/programs/program/{program.pk}/change/").text)
    assert f'href="{address}">あとから分かった内容を登録する</a>' in item
    assert client.get(address).status_code == 200
    typed = {"contents": "窓口を一つにする。", "n1-better": "up", "n2-better": "up", "learned_on": "平成27年1月15日"}
    refused = client.post(address, typed)
    assert (refused.status_code, LateContent.objects.count()) == (400, 0)
    given = {"reason": "計画書が見つかったため。", "learned_source": plan.sources.get().pk}
    done = client.post(address, typed | given)
    content = ProgramEdition.objects.get(program=program, edition=frozen)
    assert done.url == f"/admin/programs/programedition/{content.pk}/change/"
    assert "計画書が見つかったため。" in client.get(done.url).text
    disabled = client.get(address).context_data["form"].fields["contents"].disabled
    assert disabled
    client.logout()
    page = read(client.get("/plans/kodaira-2/programs/3/"))
    assert "あとから分かった内容（平成27年（2015年）1月15日に登録、「当初」）：実施内容" in page.texts["p"]
    assert "あとから登録した理由：計画書が見つかったため。" in page.texts["p"]
    [row] = client.get("/api/v1/plans/kodaira-2/programs/3").json()["late_contents"]
    assert (row["edition"], row["learned_on"], row["label"], row["source"]) == (
        *("original", "2015-01-15"),
        *("実施内容", "S1"),
    )
    assert client.get("/api/v1/plans/kodaira-2/errata").json()["items"] == []
