"""What staff save is public by an act alone, and what was public is withdrawn with a reason, never deleted."""

import datetime

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError

from committee.models import KeyProgram, Meeting, Opinion
from core.acts import NotAllowed, WrongState
from policies.models import Source
from policies.publicity import make_public, withdraw
from programs import editions
from programs.models import Indicator, IndicatorActual, Program, ProgramEdition
from reviews import workflow
from reviews.models import Effect, PublishedReport, Round
from staff.public_notes import NOTES
from tests import factories
from workbooks.plan.changes import RawTable
from workbooks.plan.importing import ImportRefused, import_tables

SECRET = "まだ公開していないもの"
WHY = "日を誤ったため"
DAY = datetime.date(2015, 7, 1)


# Where a record of some kind would stand.
PAGES = [
    *("", "programs/", "programs/90/", "policies/1/", "policies/2/", "progress/", "effects/", "committee/", "about/"),
    *("committee/2015-07-01/", "programs.csv", "long.csv", "feed.xml", "progress/2015-09-30/"),
    *(f"data/{name}.csv" for name in ("sources", "meetings", "opinions", "indicators", "indicator_actuals")),
    *(f"data/{name}.csv" for name in ("effects", "key_programs", "relistings", "policies")),
]


def read(client, plan):
    """What citizens get on each of these pages; nothing where there is no such page."""
    addresses = [
        *(f"/plans/{plan.slug}/{page}" for page in PAGES),
        "/sitemap.xml",
        f"/api/v1/plans/{plan.slug}/programs",
    ]
    found = {address: client.get(address) for address in addresses}
    return {address: answer.getvalue() for address, answer in found.items() if answer.status_code == 200}


def where(client, plan):
    return [path for path, text in read(client, plan).items() if SECRET.encode() in text]


@pytest.fixture
def saved(filled):
    """One of each kind as a form saves it, with what follows it."""
    item = Program.objects.create(plan=filled, policy=filled.policies.first(), number="90", name=SECRET)
    item.relisted_in.add(filled.policies.last())
    KeyProgram.objects.create(program=item, fiscal_year=2015, note=SECRET)
    indicator = Indicator.objects.create(program=item, number=1, name=SECRET, unit="件")
    IndicatorActual.objects.create(indicator=indicator, fiscal_year=2014, value=7, note=SECRET)
    Effect.objects.create(program=item, fiscal_year=2014, kind="saving", basis="actual", amount=1, note=SECRET)
    source = Source.objects.create(plan=filled, key="S90", title=SECRET)
    meeting = Meeting.objects.create(plan=filled, held_on=DAY, title=SECRET)
    meeting.documents.add(source)
    for number, about in enumerate(({"meeting": meeting}, {"program": item})):
        Opinion.objects.create(plan=filled, key=f"2015-9{number}", given_on=DAY, text=SECRET, published_on=DAY, **about)
    edition = filled.editions.get(key="fy2013-revision")
    round_ = Round.objects.create(plan=filled, as_of=datetime.date(2015, 9, 30), edition=edition)
    return item, source, meeting, round_


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_it_is_seen_after_the_act_and_is_gone_after_it_is_withdrawn(saved, filled, cast, client, kind):
    record = saved[kind]
    before = read(client, filled)
    assert [path for path, text in before.items() if SECRET.encode() in text] == []
    assert client.get(f"/plans/{filled.slug}/progress/2015-09-30/").status_code == 404
    shown = make_public(record, by=cast.office)
    own = ["programs/90/", "data/sources.csv", "committee/2015-07-01/"][kind]
    assert f"/plans/{filled.slug}/{own}" in where(client, filled)
    with pytest.raises(WrongState):
        make_public(shown, by=cast.office)
    if kind == 2:
        with pytest.raises(WrongState, match="公開した意見・助言があります"):
            withdraw(shown, reason=WHY, by=cast.office)
        withdraw(Opinion.objects.get(key="2015-90"), reason=WHY, by=cast.office)
    gone = withdraw(shown, reason=WHY, by=cast.office)
    assert read(client, filled) == before
    last = gone.history.first()
    assert (gone.withdrawn, last.history_change_reason, last.history_user) == (WHY, "取り下げ", cast.office)
    assert make_public(gone, by=cast.office).withdrawn == ""


def test_a_source_is_public_with_what_names_it(saved, filled, cast, client):
    _item, source, meeting, _round = saved
    make_public(meeting, by=cast.office)
    assert f"/plans/{filled.slug}/data/sources.csv" in where(client, filled)
    assert source in Source.objects.shown()
    make_public(source, by=cast.office)
    with pytest.raises(WrongState, match="出典として示しています"):
        withdraw(source, reason=WHY, by=cast.office)


def test_a_round_is_known_when_it_is_said(saved, filled, cast, client):
    address = f"/plans/{filled.slug}/progress/2015-09-30/"
    round_ = make_public(saved[3], by=cast.office)
    assert client.get(address).status_code == 200
    withdraw(round_, reason=WHY, by=cast.office)
    assert client.get(address).status_code == 404
    with pytest.raises(WrongState, match="公表した内容は動きません"):
        withdraw(Round.objects.published().first(), reason=WHY, by=cast.office)


def test_an_item_is_public_with_its_first_frozen_edition_or_its_first_published_report(plan, cast):
    Program.objects.update(public_at=None)
    first, second, third = Program.objects.order_by("number")
    ProgramEdition.objects.filter(program__in=[second, third], edition__key="original").delete()
    editions.freeze(plan.editions.get(key="original"), by=cast.office, accept_incomplete=True)
    assert list(Program.objects.public()) == [first]
    with pytest.raises(WrongState, match="確定した版に計画内容があります"):
        withdraw(Program.objects.get(pk=first.pk), reason=WHY, by=cast.office)
    factories.published_round(plan, {1: "A"}, by=cast.office)
    assert set(Program.objects.public()) == {first, second, third}
    assert second.history.first().history_change_reason in ("公表にともなう公開", "版の確定にともなう公開")


def test_an_item_of_which_something_was_published_stays_whatever_its_contents(saved, cast):
    item = make_public(saved[0], by=cast.office)
    PublishedReport.objects.filter(number="2").update(program=item)
    with pytest.raises(WrongState, match=r"「90 .*」は取り下げられません。公表した報告があります。"):
        withdraw(item, reason=WHY, by=cast.office)


def test_a_plan_is_taken_off_with_a_reason_and_an_opinion_keeps_its_number(filled, cast, client):
    opinion = Opinion.objects.get(key="2014-1")
    assert withdraw(opinion, reason=WHY, by=cast.office).published_on is None
    assert "早めに。" not in client.get(f"/plans/{filled.slug}/committee/").content.decode()
    plan = withdraw(filled, reason=WHY, by=cast.office)
    assert (plan.is_public, plan.withdrawn, client.get(f"/plans/{plan.slug}/").status_code) == (False, WHY, 404)
    for who, record in (("reporter", plan), ("committee", opinion), ("viewer", opinion)):
        with pytest.raises(NotAllowed):
            make_public(record, by=getattr(cast, who))
    with pytest.raises(ValidationError):
        withdraw(make_public(plan, by=cast.office), reason=" ", by=cast.office)


def test_what_was_public_is_not_deleted(saved, filled, cast, client):
    client.force_login(cast.root)
    item, _source, meeting, _round = saved
    Opinion.objects.filter(program=item).delete()  # what names it would keep it
    for record, stays in ((make_public(meeting, by=cast.office), True), (item, False)):
        label = f"{record._meta.app_label}/{record._meta.model_name}"
        client.post(f"/admin/{label}/{record.pk}/delete/", {"post": "yes"})
        assert type(record).objects.filter(pk=record.pk).exists() is stays
    page = client.get(f"/admin/committee/meeting/{meeting.pk}/delete/").content.decode()
    assert "公開したか回答した会議 1件（「取り下げる」を使ってください）" in page
    gone = {"plan": [{"slug": filled.slug}], "meetings": [{"held_on": str(DAY), "delete": True}]}
    with pytest.raises(ImportRefused):
        import_tables(raw(gone), by=cast.office)


def raw(tables):
    return [
        RawTable(name, tuple(rows[0]), tuple((number, row) for number, row in enumerate(rows, 2)))
        for name, rows in tables.items()
    ]


def test_a_workbook_says_what_is_public_and_moves_it_for_new_rows_only(filled, cast):
    new = {"held_on": "2015-08-01", "title": "会議"}
    import_tables(raw({"plan": [{"slug": filled.slug}], "meetings": [new]}), by=cast.office)
    meeting = Meeting.objects.get(held_on="2015-08-01")
    assert meeting.public_at is None
    moved = new | {"public_at": "2015-08-02 09:00:00"}
    with pytest.raises(ImportRefused) as refused:
        import_tables(raw({"plan": [{"slug": filled.slug}], "meetings": [moved]}), by=cast.office)
    assert "公開した日時は、登録したあとは変えられません" in str(refused.value.comparison.problems[0])
    plan = {"slug": "old", "city": "小平市", "name": "前の計画", "first_fiscal_year": 2001, "last_fiscal_year": 2005}
    import_tables(raw({"plan": [plan], "meetings": [new]}), by=cast.office)
    assert Meeting.objects.get(plan__slug="old").public_at is not None


def test_the_admin_shows_and_withdraws_and_does_not_publish_by_saving(saved, filled, cast, client):
    meeting = saved[2]
    client.force_login(cast.office)
    page = f"/admin/committee/meeting/{meeting.pk}"
    text = client.get(f"{page}/change/").content.decode()
    assert "まだ公開していません。" in text
    assert f'href="{page}/public/"' in text
    assert client.get(f"{page}/public/").status_code == 200
    assert Meeting.objects.get(pk=meeting.pk).public_at is None
    client.post(f"{page}/public/")
    assert Meeting.objects.get(pk=meeting.pk).public_at is not None
    assert "もう公開しています。" in client.post(f"{page}/public/", follow=True).text
    Opinion.objects.filter(meeting=meeting).delete()
    assert client.post(f"{page}/withdraw/", {"reason": ""}).status_code == 400
    client.post(f"{page}/withdraw/", {"reason": WHY})
    assert WHY in client.get(f"{page}/change/").content.decode()
    client.post("/admin/committee/meeting/", {"action": "make_public_action", "_selected_action": [meeting.pk]})
    assert Meeting.objects.get(pk=meeting.pk).withdrawn == ""
    client.force_login(cast.reporter)
    assert {client.post(f"{page}/{act}/", {"reason": WHY}).status_code for act in ("public", "withdraw")} == {403}
    client.force_login(cast.office)
    assert "is_public" not in client.get("/admin/policies/plan/add/").context_data["adminform"].form.fields


def test_every_form_says_what_of_it_is_public(cast, rf):
    request = rf.get("/")
    request.user = cast.root
    forms = {
        model._meta.label_lower
        for model, pages in admin.site._registry.items()
        if pages.has_add_permission(request) or pages.has_change_permission(request)
    }
    assert forms - {"auth.group"} == set(NOTES)


def test_an_open_round_is_still_nobodys_business(saved, filled, cast, client):
    """Opening asks the departments; it tells citizens nothing."""
    workflow.open_round(saved[3], by=cast.office)
    assert client.get(f"/plans/{filled.slug}/progress/2015-09-30/").status_code == 404
