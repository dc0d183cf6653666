"""INT8 with and without overflow, on a network small enough to add up by hand."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from models.bench.processor import read_processor
from models.catalogue import RuntimeName
from models.runtimes.port import NetworkSpec, RuntimeOptions, make_runtime

CHANNELS = 16
SHAPE = (1, CHANNELS, 8, 8)
VNNI = {"AVX-VNNI", "AVX-512-VNNI", "AMX-INT8"}


def write_sum(path: Path, weight: int) -> None:
    """A network that adds up its channels, each times `weight` / 127, in unsigned 8-bit steps."""
    constants = {
        "input_scale": np.float32(1 / 255),
        "output_scale": np.float32(CHANNELS / 255),
        "zero": np.uint8(0),
        "weights": np.full((8, CHANNELS, 1, 1), weight, dtype=np.int8),
        "weight_scale": np.float32(1 / 127),
        "weight_zero": np.int8(0),
    }
    nodes = [
        ("QuantizeLinear", ["x", "input_scale", "zero"], "x8"),
        ("DequantizeLinear", ["x8", "input_scale", "zero"], "x32"),
        ("DequantizeLinear", ["weights", "weight_scale", "weight_zero"], "w32"),
        ("Conv", ["x32", "w32"], "sum"),
        ("QuantizeLinear", ["sum", "output_scale", "zero"], "y8"),
        ("DequantizeLinear", ["y8", "output_scale", "zero"], "y"),
    ]
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, [output]) for kind, inputs, output in nodes],
        "sum",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, SHAPE)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 8, 8, 8))],
        [numpy_helper.from_array(np.asarray(each), name) for name, each in constants.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)


def summed(runtime: RuntimeName, path: Path, *, exact: bool) -> float:
    """What the network makes of ones."""
    spec = NetworkSpec(path, "x", ("y",), SHAPE, SHAPE, int8=True)
    network = make_runtime(runtime, RuntimeOptions(exact=exact)).load(spec)
    assert network.precision == ("int8-exact" if exact else "int8")
    return float(network.infer({"x": np.ones(SHAPE, dtype=np.float32)})["y"][0, 0, 0, 0])


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_products_of_8_bits_overflow_without_vnni_and_not_when_exact(
    tmp_path: Path, runtime: RuntimeName
) -> None:
    write_sum(tmp_path / "sum.onnx", weight=127)
    assert summed(runtime, tmp_path / "sum.onnx", exact=True) == pytest.approx(16)
    here = summed(runtime, tmp_path / "sum.onnx", exact=False)
    instructions = set(read_processor().instructions)
    if VNNI & instructions:
        assert here == pytest.approx(16)
    elif "AVX2" in instructions:
        # Two products are 2 x 255 x 127 = 64770, and 16 bits hold 32767: about half is left.
        assert here == pytest.approx(16 * 32767 / 64770, abs=0.07)


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_weights_of_7_bits_do_not_overflow_anywhere(tmp_path: Path, runtime: RuntimeName) -> None:
    write_sum(tmp_path / "sum.onnx", weight=63)
    exact = summed(runtime, tmp_path / "sum.onnx", exact=True)
    assert exact == pytest.approx(16 * 63 / 127, abs=0.04)
    assert summed(runtime, tmp_path / "sum.onnx", exact=False) == pytest.approx(exact)
