from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from central.crops.store import CropStore
from central.db.engine import make_engine
from shared.clock import ManualClock, SystemClock
from tests.central.keeping import Keeping, open_keeping


@pytest.fixture
def engine(central_database_url: str) -> Iterator[Engine]:
    engine = make_engine(central_database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def keeping(engine: Engine, tmp_path: Path) -> Iterator[Keeping]:
    keeping = open_keeping(engine, tmp_path)
    yield keeping
    keeping.crops.close()


@pytest.fixture
def system_keeping(engine: Engine, tmp_path: Path) -> Iterator[Keeping]:
    """At this very moment, for senders that live in the present."""
    clock = ManualClock(SystemClock().now_ms())
    keeping = Keeping(engine, CropStore(tmp_path / "crops", clock), clock)
    yield keeping
    keeping.crops.close()
