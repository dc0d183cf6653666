"""What is true of an index on a server alone: several programs search what one writes."""

from pathlib import Path

import numpy as np
import pytest
from httpx import Headers
from qdrant_client import QdrantClient
from qdrant_client.http.exceptions import UnexpectedResponse

from central.index import qdrant_server
from central.index.port import IndexQuery
from central.index.qdrant_server import QdrantServerIndex
from shared.errors import StorageError
from tests.central.index.test_contract import DAY, direction, make_point

pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning"),
]


def test_another_program_finds_new_days_and_misses_dropped_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qdrant_server, "_LOOK_AGAIN_S", 0.0)
    client = QdrantClient(path=str(tmp_path))
    writer, reader = (QdrantServerIndex(client, "test") for _ in range(2))
    point = make_point(np.random.default_rng(1))
    query = IndexQuery("s", direction(point))
    assert reader.search(query) == []
    writer.upsert([point])
    assert [hit.id for hit in reader.search(query)] == [point.id]
    writer.drop_day(DAY)
    assert reader.search(query) == []
    client.close()


def test_a_day_that_another_program_dropped_a_moment_ago_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = QdrantClient(path=str(tmp_path))
    writer = QdrantServerIndex(client, "test")
    point = make_point(np.random.default_rng(1))
    writer.upsert([point])
    reader = QdrantServerIndex(client, "test")
    query = IndexQuery("s", direction(point))

    def refuses(*_: object, **__: object) -> None:
        raise UnexpectedResponse(404, "Not Found", b"no such collection", Headers())

    monkeypatch.setattr(client, "query_points", refuses)
    with pytest.raises(StorageError, match="cannot search"):
        reader.search(query)
    writer.drop_day(DAY)
    assert reader.search(query) == []
    client.close()
