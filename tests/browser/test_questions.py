"""The twelve questions of a citizen are answered on the way that tests/browser/questions.py names."""

import pytest
from django.core.management import call_command

from tests.browser.measures import wider_than_its_box
from tests.browser.people import DESK, PHONE
from tests.browser.questions import QUESTIONS, ways

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]


def test_twelve_questions_are_answered_in_three_clicks_or_with_one_search(someone):
    call_command("load_sample", verbosity=0)
    citizen = someone(PHONE)
    found = list(ways(citizen.page, "/plans/sample/"))
    assert len(found) == len(QUESTIONS) == 12
    assert [(way.question.text, way.clicks) for way in found if not way.is_short] == []


@pytest.mark.parametrize(
    ("plan", "pages"),
    [
        ("sample", {"": 3500, "effects/": 5000, "revisions/fy2013-revision/": 7000}),
        # Quarterly rounds, two accounts, six grades, indicators of the plan: all that can stand on an overview.
        pytest.param("sample-2", {"": 3500}, marks=pytest.mark.soak),
    ],
)
def test_the_pages_of_a_whole_plan_are_short_on_a_desk_and_nothing_in_them_scrolls_sideways(someone, plan, pages):
    call_command("load_sample", verbosity=0, all=plan != "sample")
    page = someone(DESK).page
    found = {}
    for address, most in pages.items():
        page.goto(f"/plans/{plan}/{address}")
        tall = page.evaluate("document.documentElement.scrollHeight")
        if tall > most or wider_than_its_box(page):
            found[address] = (tall, wider_than_its_box(page))
    assert found == {}
