from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from qdrant_client import QdrantClient
from sqlalchemy import Engine

from central.db.engine import make_engine
from central.index.port import VectorIndex
from central.index.qdrant_edge import QdrantEdgeIndex
from central.index.qdrant_server import QdrantServerIndex
from tests.central.keeping import Keeping, open_keeping


def _edge(root: Path) -> VectorIndex:
    return QdrantEdgeIndex(root / "edge")


def _server(root: Path) -> VectorIndex:
    # The client's local mode keeps files as a server would; only a double for tests.
    return QdrantServerIndex(QdrantClient(path=str(root / "server")), "test")


@pytest.fixture(params=[_edge, _server], ids=["edge", "server"])
def open_index(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], VectorIndex]:
    """Opens the adapter under test; again after `close`, it finds what was there."""
    maker: Callable[[Path], VectorIndex] = request.param
    return lambda: maker(tmp_path)


@pytest.fixture
def index(open_index: Callable[[], VectorIndex]) -> Iterator[VectorIndex]:
    index = open_index()
    yield index
    index.close()


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
