"""The API asked by a machine that reads its contract: whatever it says may come, is answered so.

What is generated is the same each time. It takes about a minute.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from central.api.app import describe
from tests.central.asking import Centre
from tests.waiting import LONG_S

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 10
# Files and streams are asked for by tests of their own.
OTHERWISE = ("/uploads/", "/watch/events")
SCHEMA = schemathesis.openapi.from_dict(describe())


def operations() -> Iterator[APIOperation[Any, Any, Any, Any]]:
    for found in SCHEMA.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if not any(part in operation.path for part in OTHERWISE):
            yield operation


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_comes_is_answered_as_the_contract_says(
    centre: Centre, mode: GenerationMode
) -> None:
    """One centre for all operations: making a database for each would be most of the time."""
    asked: Counter[str] = Counter()
    centre.sighting(plate="12가3456")
    centre.follow()
    for operation in operations():

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case[Any]) -> None:
            response = case.call(base_url=str(centre.client.base_url), timeout=LONG_S)
            case.validate_response(response, checks=CHECKS)
            asked[case.operation.label] += 1

        # What takes nothing cannot be asked wrongly.
        with suppress(Unsatisfiable):
            ask()
    assert len(asked) > 20
    assert centre.client.get("/api/v1/cameras").status_code == 200
