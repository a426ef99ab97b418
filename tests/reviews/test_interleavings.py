"""Many random interleavings of five people, and processes killed while they publish: no lost update, all or nothing."""

import itertools
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from policies.models import Axis, Grade
from programs.models import ProgramEdition
from reviews import workflow
from reviews.models import Effect, PublishedReport, Report, ReportEffect, Round
from tests import factories, killing
from tests.workbooks.survey.sheets import Book, row_of
from workbooks.survey import acts as surveys
from workbooks.survey.acts import NotConfirmed
from workbooks.survey.changes import preview
from workbooks.survey.sheet import survey_sheet

pytestmark = pytest.mark.django_db(transaction=True)
ACTS_EACH = 2
# From which state each act may lead where; "保存", the word of a department and a judgement leave the state as it is.
STEPS = {
    "保存": {("draft", "draft"), ("returned", "returned")},
    "関係課の記入": {("draft", "draft"), ("returned", "returned")},
    "提出": {("draft", "submitted"), ("returned", "submitted")},
    "差し戻し": {("submitted", "returned"), ("approved", "returned")},
    "承認": {("submitted", "approved")},
    "事務局・委員会の評価": {("submitted", "submitted"), ("approved", "approved")},
}


class Person:
    """Does random acts on one report, each on the version that was just seen, and notes what became of them."""

    def __init__(self, user, report, content, seed, *, acts, department=None, sheets=()):
        self.user, self.report, self.content, self.acts = user, report, content, acts
        self.department, self.sheets = department, sheets
        self.random = random.Random(seed)  # noqa: S311 - the same run every time
        self.done, self.refused, self.tried = [], Counter(), 0
        self.said = {}  # version → what a supporting department or the committee was about to say

    def act(self, start):
        start.wait(30)
        for _ in range(ACTS_EACH):
            name = self.random.choice(self.acts)
            self.tried += 1
            try:
                self.done += self.upload() if name == "upload" else [self.one(name)]
            except (workflow.ReportConflict, workflow.WrongState, NotConfirmed) as refused:
                self.refused[type(refused).__name__] += 1

    def one(self, name):
        """An act of the form or the list: (version, act, text)."""
        seen = Report.objects.get(pk=self.report.pk)
        saved = self.attempt(name, seen)
        assert saved.version == seen.version + 1, f"{name} was written over a version nobody saw"
        return saved.version, name, saved.progress

    def attempt(self, name, seen):
        match name:
            case "save":
                text = f"{self.user}{self.random.random()}"
                content = {**self.content, "progress": text, "effects": [(2014, "saving", "actual", seen.version)]}
                return workflow.save_draft(seen, content, by=self.user, version=seen.version)
            case "submit":
                return workflow.submit(seen, by=self.user, version=seen.version)
            case "return":
                return workflow.return_(seen, reason="確かめる", by=self.user, version=seen.version)
            case "approve":
                return workflow.approve(seen, by=self.user, version=seen.version)
            case "contribute":
                text = f"{self.user}{self.random.random()}"
                self.said[seen.version + 1] = text
                return workflow.contribute(seen, self.department, text, by=self.user, version=seen.version)
            case "judge":
                axis = seen.round.plan.axes.get(key="committee")
                given = seen.judgements.filter(axis=axis).values_list("grade", flat=True)
                grade = axis.grades.exclude(pk__in=given).first()
                self.said[seen.version + 1] = grade.code
                return workflow.judge(seen, {axis.key: grade}, by=self.user, version=seen.version)
        approved, refused = workflow.approve_all([seen], by=self.user)
        if refused:
            raise workflow.WrongState(refused[0][1])
        return approved[0]

    def upload(self):
        """A sheet is sent, looked at and confirmed, over what others wrote meanwhile; handed in with it, or not."""
        text, sheet = self.random.choice(self.sheets)
        submit = self.random.random() < 0.5
        received = surveys.receive(sheet, "調査票.xlsx", self.report.round, self.department, by=self.user)
        shown = preview(received)
        picks = {change.input_name: "mine" for change in shown.changes}
        seen = next(row.item.report.version for row in shown.items if row.item.report.pk == self.report.pk)
        saved = surveys.confirm(received, fingerprint=shown.fingerprint, picks=picks, submit=submit, by=self.user)
        written = []
        for entry in saved.changes:
            assert entry["report"] == self.report.pk
            if entry["cells"]:
                written.append((seen + 1, "save by sheet", text))
            if entry["submitted"]:
                written.append((seen + len(written) + 1, "submit", text))
        return written


def close(start):
    """Every thread, each its own connection."""
    start.wait(30)
    connection.close()


def sheets(round_, department, name, by):
    """Five filled sheets with a text each."""
    book = Book(survey_sheet(round_, department, by=by))
    row = row_of(book, 1)
    texts = [f"{name}の調査票{number}" for number in range(5)]
    return [(text, book.put("報告", row, 取組状況=text).saved()) for text in texts]


@pytest.mark.parametrize("interleavings", [6, pytest.param(1000, marks=pytest.mark.soak)])
def test_no_interleaving_of_reporters_the_office_and_a_supporting_department_loses_an_update(plan, cast, interleavings):
    axis = Axis.objects.create(plan=plan, key="committee", name="委員会評価", judge="committee", order=2)
    for place, (code, label, tone) in enumerate((("A", "妥当", "on_track"), ("C", "見直しが必要", "behind")), 1):
        Grade.objects.create(plan=plan, axis=axis, code=code, label=label, tone=tone, order=place)
    shared = ProgramEdition.objects.get(program__number="1", edition=plan.rounds.first().edition)
    shared.responsibilities.create(department=cast.zeimu, order=2)
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    report = factories.report(opened, 1)
    content = factories.content(plan)
    report = workflow.save_draft(report, content, by=cast.office, version=1)
    write = ["save", "save", "submit", "upload"]
    judge = ["save", "approve", "approve_all", "return", "return", "judge"]
    people = [
        Person(
            *(user, report, content, seed),
            acts=write,
            department=cast.zaisei,
            sheets=sheets(opened, cast.zaisei, user.username, cast.reporter),
        )
        for seed, user in enumerate((cast.reporter, cast.colleague))
    ] + [
        *(Person(user, report, content, seed, acts=judge) for seed, user in enumerate((cast.office, cast.root), 2)),
        Person(cast.stranger, report, content, 4, acts=["contribute"], department=cast.zeimu),
    ]
    with ThreadPoolExecutor(len(people)) as threads:
        for _ in range(interleavings):
            start = threading.Barrier(len(people))
            for running in [threads.submit(person.act, start) for person in people]:
                running.result(120)
        start = threading.Barrier(len(people))
        for closing in [threads.submit(close, start) for _ in people]:
            closing.result(60)
    assert [person.tried for person in people] == [interleavings * ACTS_EACH] * len(people)
    done = sorted(entry for person in people for entry in person.done)
    final = Report.objects.get(pk=report.pk)
    assert [version for version, *_ in done] == list(range(3, final.version + 1))  # one success, one version
    met = sum((person.refused for person in people), Counter())
    assert met["ReportConflict"] > 0  # they did meet
    rows = list(Report.history.filter(id=report.pk).order_by("history_id"))
    assert [row.version for row in rows] == list(range(1, final.version + 1))
    for before, after in itertools.pairwise(rows):
        assert (before.state, after.state) in STEPS[after.history_change_reason]
    saves = [(version, text) for version, name, text in done if name.startswith("save")]
    kept = {row.version: row.progress for row in rows}
    assert [(version, kept[version]) for version, _ in saves] == saves
    by_form = [version for version, name, _ in done if name == "save"]
    assert final.effects.get().amount == by_form[-1] - 1  # the figures are those of the last save that gave any
    said = sorted(
        (version, name, one.said[version]) for one in people for version, name, _ in one.done if version in one.said
    )
    last = {name: text for _, name, text in said if name in ("contribute", "judge")}  # in the order of the versions
    assert last.get("contribute") == next(iter(final.contributions.values_list("text", flat=True)), None)
    assert last.get("judge") == next(iter(final.judgements.values_list("grade__code", flat=True)), None)
    counts = Counter(name for _, name, _ in done)
    if interleavings >= 1000:  # by then each act has had its turn
        assert set(counts) == {
            "contribute",
            "judge",
            "save",
            "save by sheet",
            "submit",
            "return",
            "approve",
            "approve_all",
        }
    print(f"{interleavings} interleavings: {dict(counts)}, refused {dict(met)}")


BEFORE = """
from accounts.models import User
from policies.models import Axis, Grade
from programs.models import ProgramEdition
from reviews import workflow
from reviews.models import Round
office, round_ = User.objects.get(username="office"), Round.objects.get(state="open")
"""
PUBLISH = "workflow.publish(round_, by=office, freeze_edition=True)"


def whole():
    """What stands in the database once the other process is gone: ("open" or "published", everything fits)."""
    round_ = Round.objects.get(state__in=["open", "published"])
    states = Counter(round_.reports.values_list("state", flat=True))
    rows, amounts = PublishedReport.objects.count(), Effect.objects.count()
    if round_.state == "published":
        return "published", (states, rows, amounts) == ({"published": 40}, 40, 40)
    return "open", (states, rows, amounts) == ({"approved": 40}, 0, 0)


def take_back():
    Effect.objects.all().delete()
    PublishedReport.objects.all().delete()
    Report.objects.all().update(state="approved", published_at=None, published_by=None)
    Round.objects.filter(state="published").update(state="open", published_at=None, published_by=None)


@pytest.mark.parametrize("kills", [2, pytest.param(100, marks=pytest.mark.soak)])
def test_a_publication_that_is_killed_is_in_as_a_whole_or_not_at_all_and_can_be_repeated(cast, kills):
    plan = factories.small_plan(programs=40)
    opened = workflow.open_round(plan.rounds.first(), by=cast.office)
    now = timezone.now()
    done = {"submitted_at": now, "submitted_by": cast.office, "approved_at": now, "approved_by": cast.office}
    grade = plan.grades.get(code="A")
    opened.reports.update(state="approved", grade=grade, tone=grade.tone, progress="進めた。", **done)
    ReportEffect.objects.bulk_create(
        [
            ReportEffect(report=report, fiscal_year=2014, kind="saving", basis="actual", amount=1)
            for report in opened.reports.all()
        ]
    )
    found = Counter()

    def turn(seconds):
        took = killing.run(PUBLISH, before=BEFORE, seconds=seconds)
        state, fits = whole()
        assert fits, f"{state}, but not as a whole"
        assert took is None or state == "published"
        found[state] += 1
        if state == "published":
            take_back()
        return took

    longest = turn(None)
    for seconds in killing.moments(longest, kills, seed=1):
        turn(seconds)
    print(f"{kills} kills of publish within {longest:.2f} s: {dict(found)}")
    assert found["open"] > 0
    workflow.publish(opened, by=cast.office, freeze_edition=True)
    assert whole() == ("published", True)
