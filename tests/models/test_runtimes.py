from pathlib import Path

import numpy as np
import pytest

from models.catalogue import RuntimeName
from models.errors import ModelError
from models.roles import LoadOptions, load_detector, load_embedder
from models.runtimes.port import ANY, NetworkSpec, RuntimeOptions, make_runtime
from models.store import ModelStore

RUNTIMES: tuple[RuntimeName, ...] = ("openvino", "onnxruntime")
OSNET_SHAPE = (1, 3, 256, 128)


def spec(path: Path, run_at: tuple[int, ...] = (ANY, 3, 256, 128)) -> NetworkSpec:
    return NetworkSpec(path, "images", ("output",), OSNET_SHAPE, run_at)


@pytest.fixture
def osnet(weights: ModelStore) -> Path:
    return weights.require(weights.catalogue.entry("osnet-x0-25"))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_network_takes_batches_of_any_length(osnet: Path, runtime: RuntimeName) -> None:
    network = make_runtime(runtime, RuntimeOptions()).load(spec(osnet))
    for count in (1, 3):
        batch = np.zeros((count, 3, 256, 128), dtype=np.float32)
        assert network.infer({"images": batch})["output"].shape == (count, 512)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_input_of_another_shape_or_name_is_our_error(osnet: Path, runtime: RuntimeName) -> None:
    network = make_runtime(runtime, RuntimeOptions()).load(spec(osnet))
    with pytest.raises(ModelError, match=r"osnet_x0_25_msmt17\.onnx"):
        network.infer({"images": np.zeros((1, 3, 4, 4), dtype=np.float32)})
    with pytest.raises(ModelError, match=r"osnet_x0_25_msmt17\.onnx"):
        network.infer({"picture": np.zeros(OSNET_SHAPE, dtype=np.float32)})
    good = network.infer({"images": np.zeros(OSNET_SHAPE, dtype=np.float32)})
    assert good["output"].shape == (1, 512)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("body", [b"", b"not a network", bytes(4096)])
def test_a_file_that_is_no_network_is_our_error(
    tmp_path: Path, runtime: RuntimeName, body: bytes
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(body)
    with pytest.raises(ModelError, match=r"model\.onnx"):
        make_runtime(runtime, RuntimeOptions()).load(spec(path))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_file_of_another_model_is_refused(weights: ModelStore, runtime: RuntimeName) -> None:
    other = weights.require(weights.catalogue.entry("yolox-nano-416"))
    with pytest.raises(ModelError, match="is it the file of another model"):
        make_runtime(runtime, RuntimeOptions()).load(spec(other))


def test_a_fixed_network_is_not_run_at_another_shape(weights: ModelStore) -> None:
    path = weights.require(weights.catalogue.entry("yolox-nano-416"))
    wanted = NetworkSpec(path, "images", ("output",), (1, 3, 416, 416), (4, 3, 416, 416))
    with pytest.raises(ModelError, match="is fixed at"):
        make_runtime("onnxruntime", RuntimeOptions()).load(wanted)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_device_that_is_not_there_is_our_error(osnet: Path, runtime: RuntimeName) -> None:
    with pytest.raises(ModelError, match="NPU9"):
        make_runtime(runtime, RuntimeOptions(device="NPU9")).load(spec(osnet))


def test_a_model_runs_only_where_the_catalogue_says(weights: ModelStore) -> None:
    with pytest.raises(ModelError, match="does not run on onnxruntime; it runs on openvino"):
        load_detector(
            "person-vehicle-bike-detection-2004",
            LoadOptions(store=weights, runtime="onnxruntime"),
        )


def test_a_compiled_network_is_kept_where_asked(weights: ModelStore, tmp_path: Path) -> None:
    load_embedder(
        "person-reidentification-retail-0287", LoadOptions(store=weights, cache_dir=tmp_path)
    )
    assert list(tmp_path.iterdir())
