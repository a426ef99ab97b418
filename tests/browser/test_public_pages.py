"""Public pages on a light phone and on a dark desk: axe finds nothing, nothing is wider than the screen or broken apart."""

import re
import subprocess
from io import StringIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.utils import timezone

from committee.models import Meeting, Opinion
from core.fiscal import date_label
from policies.models import Plan
from programs.models import Indicator, IndicatorActual, Program
from reviews.models import Effect
from tests import factories
from tests.browser.chromium import FLAGS
from tests.browser.measures import AXE, broken_letter_by_letter, halved, printed, wider_than_its_box
from tests.browser.people import DESK, PHONE, Person
from tests.file_server import serve

pytestmark = pytest.mark.django_db(transaction=True)
KODAIRA = [
    "",
    "policies/4/",
    "programs/",
    "programs/1/",
    "progress/",
    "progress/2016-03-31/",
    "figures/",
    "data/",
    "revisions/",
    "revisions/fy2013-revision/",
]
SMALL = [
    "",
    "policies/1/",
    "programs/",
    "programs/?grade=nix&x=1",
    "programs/2/",
    "progress/",
    "progress/?sort=worst",
    "progress/2015-03-31/",
    "revisions/",
    "report/2015-03-31/",
    "compare/",
    "compare/?from=2015-03-31&to=2014-09-30",
    "effects/",
    "committee/",
    "committee/2199-07-10/",
    "data/?table=reports",
    "data/?table=nix",
]


@pytest.fixture
def small(cast):
    """A fictional plan with two published rounds."""
    plan = factories.small_plan("small")
    plan.editions.update(frozen_at=timezone.now(), frozen_by=cast.office)
    factories.published_round(plan, {1: "A", 2: "S"}, by=cast.office)
    factories.published_round(plan, {1: "S", 2: "B"}, by=cast.office)
    meeting = Meeting.objects.create(plan=plan, held_on="2199-07-10", agenda="1 進み具合", **factories.PUBLIC)
    second = plan.programs.get(number="2")
    Opinion.objects.create(
        plan=plan,
        key="1",
        meeting=meeting,
        program=second,
        given_on="2015-01-01",
        published_on="2015-01-01",
        text="意見",
    )
    rate = Indicator.objects.create(program=second, number=1, name="収納率", unit="%")
    for year, kind, basis, value in ((2013, "revenue", "actual", 120), (2014, "saving", "budget", -30)):
        Effect.objects.create(program=second, fiscal_year=year, kind=kind, basis=basis, amount=value)
        IndicatorActual.objects.create(indicator=rate, fiscal_year=year, value=value)
    Plan.objects.filter(pk=plan.pk).update(is_fictional=True)


@pytest.fixture
def addresses(small):
    """Of Kodaira's official plan and of the fictional one."""
    call_command("load_official", verbosity=0)
    return [
        "/",
        "/plans/",
        "/glossary/",
        "/about/",
        "/accessibility/",
        "/privacy/",
        "/api/v1/docs",
        "/nix/",
        *(f"/plans/kodaira-2/{page}" for page in KODAIRA),
        *(f"/plans/small/{page}" for page in SMALL),
    ]


# What other colours and another layout can break; the rest of a page is the same text.
SEEN = {
    "resultTypes": ["violations"],
    "runOnly": ["color-contrast", "link-in-text-block", "scrollable-region-focusable"],
}


ONE_OF_EACH = [
    *("/", "/plans/kodaira-2/programs/", "/plans/kodaira-2/revisions/fy2013-revision/", "/plans/small/programs/2/"),
    "/accessibility/",
    "/plans/small/compare/",
    "/plans/small/report/2015-03-31/",
    *("/plans/small/progress/", "/plans/small/data/?table=reports"),
]


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_public_pages_are_accessible_and_fit_the_screen(whole, addresses, someone):
    found = {}
    for viewport, scheme, options in ((PHONE, "light", AXE), (DESK, "dark", SEEN)):
        citizen = someone(viewport)
        citizen.page.emulate_media(color_scheme=scheme)
        for address in addresses if whole else ONE_OF_EACH:
            citizen.go(address)
            violations = [
                (violation["id"], [node["html"] for node in violation["nodes"]][:3])
                for violation in Axe().run(citizen.page, options=options).response["violations"]
            ]
            wider = wider_than_its_box(citizen.page) if viewport == DESK else []
            broken = broken_letter_by_letter(citizen.page) + (halved(citizen.page) if viewport == PHONE else [])
            if violations or wider or broken or citizen.sideways() > 0:
                found[scheme, address] = (citizen.sideways(), wider, broken, violations)
    assert found == {}


def test_a_link_to_what_is_folded_unfolds_it(small, someone):
    citizen = someone(PHONE)
    for page, place in (("/plans/small/data/", "reports"), ("/api/v1/docs", "reports")):
        citizen.go(page)
        assert [each.is_visible() for each in citizen.page.locator(f"#{place}").all()] == [False]
        citizen.page.goto(f"{page}#{place}")
        citizen.page.locator(f"#{place} table").first.wait_for()


@pytest.mark.pdf
def test_paper_says_where_it_is_from_and_no_heading_stands_alone_at_its_end(small, someone, tmp_path):
    page, alone = someone(DESK).page, []
    for address in ("", "programs/2/", "progress/2015-03-31/", "report/2015-03-31/"):
        page.goto(f"/plans/small/{address}")
        headings = page.locator("h1, h2, h3, h4, caption, summary").all_text_contents()
        sheets = printed(page, tmp_path / "page.pdf")
        assert len(sheets) > 1
        for number, (*_, last, below) in enumerate(sheets, start=1):
            assert below.startswith(page.url), address
            assert below.endswith(f"{date_label(timezone.localdate())}に表示 {number}/{len(sheets)}"), address
            alone += [(address, last)] if last in ["".join(each.split()) for each in headings] else []
    assert alone == []
    page.goto("/plans/small/progress/")
    printed(page, tmp_path / "grid.pdf")
    told = subprocess.run(["pdfinfo", tmp_path / "grid.pdf"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Page size: .*x 841.* \(A3\)", told), told


def test_the_first_chart_of_an_item_comes_within_two_screens_of_a_desk(small, someone):
    citizen = someone(DESK)
    citizen.go("/plans/small/programs/2/")
    box = citizen.page.locator("main svg.plot").first.bounding_box()
    assert box["y"] + box["height"] <= 1500


def test_letters_of_a_chart_grow_with_those_around_it_and_it_moves_in_its_box(small, launch_browser, live_server):
    browser = launch_browser(args=[*FLAGS, "--blink-settings=defaultFontSize=32"])
    page = browser.new_page(viewport=PHONE, base_url=live_server.url, bypass_csp=True)  # for what is waited for
    page.goto("/plans/small/programs/2/")
    box = page.locator(".chart .scroll").first
    plot = box.locator("svg.plot")
    size = plot.evaluate("plot => 13.5 * plot.getBoundingClientRect().width / plot.viewBox.baseVal.width")
    assert size >= 24  # 12 with letters of the usual size
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.chart .scroll').scrollLeft > 0")
    browser.close()


@pytest.mark.urls("tests.demo.urls")
@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [(PHONE, "dark"), pytest.param(DESK, "light", marks=pytest.mark.soak)],
    ids=["phone", "desk"],
)
def test_all_components_are_accessible_on_a_light_and_on_a_dark_ground(someone, viewport, scheme):
    citizen = someone(viewport)
    citizen.page.emulate_media(color_scheme=scheme)
    citizen.go("/demo/components/")
    found = Axe().run(citizen.page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found] == []
    assert citizen.sideways() <= 0
    grounds = citizen.page.locator(".pane").evaluate_all(
        "panes => panes.map(pane => getComputedStyle(pane).backgroundColor)"
    )
    assert grounds == ["rgb(255, 255, 255)", "rgb(26, 26, 26)"]


def test_the_grid_stays_a_table_where_its_rows_are_laid_out_as_blocks(addresses, someone):
    page = someone(PHONE).page
    page.goto("/plans/small/progress/")
    told = page.locator("table.grid").aria_snapshot()
    assert told.startswith('- table "実施項目の評価（平成27年（2015年）3月31日現在まで）"')
    assert [told.count(f"- {role} ") for role in ("columnheader", "rowheader")] == [2, 5]


def test_list_can_be_filtered_with_the_keyboard_alone(addresses, someone):
    page = someone(PHONE).page
    page.goto("/plans/kodaira-2/programs/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "本文へ移動"
    page.get_by_label("キーワード").focus()
    page.keyboard.type("事業仕分け")
    page.keyboard.press("Enter")
    page.wait_for_url("**/programs/?q=**")
    assert page.locator("tbody tr").count() == 1
    page.get_by_role("link", name="事業仕分けの実施").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/programs/27/")


COPIED = [
    "index.html",
    "plans/small/index.html",
    "plans/small/programs/index.html",
    "plans/small/programs/by/policy/1/index.html",
    "plans/small/progress/index.html",
    "plans/small/programs/2/index.html",
    "plans/small/data/index.html",
    "glossary/index.html",
]


# What the server's search finds too: other words and shapes of a letter for the same (項目1 is renamed), and several words.
FOUND_IN_COPY = {
    "寄附金額": 1,
    "寄付金額": 1,
    "髙齢者": 1,
    "お年寄り": 1,
    "項目 取組": 1,
    "高齢者 寄附": 1,
    "寄附 項目": 0,
}


@pytest.mark.soak
def test_the_copy_as_files_is_accessible_and_its_table_can_be_searched(addresses, browser, tmp_path):
    Program.objects.filter(plan__slug="small", number="1").update(name="高齢者のための寄付金額の公表")
    call_command("export_site", tmp_path / "a" / "b", "--plan", "small", stdout=StringIO())
    with serve(tmp_path) as server:
        citizen = Person(browser, server, PHONE)
        found = {}
        for page in COPIED:
            assert citizen.go(f"/a/b/{page}") == 200
            violations = [violation["id"] for violation in Axe().run(citizen.page).response["violations"]]
            if violations or citizen.sideways() > 0:
                found[page] = (citizen.sideways(), violations)
        assert found == {}
        citizen.go("/a/b/plans/small/programs/index.html")
        shown = citizen.page.locator("table.items tbody tr:not(.heading):visible")
        assert shown.count() == 2  # the third has no name
        citizen.page.get_by_label("この表の中でさがす").fill("ｺｳﾓｸ２")
        assert shown.count() == 0  # 項目 is no kana
        citizen.page.get_by_label("この表の中でさがす").fill("項目２の")
        assert shown.count() == 1
        assert citizen.page.get_by_role("status").filter(has_text="件").last.text_content() == "1件"
        for typed, count in FOUND_IN_COPY.items():
            citizen.page.get_by_label("この表の中でさがす").fill(typed)
            assert (typed, shown.count()) == (typed, count)
        citizen.context.close()
        assert citizen.problems == []
