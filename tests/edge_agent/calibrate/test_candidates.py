from pathlib import Path

import pytest

from edge_agent.calibrate.candidates import candidates, chosen_roles
from edge_agent.model_settings import ModelSettings
from models.catalogue import load_catalogue
from models.errors import ModelError
from models.store import ModelStore
from tests.edge_agent.calibrate.conftest import DETECTORS, EMBEDDER


def chosen(**roles: object) -> ModelSettings:
    return ModelSettings.model_validate(
        {
            "detector": DETECTORS[0],
            "person_embedder": EMBEDDER,
            "vehicle_embedder": "none",
            "plate_reader": "none",
            **roles,
        }
    )


def test_detectors_are_exchanged_freely_and_embedders_within_their_space(
    box_store: ModelStore,
) -> None:
    found = candidates(chosen(), box_store, cores=2)
    ways = {
        (one.role, one.settings.name, one.settings.runtime, one.settings.threads) for one in found
    }
    detectors = {way[1] for way in ways if way[0] == "detector"}
    assert detectors == {*DETECTORS, "starter-detector"}
    assert {way[1:] for way in ways if way[0] == "person_embedder"} == {
        (EMBEDDER, runtime, threads)
        for runtime in ("onnxruntime", "openvino")
        for threads in (1, 2)
    }
    assert [way for way in ways if way[0] == "person_attributes"] == [
        ("person_attributes", "clothing-colours", None, 1)
    ]


def test_only_weights_that_are_here_and_good_count(
    box_store: ModelStore, tmp_path: Path, model_mirror: Path
) -> None:
    store = ModelStore(tmp_path)

    def detectors() -> set[str]:
        found = candidates(chosen(), store, 1)
        return {one.settings.name for one in found if one.role == "detector"}

    assert detectors() == {"starter-detector"}
    store.pull("yolox-nano-416", model_mirror)
    assert detectors() == {"starter-detector", "yolox-nano-416"}
    store.path(store.catalogue.entry("yolox-nano-416").files[0]).write_bytes(b"something else")
    assert detectors() == {"starter-detector"}


def test_int8_counts_where_it_is_the_models_own_or_in_use_or_its_quality_is_known(
    box_store: ModelStore,
) -> None:
    def precisions(settings: ModelSettings, store: ModelStore) -> set[str | None]:
        found = candidates(settings, store, 1)
        return {one.settings.precision for one in found if one.settings.name == DETECTORS[0]}

    assert precisions(chosen(), box_store) == {"FP16", "FP16-INT8"}
    bare = _with_quality(box_store, None)
    assert precisions(chosen(), bare) == {"FP16"}
    in_use = chosen(detector={"name": DETECTORS[0], "precision": "FP16-INT8"})
    assert precisions(in_use, bare) == {"FP16", "FP16-INT8"}
    assert precisions(chosen(), _with_quality(box_store, 41.0)) == {"FP16", "FP16-INT8"}


def _with_quality(store: ModelStore, quality: float | None) -> ModelStore:
    """`store` with a catalogue whose detector prefers FP16, its INT8 of this quality."""
    catalogue = load_catalogue()
    entry = catalogue.entry(DETECTORS[0])
    int8 = entry.variants["FP16-INT8"].model_copy(update={"quality": quality})
    variants = {**entry.variants, "FP16-INT8": int8}
    changed = entry.model_copy(update={"variants": variants, "precision": "FP16"})
    models = [changed if one.name == entry.name else one for one in catalogue.models]
    return ModelStore(store.root, catalogue.model_copy(update={"models": tuple(models)}))


def test_what_goes_with_another_role_is_not_chosen_by_itself() -> None:
    settings = chosen(vehicle_embedder=EMBEDDER, plate_reader="a", plate_detector="b")
    assert set(chosen_roles(settings)) == {
        "detector",
        "person_embedder",
        "vehicle_embedder",
        "person_attributes",
        "vehicle_attributes",
        "plate_reader",
    }


def test_a_model_nobody_knows_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model 'eye' in the catalogue"):
        candidates(chosen(detector="eye"), ModelStore(tmp_path), 1)
