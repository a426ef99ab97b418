"""The lists of the staff's pages on a usual screen."""

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.urls import reverse

from tests.browser.people import DESK

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]
WIDER = """() => {
  const table = document.querySelector("#result_list");
  return table ? table.scrollWidth - table.closest(".results").clientWidth : 0;
}"""


def test_no_column_of_any_list_stands_outside_its_box(db, cast, someone):
    call_command("load_official", verbosity=0)
    call_command("load_sample", verbosity=0)
    person = someone(DESK).sign_in("root")
    wider = {}
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert person.go(address) == 200, address
        over = person.page.evaluate(WIDER)
        if over > 1 or person.sideways() > 0:
            wider[address] = over
    assert wider == {}
