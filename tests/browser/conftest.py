"""The console in Chromium, on canned data."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.canned import street
from tests.browser.fake_centre import FakeCentre, serve


@pytest.fixture
def centre(console_dist: Path) -> Iterator[FakeCentre]:
    """A centre of three cameras on one street."""
    with serve(FakeCentre(street(), console_dist)) as running:
        yield running
