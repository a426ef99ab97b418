"""Every act of the business that changes what citizens read, each done on a plan of its own; and every one that must not."""

import datetime
import importlib
import inspect
import pkgutil
from dataclasses import replace
from decimal import Decimal
from itertools import count

from django.utils import timezone

from accounts import departments
from accounts.models import Department
from accounts.sign_in import lift
from committee.models import Meeting, Opinion
from committee.opinions import record
from figures.models import PublishedFigure
from figures.registering import register
from figures.taking_back import take_back
from policies.publicity import make_public, withdraw
from programs import editions, indicators, late, lifetime, plan_indicators
from programs.content import Content
from programs.contents import amend_content, content_of, save_content
from programs.errata import correct_content
from programs.models import Indicator, IndicatorActual, PlanIndicator, Program, ProgramEdition
from reviews import notices, workflow
from reviews.models import EffectPlace, PublishedReport, Round
from reviews.past import PastResult, register_past
from reviews.redaction import redact
from reviews.report_figures import Amount
from reviews.settling import settle
from reviews.table_results import ResultLines, fill_drafts, register_days
from tests import factories
from tests.workbooks.survey.sheets import Book, row_of
from workbooks import exports
from workbooks.models import SurveyUpload
from workbooks.plan.changes import RawTable
from workbooks.plan.importing import import_tables
from workbooks.survey import acts as surveys
from workbooks.survey.changes import preview
from workbooks.survey.sheet import survey_sheet
from workbooks.tables import acts as tables
from workbooks.tables.published import acts as printed_tables
from workbooks.tables.results import Stated
from workbooks.tables.uploads import waiting_upload

BUSINESS = ("accounts", "policies", "programs", "reviews", "committee", "figures", "workbooks", "opendata", "website")
# What changes the pages of citizens. Each is done by `acts`.
MOVES = {
    *("accounts.departments.rename", "accounts.departments.merge"),
    *("policies.publicity.make_public", "policies.publicity.withdraw", "committee.opinions.record"),
    *("programs.editions.freeze", "programs.errata.correct_content", "programs.late.learn"),
    *("programs.indicators.store", "programs.plan_indicators.publish", "programs.plan_indicators.correct_indicator"),
    *("programs.lifetime.end", "programs.lifetime.merge", "programs.lifetime.carry", "programs.lifetime.resume"),
    *("reviews.workflow.publish", "reviews.workflow.correct", "reviews.past.register_past"),
    "reviews.table_results.register_days",
    *("reviews.settling.settle", "reviews.redaction.redact"),
    *("figures.registering.register", "figures.taking_back.take_back", "workbooks.plan.importing.import_tables"),
}
# Steps of those: another act has checked and locked, and calls them.
STEPS = {
    *("policies.publicity.show_with", "programs.contents.write_content", "programs.correction.put"),
    *("programs.plan_indicators.publish_targets", "reviews.corrections.follow", "reviews.freezing.freeze"),
    "reviews.freezing.hold",
    *(
        "reviews.judging.write_judgements",
        "reviews.report_figures.write_actuals",
        "reviews.report_figures.write_effects",
    ),
    "workbooks.tables.published.acts.confirm",  # `register`, with what a page has shown
}
# What only the staff see. Each is done by `drafts`.
DRAFTS = {
    *("programs.editions.prepare", "programs.editions.begin"),
    *("programs.contents.save_content", "programs.contents.amend_content"),
    *(f"reviews.workflow.{act}" for act in ("open_round", "save_draft", "contribute", "submit", "return_", "approve")),
    *("reviews.workflow.approve_all", "reviews.workflow.judge"),
    *(f"reviews.notices.notify_{what}" for what in ("opened", "returned", "published", "missing")),
    *("workbooks.survey.acts.receive", "workbooks.survey.acts.confirm", "workbooks.survey.acts.undo"),
    "reviews.table_results.fill_drafts",
    *("workbooks.tables.acts.receive", "workbooks.tables.published.acts.receive"),
    *("workbooks.tables.uploads.waiting_upload", "workbooks.exports.start", "accounts.sign_in.lift"),
    *("workbooks.survey.sheet.survey_sheet", "programs.indicators.remove"),
}


def known():
    """Every public function of the business that says who acts (`by=`)."""
    found = set()
    for package in BUSINESS:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if ".migrations" in module.name:
                continue
            for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
                by = inspect.signature(function).parameters.get("by")
                own = function.__module__ == module.name and not name.startswith("_")
                if own and by is not None and by.kind is by.KEYWORD_ONLY:
                    found.add(f"{module.name}.{name}")
    return found


def name_of(act):
    return f"{act.__module__}.{act.__name__}"


def day(number):
    return datetime.date(2015, 1, 1) + datetime.timedelta(days=number)


def acts(root):
    """Acts of every kind for ever, a plan of its own a turn: (name, does it, address, what stands there then, what does not)."""
    for number in count(1):
        yield from _of_one_plan(number, root)


def _of_one_plan(number, root):
    how = {"by": root}
    plan = factories.small_plan(f"p{number}")
    factories.written(plan)
    source, pages = plan.sources.get(), f"/plans/{plan.slug}"
    one, two = (plan.programs.get(number=n) for n in "12")
    first, second = f"{pages}/programs/1/", f"{pages}/programs/2/"
    original = plan.editions.get(key="original")
    content = ProgramEdition.objects.get(program=one, edition=original)
    ProgramEdition.objects.filter(pk=content.pk).update(contents=f"約束その{number}。")
    office = Department.objects.create(city="小平市", code=f"d{number}", name=f"旧課{number}")
    ProgramEdition.objects.get(program=two, edition__key="fy2013-revision").responsibilities.update(department=office)

    def step(act, *given, at, shows=None, hides=None, **more):
        return name_of(act), lambda: act(*given, **how, **more), at, shows, hides

    one.note = f"備考{number}。"
    yield "a form", one.save, first, one.note, None
    policy = plan.policies.get(number=1)
    policy.name = f"方針その{number}"
    yield "a form", policy.save, f"{pages}/policies/1/", policy.name, None

    yield step(editions.freeze, original, accept_incomplete=True, at=first, shows=f"約束その{number}。")
    right = f"正しい約束その{number}。"
    yield step(correct_content, content, "contents", right, reason="誤記", at=first, shows=right)
    stored = content_of(ProgramEdition.objects.get(program=two, edition=original))
    wanted = replace(stored, texts={**stored.texts, "expected_effect": f"効き目{number}。"})
    learned = {"source": source, "learned_on": day(1), "reason": "見つかった。"}
    yield step(late.learn, two, original, wanted, **learned, at=second, shows=f"効き目{number}。")

    committee = f"{pages}/committee/"
    meeting = Meeting.objects.create(plan=plan, held_on=day(number), title=f"会議その{number}")
    yield step(make_public, meeting, at=committee, shows=meeting.title)
    told = Opinion(plan=plan, meeting=meeting, given_on=day(number), text=f"意見その{number}。")
    told.published_on = timezone.localdate()
    yield step(record, told, at=committee, shows=told.text)
    yield step(withdraw, told, reason="誤り", at=committee, hides=told.text)
    yield step(withdraw, meeting, reason="誤り", at=committee, hides=meeting.title)

    round_ = workflow.open_round(plan.rounds.first(), by=root)
    workflow.approve(factories.handed_in(round_, 1, by=root, progress=f"進み{number}。"), by=root)
    whole = {"accept_unreported": True, "freeze_edition": True}
    yield step(workflow.publish, round_, **whole, at=first, shows=f"進み{number}。")
    row = PublishedReport.objects.get(round=round_, number="1")
    yield step(
        workflow.correct,
        row,
        "progress",
        f"正しい進み{number}。",
        reason="誤記",
        at=first,
        shows=f"正しい進み{number}。",
    )
    past = plan.rounds.get(state=Round.State.PLANNED)
    results = [PastResult(two, plan.grades.get(code="A"), f"過ぎた{number}。")]
    released = {"source": source, "released_on": datetime.date(2015, 5, 1)}
    yield step(register_past, past, results, **released, at=second, shows=f"過ぎた{number}。")

    passed = {datetime.date(2014, 3, 31): ResultLines(f"2\tA\t表の{number}。")}
    days = {day: datetime.date(2014, 5, 20) for day in passed}
    yield step(register_days, plan, passed, source=source, released=days, at=second, shows=f"表の{number}。")

    rate = Indicator.objects.get(program=one)
    reached = IndicatorActual(indicator=rate, fiscal_year=2013, value=Decimal(10_000 + number))
    yield step(indicators.store, reached, at=first, shows=f"{10_000 + number:,}")
    settled = {"source": source, "settled_on": datetime.date(2015, 10, 1)}
    place = EffectPlace(2014, "saving", "actual")
    yield step(settle, one, place, str(70_000 + number), **settled, at=first, shows=f"{70_000 + number:,}")

    table = f"/api/v1/plans/{plan.slug}/plan-indicators"
    whole_plan = PlanIndicator.objects.create(plan=plan, number=1, name=f"全体その{number}", unit="%")
    whole_plan.actuals.create(fiscal_year=2013, value=60)
    yield step(plan_indicators.publish, whole_plan, at=table, shows=whole_plan.name)
    corrected = f"正しい全体{number}"
    yield step(
        plan_indicators.correct_indicator, whole_plan, "name", corrected, reason="誤記", at=table, shows=corrected
    )

    printed = {
        "measure": "other",
        "label": f"公表その{number}",
        "printed": "1",
        "value": 1,
        "unit": "項目",
        "locator": "1頁",
    }
    figure = PublishedFigure(plan=plan, key=f"f{number}", **printed)
    yield step(register, plan, [figure], [], source, at=f"{pages}/figures/", shows=figure.label)
    yield step(take_back, [figure], reason="重複", at=f"{pages}/figures/", hides=figure.label)

    noted = {"number": "2", "note": f"ブックの備考{number}。"}
    book = [
        RawTable(name, tuple(cells), ((2, cells),))
        for name, cells in (("plan", {"slug": plan.slug}), ("programs", noted))
    ]
    yield step(import_tables, book, at=second, shows=noted["note"])

    april = datetime.date(2015, 4, 1)
    yield step(
        lifetime.end, two, on=april, reason="completed", note=f"終わり{number}。", at=second, shows=f"終わり{number}。"
    )
    yield step(lifetime.resume, two, at=second, hides=f"終わり{number}。")
    yield step(lifetime.merge, two, one, on=april, note=f"合わせ{number}。", at=second, shows=f"合わせ{number}。")
    lifetime.resume(two, by=root)
    yield step(
        lifetime.carry, two, f"next{number}", "1", on=april, note=f"続く{number}。", at=second, shows=f"続く{number}。"
    )

    new = {"code": f"e{number}", "name": f"新課{number}", "on": april}
    yield step(departments.rename, office, **new, at=second, shows=new["name"])
    into = Department.objects.create(city="小平市", code=f"m{number}", name=f"合併課{number}")
    renamed = Department.objects.get(code=new["code"])
    yield step(departments.merge, [renamed], into, on=datetime.date(2016, 4, 1), at=second, shows=into.name)

    secret = f"山田太郎{number}番"
    one.refresh_from_db()
    one.note = f"{secret}さん。"
    yield "a form", one.save, first, secret, None
    yield step(redact, secret, reason="氏名が載ったため", at=first, hides=secret)


def drafts(plan, root):
    """Acts of every kind that citizens must not notice, for ever, beside a published round: (name, does it)."""
    zaisei, zeimu = (Department.objects.get(code=code) for code in ("zaisei", "zeimu"))
    published = plan.rounds.published().first()
    for number in count(1):
        year = 2100 + number
        item = Program.objects.get(plan=plan, number="1")
        given = {"key": f"e{number}", "name": f"次の版{number}", "first_fiscal_year": year, "last_fiscal_year": year}
        yield _draft(editions.prepare, plan, **given, by=root)
        edition = plan.editions.get(key=given["key"])
        yield _draft(editions.begin, edition, by=root)
        content = ProgramEdition.objects.get(edition=edition, program=item)
        yield _draft(save_content, content, Content(texts={"contents": f"案{number}"}), by=root)
        yield _draft(amend_content, content, lambda one: replace(one, texts={"contents": "別の案"}), by=root)

        whole = PlanIndicator.objects.create(plan=plan, number=number, name=f"準備中の指標{number}", unit="%")
        yield _draft(indicators.remove, whole.actuals.create(fiscal_year=2013, value=60), by=root)

        planned = Round.objects.create(plan=plan, as_of=datetime.date(year, 9, 30), edition=published.edition)
        yield _draft(workflow.open_round, planned, by=root)
        round_ = Round.objects.get(pk=planned.pk)
        yield _draft(notices.notify_opened, round_, by=root)
        yield _draft(notices.notify_missing, round_, by=root)

        def report(round_=round_):
            return factories.report(round_, 1)

        told = {"2": Stated(effects=[Amount(year, "saving", "actual", 10 + number)])}
        yield _draft(fill_drafts, round_, ResultLines(f"2\tA\t表から{number}"), told, by=root)
        yield _draft(workflow.contribute, report(), zeimu, f"手伝い{number}", by=root, version=report().version)
        yield _draft(survey_sheet, round_, zaisei, by=root)
        book = Book(survey_sheet(round_, zaisei, by=root))
        book.put("報告", row_of(book, 1), 取組状況=f"調査票{number}")
        yield _draft(surveys.receive, book.saved(), "調査票.xlsx", round_, zaisei, by=root)
        sheet = SurveyUpload.objects.latest("pk")
        seen = preview(sheet).fingerprint
        yield _draft(surveys.confirm, sheet, fingerprint=seen, by=root)
        yield _draft(surveys.undo, sheet, by=root)

        typed = factories.content(plan, progress=f"下書き{number}")
        yield _draft(workflow.save_draft, report(), typed, by=root, version=report().version)
        yield _draft(workflow.submit, report(), by=root)
        yield _draft(workflow.judge, report(), {}, by=root, version=report().version)
        yield _draft(workflow.return_, report(), reason="数字を。", by=root)
        yield _draft(notices.notify_returned, report(), by=root)
        workflow.submit(report(), by=root)
        yield _draft(workflow.approve, report(), by=root)
        workflow.return_(report(), reason="もう一度。", by=root)
        workflow.submit(report(), by=root)
        yield _draft(workflow.approve_all, [report()], by=root)
        yield _draft(notices.notify_published, published, by=root)

        table = f"番号,項目名\n1,表の名前{number}\n".encode()
        printed = f"区分,項目数\n計,{number}\n".encode()
        yield _draft(tables.receive, table, "一覧.csv", plan, edition, None, by=root)
        yield _draft(waiting_upload, plan.pk, by=root)
        yield _draft(printed_tables.receive, printed, "公表.csv", plan, plan.sources.first(), {}, by=root)
        yield _draft(exports.start, plan, "book", site="https://example.jp", by=root)
        yield _draft(lift, f"name{number}", by=root)


def _draft(act, *given, **more):
    return name_of(act), lambda: act(*given, **more)
