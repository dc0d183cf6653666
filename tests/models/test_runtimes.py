from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.catalogue import RuntimeName
from models.errors import ModelError
from models.roles import LoadOptions, load_detector, load_embedder
from models.runtimes.port import (
    ANY,
    Arithmetic,
    NetworkSpec,
    RuntimeOptions,
    check_device,
    described,
    make_runtime,
)
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


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_graphics_card_that_is_not_there_is_said_with_what_is(
    osnet: Path, runtime: RuntimeName
) -> None:
    with pytest.raises(ModelError, match=r"asked for the device GPU, .* has CPU here"):
        make_runtime(runtime, RuntimeOptions(device="GPU")).load(spec(osnet))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_auto_takes_what_is_there_and_says_what_that_was(osnet: Path, runtime: RuntimeName) -> None:
    network = make_runtime(runtime, RuntimeOptions(device="AUTO")).load(spec(osnet))
    assert described(network) == f"{runtime}/CPU/f32"


def test_onnx_runtime_that_falls_back_quietly_is_refused(
    osnet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: claimed)
    runtime = make_runtime("onnxruntime", RuntimeOptions(device="GPU"))
    with (
        pytest.warns(UserWarning, match="not in available"),
        pytest.raises(ModelError, match="device GPU, got CPU"),
    ):
        runtime.load(spec(osnet))


@pytest.mark.parametrize(
    ("asked", "used"),
    [("CPU", "CPU"), ("GPU", "GPU.0"), ("GPU.1", "GPU.1"), ("AUTO:GPU,CPU", "CPU")],
)
def test_a_device_is_content_with_one_of_its_kind(tmp_path: Path, asked: str, used: str) -> None:
    check_device(spec(tmp_path), asked, [used])


@pytest.mark.parametrize(
    ("asked", "used"), [("GPU", ["CPU"]), ("GPU", ["GPU.0", "CPU"]), ("GPU.1", ["GPU.0"])]
)
def test_another_device_is_refused_even_for_a_part(
    tmp_path: Path, asked: str, used: list[str]
) -> None:
    with pytest.raises(ModelError, match=rf"asked for the device {asked}, got {used[0]}"):
        check_device(spec(tmp_path), asked, used)


@pytest.mark.parametrize("arithmetic", ["bf16", "f16"])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_arithmetic_the_processor_has_not_is_refused_not_replaced(
    osnet: Path, runtime: RuntimeName, arithmetic: Arithmetic
) -> None:
    made = make_runtime(runtime, RuntimeOptions(arithmetic=arithmetic))
    try:
        network = made.load(spec(osnet))
    except ModelError as error:
        assert f"asked for {arithmetic} arithmetic, got f32" in str(error)  # noqa: PT017
    else:
        assert network.precision == arithmetic


def test_a_quantised_network_says_that_it_computes_in_int8(weights: ModelStore) -> None:
    name = "person-vehicle-bike-detection-2004"
    detector = load_detector(name, LoadOptions(store=weights, precision="FP16-INT8"))
    assert detector.describe() == f"{name}@1 openvino/CPU/int8"
    detector = load_detector(name, LoadOptions(store=weights, precision="FP16"))
    assert detector.describe() == f"{name}@1 openvino/CPU/f32"


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_file_that_passes_for_quantised_and_is_not_is_refused(
    osnet: Path, runtime: RuntimeName
) -> None:
    claimed = replace(spec(osnet), int8=True)
    with pytest.raises(ModelError, match="asked for int8 arithmetic, got f32"):
        make_runtime(runtime, RuntimeOptions()).load(claimed)


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
