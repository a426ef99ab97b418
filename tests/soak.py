"""What walks over everything: one of each kind in `make test`, the others in `make soak`."""

import pytest


def others_in_soak(values, one_of_each):
    """Parameters for all values; those that are none of `one_of_each` run in `make soak` only. A tuple is several values."""
    missing = set(one_of_each) - set(values)
    assert not missing, f"not among the values: {missing}"
    return [
        pytest.param(
            *(value if isinstance(value, tuple) else (value,)), marks=() if value in one_of_each else pytest.mark.soak
        )
        for value in values
    ]


def whole_in_soak(one_of_each, everything):
    """Parameters for a test that takes them all at once: a selection, and in `make soak` everything."""
    missing = set(one_of_each) - set(everything)
    assert not missing, f"not among the values: {missing}"
    return [
        pytest.param(one_of_each, id="one of each kind"),
        pytest.param(everything, id="everything", marks=pytest.mark.soak),
    ]
