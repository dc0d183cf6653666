"""What `[models]` says, loaded: real weights, and what is said when they cannot run so."""

from pathlib import Path
from typing import Any

import pytest

from edge_agent.config import EdgeSettings
from edge_agent.loading import load_models
from models.errors import ModelError
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.errors import DependencyMissing

DETECTOR, EMBEDDER = "yolox-nano-416", "osnet-x0-25"
VEHICLES = "vehicle-attributes-recognition-barrier-0039"
FINDER = "vehicle-license-plate-detection-barrier-0106"


@pytest.fixture(scope="module")
def store(model_mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    store = ModelStore(tmp_path_factory.mktemp("box"))
    for name in (DETECTOR, EMBEDDER, VEHICLES):
        store.pull(name, model_mirror)
    return store


def settings_of(store: ModelStore, **roles: object) -> EdgeSettings:
    chosen: dict[str, Any] = {
        "detector": DETECTOR,
        "person_embedder": {"name": EMBEDDER, "runtime": "onnxruntime"},
        "vehicle_embedder": "none",
        "plate_reader": "none",
        "store": store.root,
        **roles,
    }
    return EdgeSettings.model_validate(
        {
            "box": {"name": "box-1", "data_dir": "data"},
            "uplink": {"host": "127.0.0.1"},
            "models": chosen,
            "channels": [{"name": "gate", "camera": "gate", "source": "gate.mp4"}],
        }
    )


def test_each_role_says_who_plays_it_and_how_it_really_runs(store: ModelStore) -> None:
    settings = settings_of(
        store,
        vehicle_embedder={"name": EMBEDDER, "runtime": "openvino"},
        vehicle_attributes=VEHICLES,
    )
    models = load_models(settings)
    assert models.described == {
        "detector": f"{DETECTOR}@0.1.1 onnxruntime/CPU/f32",
        "person_embedder": f"{EMBEDDER}@msmt17 onnxruntime/CPU/f32",
        "vehicle_embedder": f"{EMBEDDER}@msmt17 openvino/CPU/f32",
        "two_wheeler_embedder": f"{EMBEDDER}@msmt17 openvino/CPU/f32",
        "person_attributes": "clothing-colours@1",
        "vehicle_attributes": f"{VEHICLES}@1 openvino/CPU/f32",
    }
    both = models.embedders
    assert both[ObjectClass.VEHICLE] is both[ObjectClass.TWO_WHEELER]


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_a_device_that_is_not_here_stops_the_box_and_names_the_role(
    store: ModelStore, runtime: str
) -> None:
    chosen = {"name": EMBEDDER, "runtime": runtime, "device": "GPU"}
    with pytest.raises(
        ModelError, match=r"\[models\] person_embedder: .*asked for the device GPU, .* has CPU here"
    ):
        load_models(settings_of(store, person_embedder=chosen))


def test_a_box_that_leaves_the_device_open_runs_on_what_is_here(store: ModelStore) -> None:
    chosen = {"name": EMBEDDER, "runtime": "openvino", "device": "AUTO"}
    described = load_models(settings_of(store, person_embedder=chosen)).described
    assert described["person_embedder"].endswith("openvino/CPU/f32")


@pytest.mark.parametrize(
    ("roles", "complaint"),
    [
        ({"detector": "eye"}, r"\[models\] detector: no model 'eye'"),
        ({"detector": EMBEDDER}, r"\[models\] detector: .* a detector is needed"),
        ({"person_embedder": DETECTOR}, r"\[models\] person_embedder: .* embedder is needed"),
        ({"person_attributes": VEHICLES}, r"person_attributes: .* attributes of a vehicle"),
        (
            {"detector": {"name": DETECTOR, "precision": "INT8"}},
            r"\[models\] detector: .* no precision 'INT8'; there is FP32",
        ),
    ],
)
def test_the_wrong_model_for_a_role_is_named_with_it(
    store: ModelStore, roles: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ModelError, match=complaint):
        load_models(settings_of(store, **roles))


def test_weights_that_are_missing_are_named_with_the_role_and_the_mend(store: ModelStore) -> None:
    settings = settings_of(
        store, vehicle_embedder=EMBEDDER, plate_reader=FINDER, plate_detector=FINDER
    )
    with pytest.raises(
        DependencyMissing, match=rf"\[models\] plate_detector: .*dongseon models pull {FINDER}"
    ):
        load_models(settings)
