"""How old the results are, when more are due and whether the plan has ended stand beside the headline, on the overview and on an
item."""

import datetime

import pytest
from django.utils import timezone

from core.fiscal import ago, date_label
from policies.models import Plan, Source
from reviews.models import Round
from tests import factories
from tests.reading import read

AS_OF = datetime.date(2015, 3, 31)
OVERVIEW, ITEM = "/plans/kodaira-2/", "/plans/kodaira-2/programs/1/"
FIRST = {OVERVIEW: "これが最新の結果", ITEM: "最新の報告は平成27年（2015年）3月31日現在のもの"}
OVER = {OVERVIEW: "", ITEM: "この計画は平成28年（2016年）3月31日に終わりました。"}


def said(client, address):
    [found] = [text for text in read(client.get(address)).texts["p"] if "次の調査の" in text]
    return found


def dated(plan):
    """What both pages say of the latest results of a published plan."""
    published = plan.rounds.get(as_of=AS_OF).published_at
    return f"（{ago(AS_OF, timezone.localdate())}、{date_label(timezone.localdate(published))}公表）です。"


@pytest.mark.parametrize("address", [OVERVIEW, ITEM])
def test_the_age_of_the_results_and_the_end_of_the_plan(address, client, published):
    told = OVER[address] + FIRST[address] + dated(published)
    assert said(client, address) == f"{told}次の調査の予定は登録されていません。"
    Round.objects.filter(as_of=AS_OF).update(
        released_on="2015-05-28", source=Source.objects.filter(plan=published).first()
    )
    assert "、平成27年（2015年）5月28日公表）です。" in said(client, address)


@pytest.mark.parametrize("address", [OVERVIEW, ITEM])
def test_the_next_round_of_a_plan_that_runs(address, client, published):
    Plan.objects.update(last_fiscal_year=2199)
    told = FIRST[address] + dated(published)
    assert said(client, address) == f"{told}次の調査の基準日は未登録です。"
    edition = published.editions.first()
    published.rounds.create(as_of=datetime.date(2015, 9, 30), edition=edition)  # nobody made it public
    assert said(client, address) == f"{told}次の調査の基準日は未登録です。"
    for month in (10, 9):
        published.rounds.create(as_of=datetime.date(2016, month, 30), edition=edition, **factories.PUBLIC)
    assert (
        said(client, address)
        == f"{told}次の調査の基準日は平成28年（2016年）9月30日です。結果は、まだ公表していません。"
    )


def test_an_item_without_a_report_says_so_and_no_round_that_passed_is_the_next(client, plan):
    edition = plan.editions.first()
    plan.rounds.create(as_of=datetime.date(2013, 9, 30), edition=edition, **factories.PUBLIC)
    Plan.objects.update(last_fiscal_year=2199)
    none = "公表された報告は、このサイトに登録されていません（未登録）。"
    assert said(client, ITEM) == f"{none}次の調査の基準日は未登録です。"
    plan.rounds.create(as_of=datetime.date(2199, 9, 30), edition=edition, **factories.PUBLIC)
    assert said(client, ITEM).startswith(f"{none}次の調査の基準日は令和181年（2199年）9月30日です。")
