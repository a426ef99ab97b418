"""Fields of models by their names."""

import pytest
from django.core.exceptions import FieldDoesNotExist

from accounts.models import Department
from core.fields import field_label, model_field


def test_a_field_is_found_by_its_name():
    assert model_field(Department, "name") is Department._meta.get_field("name")
    assert field_label(Department, "name") == "名称"


@pytest.mark.parametrize("name", ["nothing", "members", "predecessors"])
def test_what_the_model_does_not_declare_is_no_field(name):
    with pytest.raises(FieldDoesNotExist):
        model_field(Department, name)
