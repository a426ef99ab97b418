"""A page of every kind, of three plans, on a desk and on a phone, light and dark: axe finds nothing, also in what is folded.
With letters of double size, as a reader sets them in the browser, nothing is wider than the screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command

from tests.browser.chromium import FLAGS
from tests.browser.kinds import kinds
from tests.browser.measures import AXE, broken_letter_by_letter, halved, torn, unfold, wider_than_its_box
from tests.browser.people import DESK, PHONE

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.soak
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_every_kind_of_page_is_accessible_and_fits_the_screen(viewport, scheme, db, someone):
    call_command("load_official", verbosity=0)
    call_command("load_sample", every=True, verbosity=0)
    page = someone(viewport).page
    page.emulate_media(color_scheme=scheme)
    found = {}
    for kind, address in kinds().items():
        page.goto(address)
        unfold(page)
        violations = [
            (violation["id"], [node["html"] for node in violation["nodes"]][:3])
            for violation in Axe().run(page, options=AXE).response["violations"]
        ]
        wider = wider_than_its_box(page) if viewport == DESK else []
        sideways = page.evaluate(SIDEWAYS)
        broken = broken_letter_by_letter(page) + torn(page) + (halved(page) if viewport == PHONE else [])
        if violations or wider or broken or sideways > 0:
            found[kind] = (sideways, wider, broken, violations)
    assert found == {}


@pytest.mark.soak
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_letters_of_double_size_fit_the_screen(viewport, db, launch_browser, live_server):
    call_command("load_official", verbosity=0)
    call_command("load_sample", every=True, verbosity=0)
    browser = launch_browser(args=[*FLAGS, "--blink-settings=defaultFontSize=32"])
    page = browser.new_page(viewport=viewport, base_url=live_server.url)
    wide = {}
    for kind, address in kinds().items():
        page.goto(address)
        unfold(page)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        if (sideways := page.evaluate(SIDEWAYS)) > 0:
            wide[kind] = sideways
    browser.close()
    assert wide == {}
