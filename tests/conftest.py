"""What tests in every room share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

# Here and nowhere else: a fixture imported twice is made twice, and a process has one Playwright.
from tests.browser.chromium import browser, console_dist, page, watch
from tests.faults.figures import fault_figures
from tests.fixtures.data import model_mirror, shared_data, vtest_avi
from tests.fixtures.stack import central_database_url, central_template, database_url, stack

__all__ = [
    "browser",
    "central_database_url",
    "central_template",
    "console_dist",
    "database_url",
    "fault_figures",
    "model_mirror",
    "page",
    "shared_data",
    "stack",
    "vtest_avi",
    "watch",
]

# How long one example takes depends on who else uses the machine, and what one commit passes it
# passes always: new examples are looked for with --hypothesis-profile=default.
settings.register_profile(
    "any machine",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")


def _plain_logs() -> None:
    """Logs for people, whose tracebacks are Python's own: drawn ones take ten seconds each."""
    structlog.reset_defaults()
    *before, console = structlog.get_config()["processors"]
    assert isinstance(console, structlog.dev.ConsoleRenderer)
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, plain])


_plain_logs()


@pytest.fixture(autouse=True)
def _logs_as_they_begin() -> Iterator[None]:
    """A command that a test ran in this process has set up logs for all, down to their level."""
    yield
    _plain_logs()


_MARKER_OF_FIXTURE = {"stack": "stack", "model_mirror": "models"}
_MODELS = Path(__file__).parent / "models"
_MAKING = tuple(
    _MODELS / room for room in ("bench", "evaluation", "quantise", "site/test_adapt.py", "train")
)
"""What runs on a desk, for minutes, and in no box or centre."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they ask for, so that `-m "not stack"` needs no marks by hand.

    Slow ones, which mostly wait, come first: the other worker has the rest to do meanwhile.
    """
    for item in items:
        for fixture, marker in _MARKER_OF_FIXTURE.items():
            if isinstance(item, pytest.Function) and fixture in item.fixturenames:
                item.add_marker(marker)
        if any(item.path.is_relative_to(room) for room in _MAKING):
            item.add_marker("making")
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
