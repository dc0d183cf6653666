from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from central.crops.store import CropStore
from central.db.engine import make_engine
from shared.clock import SystemClock
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
    """With the machine's own clock, for senders that live in the present."""
    keeping = Keeping(engine, CropStore(tmp_path / "crops"), SystemClock())
    yield keeping
    keeping.crops.close()
