"""A clerk brings in the office's own table of 62 items and decides only what is doubtful: clicks and seconds are counted.

Of each layout the rows that came out are held beside what the table says.
"""

import time
from datetime import date

import pytest
from playwright.sync_api import expect

from policies.models import Plan
from programs.models import IndicatorTarget, YearPlan
from reviews.models import PublishedReport
from tests import factories
from tests.workbooks.plan.books import exported
from tests.workbooks.tables import human
from tests.workbooks.tables.reading import cells, workbook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]
NUMBERS = range(1, 63)
POLICIES = {1: "歳入の確保", 2: "歳出の削減", 3: "執行体制の強化"}
YEARS = range(2011, 2016)
DAYS = (date(2013, 9, 30), date(2014, 3, 31), date(2014, 9, 30), date(2015, 3, 31))
DEPARTMENTS = ("財政課", "市民課", "総務課")


def policy_of(number):
    return 1 + (number > 20) + (number > 40)


def department_of(number):
    return DEPARTMENTS[number % 3]


def below_the_item():
    """Two rows an item: its plan, and below it the indicator; policies are lines between the items."""
    rows, merged, before = (
        [["○○市 実施計画"], ["番号", "項目名", "担当課", "区分", "指標", *(f"H{y - 1988}" for y in YEARS)]],
        [],
        0,
    )
    for number in NUMBERS:
        if policy_of(number) != before:
            before = policy_of(number)
            rows.append([f"方針{'１２３'[before - 1]}　{POLICIES[before]}"])
            merged.append(f"A{len(rows)}:J{len(rows)}")
        rows.append(
            [number, f"項目{number}", department_of(number), "計画", None, "検討", "検討", "実施", "実施", "実施"]
        )
        rows.append([None, None, None, "目標", "参加者数（人）", *(number * 10 + year - 2011 for year in YEARS)])
        merged += [f"{letter}{len(rows) - 1}:{letter}{len(rows)}" for letter in "ABC"]
    return "実施計画.xlsx", workbook(rows, merged)


def of_a_database():
    """As a database writes it: commas, CP932, one line an item."""
    lines = [
        "事業コード,事業名,方針,方針名称,所属名,事業概要,H23計画,H24計画,H25計画,H26計画,H27計画,指標名称,指標単位,指標目標値（H27）"
    ]
    lines += [
        f'{n:02},項目{n},{policy_of(n)},{POLICIES[policy_of(n)]},{department_of(n)},髙齢者の窓口①,検討,検討,実施,実施,実施,参加者数,人,"{n * 10 + 4:,}"'
        for n in NUMBERS
    ]
    return "jigyo.csv", "\r\n".join(lines).encode("cp932")


def a_sheet_a_policy():
    """Its name above each table, years under one heading."""

    def sheet(policy):
        return [
            [f"方針{policy}　{POLICIES[policy]}"],
            ["No.", "取組項目", "所管課", "取組内容", "年度計画", None, None, None, None],
            [None, None, None, None, *(f"平成{y - 1988}年度" for y in YEARS)],
            *(
                [n, f"項目{n}", department_of(n), "窓口を改める。", "検討", "検討", "実施", "実施", "実施"]
                for n in NUMBERS
                if policy_of(n) == policy
            ),
        ]  # fmt: skip

    return "方針別.xlsx", workbook(sheet(1), ["E2:I2"], "方針1", other=[(f"方針{p}", sheet(p)) for p in (2, 3)])


def numbered_anew():
    """Each policy begins with 1."""
    rows, before = [["番号", "項目名", "担当課", *(f"H{y - 1988}" for y in YEARS)]], 0
    for number in NUMBERS:
        if policy_of(number) != before:
            before = policy_of(number)
            rows.append([f"方針{before}　{POLICIES[before]}"])
        rows.append([place_of(number), f"項目{number}", department_of(number), "検討", "検討", "実施", "実施", "実施"])
    return "実施計画.xlsx", workbook(rows)


def place_of(number):
    return (number - 1) % 20 + 1 if number <= 40 else number - 40


def number_in(layout, number):
    return f"{policy_of(number)}-{place_of(number)}" if layout is numbered_anew else str(number)


def half_years():
    """What the city published: a grade each half-year, of years under each other's heading."""
    rows = [
        ["進捗状況一覧（平成27年3月31日現在）"],
        ["番号", "項目名", *(cell for y in (2013, 2014) for cell in (f"平成{y - 1988}年度", None))],
        [None, None, *["上半期", "下半期"] * 2],
        *([n, f"項目{n}", *grades_of(n)] for n in NUMBERS),
    ]
    return "進捗.xlsx", workbook(rows, ["A2:A3", "B2:B3", "C2:D2", "E2:F2"])


def grades_of(number):
    return ["SAB"[number % 3], "A", "SAB"[number % 2], "B" if number % 5 == 0 else "A"]


def targets_of(layout):
    if layout is below_the_item:
        return [(f"項目{n}", year, n * 10 + year - 2011) for n in NUMBERS for year in YEARS]
    return [(f"項目{n}", 2015, n * 10 + 4) for n in NUMBERS] if layout is of_a_database else []


class Clerk:
    """Goes on with what is proposed, chooses the first answer where none is, and counts clicks."""

    def __init__(self, person):
        self.person, self.page, self.clicks = person, person.page, 0
        self.person.context.set_default_timeout(60_000)

    def press(self, what):
        self.clicks += 1
        what.click()

    def start(self, plan, name, data):
        self.person.go(f"/admin/policies/plan/{plan.pk}/change/")
        self.press(self.page.get_by_role("link", name="一覧表を取り込む"))
        self.clicks += 2  # the file is chosen in a window of the system
        self.page.locator("input[type=file]").set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        )
        for _step in ("表を選ぶ", "シートと行", "列の役割"):
            self.press(self.page.get_by_role("button", name="次へ"))

    def decide(self):
        undecided = "fieldset:has(input[type=radio]):not(:has(input[type=radio]:checked))"
        while (groups := self.page.locator(undecided)).count():
            self.press(groups.first.locator("input[type=radio]").first)

    def finish(self):
        self.decide()
        self.press(self.page.locator("form[method=post] [type=submit]").last)
        self.press(self.page.get_by_role("button", name="取り込む"))
        expect(self.page.locator(".messagelist .success")).to_contain_text("取り込みました")


@pytest.fixture
def plan(db):
    return Plan.objects.create(
        slug="human", city="○○市", name="行財政改革プラン", first_fiscal_year=2011, last_fiscal_year=2015
    )


LAYOUTS = [below_the_item, of_a_database, a_sheet_a_policy, numbered_anew]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.__name__)
def test_a_plan_comes_in_within_fifteen_clicks(layout, plan, cast, someone):
    clerk, (name, data) = Clerk(someone().sign_in("office")), layout()
    began = time.monotonic()
    clerk.start(plan, name, data)
    clerk.finish()
    seconds = time.monotonic() - began
    assert [(p.number.lstrip("0"), p.name, p.policy.number) for p in plan.programs.order_by("sort_key")] == [
        (number_in(layout, n), f"項目{n}", policy_of(n)) for n in NUMBERS
    ]
    plans = YearPlan.objects.filter(program_edition__program__plan=plan)
    rows = plans.values_list("program_edition__program__name", "fiscal_year", "text")
    wanted = [(f"項目{n}", year, "検討" if year < 2013 else "実施") for n in NUMBERS for year in YEARS]
    assert sorted(rows) == sorted(wanted)
    led = plan.programs.values_list("name", "editions__responsibilities__department__name")
    assert sorted(led) == sorted((f"項目{n}", department_of(n)) for n in NUMBERS)
    targets = IndicatorTarget.objects.filter(indicator__program__plan=plan)
    assert sorted(targets.values_list("indicator__program__name", "fiscal_year", "value")) == sorted(targets_of(layout))
    assert (clerk.clicks <= 15, seconds < 120) == (True, True), f"{clerk.clicks} clicks, {seconds:.1f} seconds"


def test_the_sheet_that_people_made_becomes_what_is_written_by_hand(plan, cast, someone):
    """Title rows, merged policies, two-level headings, 同上, arrows, targets with their baseline in brackets."""
    clerk = Clerk(someone().sign_in("office"))
    began = time.monotonic()
    clerk.start(plan, "実施計画.xlsx", human.FILE)
    clerk.finish()
    seconds = time.monotonic() - began
    sheets = cells(exported(plan.slug))
    wanted = human.by_hand()
    assert {
        name: [{column: row[column] for column in rows[0]} for row in sheets[name]] for name, rows in wanted.items()
    } == wanted
    assert (clerk.clicks <= 15, seconds < 120) == (True, True), f"{clerk.clicks} clicks, {seconds:.1f} seconds"


def test_grades_of_half_years_come_in_as_past_results(plan, cast, someone):
    policies = {n: plan.policies.create(number=n, name=name) for n, name in POLICIES.items()}
    plan.editions.create(key="original", name="当初", first_fiscal_year=2011, last_fiscal_year=2015)
    for place, (code, label, tone) in enumerate(factories.GRADES, 1):
        plan.grades.create(code=code, label=label, tone=tone, order=place)
    for n in NUMBERS:
        plan.programs.create(number=str(n), name=f"項目{n}", policy=policies[policy_of(n)])
    source = plan.sources.create(key="S1", title="進捗状況一覧", publisher="○○市")
    clerk = Clerk(someone().sign_in("office"))
    began = time.monotonic()
    clerk.start(plan, *half_years())
    clerk.press(clerk.page.get_by_role("link", name="調査の結果を登録する"))
    clerk.press(clerk.page.get_by_label("出典"))
    clerk.press(clerk.page.get_by_label("出典"))  # the list and what is chosen in it
    clerk.page.get_by_label("出典").select_option(str(source.pk))
    clerk.press(clerk.page.get_by_label("平成25年9月30日の公表日"))
    for typed in ("H25.11.20", "H26.5.20", "H26.11.20", "H27.5.20"):
        clerk.page.keyboard.type(typed)
        clerk.page.keyboard.press("Tab")
    clerk.press(clerk.page.get_by_role("button", name="公表結果を登録する"))
    expect(clerk.page.locator(".messagelist .success")).to_have_text("4回の調査の公表結果（248件）を登録しました。")
    seconds = time.monotonic() - began
    rows = PublishedReport.objects.filter(program__plan=plan).values_list(
        "program__number", "round__as_of", "grade_code"
    )
    assert sorted(rows) == sorted(
        (str(n), day, grade) for n in NUMBERS for day, grade in zip(DAYS, grades_of(n), strict=True)
    )
    assert (clerk.clicks <= 15, seconds < 120) == (True, True), f"{clerk.clicks} clicks, {seconds:.1f} seconds"
