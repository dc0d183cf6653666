"""What is true of an index on a server alone: several programs search what one writes."""

from pathlib import Path

import numpy as np
import pytest
from qdrant_client import QdrantClient

from central.index import qdrant_server
from central.index.port import IndexQuery
from central.index.qdrant_server import QdrantServerIndex
from tests.central.index.test_contract import DAY, make_point

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
    query = IndexQuery("s", point.vector)
    assert reader.search(query) == []
    writer.upsert([point])
    assert [hit.id for hit in reader.search(query)] == [point.id]
    writer.drop_day(DAY)
    assert reader.search(query) == []
    client.close()
