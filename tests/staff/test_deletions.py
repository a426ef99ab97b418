"""No door deletes what was frozen, published or answered, nor what was shown by an act; everything else that citizens read
goes by the admin alone, with a reason that its history keeps. The list of models is the admin's own registry."""

import datetime

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Department
from committee.models import Meeting, Opinion
from core.acts import NotAllowed, WrongState
from figures import version
from figures.models import PublishedFigure
from figures.taking_back import read_by_citizens, take_back
from figures.version import RULES
from policies.models import Edition, Plan, Withdrawable
from policies.publicity import withdraw
from programs.models import (
    PlanIndicator,
    PlanIndicatorActual,
    PlanIndicatorTarget,
    Program,
    Revision,
)
from programs.plan_indicators import publish
from reviews.models import Effect, Report
from tests.soak import others_in_soak
from tests.staff.forms import filled
from workbooks.plan.changes import RawTable
from workbooks.plan.importing import import_tables
from workbooks.plan.sheets import SHEETS
from workbooks.plan.stored_plan import load

LINES = (PlanIndicatorTarget, PlanIndicatorActual)
# Public as soon as they are saved, and taken back with a reason; nothing that was shown by an act goes with them.
SAVED_IS_PUBLIC = {
    *("policies.viewpoint", "policies.position", "policies.scale", "policies.delaycause"),
    *("programs.indicatoractual", "programs.revisionmark", "reviews.effect"),
    *("committee.keyprogram", "figures.publishedfigure"),
    *("policies.lineageplan", "policies.lineagefigure", "policies.lineagenote"),
}


@pytest.fixture
def shown(filled, cast):
    """With an answered opinion that is not public, and one of each that was public and was withdrawn."""
    day = datetime.date(2015, 5, 1)
    given = {"plan": filled, "given_on": day, "text": "意見"}
    Opinion.objects.create(key="2015-1", **given, disposition="adopted", answer="反映します。", answered_on=day)
    Opinion.objects.create(key="2015-2", **given, withdrawn="誤り")
    Meeting.objects.create(plan=filled, held_on=day, withdrawn="誤り")
    item = Program.objects.create(
        plan=filled, policy=filled.policies.first(), number="98", public_at="2015-05-01T00:00Z"
    )
    withdraw(item, reason="誤り", by=cast.office)
    return filled


def public_rows(model):
    """Those that citizens read, those that were taken back, and those that were answered."""
    rows = set(model._base_manager.filter(RULES[model].condition)) if model in RULES else set()
    if issubclass(model, Withdrawable):
        rows |= {row for row in model._base_manager.all() if row.stays}
    if model is Report:
        rows |= set(Report.objects.all())
    return rows


def lines_deleted(client, page):
    """The public lines of other records that go with the check boxes on the page of a record."""
    form = filled(client.get(page))
    boxes = {f"{name.removesuffix('-id')}-DELETE": "on" for name, pk in form.items() if name.endswith("-id") and pk}
    before = {line for model in LINES for line in public_rows(model)}
    with transaction.atomic():
        client.post(page, form | boxes)
        gone = before - {line for model in LINES for line in public_rows(model)}
        transaction.set_rollback(True)
    return gone


def doors_of(model, pk, **typed):
    address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    action = {"action": "delete_selected", ACTION_CHECKBOX_NAME: [pk], "post": "yes"}
    return ((f"{address}{pk}/delete/", {"post": "yes"} | typed), (address, action | typed))


def deleted(client, model, pk, **typed):
    """Through which doors a row goes, each with what its history says then; nothing is lost by asking."""
    doors = []
    for door, data in doors_of(model, pk, **typed):
        with transaction.atomic():
            client.post(door, data)
            if not model._base_manager.filter(pk=pk).exists():
                told = model.history.filter(history_type="-").latest("history_id")
                doors.append((door, told.history_change_reason, told.history_user.username))
            transaction.set_rollback(True)
    return doors


MODELS = sorted(
    (model for model in admin.site._registry if model._meta.label != "auth.Group"), key=lambda model: model._meta.label
)


# What is published, answered, shown by an act, saved in public; and what citizens never see.
ONE_OF_EACH = {
    *("reviews.report", "reviews.publishedreport", "committee.opinion", "programs.program", "reviews.effect"),
    "accounts.user",
}


@pytest.mark.parametrize(
    "model",
    others_in_soak(MODELS, [model for model in MODELS if model._meta.label_lower in ONE_OF_EACH]),
    ids=lambda model: model._meta.label_lower,
)
def test_what_citizens_read_goes_through_no_door_without_a_reason(client, shown, cast, model):
    client.force_login(cast.root)
    rows = public_rows(model)
    assert [door for row in rows for door in deleted(client, model, row.pk)] == []
    for reason in ("  ", "長" * 81):
        assert [door for row in [*rows][:1] for door in deleted(client, model, row.pk, reason=reason)] == []
    gone = {pk: deleted(client, model, pk, reason=" 誤って\n登録した ") for pk in sorted(row.pk for row in rows)}
    told = {pk: [(door, "取り下げ：誤って 登録した", "root") for door, _data in doors_of(model, pk)] for pk in gone}
    assert {pk: found for pk, found in gone.items() if found} == {
        pk: found for pk, found in told.items() if model._meta.label_lower in SAVED_IS_PUBLIC
    }
    for resource in getattr(
        admin.site._registry[model], "resource_classes", ()
    ):  # a list only adds and changes, whatever it has in it
        assert not resource().for_delete({"delete": "TRUE", "DELETE": "1", "削除": "はい"}, model())


def test_the_reason_is_asked_for_kept_and_shown(client, shown, cast):
    """Of one figure: asked, refused without, gone from the pages with it, read in the list and in its history, its key used up."""
    client.force_login(cast.office)
    figure = PublishedFigure.objects.filter(supersedes=None).exclude(pk__in=superseded()).first()
    address = f"/admin/figures/publishedfigure/{figure.pk}/"
    asked = client.get(f"{address}delete/")
    assert "市民のページに出ている（または出ていた）ものが1件あります。" in asked.text
    assert 'name="reason"' in asked.text
    refused = client.post(f"{address}delete/", filled(asked))
    assert refused.status_code == 400
    assert "取り下げる理由を入力してください。履歴に残ります。" in refused.text
    assert f",{figure.key}," in client.get(f"/plans/{shown.slug}/data/figures.csv").getvalue().decode()
    before = version.PublishedVersion.objects.get().number
    assert client.post(f"{address}delete/", filled(asked) | {"reason": "別の表の値だった"}).status_code == 302
    assert version.PublishedVersion.objects.get().number == before + 1
    assert f",{figure.key}," not in client.get(f"/plans/{shown.slug}/data/figures.csv").getvalue().decode()
    assert '<a href="/admin/taken-back/">' in client.get("/admin/").text
    listed = client.get("/admin/taken-back/").text
    assert "別の表の値だった" in listed
    assert f'href="{address}history/"' in listed
    history = client.get(f"{address}history/").text
    assert "取り下げ：別の表の値だった" in history
    again = PublishedFigure(
        plan=shown, key=figure.key, measure=figure.measure, label="x", printed="1", source=figure.source
    )
    with pytest.raises(ValidationError, match=f"「{figure.key}」は取り下げたもので使ったため、使えません。"):
        again.full_clean()
    row = {"key": figure.key, "measure": figure.measure, "label": "x", "printed": "1", "unit": "項目", "locator": "1頁"}
    row["source"] = figure.source.key
    tables = [
        RawTable("plan", ("slug",), ((2, {"slug": shown.slug}),)),
        RawTable("published_figures", tuple(row), ((2, row),)),
    ]
    problems = import_tables(tables, by=cast.office, dry_run=True).problems
    said = "取り下げたもので使ったため、使えません。別の値にしてください。"
    assert [problem.message for problem in problems if problem.column == "key"] == [said]


def superseded():
    return PublishedFigure.objects.exclude(supersedes=None).values("supersedes")


def test_several_are_asked_about_together(client, shown, cast):
    client.force_login(cast.office)
    figures = list(PublishedFigure.objects.exclude(pk__in=superseded()).values_list("pk", flat=True))
    chosen = {"action": "delete_selected", ACTION_CHECKBOX_NAME: figures}
    asked = client.post("/admin/figures/publishedfigure/", chosen)
    assert f"ものが{len(figures)}件あります。" in asked.text
    refused = client.post("/admin/figures/publishedfigure/", chosen | {"post": "yes", "reason": ""})
    assert (refused.status_code, "取り下げる理由を入力してください。" in refused.text) == (400, True)
    client.post("/admin/figures/publishedfigure/", chosen | {"post": "yes", "reason": "重複"})
    assert not PublishedFigure.objects.filter(pk__in=figures).exists()
    assert client.get("/admin/taken-back/").text.count("<td>重複</td>") == len(figures)


def test_what_nobody_has_read_goes_without_a_reason(client, shown, cast):
    client.force_login(cast.office)
    item = Program.objects.create(plan=shown, policy=shown.policies.first(), number="97")
    page = client.get(f"/admin/programs/program/{item.pk}/delete/").text
    assert 'name="reason"' not in page
    client.post(f"/admin/programs/program/{item.pk}/delete/", {"post": "yes"})
    assert not Program.objects.filter(pk=item.pk).exists()
    told = Program.history.filter(history_type="-").latest("history_id")
    assert (told.history_change_reason, told.history_user) == ("削除", cast.office)


@pytest.mark.parametrize("several", [False, True])
def test_what_was_written_since_the_page_asked_is_not_deleted_unseen(several, client, shown, cast):
    client.force_login(cast.office)
    item = Program.objects.create(plan=shown, policy=shown.policies.first(), number="97")
    page, chosen = f"/admin/programs/program/{item.pk}/delete/", {}
    if several:
        page, chosen = "/admin/programs/program/", {"action": "delete_selected", ACTION_CHECKBOX_NAME: [item.pk]}

    def asked():
        return filled(client.post(page, chosen) if several else client.get(page))

    sent = asked()
    edition = shown.editions.get(first_fiscal_year=2015)
    Edition.objects.filter(pk=edition.pk).update(frozen_at=None, frozen_by=None)
    content = item.editions.create(edition=edition, contents="同僚が書き始めた")
    for text in ("同僚が書き始めた", "同僚が書き足した"):
        content.contents = text
        content.save()
        again = client.post(page, chosen | sent)
        assert again.status_code == 409
        assert "削除するものをほかの人が書き換えたか、増やしました。まだ何も削除していません。" in again.text
        assert item.editions.get().contents == text
        sent = filled(again)
    client.post(page, chosen | sent)
    assert not Program.objects.filter(pk=item.pk).exists()


def test_several_that_are_gone_already(client, shown, cast):
    client.force_login(cast.office)
    chosen = {"action": "delete_selected", ACTION_CHECKBOX_NAME: ["987654"]}
    told = client.post("/admin/programs/program/", chosen, follow=True)
    assert "選んだものは、ほかの人が削除したため、もうありません。何も削除していません。" in told.text


def test_what_was_public_until_its_plan_or_item_was_withdrawn_needs_one_too(client, shown, cast):
    effect = Effect.objects.filter(program__public_at__isnull=False).first()
    figure = PublishedFigure.objects.first()
    assert read_by_citizens(Effect, [effect.pk]) == {effect.pk}
    Program.objects.filter(pk=effect.program_id).update(public_at=None)
    assert read_by_citizens(Effect, [effect.pk]) == set()  # never shown
    Program.objects.filter(pk=effect.program_id).update(withdrawn="誤り")
    assert read_by_citizens(Effect, [effect.pk]) == {effect.pk}
    withdraw(shown, reason="誤り", by=cast.root)
    assert read_by_citizens(PublishedFigure, [figure.pk]) == {figure.pk}
    Plan.objects.update(withdrawn="")
    assert read_by_citizens(PublishedFigure, [figure.pk]) == set()


@pytest.mark.parametrize(
    "model", [each for each in RULES if each is not Department], ids=lambda model: model._meta.label
)
def test_what_citizens_read_is_what_moves_the_version(shown, model):
    public = set(model._base_manager.filter(RULES[model].condition).values_list("pk", flat=True))
    everything = list(model._base_manager.values_list("pk", flat=True))
    withdrawn = {row.pk for row in model._base_manager.all() if getattr(row, "withdrawn", "")}
    assert read_by_citizens(model, everything) == public | withdrawn


def test_who_may_not_delete_takes_nothing_back_and_an_act_has_its_own(shown, cast):
    figure = PublishedFigure.objects.first()
    with pytest.raises(NotAllowed):
        take_back([figure], reason="誤り", by=cast.reporter)
    with pytest.raises(WrongState, match="「取り下げる」を使ってください"):
        take_back([Meeting.objects.first()], reason="誤り", by=cast.root)
    with pytest.raises(ValidationError, match="取り下げる理由は80字までにしてください（いま81字）。"):
        take_back([figure], reason="長" * 81, by=cast.root)
    assert PublishedFigure.objects.filter(pk=figure.pk).exists()


def test_lines_of_other_records_stay_with_what_was_published(client, shown, cast):
    client.force_login(cast.root)
    indicator = PlanIndicator.objects.create(plan=shown, number=7, name="自主財源比率", unit="%")
    indicator.actuals.create(fiscal_year=2013, value=60)
    indicator.targets.create(edition=shown.editions.filter(frozen_at__isnull=False).first(), fiscal_year=2014, value=61)
    publish(indicator, by=cast.office)
    assert all(public_rows(model) for model in LINES)
    assert lines_deleted(client, f"/admin/programs/planindicator/{indicator.pk}/change/") == set()
    kinds = {inline.model for each in admin.site._registry.values() for inline in each.inlines}
    assert kinds & RULES.keys() == set()  # others stand on the page of a published indicator alone


def test_a_revision_to_a_frozen_edition_stays_whoever_deletes_it(shown):
    with pytest.raises(
        WrongState, match="確定した版への見直しは削除できません。誤りは、見直しの画面で直してください。"
    ):
        Revision.objects.get(to_edition__frozen_at__isnull=False).delete()


def deletion(plan, sheet, key):
    values = load(plan).rows[sheet.name][key]
    row = {name: values[name] for name in sheet.key} | {"delete": "TRUE"}
    return [RawTable("plan", ("slug",), ((2, {"slug": plan.slug}),)), RawTable(sheet.name, tuple(row), ((2, row),))]


IN_A_PLAN = {sheet.name: sheet for sheet in SHEETS if sheet.scope}


def by_workbook(plan, sheet, key, by):
    """Whether a row goes with a workbook that asks for it and for all that names it in the plan."""
    return not import_tables(deletion(plan, sheet, key), by=by, dry_run=True).problems


@pytest.mark.parametrize(
    "name",
    others_in_soak(
        list(IN_A_PLAN),
        [name for name, sheet in IN_A_PLAN.items() if sheet.model._meta.label_lower in ONE_OF_EACH],
    ),
)
@pytest.mark.soak
def test_what_was_public_is_deleted_by_no_workbook(shown, cast, name):
    sheet = IN_A_PLAN[name]
    public = {row.pk for row in public_rows(sheet.model)}
    keys = [key for key, pk in load(shown).pks[sheet.name].items() if pk in public]
    assert [key for key in keys if by_workbook(shown, sheet, key, cast.root)] == []
    if not sheet.can_delete:
        return
    for key in keys[:1]:
        if not issubclass(sheet.model, Withdrawable) and sheet.model._meta.label_lower in SAVED_IS_PUBLIC:
            [problem] = import_tables(deletion(shown, sheet, key), by=cast.root, dry_run=True).problems
            assert (problem.sheet, problem.row, problem.column) == (sheet.name, 2, "delete")
            assert problem.message.endswith("この欄を空にし、管理画面で、理由を入れて削除してください。")
