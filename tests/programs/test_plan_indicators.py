"""全体の指標: published by an act, corrected by errata, and read where a citizen looks, in tables and by the ledger."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from core.acts import NotAllowed, WrongState
from figures.ledger import reconcile
from figures.models import PublishedFigure
from opendata.tables.catalogue import TABLES
from programs.achievement import no_rate, rate
from programs.editions import freeze, prepare
from programs.models import PlanIndicator, PlanIndicatorActual, PlanIndicatorErratum, PlanIndicatorTarget
from programs.plan_indicators import PublishedIndicator, correct_indicator, fields_of, publish, to_publish
from tests.kept import kept
from tests.reading import words_of

TABLE = {table.name: table for table in TABLES}


def rows_of(name, plan):
    return [row[1:-1] for row in TABLE[name].rows(plan)]


@kept
def indicator(plan, cast):
    """収入の割合 of the plan, with a target in the frozen edition, one forecast and one actual; 職員数 of policy 1, a draft."""
    edition = plan.editions.get(key="original")
    made = PlanIndicator.objects.create(
        plan=plan,
        number=1,
        name="自主財源比率",
        unit="%",
        baseline=Decimal("58.2"),
        baseline_fiscal_year=2010,
        source=plan.sources.get(),
    )
    made.targets.create(edition=edition, fiscal_year=2013, value=60, text="以上", note="一般会計")
    made.actuals.create(fiscal_year=2013, value=61, is_forecast=True)
    made.actuals.create(fiscal_year=2013, value=Decimal("62.5"), note="決算による")
    freeze(edition, by=cast.office, accept_incomplete=True)
    return made


@kept
def published(indicator, cast):
    publish(indicator, by=cast.office)
    return PlanIndicator.objects.get()


def test_nothing_is_public_before_the_act(client, plan, indicator):
    pages = [words_of(client, reverse(name, args=[plan.slug])) for name in ("plan", "plan_about")]
    assert [text for text in pages if "自主財源比率" in text] == []
    assert [name for name in TABLE if "plan_indicator" in name and rows_of(name, plan)] == []


def test_publishing_shows_the_indicator_where_a_citizen_looks(client, plan, published):
    overview = words_of(client, reverse("plan", args=[plan.slug]))
    assert "計画の全体の成果指標" in overview
    assert "自主財源比率 増えるとよい 58.2% 平成22年度 62.5% 平成25年度 60%以上 達成率104.2%" in overview
    about = words_of(client, reverse("plan_about", args=[plan.slug]))
    assert "60%以上 「当初」 一般会計 62.5% 決算による 見込では61% 届いた 達成率104.2%" in about
    assert "自主財源比率" not in words_of(client, reverse("policy", args=[plan.slug, 1]))


def test_one_of_which_no_value_is_known_stands_on_the_overview_as_unknown(client, plan, cast):
    publish(PlanIndicator.objects.create(plan=plan, number=1, name="自主財源比率", unit="%"), by=cast.office)
    assert "自主財源比率 増えるとよい 未登録 未登録 未登録 未登録" in words_of(client, plan.get_absolute_url())


def test_an_indicator_of_a_policy_stands_on_its_page_alone(client, plan, indicator, cast):
    PlanIndicator.objects.update(policy=plan.policies.get(number=1))
    publish(indicator, by=cast.office)
    assert "この方針の成果指標" in words_of(client, reverse("policy", args=[plan.slug, 1]))
    assert "自主財源比率" not in words_of(client, reverse("plan_about", args=[plan.slug]))
    assert rows_of("plan_indicators", plan)[0][:4] == ("policy", 1, 1, "自主財源比率")


def test_the_open_tables_and_the_tidy_one_have_its_values(plan, published):
    assert rows_of("plan_indicators", plan) == [
        ("plan", None, 1, "自主財源比率", "%", "up", Decimal("58.2"), 2010, None, "S1")
    ]
    assert rows_of("plan_indicator_targets", plan) == [
        ("plan", None, 1, "original", 2013, Decimal(60), "%", "以上", "一般会計")
    ]
    assert rows_of("plan_indicator_actuals", plan) == [
        ("plan", None, 1, 2013, True, Decimal(61), "%", None, None),
        ("plan", None, 1, 2013, False, Decimal("62.5"), "%", "決算による", None),
    ]
    names = [column.name for column in TABLE["long"].columns]
    named = [dict(zip(names, row, strict=True)) for row in TABLE["long"].rows(plan)]
    columns = ("fiscal_year", "measure", "value", "unit", "source", "plan_indicator", "edition")
    of_plan = [row for row in named if row["level"] == "plan" and "indicator" in row["measure"]]
    tidy = [tuple(row[column] for column in columns) for row in of_plan]
    assert tidy == [
        (2013, "indicator_target", Decimal(60), "%", "S1", 1, "original"),
        (2013, "indicator_forecast", Decimal(61), "%", "S1", 1, None),
        (2013, "indicator_actual", Decimal("62.5"), "%", "S1", 1, None),
    ]


def test_what_is_published_stays_and_what_is_added_waits_for_the_act(plan, published, cast):
    target, forecast, actual = published.targets.get(), *published.actuals.order_by("-is_forecast")
    for row, name, value in (
        (published, "name", "別の指標"),
        (published, "baseline", Decimal(1)),
        (target, "value", Decimal(1)),
        (target, "note", ""),
        (forecast, "value", Decimal(1)),
        (actual, "note", ""),
        (actual, "published_at", None),
    ):
        setattr(row, name, value)
        with pytest.raises(PublishedIndicator, match="公開しているため、変えられません"):
            row.save()
        with pytest.raises(PublishedIndicator), transaction.atomic():
            row.delete()
    added = published.actuals.create(fiscal_year=2014, value=59)
    assert to_publish(published) == [added]
    assert len(rows_of("plan_indicator_actuals", plan)) == 2
    assert publish(published, by=cast.office) == 1
    assert len(rows_of("plan_indicator_actuals", plan)) == 3
    with pytest.raises(WrongState, match="これから公開するものがありません"):
        publish(published, by=cast.office)


def test_only_the_office_publishes_and_corrects(indicator, cast):
    for person in (cast.reporter, cast.committee, cast.viewer):
        with pytest.raises(NotAllowed):
            publish(indicator, by=person)
        with pytest.raises(NotAllowed):
            correct_indicator(indicator, "name", "名", reason="誤り", by=person)


def test_the_next_edition_copies_targets_which_are_published_when_it_is_frozen(plan, published, cast):
    latest = plan.editions.get(key="fy2013-revision")
    for year in (2014, 2015):
        published.targets.create(edition=latest, fiscal_year=year, value=62)
    assert to_publish(published) == []  # the edition is a draft
    revised = prepare(plan, key="r2", name="再改訂版", first_fiscal_year=2015, last_fiscal_year=2015, by=cast.office)
    copied = PlanIndicatorTarget.objects.get(edition=revised)
    assert (copied.fiscal_year, copied.value, copied.published_at) == (2015, Decimal(62), None)
    copied.value = 64
    copied.save()
    assert len(rows_of("plan_indicator_targets", plan)) == 1
    freeze(revised, by=cast.office, accept_incomplete=True)
    assert [row[3:6] for row in rows_of("plan_indicator_targets", plan)][-1] == ("r2", 2015, Decimal(64))


def test_a_correction_changes_every_published_field_and_says_so(client, plan, published, cast):
    assert [field for field, *_ in fields_of(published)] == [
        *("name", "unit", "better", "baseline", "baseline_fiscal_year", "baseline_note"),
        *("targets:original:2013:value", "targets:original:2013:text", "targets:original:2013:note"),
        *("forecasts:2013:value", "forecasts:2013:note", "actuals:2013:value", "actuals:2013:note"),
    ]

    def correct(field, new, **values):
        return correct_indicator(published, field, new, reason="集計の誤り", by=cast.office, **values)

    made = correct("actuals:2013:value", "63")
    assert (made.label, made.old, made.new) == ("実績 平成25年度（2013年度） 実績値", "62.5", "63")
    correct("name", "自主財源の割合")
    correct("targets:original:2013:note", "")
    correct("forecasts:2013:value", "")  # says nothing any more
    assert PlanIndicatorActual.objects.filter(is_forecast=True).count() == 0
    about = words_of(client, reverse("plan_about", args=[plan.slug]))
    assert "自主財源の割合" in about
    assert "実績 平成25年度（2013年度） 実績値： 誤「62.5」→ 正「63」" in about
    assert "達成率105%" in about
    assert len(rows_of("errata", plan)) == 4
    assert rows_of("errata", plan)[0][1:6] == (None, None, None, 1, "actuals:2013:value")
    for field, new, where in (
        ("actuals:2013:value", "63", "new"),
        ("actuals:2013:value", "多い", "new"),
        ("actuals:2012:value", "1", "field"),
        ("unit", "長" * 21, "new"),
    ):
        with pytest.raises(ValidationError) as refused:
            correct(field, new)
        assert list(refused.value.message_dict) == [where]
    with pytest.raises(ValidationError, match="今日までの日"):
        correct("unit", "％", corrected_on=datetime.date(2199, 1, 1))


def test_a_rate_is_told_where_one_formula_is_used_by_all():
    assert [rate("up", Decimal(target), Decimal(actual)) for target, actual in ((60, 63), (3, 2), (50, 0))] == [
        Decimal("105.0"),
        Decimal("66.7"),
        Decimal("0.0"),
    ]
    for better, target, actual in (("down", 60, 50), ("none", 1, 1), ("up", 0, 1), ("up", -5, -4), ("up", 5, -1)):
        assert rate(better, Decimal(target), Decimal(actual)) is None
    assert no_rate("down", Decimal(1), Decimal(1)).startswith("減るとよい指標の達成率は、")


def test_the_ledger_checks_printed_values_of_it(plan, published, cast):
    source = plan.sources.get()

    def figure(key, measure, printed, value, unit="%", year=2013, **more):
        PublishedFigure.objects.create(
            plan=plan,
            key=key,
            measure=measure,
            label=key,
            printed=printed,
            value=value,
            unit=unit,
            fiscal_year=year,
            source=source,
            locator="1",
            plan_indicator=published,
            **more,
        )

    figure("1 actual", "overall_actual", "62.5", Decimal("62.5"))
    figure("2 forecast", "overall_actual", "61", 61, basis="forecast")
    figure("3 target", "overall_target", "60", 60, edition=plan.editions.get(key="original"))
    figure("4 rate", "overall_rate", "104％", 104)
    figure("5 wrong", "overall_actual", "62.4", Decimal("62.4"))
    figure("6 other year", "overall_actual", "70", 70, year=2014)
    figure("7 policy", "overall_target", "60", 60, policy=plan.policies.get(number=1))
    found = {line.figure.key: line for line in reconcile(plan)}
    assert [str(found[key].status.value) for key in sorted(found) if key[0].isdigit()][:6] == [
        *("一致", "一致", "一致", "一致", "不一致", "照合できません")
    ]
    with pytest.raises(ValidationError, match="この方針の指標ではありません"):
        PublishedFigure.objects.get(key="7 policy").full_clean()
    PlanIndicatorErratum.objects.all().delete()
    correct_indicator(published, "better", "減るとよい", reason="誤り", by=cast.office)
    down = next(line for line in reconcile(plan) if line.figure.key == "4 rate")
    assert (str(down.status.value), down.reason) == (
        "照合できません",
        "減るとよい指標の達成率は、計算のしかたがひとつに決まらないため、計算しません。",
    )


def test_the_admin_keeps_drafts_publishes_and_corrects(client, plan, indicator, cast):
    client.force_login(cast.office)
    page = reverse("admin:programs_planindicator_change", args=[indicator.pk])
    shown = client.get(page)
    assert "保存しただけでは、市民のページに出ません。" in shown.content.decode()
    publishing = reverse("admin:programs_planindicator_publish", args=[indicator.pk])
    text = words_of(client, publishing)
    assert "目標 平成25年度（2013年度）「当初」 60以上" in text
    assert "次の4件が" in text
    assert client.post(publishing, follow=True).status_code == 200
    assert PlanIndicator.objects.published().count() == 1
    assert client.post(publishing).status_code == 400
    correcting = reverse("admin:programs_planindicator_correct", args=[indicator.pk])
    sent = {"field": "name", "new": "自主財源の割合", "reason": "表記の誤り", "corrected_on": "2015-04-01"}
    assert client.post(correcting, sent, follow=True).status_code == 200
    assert PlanIndicator.objects.get().name == "自主財源の割合"
    client.force_login(cast.reporter)
    assert [client.get(address).status_code for address in (publishing, correcting)] == [403, 403]
