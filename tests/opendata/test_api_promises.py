"""The API keeps what its OpenAPI document promises, whatever is asked (schemathesis, in this process)."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

# Not among them: that every value which fits its type is accepted. A grade that a plan doesn't have is refused (400), and
# which ones there are depends on the plan.
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Real keys, so that most requests get past the door; "" leaves what was generated.
PLANS = st.sampled_from(["kodaira-2", "kodaira-2", "kodaira-2", ""])
NUMBERS = st.sampled_from(["1", "3", ""])


@pytest.fixture
def one_connection(filled):
    """Requests in this process use the test's connection, as those of Django's own test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield filled
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


# One of each kind, for every day; the long run asks all.
SOME = {"plans", "programs", "program", "reports", "long", "figures"}


def ask(examples, only=None):
    """Ask every operation (or `only` some), `examples` times with what fits and as often with what does not. Returns the statuses."""
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    statuses = []
    for result in described.get_all_operations():
        operation = result.ok()
        if only and operation.definition.raw["operationId"] not in only:
            continue
        for mode in GenerationMode:

            @how(
                max_examples=examples,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode), plan=PLANS, number=NUMBERS)
            def keeps_its_promises(case, plan, number):
                for name, value in (("plan", plan), ("number", number)):
                    if value and name in case.path_parameters:
                        case.path_parameters[name] = value
                response = case.call()
                case.validate_response(response, checks=CHECKS)
                statuses.append(response.status_code)

            keeps_its_promises()
    return statuses


def test_no_undocumented_answer(one_connection):
    statuses = ask(4, SOME)
    assert len(statuses) >= 24
    assert set(statuses) >= {200, 400, 404}


@pytest.mark.soak
def test_no_undocumented_answer_in_ten_thousand_cases(one_connection):
    statuses = ask(250)
    assert len(statuses) >= 10_000
    assert set(statuses) == {200, 400, 404}
