"""`load_sample`: the plan as it stands in the database, complete in every feature, with the counts that the city published."""

from collections import Counter
from datetime import date
from io import StringIO
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Q
from django.test import TestCase

from accounts.models import Department, User
from committee.models import KeyProgram, Meeting, Opinion
from core.text import natural_key
from demo import loading
from demo.promise import read_file
from figures.ledger import Status, reconcile
from figures.revisions import of_plan
from policies.models import Edition, Plan, Scale, Source
from programs.differences import Aspect
from programs.models import (
    ContentErratum,
    Indicator,
    IndicatorActual,
    IndicatorTarget,
    Program,
    ProgramEdition,
    Responsibility,
    YearPlan,
)
from programs.revisions import details
from reviews.models import (
    Contribution,
    Effect,
    PublishedReport,
    Report,
    ReportActual,
    ReportEffect,
    ReportErratum,
    Round,
)
from tests.workbooks.plan import books
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book
from workbooks.plan.stored_plan import load as load_tables

ASPECTS = {
    "departments": 9,
    "contents": 35,
    "planned_years": 23,
    "expected_effect": 19,
    "indicators": 39,
    "indicators_new": 16,
    "year_plans": 28,
}


def load_sample():
    out = StringIO()
    call_command("load_sample", stdout=out)
    return out.getvalue()


class Sample(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.said = load_sample()
        cls.plan = Plan.objects.get(slug="sample")

    def test_it_says_what_it_did_and_a_second_run_changes_nothing(self):
        assert self.said == (
            "見本の計画（sample）: 見本市行財政改革推進計画（架空のデータ）を登録しました。"
            "実施項目 62件、調査 10回、進捗報告 615件。\n"
        )
        Program.objects.filter(plan=self.plan, number="1").update(name="直した名前")
        before = load_tables(self.plan)
        with self.assertNumQueries(1):
            assert load_sample() == "見本の計画（sample）: すでに登録されています。何も変えていません。\n"
        assert load_tables(self.plan) == before
        assert Program.objects.get(plan=self.plan, number="1").name == "直した名前"

    @pytest.mark.soak
    def test_its_workbook_comes_back_cell_by_cell(self):
        first = books.exported("sample")
        read = read_book(first)
        assert import_tables(read.tables, by=None, dry_run=True, found=read.problems).is_empty
        books.empty_database()
        User.objects.create_superuser(
            username="restorer", name="復元 花子", password="pass"
        )  # stands where a person must
        import_tables(read.tables, by=None, found=read.problems)
        cells = books.cells(first)
        assert books.cells(books.exported("sample")) == cells
        empty = [name for name, rows in cells.items() if len(rows) == 1]
        assert empty == [  # the sample has rows in every sheet but these
            *("plan_indicators", "plan_indicator_targets", "plan_indicator_actuals"),
            *("judgements", "published_judgements", "plan_indicator_errata", "settlements", "redactions"),
        ]

    def test_it_is_public_and_marked_as_fictional(self):
        assert (self.plan.city, self.plan.is_fictional, self.plan.is_public) == ("見本市", True, True)
        assert (self.plan.first_fiscal_year, self.plan.last_fiscal_year) == (2011, 2015)
        assert self.plan.directions.count() == 3
        per_policy = Program.objects.filter(plan=self.plan).values_list("policy__number").annotate(Count("pk"))
        assert dict(per_policy.order_by("policy__number")) == {1: 15, 2: 5, 3: 7, 4: 18, 5: 17}
        assert not Program.objects.filter(plan=self.plan).filter(Q(name="") | Q(number_is_provisional=True)).exists()

    def test_the_revision_counts_are_computed_from_the_texts(self):
        [revision] = of_plan(self.plan)
        assert revision.computed() == 50
        assert {aspect: revision.computed(Aspect(aspect)) for aspect in ASPECTS} == ASPECTS
        assert {aspect: revision.marked(Aspect(aspect)) for aspect in ASPECTS} == ASPECTS
        disagreements = [
            (entry.item.number, aspect.value, aspect in entry.marks)
            for entry in revision.entries
            for aspect in Aspect
            if (aspect in entry.computed) != (aspect in entry.marks)
        ]
        assert disagreements == [("14", "contents", True), ("28", "contents", False)]
        for entry, difference, reason in details(revision.event, revision.entries):
            assert bool(reason) == bool(entry.computed), entry.item.number
            assert difference.aspects == entry.computed

    def test_a_department_is_only_added(self):
        owners = {"original": {}, "fy2013-revision": {}}
        found = Responsibility.objects.filter(program_edition__edition__plan=self.plan)
        for edition, number, code in found.values_list(
            "program_edition__edition__key", "program_edition__program__number", "department__code"
        ):
            owners[edition].setdefault(number, set()).add(code)
        dropped = {
            n: codes - owners["fy2013-revision"][n]
            for n, codes in owners["original"].items()
            if codes - owners["fy2013-revision"][n]
        }
        assert dropped == {}

    def test_no_published_figure_differs_from_the_records(self):
        counts = Counter(row.status for row in reconcile(self.plan))
        assert counts[Status.DIFFERS] == 0
        assert counts[Status.AGREES] >= 60
        assert {row.figure.key for row in reconcile(self.plan) if row.status is Status.UNCHECKED} >= {
            "graded_total.2011-03-31"
        }
        out = StringIO()
        call_command("check_figures", "sample", stdout=out)  # tells the two marks that disagree on purpose
        counts_line, *differing = out.getvalue().splitlines()
        assert "不一致 0件" in counts_line
        assert [line.split("（改訂版） ")[1].split()[0] for line in differing] == ["14", "28"]

    def test_ten_rounds_are_published_some_weeks_after_their_day(self):
        rounds = list(Round.objects.filter(plan=self.plan).select_related("edition"))
        assert [one.as_of for one in rounds] == [
            day for year in range(2011, 2016) for day in (date(year, 9, 30), date(year + 1, 3, 31))
        ]
        assert {one.state for one in rounds} == {"published"}
        assert [one.edition.key for one in rounds] == ["original"] * 6 + ["fy2013-revision"] * 4
        assert [one.published_at.date().isoformat() for one in rounds] == [
            "2012-01-20", "2012-07-11", "2012-12-27", "2013-06-27", "2013-12-18",
            "2014-06-13", "2014-12-05", "2015-05-28", "2015-11-20", "2016-05-19",
        ]  # fmt: skip
        rows = PublishedReport.objects.filter(round__plan=self.plan)
        grades = {
            one.as_of.isoformat(): "/".join(
                str(rows.filter(round=one, grade_code=code).count()) for code in ("S", "A", "B", "")
            )
            for one in rounds
        }
        assert grades == {
            "2011-09-30": "0/59/2/0",
            "2012-03-31": "0/55/4/2",
            "2012-09-30": "0/61/1/0",
            "2013-03-31": "2/53/7/0",
            "2013-09-30": "2/49/11/0",
            "2014-03-31": "5/45/12/0",
            "2014-09-30": "1/55/6/0",
            "2015-03-31": "3/50/8/1",
            "2015-09-30": "2/55/5/0",
            "2016-03-31": "6/48/8/0",
        }  # fmt: skip
        published = Report.objects.filter(round__plan=self.plan, state="published")
        wrong = published.exclude(
            round__as_of__lt=F("submitted_at"), submitted_at__lt=F("approved_at"), approved_at__lt=F("published_at")
        )
        assert (published.count(), wrong.count()) == (615, 0)

    def test_the_departments_are_in_the_order_of_their_file(self):
        given = read_file(loading.FIRST.folder / "plan.yaml")["departments"]
        listed = Department.objects.filter(city="見本市").values_list("code", "order")
        assert list(listed) == [(row["code"], place) for place, row in enumerate(given, 1)]

    def test_every_feature_can_be_seen(self):
        plan = self.plan
        effects, opinions = Effect.objects.filter(program__plan=plan), Opinion.objects.filter(plan=plan)
        indicators = Indicator.objects.filter(program__plan=plan)
        targets = IndicatorTarget.objects.filter(indicator__program__plan=plan)
        actuals = IndicatorActual.objects.filter(indicator__program__plan=plan)
        contents = ProgramEdition.objects.filter(edition__plan=plan).annotate(owners=Count("departments"))
        departments = Department.objects.filter(city="見本市")
        both_kinds = effects.values("program", "fiscal_year").annotate(kinds=Count("kind", distinct=True))
        features = {
            "departments": departments,
            "renamed department": departments.filter(successor__code="joho-seisaku"),
            "merged departments": departments.filter(successor__code="shimin-bunka"),
            "supporting department": contents.filter(owners=2),
            "frozen edition": Edition.objects.filter(plan=plan, frozen_at__isnull=False, frozen_by__isnull=False),
            "planned year without a plan": contents.exclude(year_plans__fiscal_year=2014),
            "year plans": YearPlan.objects.filter(program_edition__edition__plan=plan),
            "indicator that should grow": indicators.filter(better="up"),
            "indicator that should shrink": indicators.filter(better="down"),
            "indicator without direction": indicators.filter(better="none"),
            "item without indicator": Program.objects.filter(plan=plan, indicators=None),
            "target in words": targets.filter(value=None),
            "target in numbers and words": targets.filter(value__isnull=False).exclude(text=""),
            "actual": actuals.filter(is_forecast=False, value__isnull=False),
            "forecast": actuals.filter(is_forecast=True),
            "actual in words": actuals.filter(value=None).exclude(note=""),
            "revenue": effects.filter(kind="revenue"),
            "saving": effects.filter(kind="saving"),
            "negative effect": effects.filter(amount__lt=0),
            "effect by budget": effects.filter(basis="budget"),
            "effect by forecast": effects.filter(basis="forecast"),
            "item with both kinds": both_kinds.filter(kinds=2),
            "not reported": PublishedReport.objects.filter(round__plan=plan, grade_code=""),
            "evidence": Report.objects.filter(round__plan=plan).exclude(evidence=""),
            "contribution": Contribution.objects.filter(report__round__plan=plan),
            "break of criteria": Scale.objects.filter(plan=plan),
            "key programs": KeyProgram.objects.filter(program__plan=plan),
            "meetings with documents": Meeting.objects.filter(plan=plan).exclude(documents=None),
            "answered opinion": opinions.exclude(answered_on=None),
            "overdue opinion": opinions.filter(answered_on=None, answer_due_on__lt=date(2016, 12, 31)),
            "opinion without a due day": opinions.filter(answered_on=None, answer_due_on=None),
            "unpublished opinion": opinions.filter(published_on=None),
            "opinion on a policy": opinions.exclude(policy=None),
            "opinion on the plan": opinions.filter(policy=None, program=None),
            "added midway": Program.objects.filter(plan=plan, added_on__isnull=False),
            "achieved": Program.objects.filter(plan=plan, end_reason="achieved"),
            "completed": Program.objects.filter(plan=plan, end_reason="completed"),
            "merged": Program.objects.filter(plan=plan, merged_into__number="57"),
            "carried": Program.objects.filter(plan=plan, carried_plan="sample-next"),
            "erratum to a report": ReportErratum.objects.filter(plan=plan),
            "erratum to an edition": ContentErratum.objects.filter(plan=plan),
            "viewpoints": plan.viewpoints,
            "positions": plan.positions,
            "sources": Source.objects.filter(plan=plan),
        }
        assert [feature for feature, rows in features.items() if not rows.exists()] == []
        assert features["contribution"].count() == 93
        assert opinions.values("disposition").exclude(disposition="").distinct().count() == 5
        assert len(set(effects.filter(fiscal_year=2015).values_list("basis", flat=True))) == 2
        assert set(effects.filter(fiscal_year__lt=2015).values_list("basis", flat=True)) == {"actual"}

    def test_what_was_published_last_is_what_the_reports_said_last(self):
        """publish() carries the figures over: the latest round that speaks of a year has the last word, but for an erratum."""
        last = {}
        said = ReportActual.objects.filter(report__round__plan=self.plan, report__state="published")
        for one in said.select_related("report__round").order_by("report__round__as_of"):
            last[one.indicator_id, one.fiscal_year] = (one.value, one.is_forecast, one.note)
        now = IndicatorActual.objects.filter(indicator__program__plan=self.plan)
        corrected = now.get(indicator__program__number="19", fiscal_year=2013)
        assert last[corrected.indicator_id, 2013][0] == 322
        assert corrected.value == 332
        last[corrected.indicator_id, 2013] = (corrected.value, False, "")
        assert {(a.indicator_id, a.fiscal_year): (a.value, a.is_forecast, a.note) for a in now} == last
        claimed = ReportEffect.objects.filter(report__round__plan=self.plan)
        assert claimed.count() == Effect.objects.filter(program__plan=self.plan).count()

    def test_frozen_rows_keep_the_names_of_their_day_and_errata_stand_beside(self):
        row = PublishedReport.objects.get(round__plan=self.plan, round__as_of="2016-03-31", number="12")
        assert [one["name"] for one in row.departments] == ["道路管理課", "情報システム課"]
        erratum = row.errata.get()
        assert "518件" in row.progress
        assert erratum.old == row.progress
        assert erratum.new == row.progress.replace("518件", "581件")
        assert str(erratum.corrected_on) == "2016-06-10"
        content = ProgramEdition.objects.get(
            program__plan=self.plan, program__number="34", edition__key="fy2013-revision"
        )
        assert content.errata.get().new == content.contents

    def test_everything_has_history_and_nobody_can_sign_in_as_its_maker(self):
        actor = User.objects.get(username="sample")
        assert (actor.is_active, actor.is_staff, actor.has_usable_password()) == (False, False, False)
        reports = Report.objects.filter(round__plan=self.plan)
        assert Report.history.filter(id__in=reports.values("pk")).values("id").distinct().count() == reports.count()
        assert set(
            Report.history.filter(id__in=reports.values("pk")).values_list("history_user__username", flat=True)
        ) == {"sample"}

    def test_two_loads_give_the_same_tables(self):
        first = load_tables(self.plan).rows
        Plan.objects.filter(pk=self.plan.pk).update(slug="first", city="別の市")
        Department.objects.filter(city="見本市").update(city="別の市")
        load_sample()
        second = load_tables(Plan.objects.get(slug="sample")).rows
        differing = [name for name in first if name != "plan" and first[name] != second[name]]
        assert differing == []
        assert sum(map(len, second.values())) == 3459
        assert sorted(second["programs"], key=lambda key: natural_key(key[0]))[-1] == ("62",)


def test_a_failure_leaves_nothing_behind(db):
    with mock.patch.object(loading, "_publish", side_effect=RuntimeError("broken")), pytest.raises(RuntimeError):
        loading.load(loading.FIRST)
    assert (Plan.objects.count(), Department.objects.count(), User.objects.count()) == (0, 0, 0)


def test_a_real_plan_or_city_of_that_name_is_left_alone(db):
    plan = Plan.objects.create(
        slug="sample", city="本物市", name="本物の計画", first_fiscal_year=2011, last_fiscal_year=2015
    )
    with pytest.raises(CommandError, match="架空でない計画「本物の計画」が使っています"):
        load_sample()
    plan.delete()
    Department.objects.create(city="見本市", code="sangyo", name="産業課")
    with pytest.raises(CommandError, match="「見本市」の部署がすでに登録されています"):
        load_sample()
    assert (Plan.objects.count(), Department.objects.get().name) == (0, "産業課")
