"""The twelve questions of a citizen are answered on the way that tests/browser/questions.py names."""

import pytest
from django.core.management import call_command

from tests.browser.people import PHONE
from tests.browser.questions import QUESTIONS, ways

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]


def test_twelve_questions_are_answered_in_three_clicks_or_with_one_search(someone):
    call_command("load_sample", verbosity=0)
    citizen = someone(PHONE)
    found = list(ways(citizen.page, "/plans/sample/"))
    assert len(found) == len(QUESTIONS) == 12
    assert [(way.question.text, way.clicks) for way in found if not way.is_short] == []
