"""成果指標 of an item and their 実績: one act behind form and list, under which nobody's value is lost."""

import io
from decimal import Decimal
from unittest.mock import Mock

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from zeal import zeal_ignore

from core.acts import Conflict, NotAllowed, WrongState
from programs.indicators import remove, seen_of, store
from programs.models import Indicator, IndicatorActual, PlanIndicator, PlanIndicatorActual, PlanIndicatorTarget
from programs.plan_indicators import PublishedIndicator, publish
from reviews.models import Settlement
from staff.base import StaffAdmin
from tests import factories
from tests.kept import kept
from tests.staff.addresses import list_url
from tests.staff.files import changed, exported, problems, xlsx
from tests.staff.forms import filled

ACTUALS, INDICATORS, WHOLE = "programs.indicatoractual", "programs.indicator", "programs.planindicator"
FIRST = {"実施項目": "1", "指標の番号": "1"}


@kept
def actual(plan, cast):
    """収納率 of item 1 in 2013, of an edition that is not frozen yet."""
    factories.written(plan)
    return IndicatorActual.objects.create(
        indicator=Indicator.objects.get(program__number="1"), fiscal_year=2013, value=Decimal("71.5"), note="速報"
    )


def typed(actual, **values):
    row = IndicatorActual.objects.get(pk=actual.pk)
    for name, value in values.items():
        setattr(row, name, value)
    return row


def stands(actual):
    row = IndicatorActual.objects.get(pk=actual.pk)
    return row.value, row.is_forecast, row.note


def test_what_two_people_changed_in_two_fields_is_both_there(actual, cast):
    seen = seen_of(actual)
    store(typed(actual, note="確報"), by=cast.root, seen=seen)
    late = IndicatorActual(pk=actual.pk, indicator=actual.indicator, fiscal_year=2013, value=Decimal(72), note="速報")
    store(late, by=cast.office, seen=seen)
    assert stands(actual) == (Decimal(72), False, "確報")
    newest, older, _made = actual.history.all()
    assert (newest.history_user, newest.history_change_reason) == (cast.office, "保存（実績値）")
    assert (older.history_user, older.history_change_reason) == (cast.root, "保存（補足）")


def test_one_field_changed_by_two_people_is_a_conflict_and_nothing_is_written(actual, cast):
    seen = seen_of(actual)
    store(typed(actual, value=Decimal(72)), by=cast.root, seen=seen)
    with pytest.raises(Conflict, match="この指標の実績は、あなたが開いたあとに別の人が更新しました。") as refused:
        store(typed(actual, value=Decimal(73)), by=cast.office, seen=seen)
    assert refused.value.current.value == 72
    assert stands(actual) == (Decimal(72), False, "速報")


def test_what_is_sent_back_as_it_was_leaves_no_trace(actual, cast):
    store(typed(actual, value=Decimal("71.50")), by=cast.office, seen=seen_of(actual))
    assert actual.history.count() == 1


def test_a_row_that_somebody_deleted_does_not_come_back(actual, cast):
    mine, seen = typed(actual, value=Decimal(72)), seen_of(actual)
    IndicatorActual.objects.all().delete()
    with pytest.raises(WrongState, match="この指標の実績は、ほかの人が削除しました。"):
        store(mine, by=cast.office, seen=seen)
    assert IndicatorActual.objects.count() == 0


def test_a_new_row_is_registered_once_and_by_who_may(actual, cast):
    new = {"indicator": actual.indicator, "fiscal_year": 2014, "value": Decimal(80)}
    with pytest.raises(NotAllowed, match="指標の実績を登録する権限がありません。"):
        store(IndicatorActual(**new), by=cast.reporter)
    made = store(IndicatorActual(**new), by=cast.office)
    assert (made.history.get().history_user, made.history.get().history_change_reason) == (cast.office, "登録")
    with pytest.raises(ValidationError):
        store(IndicatorActual(**new), by=cast.office)
    with pytest.raises(ValidationError, match="実績値か補足を入力してください。"):
        store(IndicatorActual(indicator=actual.indicator, fiscal_year=2015), by=cast.office)


@kept
def settled(actual, plan, cast):
    Settlement.objects.create(
        plan=plan, program=actual.indicator.program, indicator=actual.indicator, fiscal_year=2013, value=actual.value,
        source=plan.sources.get(), settled_on="2014-10-01", settled_by=cast.office,
    )  # fmt: skip
    return actual


def test_what_the_accounts_settled_stays_at_every_door(settled, client, cast, preview):
    refusal = (
        "平成25年度の「収納率（%）」は、決算で確定した値が登録されているため、変えられません。"
        "変わったときは、実施項目の画面の「決算で確定した値を登録する」から登録してください。"
    )
    with pytest.raises(WrongState, match="決算で確定した値が登録されている"):
        store(typed(settled, value=Decimal(72)), by=cast.office, seen=seen_of(settled))
    client.force_login(cast.office)
    address = list_url(ACTUALS, f"{settled.pk}/change/")
    sent = filled(client.get(address))
    assert "value" not in sent
    assert client.post(address, sent | {"value": "72", "note": "決算による"}).status_code == 302
    assert stands(settled) == (Decimal("71.5"), False, "決算による")
    listed = changed(exported(client, ACTUALS), FIRST, 実績値=72)
    assert problems(preview(ACTUALS, listed)) == [(2, "", refusal)]
    deleting = client.post(list_url(ACTUALS, f"{settled.pk}/delete/"), {"post": "yes"})
    assert "決算で確定した指標の実績 1件" in deleting.text
    assert stands(settled) == (Decimal("71.5"), False, "決算による")


def test_a_list_asks_once_what_is_settled_whatever_the_number_of_rows(settled, client, cast, preview):
    """And still refuses the row that is."""
    client.force_login(cast.office)
    asked = []
    for rows in (3, 60):
        for year in range(1900, 1900 + rows):
            IndicatorActual.objects.get_or_create(indicator=settled.indicator, fiscal_year=year, defaults={"value": 1})
        head, *listed = openpyxl.load_workbook(io.BytesIO(exported(client, ACTUALS))).active.values
        column = head.index("実績値")
        changed_rows = [[*row[:column], 5, *row[column + 1 :]] for row in listed]
        with CaptureQueriesContext(connection) as captured:
            response = preview(ACTUALS, xlsx([head, *changed_rows]))
        assert response.context_data["result"].totals["update"] == rows
        assert [text[:20] for _row, _column, text in problems(response)] == ["平成25年度の「収納率（%）」は、決算で"]
        asked.append(sum('FROM "reviews_settlement"' in query["sql"] for query in captured))
    assert asked == [1, 1]


def test_the_form_is_saved_by_the_act(actual, client, cast):
    client.force_login(cast.office)
    address = list_url(ACTUALS, f"{actual.pk}/change/")
    sent = filled(client.get(address))
    store(typed(actual, note="確報"), by=cast.root, seen=seen_of(actual))
    assert client.post(address, sent | {"value": "72"}).status_code == 302
    assert stands(actual) == (Decimal(72), False, "確報")
    newest = actual.history.first()
    assert (newest.history_user, newest.history_change_reason) == (cast.office, "保存（実績値）")
    new = {"indicator": actual.indicator_id, "fiscal_year": "H26", "value": "△1,200"}
    assert client.post(list_url(ACTUALS, "add/"), new).status_code == 302
    assert IndicatorActual.objects.get(fiscal_year=2014).value == -1200


def test_what_has_become_so_since_the_page_was_asked_for_is_told_on_it(actual, client, cast, monkeypatch):
    client.force_login(cast.office)
    address = list_url(ACTUALS, f"{actual.pk}/change/")
    sent = filled(client.get(address))

    def meanwhile(*args, **kwargs):
        raise WrongState("ほかの人が先に登録しました。")

    monkeypatch.setattr("programs.indicators.store", meanwhile)
    with zeal_ignore():  # the record is read once more
        answer = client.post(address, sent | {"value": "72"})
    assert "<li>ほかの人が先に登録しました。保存していません。</li>" in answer.text
    assert filled(answer)["value"] == "72"
    assert stands(actual) == (Decimal("71.5"), False, "速報")


def test_what_somebody_saves_while_a_form_is_saved_is_asked_about(actual, client, cast, monkeypatch):
    client.force_login(cast.office)
    address, seen = list_url(ACTUALS, f"{actual.pk}/change/"), seen_of(actual)
    sent = filled(client.get(address))
    monkeypatch.setattr("programs.indicators.store", store_meanwhile := Mock(side_effect=Conflict(actual)))
    compare = StaffAdmin.changeform_view

    def compare_again(*args, **kwargs):
        if store_meanwhile.called:
            store(typed(actual, value=Decimal(73)), by=cast.root, seen=seen)
        return compare(*args, **kwargs)

    monkeypatch.setattr(StaffAdmin, "changeform_view", compare_again)
    with zeal_ignore():  # the record is read once more
        asked = client.post(address, sent | {"value": "72"})
    assert (asked.status_code, store_meanwhile.call_count) == (409, 1)
    assert "管理 六郎が保存しました" in asked.text
    assert filled(asked)["value"] == "72"
    assert stands(actual) == (Decimal(73), False, "速報")


def test_an_old_list_of_actuals_keeps_a_colleagues_value(actual, client, cast, preview, take_in):
    client.force_login(cast.office)
    written = exported(client, ACTUALS)
    store(typed(actual, value=Decimal(72)), by=cast.root, seen=seen_of(actual))
    assert preview(ACTUALS, written).context_data["result"].totals["update"] == 0
    take_in(ACTUALS, changed(written, FIRST, 補足="確報"))
    assert stands(actual) == (Decimal(72), False, "確報")
    response = preview(ACTUALS, changed(written, FIRST, 実績値=73))
    [choice] = response.context_data["result"].choices
    assert (choice.stored, choice.mine, choice.picked) == ("72", "73", None)


@pytest.mark.parametrize(
    ("label", "head", "row"),
    [
        (ACTUALS, ["計画", "実施項目", "指標の番号", "年度", "実績値"], ["kodaira-2", "1", 1, 2013, 99]),
        (INDICATORS, ["計画", "実施項目", "指標の番号", "指標名"], ["kodaira-2", "1", 1, "別の名"]),
    ],
)
def test_a_list_that_people_made_registers_and_changes_nothing_that_is_there(
    label, head, row, actual, client, cast, preview
):
    client.force_login(cast.office)
    [(number, _column, text)] = problems(preview(label, xlsx([head, row])))
    assert (number, text[:16]) == (2, "「書き出したときの印」がないため")
    new = [*row[:2], 1, 2014, 80] if label == ACTUALS else [*row[:2], 2, "新しい指標"]
    response = preview(label, xlsx([head, new]))
    assert (problems(response), response.context_data["result"].totals["new"]) == ([], 1)


def test_a_list_of_indicators_is_saved_by_the_act(actual, client, cast, take_in):
    client.force_login(cast.office)
    take_in(INDICATORS, changed(exported(client, INDICATORS), {"実施項目": "1"}, 単位="件"))
    assert actual.indicator.history.first().history_change_reason == "保存（単位）"
    assert Indicator.objects.get(program__number="1").unit == "件"


@kept
def whole(plan, cast):
    """An indicator of the plan that is not published."""
    return store(
        PlanIndicator(plan=plan, number=1, name="自主財源比率", unit="%", baseline=Decimal(60)), by=cast.office
    )


def test_what_two_people_change_of_a_plans_indicator_by_list_and_form_is_both_there(
    whole, plan, client, cast, preview, take_in
):
    made = whole.history.get()
    assert (made.history_user, made.history_change_reason) == (cast.office, "登録")
    client.force_login(cast.office)
    written, address = exported(client, WHOLE), list_url(WHOLE, f"{whole.pk}/change/")
    sent = filled(client.get(address))
    policy = plan.policies.get(number=2)
    assert client.post(address, sent | {"policy": policy.pk, "unit": "件"}).status_code == 302
    assert whole.history.first().history_change_reason == "保存（方針、単位）"
    take_in(WHOLE, changed(written, {"番号": "1"}, 指標名="財政力指数", 出典="S1"))
    found = PlanIndicator.objects.get()
    assert (found.name, found.unit, found.policy, found.source.key) == ("財政力指数", "件", policy, "S1")
    assert whole.history.first().history_change_reason == "保存（指標名、出典）"
    [choice] = preview(WHOLE, changed(written, {"番号": "1"}, 単位="人")).context_data["result"].choices
    assert (choice.stored, choice.mine, choice.picked) == ("件", "人", None)


def test_a_plans_indicator_is_registered_by_a_list_and_changed_only_by_one_that_was_written(
    whole, client, cast, preview
):
    client.force_login(cast.office)
    head = ["計画", "番号", "指標名"]
    [(number, _column, text)] = problems(preview(WHOLE, xlsx([head, ["kodaira-2", 1, "別の名"]])))
    assert (number, text[:16]) == (2, "「書き出したときの印」がないため")
    response = preview(WHOLE, xlsx([head, ["kodaira-2", 2, "新しい指標"]]))
    assert (problems(response), response.context_data["result"].totals["new"]) == ([], 1)
    with pytest.raises(NotAllowed, match="全体の指標を登録する権限がありません。"):
        store(PlanIndicator(plan=whole.plan, number=3, name="別の指標"), by=cast.reporter)


def test_a_plans_indicator_that_was_published_meanwhile_is_told_so(whole, client, cast):
    client.force_login(cast.office)
    address = list_url(WHOLE, f"{whole.pk}/change/")
    mine, seen = PlanIndicator.objects.get(), seen_of(whole)
    mine.name = "別の名"
    publish(whole, by=cast.root)
    with pytest.raises(WrongState, match="は公開しているため、変えられません。"):
        store(mine, by=cast.office, seen=seen)
    assert "name" not in filled(client.get(address))
    assert PlanIndicator.objects.get().name == "自主財源比率"


@kept
def valued(whole, plan, cast):
    """With a target of an edition that is not frozen, and an actual of 2013."""
    edition = plan.editions.get(key="original")
    store(PlanIndicatorTarget(indicator=whole, edition=edition, fiscal_year=2013, value=70), by=cast.office)
    store(PlanIndicatorActual(indicator=whole, fiscal_year=2013, value=61, note="速報"), by=cast.office)
    return whole


def of_plan():
    return list(PlanIndicatorActual.objects.values_list("fiscal_year", "value", "is_forecast", "note"))


def test_the_lines_of_a_plans_indicator_are_saved_by_the_act(valued, client, cast):
    client.force_login(cast.office)
    address = list_url(WHOLE, f"{valued.pk}/change/")
    sent = filled(client.get(address))
    store_actual = valued.actuals.get()
    store_actual.note = "確報"
    store(store_actual, by=cast.root, seen=seen_of(valued.actuals.get()))
    new = {"actuals-1-fiscal_year": "H26", "actuals-1-value": "△1,200", "actuals-1-is_forecast": "on"}
    assert (
        client.post(address, sent | {"actuals-0-value": "６２．５", "targets-0-DELETE": "on"} | new).status_code == 302
    )
    assert of_plan() == [(2013, Decimal("62.5"), False, "確報"), (2014, Decimal(-1200), True, "")]
    told = [
        [(row.history_user, row.history_change_reason) for row in model.history.order_by("-history_id")]
        for model in (PlanIndicatorActual, PlanIndicatorTarget)
    ]
    assert told == [
        [(cast.office, "登録"), (cast.office, "保存（実績値）"), (cast.root, "保存（補足）"), (cast.office, "登録")],
        [(cast.office, "削除"), (cast.office, "登録")],
    ]


def test_a_line_can_come_for_the_year_of_one_that_goes_and_two_cannot_change_places(valued, client, cast):
    client.force_login(cast.office)
    address = list_url(WHOLE, f"{valued.pk}/change/")
    new = {"actuals-1-fiscal_year": "2013", "actuals-1-value": "63"}
    assert client.post(address, filled(client.get(address)) | {"actuals-0-DELETE": "on"} | new).status_code == 302
    assert of_plan() == [(2013, Decimal(63), False, "")]
    store(PlanIndicatorActual(indicator=valued, fiscal_year=2014, value=64), by=cast.office)
    sent = filled(client.get(address)) | {"actuals-0-fiscal_year": "2014", "actuals-1-fiscal_year": "2013"}
    with zeal_ignore():  # Django asks for each line that is sent back
        refused = client.post(address, sent)
    said = (
        "この 全体の指標, 年度 と 見込 を持った 全体の指標の実績 が既に存在します。"
        " 行どうしで入れ替えるときは、一方をいったん別の値にして保存してください。保存していません。"
    )
    assert f"<li>{said}</li>" in refused.text
    assert [filled(refused)[f"actuals-{line}-fiscal_year"] for line in range(2)] == ["2014", "2013"]
    assert of_plan() == [(2013, Decimal(63), False, ""), (2014, Decimal(64), False, "")]


def test_a_value_of_a_plans_indicator_is_written_by_who_may_and_stays_once_it_is_published(valued, client, cast):
    actual = valued.actuals.get()
    with pytest.raises(NotAllowed, match="全体の指標の実績を登録する権限がありません。"):
        store(PlanIndicatorActual(indicator=valued, fiscal_year=2015, value=1), by=cast.reporter)
    with pytest.raises(NotAllowed, match="全体の指標の実績を削除する権限がありません。"):
        remove(actual, by=cast.reporter)
    client.force_login(cast.office)
    address = list_url(WHOLE, f"{valued.pk}/change/")
    sent = filled(client.get(address))
    publish(valued, by=cast.root)
    with pytest.raises(PublishedIndicator):
        remove(actual, by=cast.office)
    actual.value = Decimal(99)
    with pytest.raises(PublishedIndicator):
        store(actual, by=cast.office, seen=seen_of(valued.actuals.get()))
    client.post(address, sent | {"actuals-0-value": "99"})
    assert of_plan() == [(2013, Decimal(61), False, "速報")]


def test_a_page_of_an_actual_names_its_year_as_people_do(actual, client, cast):
    client.force_login(cast.office)
    assert (
        "<title>収納率（%） 平成25年度 | 指標の実績の変更 |"
        in client.get(list_url(ACTUALS, f"{actual.pk}/change/")).text
    )
    assert "<h1>指標の実績の一覧</h1>" in client.get(list_url(ACTUALS)).text
