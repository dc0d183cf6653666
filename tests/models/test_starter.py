"""The weights that come with the project are whole, small, described, and run everywhere."""

from pathlib import Path

import numpy as np
import pytest

from models.catalogue import PACKAGE, STARTER, Entry, RuntimeName, load_catalogue
from models.roles import LoadOptions, load_detector, load_embedder
from models.store import ModelStore
from models.train.common.cards import CARD_FILE, PAGE_FILE, read_card

MAX_BYTES = 12_000_000
FOLDERS = sorted(path for path in (PACKAGE / STARTER).iterdir() if path.is_dir())
ENTRIES = [load_catalogue().entry(folder.name) for folder in FOLDERS]
WAYS = [
    pytest.param(entry, runtime, precision, id=f"{entry.name}-{runtime}-{precision}")
    for entry in ENTRIES
    for precision, variant in entry.variants.items()
    for runtime in variant.runtimes or entry.runtimes
]


@pytest.fixture
def nothing_pulled(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "empty")


def test_there_is_one_for_each_role_a_demo_needs() -> None:
    assert {entry.task for entry in ENTRIES} >= {"detection", "embedding", "plate_reading"}
    assert {"starter-person-embedder", "starter-vehicle-embedder"} <= {e.name for e in ENTRIES}


def test_together_they_are_small() -> None:
    files = [path for path in (PACKAGE / STARTER).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MAX_BYTES


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_each_has_a_card_that_says_what_it_was_made_of(folder: Path) -> None:
    card = read_card(folder)
    assert card.name == folder.name
    assert card.sources
    assert card.figures
    assert card.limits
    assert (folder / PAGE_FILE).read_text(encoding="utf-8") == card.page()
    listed = {file.path for file in load_catalogue().entry(folder.name).files}
    there = {f"{STARTER}/{folder.name}/{path.name}" for path in folder.iterdir()}
    described = {f"{STARTER}/{folder.name}/{name}" for name in ("entry.toml", CARD_FILE, PAGE_FILE)}
    assert there == listed | described


@pytest.mark.parametrize(("entry", "runtime", "precision"), WAYS)
def test_each_runs_with_nothing_pulled(
    nothing_pulled: ModelStore, entry: Entry, runtime: RuntimeName, precision: str
) -> None:
    options = LoadOptions(nothing_pulled, runtime=runtime, precision=precision)
    noise = np.random.default_rng(3).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    if entry.task == "detection":
        for picture in (noise, noise[:, :200], noise[:200]):
            load_detector(entry.name, options).detect(np.ascontiguousarray(picture))
    elif entry.task == "embedding":
        vectors = load_embedder(entry.name, options).embed([noise[:128, :64], noise[:60, :90]])
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert not nothing_pulled.root.exists()
