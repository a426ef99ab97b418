"""The ledger: each published figure against the records."""

import datetime
from decimal import Decimal

import pytest
from django.core.management import call_command

from figures.ledger import reconcile
from figures.models import PublishedFigure
from programs.models import Program
from tests import factories


def ledger(plan):
    return {row.figure.key: (row.status, row.computed) for row in reconcile(plan)}


def test_official_figures_agree_as_far_as_the_records_go(official, django_assert_num_queries):
    with django_assert_num_queries(6):
        rows = ledger(official)
    agreed = {key for key, (status, _value) in rows.items() if status == "一致"}
    assert agreed == {
        "item_count",
        *(f"item_count.policy-{n}" for n in range(1, 6)),
        *(f"effect.{year}.total" for year in range(2011, 2016)),
    }
    assert {status for key, (status, _value) in rows.items() if key not in agreed} == {"照合できません"}


def test_wrong_count_is_told_and_ends_with_exit_code_1(official, capsys):
    Program.objects.filter(number="62").delete()
    rows = ledger(official)
    assert rows["item_count"] == ("不一致", Decimal(61))
    assert rows["item_count.policy-5"] == ("不一致", Decimal(16))
    assert rows["item_count.policy-4"] == ("一致", Decimal(18))
    with pytest.raises(SystemExit) as caught:
        call_command("check_figures", "kodaira-2")
    assert caught.value.code == 1
    assert "実施項目の数（item_count）: 公表値 62項目（S1 " in capsys.readouterr().out


def test_grades_are_compared_with_the_published_round_only(plan, cast):
    source = plan.sources.get()
    for code, printed in (("A", 1), ("B", 2)):
        PublishedFigure.objects.create(
            plan=plan,
            key=code,
            measure="grade_count",
            label=code,
            as_of=datetime.date(2014, 9, 30),
            category=code,
            printed=str(printed),
            value=printed,
            unit="項目",
            source=source,
            locator="p.1",
        )
    assert ledger(plan) == {"A": ("照合できません", None), "B": ("照合できません", None)}
    factories.published_round(plan, {1: "A", 2: "B"}, by=cast.office)
    assert ledger(plan) == {"A": ("一致", Decimal(1)), "B": ("不一致", Decimal(1))}


def test_unreadable_figure_cannot_be_checked(official):
    official.figures.filter(key="item_count").update(value=None)
    assert ledger(official)["item_count"] == ("照合できません", Decimal(62))
