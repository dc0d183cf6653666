from pathlib import Path

import pytest

from models.store import ModelStore


@pytest.fixture(scope="session")
def weights(model_mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    """A store with every model of the catalogue, pulled from the mirror."""
    store = ModelStore(tmp_path_factory.mktemp("weights"))
    for entry in store.catalogue.models:
        store.pull(entry.name, model_mirror)
    return store
