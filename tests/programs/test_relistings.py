"""再掲: an item that stands a second time under another policy is counted once, and in 延べ."""

import datetime

from figures.models import PublishedFigure
from programs.models import Program
from tests.figures.imported import figure, ledger, reasons
from tests.reading import items_of, read
from tests.workbooks.plan import books, full_plan
from tests.workbooks.plan.books import bring_in

Measure = PublishedFigure.Measure


def relist(plan, number, policy):
    Program.objects.get(plan=plan, number=number).relisted_in.add(plan.policies.get(number=policy))


def test_it_is_counted_once_and_in_the_listed_total(published):
    figure(published, "listed", Measure.LISTED_COUNT, 4)
    assert ledger(published)["listed"] == ("照合できません", None)
    relist(published, "1", 2)
    one, two = published.policies.order_by("number")
    figure(published, "items", Measure.ITEM_COUNT, 3)
    figure(published, "own", Measure.LISTED_COUNT, 2, policy=one)
    figure(published, "other", Measure.LISTED_COUNT, 2, policy=two, as_of=datetime.date(2015, 3, 31))
    figure(published, "edition", Measure.LISTED_COUNT, 4, edition=published.editions.first())
    found = ledger(published)
    assert [found[key] for key in ("listed", "items", "own", "other")] == [
        ("一致", 4),
        ("一致", 3),
        ("一致", 2),
        ("一致", 2),
    ]
    assert found["edition"] == ("照合できません", None)
    assert reasons(published)["listed"] == "登録されている3項目に、再掲の1件を加えました。"
    Program.objects.filter(plan=published, number="1").update(
        ended_on=datetime.date(2014, 3, 31), end_reason="completed"
    )
    figure(published, "gone", Measure.LISTED_COUNT, 1, policy=two, as_of=datetime.date(2014, 9, 30))
    assert ledger(published)["gone"] == ("一致", 1)


def test_pages_show_it_in_both_places_and_count_it_in_one(published, client):
    relist(published, "1", 2)
    page = read(client.get("/plans/kodaira-2/policies/2/"))
    assert "1 項目1の取組（方針1）" in page.texts["li"]
    assert [row[0] for row in page.tables[-1][1:]] == ["2"]
    assert "1 項目1の取組（方針1）" not in read(client.get("/plans/kodaira-2/policies/1/")).texts["li"]
    listed = read(client.get("/plans/kodaira-2/programs/?policy=2"))
    assert "1 項目1の取組（方針1）" in listed.texts["li"]
    assert [row[0] for row in items_of(listed.tables[0])] == ["2"]
    item = read(client.get("/plans/kodaira-2/programs/1/"))
    assert "方針2 執行体制の再構築" in item.texts["dd"]
    [row] = client.get("/api/v1/plans/kodaira-2/relistings").json()["items"]
    assert (row["program_number"], row["policy_number"]) == ("1", 2)


def saved(client, plan, number, policies):
    """The answer to a person who chooses these policies on the page of an item."""
    address = f"/admin/programs/program/{Program.objects.get(plan=plan, number=number).pk}/change/"
    form = client.get(address).context_data["adminform"].form
    assert list(form.fields["relisted_in"].queryset) == list(plan.policies.order_by("number"))
    given = {name: form[name].value() or "" for name in form.fields} | {"_save": "1"}
    return client.post(address, given | {"relisted_in": [policy.pk for policy in policies]})


def test_the_form_offers_the_policies_of_the_plan(published, client, cast):
    client.force_login(cast.office)
    two = published.policies.get(number=2)
    assert saved(client, published, "1", [two]).status_code == 302
    assert list(Program.objects.get(plan=published, number="1").relisted_in.all()) == [two]


def test_the_form_refuses_the_policy_of_the_item(published, client, cast):
    client.force_login(cast.office)
    refused = saved(client, published, "1", [published.policies.get(number=1)])
    assert refused.context_data["adminform"].form.errors["relisted_in"] == [
        "「方針1 財政基盤の強化」は、この項目の方針です。ほかの方針を選んでください。"
    ]


def test_a_workbook_keeps_it_and_refuses_what_cannot_be(cast):
    full = full_plan.full()
    bring_in(books.written(full), cast.office)
    assert [policy.number for policy in Program.objects.get(number="10").relisted_in.all()] == [1]
    for written, message in (
        ("2", "項目自身の方針は書けません"),
        ("9", "シート「方針（policies）」にありません"),
        ("x", "シート「方針（policies）」"),
    ):
        full["programs"][1]["relisted_in"] = written
        problems = bring_in(books.written(full), cast.office, dry_run=True).problems
        assert [message in str(problem) for problem in problems] == [True], written
