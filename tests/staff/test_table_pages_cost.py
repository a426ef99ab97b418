"""What the guides for tables cost: a page asks as often for ten rows as for hundreds, and taking them in, set by set."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from figures.models import PublishedFigure
from policies.models import Plan, Policy
from programs.models import Program
from tests.staff.pages import CONFIRM_BOOK, client_of, figure_table_page, sent, table_page, token

HEADINGS = "番号\t項目名\t方針\t担当課\tH23\tH24\t指標\t目標（H24）\n"


def table_of(items):
    """An office's own table with so many items, none of it doubtful but the blank policies."""
    return HEADINGS + "".join(
        f"{n}\t取組その{n}\t方針{n % 5 + 1}　分野{n % 5 + 1}\t担当{n % 9}課\t検討\t実施\t利用者数\t{n}人\n"
        for n in range(1, items + 1)
    )


class Counted:
    """Each page that was asked for, and its number of queries."""

    def __init__(self, client):
        self.client, self.queries = client, []

    def __call__(self, address, data=None):
        with CaptureQueriesContext(connection) as asked:
            answer = self.client.get(address) if data is None else self.client.post(address, data)
        self.queries.append(len(asked))
        return answer


def counts_of_the_guide(client, plan, items):
    ask = Counted(client)
    ask(table_page(plan), {"pasted": table_of(items)})
    for step, after in (("sheets/", "columns/"), ("columns/", "doubts/")):
        answer = ask(table_page(plan, step), sent(ask(table_page(plan, step))))
        assert answer.url == table_page(plan, after), items
    preview = ask(table_page(plan, "doubts/"), sent(ask(table_page(plan, "doubts/"))))
    ask(CONFIRM_BOOK, {"file": token(preview)})
    assert Program.objects.filter(plan=plan).count() == items
    return ask.queries


def test_a_table_of_620_items_costs_what_one_of_62_does(cast, db):
    """The pages, each shown and sent, and the preview; confirming takes more sets of rows, not more questions."""
    client, counts = client_of(cast.office), {}
    for items in (5, 62, 620):  # the first fills what is kept between requests
        plan = Plan.objects.create(
            slug=f"plan-{items}", city=f"市{items}", name="計画", first_fiscal_year=2011, last_fiscal_year=2015
        )
        counts[items] = counts_of_the_guide(client, plan, items)
    assert counts[62][:-1] == counts[620][:-1] == [14, 5, 7, 6, 13, 11, 32]
    assert counts[620][-1] - counts[62][-1] < 40
    assert counts[62][-1] <= 52


def counts_of_published(client, plan, policies):
    head = "平成26年9月30日現在\tS\tA\tB\t計\n"
    lines = [f"方針{n}　{name}\t0\t{n}\t1\t{n + 1}\n" for n, name in plan.policies.values_list("number", "name")]
    assert len(lines) == policies
    ask = Counted(client)
    ask(figure_table_page(plan), {"pasted": head + "".join(lines), "source": plan.sources.get().pk})
    ask(figure_table_page(plan, "sheets/"), sent(ask(figure_table_page(plan, "sheets/"))))
    ask(figure_table_page(plan, "meanings/"), sent(ask(figure_table_page(plan, "meanings/"))))
    check = ask(figure_table_page(plan, "check/"))
    before = plan.figures.count()
    ask(figure_table_page(plan, "check/"), {"_confirm": "1", "seen": check.context_data["result"].fingerprint})
    assert plan.figures.count() - before == 4 * policies
    return ask.queries


def test_a_published_table_of_60_policies_costs_what_one_of_2_does(cast, published):
    client, counts = client_of(cast.office), {}
    for policies in (2, 2, 60):  # the first fills what is kept between requests
        PublishedFigure.objects.all().delete()
        known = published.policies.count()
        published.policies.bulk_create(
            Policy(plan=published, number=n, name=f"分野{n}") for n in range(known + 1, policies + 1)
        )
        counts[policies] = counts_of_published(client, published, policies)
    # All but the second ask for the axes and their grades with one query more.
    assert counts[2][:-1] == counts[60][:-1] == [18, 5, 12, 10, 16, 15]
    assert counts[60][-1] - counts[2][-1] < 10
    assert counts[2][-1] <= 35
