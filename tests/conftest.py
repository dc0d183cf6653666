"""What tests in every room share."""

import pytest

from tests.fixtures.data import model_mirror, shared_data, vtest_avi
from tests.fixtures.stack import central_database_url, central_template, database_url, stack

__all__ = [
    "central_database_url",
    "central_template",
    "database_url",
    "model_mirror",
    "shared_data",
    "stack",
    "vtest_avi",
]

_MARKER_OF_FIXTURE = {"stack": "stack", "model_mirror": "models"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they ask for, so that `-m "not stack"` needs no marks by hand."""
    for item in items:
        for fixture, marker in _MARKER_OF_FIXTURE.items():
            if isinstance(item, pytest.Function) and fixture in item.fixturenames:
                item.add_marker(marker)
