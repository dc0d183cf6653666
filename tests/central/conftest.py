from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from central.db.engine import make_engine
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
