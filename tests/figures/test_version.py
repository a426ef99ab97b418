"""The published version moves with everything that citizens can read, in its transaction, and with nothing else."""

import datetime
from functools import partial

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from committee.models import Meeting, Opinion
from core.history import create_with_history, update_with_history
from core.process_cache import kept
from figures import version
from figures.models import PublishedVersion
from figures.version import RULES
from policies.models import Plan, Source
from programs.models import PlanIndicator, Program, ProgramEdition, Responsibility
from programs.plan_indicators import publish
from reviews import workflow
from reviews.models import PublishedReport, Report, Settlement
from tests import factories
from tests.repository.packages import PACKAGES

# Rows that citizens never read: people and their duties, work on its way, and the version itself.
NEVER = {
    *("accounts.User", "accounts.Membership", "committee.CommitteeMember", "reviews.Notice"),
    *(
        "reviews.Report",
        "reviews.ReportActual",
        "reviews.ReportEffect",
        "reviews.ReportJudgement",
        "reviews.Contribution",
    ),
    *("workbooks.SurveyUpload", "workbooks.Export", "workbooks.TableUpload", "workbooks.TableMapping"),
    "figures.PublishedVersion",
}


def number():
    return PublishedVersion.objects.get().number


def moves(write):
    before = number()
    write()
    return number() > before


def test_every_model_says_which_of_its_rows_are_public():
    own = {
        model._meta.label
        for app in apps.get_app_configs()
        if app.name in PACKAGES
        for model in app.get_models()
        if not hasattr(model, "instance_type")
    }
    assert {model._meta.label for model in RULES} | NEVER == own
    assert {model._meta.label for model in RULES} & NEVER == set()


@pytest.mark.parametrize("model", RULES, ids=lambda model: model._meta.label)
def test_a_public_row_moves_it_in_every_way_of_writing_and_a_draft_in_none(filled, cast, model):
    rule = RULES[model]
    public = model._base_manager.filter(rule.condition).order_by("pk").first()
    ways = [lambda row: version._after_bulk(model, [row.pk])]
    if hasattr(model, "history") and model not in (ProgramEdition, Responsibility):  # those are frozen
        ways.append(lambda row: update_with_history(model, [row], by=cast.office, reason="試験"))
    for write in ways:
        if public is not None:
            assert moves(partial(write, public))
    Plan.objects.update(is_public=False)
    hidden = model._base_manager.exclude(pk__in=model._base_manager.filter(rule.condition).values("pk")).first()
    for write in ways:
        if hidden is not None:
            assert not moves(partial(write, hidden))


def test_saving_deleting_and_relating_move_it_for_what_is_public(filled, cast):
    item = Program.objects.get(plan=filled, number="1")
    item.note = "備考"
    assert moves(item.save)
    assert not moves(item.save)  # it says the same
    draft = Program(plan=filled, policy=filled.policies.first(), number="90", name="準備中")
    assert not moves(draft.save)
    assert not moves(lambda: draft.relisted_in.add(filled.policies.last()))
    assert moves(lambda: item.relisted_in.add(filled.policies.last()))
    assert not moves(draft.delete)
    meeting = Meeting.objects.get(plan=filled)
    meeting.opinions_due_on = meeting.held_on - datetime.timedelta(days=3)
    assert not moves(meeting.save)  # no page shows it
    assert moves(lambda: meeting.documents.clear())
    assert moves(meeting.delete)
    assert moves(lambda: Opinion.objects.filter(published_on__isnull=False).delete())
    rows = [Source(plan=filled, key=f"S8{n}", title="資料") for n in range(2)]
    assert not moves(lambda: create_with_history(Source, rows, by=cast.office, reason="試験"))


def test_what_is_settled_moves_it_in_bulk_too(filled, cast):
    item = Program.objects.get(plan=filled, number="1")

    def settled(year):
        return Settlement(
            plan=filled,
            program=item,
            source=filled.sources.first(),
            settled_on=datetime.date(2015, 10, 1),
            settled_by=cast.office,
            fiscal_year=year,
            kind="saving",
            value=1,
        )

    in_bulk = partial(create_with_history, Settlement, by=cast.office, reason="試験")
    assert moves(settled(2012).save)
    assert moves(partial(in_bulk, [settled(2013)]))
    assert moves(Settlement.objects.get(fiscal_year=2012).delete)
    Program.objects.update(public_at=None)
    assert not moves(partial(in_bulk, [settled(2014)]))


def test_an_indicator_of_the_plan_moves_it_from_its_publication_on(filled, cast):
    made = PlanIndicator(plan=filled, number=1, name="自主財源比率", unit="%")
    assert not moves(made.save)
    assert not moves(partial(made.actuals.create, fiscal_year=2013, value=60))
    assert moves(partial(publish, made, by=cast.office))


def test_drafts_of_a_round_move_nothing_and_its_publication_does(plan, cast):
    round_ = workflow.open_round(plan.rounds.first(), by=cast.office)
    start = number()
    for index in range(5):
        report = factories.report(round_, 1)
        workflow.save_draft(report, {"progress": f"下書き{index}"}, by=cast.reporter, version=report.version)
    workflow.approve(factories.handed_in(round_, 1, by=cast.office), by=cast.office)
    assert number() == start
    assert moves(lambda: workflow.publish(round_, by=cast.office, accept_unreported=True, freeze_edition=True))
    row = PublishedReport.objects.get(number="1")
    assert moves(lambda: workflow.correct(row, "progress", "正しい文", reason="誤記", by=cast.office))
    assert Report.objects.count() == 3


def test_what_is_undone_moves_nothing_and_a_long_act_moves_once(filled):
    item = Program.objects.get(plan=filled, number="1")
    start = number()
    item.note = "備考"
    place = transaction.savepoint()
    item.save()
    transaction.savepoint_rollback(place)
    assert number() == start
    with version.moved_once():
        for text in ("一", "二", "三"):
            item.note = text
            item.save()
    assert number() == start + 1


@pytest.mark.django_db(transaction=True)
def test_another_process_knows_it_within_a_second(settings):
    """What one process writes the next read of another sees; here the other is one whose knowledge is old."""
    settings.VERSION_SECONDS = 0.5
    version.published_changed()
    known = version.current().number
    PublishedVersion.objects.update(number=known + 7)  # as another process does
    assert version.current().number == known
    version._known = (version._known[0] - 0.5, version._known[1])
    assert version.current().number == known + 7
    assert Client().get("/healthz").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_of_a_change_before_it_is_committed(settings):
    settings.VERSION_SECONDS = 0
    before = version.settled()
    with transaction.atomic():
        version.published_changed()
        assert version.settled() is None
        assert version.current().number == before + 1  # which other threads of this process must not take for public
        assert version.last_known() == before
        assert kept("key", version.settled(), lambda: "of a change that is undone") == "of a change that is undone"
        transaction.set_rollback(True)
    assert version.settled() == before
    assert kept("key", before, lambda: "as it is") == "as it is"
    assert kept("key", before, lambda: "never found again") == "as it is"
    version.published_changed()
    assert version.settled() == before + 1
    assert kept("key", version.settled(), lambda: "as it is now") == "as it is now"
    with transaction.atomic(), version.moved_once():
        version.published_changed()
        assert version.settled() is None


def test_what_a_process_changes_while_it_reads_the_version_it_knows_at_once(db, settings, monkeypatch):
    settings.VERSION_SECONDS = 0
    real = version.Version
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(version, "Version", lambda *values: (version.forget(), real(*values))[1])
        version.current()
    assert version.last_known() is None
    assert version.current().number == version.last_known()
