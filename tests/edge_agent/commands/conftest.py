"""A box that has recorded something, and where it uploads to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge_agent.commands.box import Box
from tests.edge_agent.commands.tus import TinyUploads, tiny_uploads
from tests.edge_agent.recording.streams import encode_numbered


@pytest.fixture
def uploads() -> Iterator[TinyUploads]:
    with tiny_uploads() as running:
        yield running


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode_numbered(tmp_path_factory.mktemp("film") / "a.mp4", 7, noisy=True)


@pytest.fixture
def box(tmp_path: Path, film: Path) -> Iterator[Box]:
    box = Box(tmp_path)
    box.film(film)
    yield box
    box.uploader.close()
