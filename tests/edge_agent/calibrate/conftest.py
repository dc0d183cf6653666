from pathlib import Path

import pytest

from models.store import ModelStore

DETECTORS = ("person-vehicle-bike-detection-2004", "yolox-nano-416")
EMBEDDER = "osnet-x0-25"


@pytest.fixture(scope="session")
def box_store(model_mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    """A box's store with two detectors and an embedder."""
    store = ModelStore(tmp_path_factory.mktemp("box"))
    for name in (*DETECTORS, EMBEDDER):
        store.pull(name, model_mirror)
    return store
