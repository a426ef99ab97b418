"""An item that was withdrawn stays so until 公開する: no publication, freezing or registration shows it, and counts agree."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from core.acts import WrongState
from figures.counts import distribution
from figures.datasets import published_rounds, snapshot
from policies.publicity import make_public, withdraw
from programs import editions
from programs.models import Indicator, IndicatorActual, Program
from reviews import workflow
from reviews.models import Effect, PublishedReport
from reviews.past import PastResult, register_past
from tests import factories
from tests.figures.imported import figure
from tests.reading import read

SECRET = "取り下げた項目の名前"
PAGES = [
    *("", "programs/", "programs/2/", "policies/1/", "policies/2/", "progress/", "progress/2014-09-30/", "effects/"),
    *("report/2014-09-30/", "revisions/fy2013-revision/", "programs.csv", "long.csv", "programs.json", "feed.xml"),
    *("data/rounds/2014-09-30/programs.csv", "data/reports.csv", "data/program_editions.csv", "data/indicators.csv"),
    *("data/effects.csv", "data/indicator_actuals.csv", "figures/"),
]


@pytest.fixture
def round_(plan, cast):
    """Open, all three reports approved; item 2 (of policy 2) was public and was withdrawn."""
    plan.editions.update(frozen_at=None, frozen_by=None)
    Program.objects.filter(number="2").update(name=SECRET)
    opened = workflow.open_round(plan.rounds.get(as_of=datetime.date(2014, 9, 30)), by=cast.office)
    for number, code in ((1, "A"), (2, "S"), (3, "A")):
        report = factories.report(opened, number)
        indicator = Indicator.objects.create(program=report.program, number=1, name="件数", unit="件")
        figures = {"actuals": {(indicator.pk, 2014): (7,)}, "effects": [(2014, "saving", "actual", 100 * number)]}
        content = factories.content(plan, code) | figures
        workflow.save_draft(report, content, by=cast.office, version=report.version)
        workflow.approve(workflow.submit(factories.report(opened, number), by=cast.office), by=cast.office)
    withdraw(Program.objects.get(number="2"), reason="公開を誤った", by=cast.office)
    return opened


def told(client, plan):
    answers = {page: client.get(f"/plans/{plan.slug}/{page}") for page in PAGES}
    return {page for page, answer in answers.items() if answer.status_code == 200 and SECRET in text_of(answer)}


def text_of(answer):
    return answer.getvalue().decode()


def test_publishing_a_round_leaves_it_out(round_, plan, cast, client):
    workflow.publish(round_, by=cast.office, freeze_edition=True)
    item = Program.objects.get(number="2")
    assert (item.public_at, item.withdrawn) == (None, "公開を誤った")
    assert list(PublishedReport.objects.order_by("number").values_list("number", flat=True)) == ["1", "3"]
    assert list(round_.reports.order_by("program__number").values_list("state", flat=True)) == [
        *("published", "approved", "published")
    ]
    assert not Effect.objects.filter(program=item).exists()
    assert not IndicatorActual.objects.filter(indicator__program=item, fiscal_year=2014).exists()
    assert sorted(Effect.objects.values_list("amount", flat=True)) == [100, 300]
    assert (told(client, plan), client.get(f"/plans/{plan.slug}/programs/2/").status_code) == (set(), 404)


def test_what_is_counted_is_what_is_shown(round_, plan, cast, client):
    workflow.publish(round_, by=cast.office, freeze_edition=True)
    address = f"/plans/{plan.slug}"
    counts = distribution(snapshot(plan, published_rounds(plan)))
    assert [(grade.code, count) for grade, count in counts.cells if count] == [("A", 2)]
    assert counts.total.items == 2
    assert client.get(f"{address}/programs.json").json()["count"] == 2
    rows = text_of(client.get(f"{address}/data/rounds/2014-09-30/programs.csv")).splitlines()
    assert len(rows) == 3


def test_it_comes_back_by_its_own_act_and_not_into_the_round(round_, plan, cast, client):
    workflow.publish(round_, by=cast.office, freeze_edition=True)
    make_public(Program.objects.get(number="2"), by=cast.office)
    assert client.get(f"/plans/{plan.slug}/programs/2/").status_code == 200
    assert SECRET not in text_of(client.get(f"/plans/{plan.slug}/data/rounds/2014-09-30/programs.csv"))


def test_shown_again_before_the_publication_it_is_published_as_all_others(round_, cast):
    make_public(Program.objects.get(number="2"), by=cast.office)
    workflow.publish(round_, by=cast.office, freeze_edition=True)
    assert PublishedReport.objects.count() == 3


def test_a_round_of_withdrawn_items_alone_is_not_published(round_, cast):
    for number in ("1", "3"):
        withdraw(Program.objects.get(number=number), reason="公開を誤った", by=cast.office)
    with pytest.raises(WrongState, match="承認済みの報告が一つもありません"):
        workflow.publish(round_, by=cast.office, freeze_edition=True)


def test_the_office_is_told_which_reports_are_left_out(round_, plan, cast, client):
    figure(plan, "grades-2014-S", "grade_count", 1, category="S", as_of=round_.as_of)
    client.force_login(cast.office)
    address = f"/admin/reviews/round/{round_.pk}/publish/"
    page = client.get(address)
    assert "取り下げている項目 1件" in read(page).texts["h2"]
    assert f"2 {SECRET}" in read(page).texts["li"]
    assert "承認済みの報告2件を市民のページに公表します。" in page.text
    assert [line.computed for line in page.context_data["ledger"]] == [0]
    report = factories.report(round_, 2)
    workflow.return_(report, reason="直してください。", by=cast.office)
    page = client.get(address)
    assert (page.context_data["missing"], page.context_data["board"].missing) == ([], [])
    client.post(address, {"freeze_edition": "1"})  # nothing is missing that would be published
    round_.refresh_from_db()
    assert round_.state == "published"


def test_freezing_an_edition_does_not_show_it(plan, cast):
    plan.editions.update(frozen_at=None, frozen_by=None)
    withdraw(Program.objects.get(number="2"), reason="公開を誤った", by=cast.office)
    Program.objects.filter(number="3").update(public_at=None)
    editions.freeze(plan.editions.get(key="original"), by=cast.office, accept_incomplete=True)
    assert list(Program.objects.shown().values_list("number", flat=True)) == ["1", "3"]


def test_a_result_of_the_past_is_not_registered_for_it(plan, cast):
    item = withdraw(Program.objects.get(number="2"), reason="公開を誤った", by=cast.office)
    round_ = plan.rounds.get(as_of=datetime.date(2014, 9, 30))
    grade = plan.grades.get(code="A")
    with pytest.raises(ValidationError) as refused:
        register_past(
            round_,
            [PastResult(item, grade)],
            source=plan.sources.first(),
            released_on=datetime.date(2014, 12, 1),
            by=cast.office,
        )
    assert refused.value.message_dict["results"] == [
        f"「{item}」は取り下げています。載せるときは、先に項目の画面で「公開する」を押してください。"
    ]
