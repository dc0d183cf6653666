"""The shipped weights in 8 bits say what they say in 32, on any processor."""

from pathlib import Path

import numpy as np
import pytest

from models.catalogue import PACKAGE, STARTER, Entry, load_catalogue
from models.evaluation.pictures import find_pictures
from models.roles import LoadOptions, load_detector, load_embedder
from models.store import ModelStore
from shared.pictures import UPLOAD_CAPS, Picture, decode_picture

_CROPS = {
    "starter-person-embedder": "reid_person/conreid_train",
    "starter-vehicle-embedder": "reid_vehicle/train",
}
ENTRIES = [
    load_catalogue().entry(folder.name)
    for folder in sorted((PACKAGE / STARTER).iterdir())
    if folder.is_dir()
]
WAYS = [
    pytest.param(entry, precision, id=f"{entry.name}-{precision}")
    for entry in ENTRIES
    for precision in entry.variants
    if "INT8" in precision and entry.task == "embedding"
]


def some(folder: Path, count: int) -> list[Picture]:
    paths = find_pictures(folder)
    return [
        decode_picture(path.read_bytes(), UPLOAD_CAPS) for path in paths[:: len(paths) // count]
    ]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "nothing pulled")


@pytest.mark.parametrize(("entry", "precision"), WAYS)
def test_vectors_stay_where_they_were_with_vnni_and_without(
    shared_data: Path, store: ModelStore, entry: Entry, precision: str
) -> None:
    crops = some(shared_data / _CROPS[entry.name], 40)
    runtime, _ = entry.resolve(None, precision)
    full, here, exact = (
        load_embedder(entry.name, options).embed(crops)
        for options in (
            LoadOptions(store, runtime=runtime, precision="FP32"),
            LoadOptions(store, runtime=runtime, precision=precision),
            LoadOptions(store, runtime=runtime, precision=precision, exact=True),
        )
    )
    assert np.mean((full * here).sum(axis=1)) > 0.99
    assert np.min((exact * here).sum(axis=1)) > 0.99


def test_the_detector_finds_the_same_in_8_bits(shared_data: Path, store: ModelStore) -> None:
    entry = load_catalogue().entry("starter-detector")
    pictures = some(shared_data / "detection" / "coco128_train", 12)
    full = load_detector(entry.name, LoadOptions(store, precision="FP32", score=0.4))
    sure = [full.detect(picture) for picture in pictures]
    assert sum(map(len, sure)) > 5
    for precision in {*entry.variants} - {"FP32"}:
        found = load_detector(entry.name, LoadOptions(store, precision=precision, score=0.2))
        again = [
            any(one.rect.iou(other.rect) > 0.5 for other in found.detect(picture))
            for picture, said in zip(pictures, sure, strict=True)
            for one in said
        ]
        assert np.mean(again) > 0.9
