from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from qdrant_client import QdrantClient

from central.index.flat.index import FlatIndex
from central.index.port import VectorIndex
from central.index.qdrant_edge import QdrantEdgeIndex
from central.index.qdrant_server import QdrantServerIndex


def _edge(root: Path) -> VectorIndex:
    return QdrantEdgeIndex(root / "edge")


def _flat(root: Path) -> VectorIndex:
    return FlatIndex(root / "flat", threads=2)


def _server(root: Path) -> VectorIndex:
    # The client's local mode keeps files as a server would; only a double for tests.
    return QdrantServerIndex(QdrantClient(path=str(root / "server")), "test")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture(params=[_flat, _edge, _server], ids=["flat", "edge", "server"])
def open_index(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], VectorIndex]:
    """Opens the adapter under test; again after `close`, it finds what was there."""
    maker: Callable[[Path], VectorIndex] = request.param
    return lambda: maker(tmp_path)


@pytest.fixture
def index(open_index: Callable[[], VectorIndex]) -> Iterator[VectorIndex]:
    index = open_index()
    yield index
    index.close()
