"""A page of every kind, of three plans, on a desk and on a phone, light and dark: axe finds nothing, also in what is folded."""

import pytest
from axe_playwright_python.sync_playwright import DEFAULT_OPTIONS, Axe
from django.core.management import call_command

from tests.browser.kinds import kinds
from tests.browser.measures import broken_letter_by_letter, unfold, wider_than_its_box
from tests.browser.people import DESK, PHONE

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
            for violation in Axe().run(page, options=DEFAULT_OPTIONS).response["violations"]
        ]
        wider = wider_than_its_box(page) if viewport == DESK else []
        sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        broken = broken_letter_by_letter(page)
        if violations or wider or broken or sideways > 0:
            found[kind] = (sideways, wider, broken, violations)
    assert found == {}
