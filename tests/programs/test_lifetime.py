"""Items that end, are merged or carried on; departments that get another name."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import departments
from accounts.models import Department, Membership
from core.acts import NotAllowed, WrongState
from programs import editions, lifetime
from programs.differences import Aspect
from programs.models import Program, Responsibility
from programs.revisions import comparisons, editions_of, events, policies_and_items
from reviews import workflow
from tests import factories

DAY = date(2014, 4, 1)


def revised(plan):
    [event] = [event for event in events(editions_of(plan)) if event.before]
    [comparison] = comparisons([event], policies_and_items(plan)[1])
    return [(entry.item.number, entry.computed) for entry in comparison.revised]


def ended(program):
    program.refresh_from_db()
    return (program.ended_on, program.end_reason, program.merged_into_id, program.carried_plan, program.carried_number)


def test_an_item_ends_is_merged_is_carried_and_goes_on_again(plan, cast):
    one, two, three = plan.programs.all()
    lifetime.end(one, on=DAY, reason="achieved", note=" 目標に達した。 ", by=cast.office)
    assert ended(one) == (DAY, "achieved", None, "", "")
    assert one.end_note == "目標に達した。"
    lifetime.merge(two, three, on=DAY, by=cast.office)
    assert ended(two) == (DAY, "merged", three.pk, "", "")
    with pytest.raises(WrongState, match="にもう終了しています"):
        lifetime.end(two, on=DAY, reason="completed", by=cast.office)
    lifetime.resume(two, by=cast.office)
    assert ended(two) == (None, "", None, "", "")
    lifetime.carry(two, "ｎext-plan", "４１", on=DAY, by=cast.office)
    assert ended(two) == (DAY, "carried", None, "next-plan", "41")
    reasons = Program.history.filter(id=two.pk).order_by("history_id").values_list("history_change_reason", flat=True)
    assert list(reasons)[-3:] == ["統合", "終了の取り消し", "次の計画へ継続"]


def test_only_the_office_ends_an_item(plan, cast):
    one = plan.programs.first()
    for person in (cast.reporter, cast.viewer, cast.committee):
        with pytest.raises(NotAllowed, match="項目を終了する権限がありません。"):
            lifetime.end(one, on=DAY, reason="achieved", by=person)
        with pytest.raises(NotAllowed):
            lifetime.resume(one, by=person)
    assert ended(one) == (None, "", None, "", "")


def test_an_ending_that_makes_no_sense_is_refused_at_its_field(plan, cast):
    other = factories.small_plan("other")
    one, two, three = plan.programs.all()
    Program.objects.filter(pk=three.pk).update(ended_on=date(2013, 4, 1), end_reason="completed")
    Program.objects.filter(pk=one.pk).update(added_on=DAY)
    attempts = {
        "reason": [
            lambda: lifetime.end(one, on=date(2015, 4, 1), reason="merged", by=cast.office),
            lambda: lifetime.end(one, on=date(2015, 4, 1), reason="nix", by=cast.office),
        ],
        "on": [lambda: lifetime.end(one, on=DAY, reason="achieved", by=cast.office)],
        "into": [
            lambda: lifetime.merge(two, two, on=DAY, by=cast.office),
            lambda: lifetime.merge(two, other.programs.first(), on=DAY, by=cast.office),
            lambda: lifetime.merge(two, three, on=DAY, by=cast.office),
        ],
        "plan_slug": [
            lambda: lifetime.carry(two, " ", "1", on=DAY, by=cast.office),
            lambda: lifetime.carry(two, plan.slug, "1", on=DAY, by=cast.office),
        ],
        "carried_plan": [lambda: lifetime.carry(two, "次の計画", "1", on=DAY, by=cast.office)],
        "number": [lambda: lifetime.carry(two, "other", "99", on=DAY, by=cast.office)],
    }
    for field, acts in attempts.items():
        for act in acts:
            with pytest.raises(ValidationError) as refused:
                act()
            assert list(refused.value.message_dict) == [field]
    assert ended(two) == (None, "", None, "", "")


def test_a_target_of_a_merger_does_not_end_before_it(plan, cast):
    one, two, _ = plan.programs.all()
    lifetime.merge(one, two, on=date(2015, 4, 1), by=cast.office)
    with pytest.raises(WrongState, match="「1 項目1の取組」がその後に統合される項目です。"):
        lifetime.end(two, on=DAY, reason="achieved", by=cast.office)


def test_an_item_with_a_report_ends_on_the_day_of_its_round_at_the_earliest(plan, cast):
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    one = plan.programs.first()
    with pytest.raises(WrongState) as refused:
        lifetime.end(one, on=date(2014, 9, 29), reason="achieved", by=cast.office)
    assert str(refused.value) == (
        "平成26年9月30日現在の調査（受付中）に、この項目の報告（下書き）があります。"
        "終了した日は、基準日の平成26年9月30日以後の日にしてください。"
    )
    lifetime.end(one, on=opened.as_of, reason="achieved", by=cast.office)
    later = workflow.open_round(plan.rounds.last(), by=cast.office)
    assert sorted(later.reports.values_list("program__number", flat=True)) == ["2", "3"]
    assert opened.reports.count() == 3


def test_a_renamed_department_is_a_new_one_and_its_people_move(cast):
    new = departments.rename(cast.zaisei, code="zaimu", name="財務課", on=DAY, by=cast.office)
    cast.zaisei.refresh_from_db()
    assert (cast.zaisei.successor, cast.zaisei.valid_to, new.valid_from, new.city) == (
        new,
        date(2014, 3, 31),
        DAY,
        "小平市",
    )
    assert sorted(new.members.values_list("username", flat=True)) == ["colleague", "reporter", "viewer"]
    assert cast.zaisei.members.count() == 0
    assert cast.reporter.owned_departments() == {new.pk, cast.zaisei.pk}
    assert Membership.history.filter(history_change_reason="改称", history_user=cast.office).count() == 3
    with pytest.raises(WrongState, match="もう別の部署に引き継がれています"):
        departments.rename(cast.zaisei, code="x", name="x", on=DAY, by=cast.office)
    with pytest.raises(ValidationError) as refused:
        departments.rename(new, code="zeimu", name="x", on=date(2015, 4, 1), by=cast.office)
    assert "__all__" in refused.value.message_dict
    with pytest.raises(ValidationError):
        departments.rename(new, code="y", name="y", on=DAY, by=cast.office)  # not before it was there
    with pytest.raises(NotAllowed):
        departments.rename(new, code="y", name="y", on=date(2015, 4, 1), by=cast.reporter)


def test_merged_departments_and_todays_owner_of_all_in_one_query(cast):
    third = Department.objects.create(city="小平市", code="kikaku", name="企画課")
    departments.rename(cast.zaisei, code="zaimu", name="財務課", on=DAY, by=cast.office)
    new = Department.objects.get(code="zaimu")
    Membership.objects.create(user=cast.stranger, department=new)
    departments.merge([new, cast.zeimu], third, on=date(2015, 4, 1), by=cast.office)
    assert sorted(third.members.values_list("username", flat=True)) == ["colleague", "reporter", "stranger", "viewer"]
    with CaptureQueriesContext(connection) as captured:
        owners = Department.objects.owners_today()
    assert len(captured) == 1
    assert {owners[one.pk].code for one in (cast.zaisei, cast.zeimu, new, third)} == {"kikaku"}
    assert departments.then_and_now(cast.zaisei, owners) == "財政課（現 企画課）"
    assert departments.then_and_now(third, owners) == "企画課"
    elsewhere = Department.objects.create(city="別市", code="a", name="a")
    for wrong in ([third], [elsewhere], []):
        with pytest.raises(ValidationError) as refused:
            departments.merge(wrong, third, on=date(2016, 4, 1), by=cast.office)
        assert list(refused.value.message_dict) == ["departments"]
    with pytest.raises(WrongState):
        departments.merge([third], cast.zeimu, on=date(2016, 4, 1), by=cast.office)


def test_a_department_that_was_renamed_twice_between_two_editions_revised_nothing(client, plan, cast):
    """zaisei → zaimu → zaimu-2 between the editions; item 1 is of it. And a circle, which no form makes, ends."""
    responsible = Responsibility.objects.get(
        program_edition__edition__key="fy2013-revision", program_edition__program__number="1"
    )
    new = departments.rename(cast.zaisei, code="zaimu", name="財務課", on=DAY, by=cast.office)
    last = departments.rename(new, code="zaimu-2", name="財務総務課", on=date(2015, 4, 1), by=cast.office)
    responsible.department = last
    responsible.save()
    for edition in plan.editions.all():
        editions.freeze(edition, by=cast.office, accept_incomplete=True)
    page = "/plans/kodaira-2/revisions/fy2013-revision/"
    assert revised(plan) == []
    Department.objects.filter(pk=last.pk).update(successor=cast.zaisei)
    assert Department.objects.successions()[cast.zaisei.pk] == (new.pk, last.pk)
    assert client.get(page).status_code == 200
    Department.objects.update(successor=None)
    assert revised(plan) == [("1", (Aspect.DEPARTMENTS,))]


def test_the_office_renames_and_merges_on_a_page(client, cast):
    client.force_login(cast.office)
    page = f"/admin/accounts/department/{cast.zaisei.pk}/hand-over/"
    assert sorted(client.post(page, {"on": "x"}).context_data["form"].errors) == ["code", "name", "on"]
    both = client.post(page, {"on": "H26.4.1", "code": "x", "name": "x", "into": cast.zeimu.pk})
    assert list(both.context_data["form"].errors) == ["into"]
    assert client.post(page, {"on": "H26.4.1", "code": "zaimu", "name": "財務課"}).status_code == 302
    new = Department.objects.get(code="zaimu")
    assert Department.objects.get(code="zaisei").successor == new
    again = client.post(page, {"on": "H27.4.1", "into": cast.zeimu.pk})
    assert (again.status_code, again.context_data["error"]) == (400, "「財政課」はもう別の部署に引き継がれています。")
    merged = client.post(f"/admin/accounts/department/{new.pk}/hand-over/", {"on": "H27.4.1", "into": cast.zeimu.pk})
    assert merged.url == f"/admin/accounts/department/{cast.zeimu.pk}/change/"
