"""`load_sample --all`: a second fictional plan, for everything that the first has not."""

import html
import re
from collections import Counter
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Count

from accounts.models import User
from core.text import FICTIONAL
from demo.loading import FIRST, SAMPLES, load
from figures.ledger import Status, reconcile
from figures.models import PublishedFigure
from policies.models import Grade, Plan
from programs.models import Program
from reviews.models import Effect, PublishedJudgement, PublishedReport, ReportErratum, Round, Settlement
from tests.kept import kept
from tests.reading import read
from tests.website.whole_site import some_of_each_kind, texts_of_site
from tests.workbooks.plan import books
from workbooks.plan.importing import import_tables
from workbooks.plan.reading import read_book
from workbooks.plan.stored_plan import load as load_tables

# The tables of September 2023 were corrected: what they said first is replaced, not checked.
REPLACED = {
    *("effect.2022.saving.first", "effect.2022.total.first"),
    *("grade_count.2023-09-30.C.first", "grade_count.2023-09-30.D.first"),
}


@kept
def city():
    """架空市, without the first sample."""
    return load(SAMPLES[1])


@pytest.mark.soak
def test_it_comes_with_all_and_not_unasked(db):
    out = StringIO()
    call_command("load_sample", stdout=out)
    assert list(Plan.objects.values_list("slug", flat=True)) == [FIRST.slug]
    call_command("load_sample", every=True, stdout=out)
    assert out.getvalue().splitlines()[1:] == [
        "見本の計画（sample）: すでに登録されています。何も変えていません。",
        "見本の計画（sample-2）: 架空市行政経営改革プラン（架空のデータ）を登録しました。"
        "実施項目 24件、調査 12回、進捗報告 245件。",
    ]
    out = StringIO()
    call_command("remove_sample", stdout=out)
    assert out.getvalue().splitlines() == [
        "架空の計画「見本市行財政改革推進計画」を、履歴を含めて消しました。",
        "架空の計画「架空市行政経営改革プラン」を、履歴を含めて消しました。",
    ]
    assert (Plan.objects.count(), User.objects.count()) == (0, 0)


def test_every_figure_that_the_city_printed_agrees(city):
    found = {row.figure.key: row.status for row in reconcile(city)}
    assert {key for key, status in found.items() if status is not Status.AGREES} == REPLACED
    assert {key for key, status in found.items() if status is Status.UNCHECKED} == REPLACED
    assert len(found) > 310
    measures = {row.figure.measure for row in reconcile(city)}
    assert measures >= {
        *("item_count", "listed_count", "item_count_change", "graded_total", "grade_count", "grade_share"),
        *("grade_count_change", "effect", "items_with_effect", "indicator_count", "year_plan_count"),
        *("effect_planned", "effect_difference", "effect_rate"),
    }
    of_outcome = [row.figure for row in reconcile(city) if row.figure.axis_id]
    assert Counter(figure.measure for figure in of_outcome) == {"graded_total": 3, "grade_count": 28, "grade_share": 4}
    out = StringIO()
    call_command("check_figures", "sample-2", stdout=out)  # ends well
    assert "不一致 0件" in out.getvalue()


@pytest.mark.soak
def test_its_workbook_comes_back_cell_by_cell(city):
    first, told = books.exported("sample-2"), books.open_tables("sample-2")
    read = read_book(first)
    books.empty_database()
    assert not User.objects.filter(is_superuser=True).exists()
    import_tables(read.tables, by=None, found=read.problems)
    assert books.cells(books.exported("sample-2")) == books.cells(first)
    assert books.open_tables("sample-2") == told


@pytest.mark.soak
def test_two_loads_give_the_same_tables(city):
    before = load_tables(city).rows
    books.empty_database()
    again = load_tables(load(SAMPLES[1])).rows
    assert [name for name in before if before[name] != again[name]] == []


def test_it_has_what_the_first_has_not(city):
    assert (city.city, city.is_fictional, city.is_public) == ("架空市", True, True)
    assert {
        name: getattr(city, f"{name}_word") for name in ("policy", "program", "department", "indicator", "office")
    } == {
        "policy": "重点改革項目",
        "program": "取組項目",
        "department": "所管部署",
        "indicator": "活動指標",
        "office": "行政経営室",
    }
    assert not city.directions.exists()
    assert list(Grade.objects.main_of(city).values_list("code", "tone")) == [
        *(("A", "ahead"), ("B", "on_track"), ("C", "partly"), ("D", "behind"), ("E", "not_started")),
        ("-", "excluded"),
    ]
    assert [str(day) for day in city.rounds.values_list("as_of", flat=True)][:5] == [
        *("2022-06-30", "2022-09-30", "2022-12-31", "2023-03-31", "2023-06-30"),
    ]
    assert set(city.rounds.values_list("state", flat=True)) == {Round.State.PUBLISHED}
    assert [str(one.starts_on) for one in city.scales.all()] == ["2023-06-30"]
    programs = Program.objects.filter(plan=city)
    assert dict(programs.exclude(end_reason="").values_list("end_reason").annotate(Count("pk")).order_by()) == {
        **dict.fromkeys(("achieved", "carried", "completed", "merged", "routine", "stopped"), 1),
    }
    assert programs.get(number="R1-4").merged_into.number == "R1-2"
    assert {str(one.added_on) for one in programs.exclude(added_on=None)} == {"2023-04-01", "2024-04-01"}
    assert {one.number: one.relisted_in.get().number for one in programs.exclude(relisted_in=None)} == {
        "R1-3": 4,
        "R2-2": 3,
    }
    assert PublishedReport.objects.filter(round__plan=city, grade_code="").count() == 1
    assert ReportErratum.objects.filter(plan=city).count() == 2


def test_the_office_judges_a_second_axis_once_a_year(city):
    assert list(city.axes.values_list("key", "name", "judge")) == [
        ("main", "実施状況", "department"),
        ("outcome", "達成度", "office"),
    ]
    judged = PublishedJudgement.objects.filter(published_report__round__plan=city)
    counts = (
        judged.values_list("published_report__round__as_of")
        .annotate(Count("pk"))
        .order_by("published_report__round__as_of")
    )
    assert [(str(day), count) for day, count in counts] == [("2023-03-31", 21), ("2024-03-31", 19), ("2025-03-31", 19)]
    of_2024 = judged.filter(published_report__round__as_of="2024-03-31")
    assert Counter(of_2024.values_list("grade_code", flat=True)) == {"S": 5, "T": 9, "U": 3, "V": 2}
    # The departments say as planned, the office says that the year's target was reached only in part.
    assert (
        of_2024.get(published_report__number="R2-6").grade_code,
        of_2024.filter(published_report__number="R4-3").count(),
    ) == ("U", 0)


def test_its_effects_are_planned_settled_and_in_its_own_unit(city):
    assert city.money_unit == "万円"
    effects = Effect.objects.filter(program__plan=city)
    counts = effects.values_list("fiscal_year", "basis").annotate(Count("pk")).order_by("fiscal_year", "basis")
    assert list(counts) == [
        *((2022, "actual", 9), (2022, "forecast", 9), (2023, "actual", 12), (2023, "forecast", 12)),
        *((2023, "planned", 11), (2024, "forecast", 11), (2024, "planned", 11)),
    ]
    assert set(effects.filter(account="special").values_list("program__number", flat=True)) == {"R3-6"}
    [settled] = Settlement.objects.filter(plan=city)
    assert (settled.program.number, settled.value, settled.before, settled.before_basis, settled.shown) == (
        *("R2-3", Decimal(2096), Decimal(2100), "forecast", "209.6万円"),
    )


def test_a_later_edition_extended_its_period(city):
    assert (city.first_fiscal_year, city.last_fiscal_year, city.original_last_fiscal_year) == (2022, 2024, 2023)
    assert list(city.editions.values_list("key", "last_fiscal_year")) == [("original", 2023), ("extension", 2024)]


def test_it_is_nobody_elses():
    official = (FIRST.folder.parent / "official" / "kodaira.yaml").read_text(encoding="utf-8")
    texts = "".join(path.read_text(encoding="utf-8") for path in SAMPLES[1].folder.glob("*.yaml"))
    assert "小平" not in texts
    names = set(re.findall(r"name: ([^,}\n]{8,})", official))
    assert [name for name in names if name in texts] == []


@some_of_each_kind
def test_every_page_and_file_of_it_opens_and_is_marked(client, city, most):
    site = texts_of_site(client, city, most)
    of_plan = {path: text for path, text in site.items() if "/sample-2" in path}
    assert len(of_plan) > (40 if most else 24 + 4 + 12 * 3)
    unmarked = [
        path
        for path, text in of_plan.items()
        if not path.endswith((".xlsx", ".zip", "SHA256SUMS"))
        if (b"fictional" if path.endswith(".csv") and "/charts/" not in path else FICTIONAL.encode()) not in text
    ]
    assert unmarked == []


def test_the_list_links_to_its_latest_round_only_where_that_knows_what_was_asked(client, city):
    """A department that led an item that ended is offered today, and was not when the last round was published."""
    asked = "/plans/sample-2/programs/?department=gyokei"
    assert b"round=2025-03-31" not in client.get(asked).content
    assert client.get(f"{asked}&round=2025-03-31").status_code == 400
    page = client.get("/plans/sample-2/programs/?department=dx").content.decode()
    [link] = re.findall(r'href="(/plans/sample-2/programs/[^"]*round=2025-03-31[^"]*)"', page)
    assert client.get(html.unescape(link)).status_code == 200


def test_its_overview_leaves_what_would_make_it_long_to_other_pages(client, city):
    """Of twelve rounds the last year stands there and the rest is folded; amounts by account stand with the effects."""
    page = read(client.get(city.get_absolute_url()))
    told = [
        [row[0] for row in rows[1:]]
        for caption, rows in zip(page.captions, page.tables, strict=True)
        if caption == "基準日ごとの項目数"
    ]
    assert [(len(rows), rows[0], rows[-1]) for rows in told] == [
        (4, "令和6年（2024年）6月30日", "令和7年（2025年）3月31日"),
        (8, "令和4年（2022年）6月30日", "令和6年（2024年）3月31日"),
    ]
    assert "それより前の8回（令和4年（2022年）6月30日から）" in page.texts["summary"]
    assert "年度ごとの効果額（一般会計）" not in page.texts["caption"]
    assert "効果額を詳しく見る（一般会計、特別会計の金額も、そこにあります）" in page.texts["p"]
    assert "年度ごとの効果額（一般会計）" in read(client.get(f"{city.get_absolute_url()}effects/")).texts["caption"]


def test_a_ledger_of_hundreds_of_figures_is_folded_by_what_they_count(client, city):
    page = read(client.get(f"{city.get_absolute_url()}figures/"))
    assert "項目数（26件：一致 26）" in page.texts["summary"]
    assert "評価別の項目数：実施状況（149件：一致 147、照合できません 2）" in page.texts["summary"]
    assert len(page.texts["summary"]) == len(page.tables) == 19
    rows = [row for table in page.tables for row in table[1:] if len(row) == 4]
    assert (len(rows), PublishedFigure.objects.filter(plan=city).count()) == (323, 323)


def measured(client, address):
    page = read(client.get(f"/plans/sample-2/{address}"))
    return [table for caption, table in zip(page.captions, page.tables, strict=True) if caption == "目標と実績"]


def test_the_report_of_a_round_tells_the_indicators_of_the_plan_as_they_stand_on_its_pages(client, city):
    own, of_policy = measured(client, "about/"), measured(client, "policies/3/")
    assert [len(table) for table in (*own, *of_policy)] == [4, 3]
    assert measured(client, "report/2025-03-31/") == own + of_policy
    assert own[0][-1] == ["令和6年度（2024年度）", "67%「改定版（期間の延長）」", "68.9%", "届いた達成率102.8%"]
    names = read(client.get("/plans/sample-2/report/2025-03-31/")).texts
    assert names["h2"][2] == "計画の活動指標"
    assert {"市の手続に満足している市民の割合（%）", "重点改革項目3：経常収支比率（%）"} < set(names["h3"])
    # A report of an earlier day knows no later value and no later edition.
    before = measured(client, "report/2023-09-30/")
    assert [[row[0] for row in table[1:]] for table in before] == [
        ["令和4年度（2022年度）", "令和5年度（2023年度）"],
        ["令和5年度（2023年度）"],
    ]
    assert "68.9" not in str(before)
