"""A small embedder with known weights, as a model of a store, and pictures to calibrate it on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from models.catalogue import Catalogue, Entry
from models.store import ModelStore
from models.weights import sha256_of

WIDTH, HEIGHT, DIMENSIONS = 16, 32, 8
COLOURS = (
    (220, 40, 30),
    (30, 200, 40),
    (40, 60, 210),
    (230, 220, 40),
    (200, 60, 200),
    (40, 200, 200),
)

Weights = dict[str, NDArray[np.float32]]
MakeStore = Callable[[Weights], ModelStore]


@pytest.fixture(scope="session")
def weights() -> Weights:
    """Of four layers, the second grouped."""
    rng = np.random.default_rng(7)

    def drawn(*shape: int) -> NDArray[np.float32]:
        fan = np.prod(shape[1:])
        return np.asarray(rng.standard_normal(shape) * np.sqrt(2 / fan), dtype=np.float32)

    return {
        "first": np.divide(drawn(8, 3, 3, 3), 128, dtype=np.float32),
        "grouped": drawn(8, 1, 3, 3),
        "second": drawn(16, 8, 3, 3),
        "last": drawn(DIMENSIONS, 16),
    }


@pytest.fixture
def make_store(tmp_path: Path) -> MakeStore:
    """Makes a store with the one model `tiny` that has the given weights."""

    def make(weights: Weights) -> ModelStore:
        root = tmp_path / "store"
        path = root / "tiny" / "tiny.onnx"
        path.parent.mkdir(parents=True)
        onnx.save(network(weights), path)
        return ModelStore(root, Catalogue(models=(entry(path),)))

    return make


@pytest.fixture(scope="session")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six people of different colours, six crops by each of two cameras, with noise."""
    folder = tmp_path_factory.mktemp("crops")
    rng = np.random.default_rng(3)
    for person, colour in enumerate(COLOURS):
        for camera in (1, 2):
            for number in range(6):
                picture = np.full((HEIGHT, WIDTH, 3), 90 + 20 * camera, dtype=np.float64)
                picture[4:-4, 3:-3] = colour
                picture[18:-4, 3:-3] = COLOURS[(person + 2) % len(COLOURS)]
                picture += rng.normal(0, 12, picture.shape)
                name = f"{person + 1:04d}_c{camera}s1_{number:06d}_00.png"
                Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(folder / name)
    return folder


@pytest.fixture(scope="session")
def unknown_crops(crops: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without the identities."""
    folder = tmp_path_factory.mktemp("unknown")
    for number, path in enumerate(sorted(crops.iterdir())):
        (folder / f"{number:03d}.png").write_bytes(path.read_bytes())
    return folder


def network(weights: Weights) -> Any:  # noqa: ANN401 - untyped library
    """Image -> convolution -> grouped convolution -> convolution -> mean -> linear."""
    nodes = [
        _conv("image", "first", "a", 1),
        helper.make_node("Relu", ["a"], ["b"], name="relu.first"),
        _conv("b", "grouped", "c", 8),
        helper.make_node("Relu", ["c"], ["d"], name="relu.grouped"),
        _conv("d", "second", "e", 1),
        helper.make_node("Relu", ["e"], ["f"], name="relu.second"),
        helper.make_node("GlobalAveragePool", ["f"], ["g"], name="mean"),
        helper.make_node("Flatten", ["g"], ["h"], name="flat"),
        helper.make_node("Gemm", ["h", "last"], ["embedding"], name="last.gemm", transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, HEIGHT, WIDTH])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", DIMENSIONS])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)


def _conv(taken: str, name: str, given: str, groups: int) -> Any:  # noqa: ANN401 - untyped library
    return helper.make_node(
        "Conv", [taken, name], [given], name=f"{name}.conv", pads=[1, 1, 1, 1], group=groups
    )


def entry(path: Path) -> Entry:
    return Entry.model_validate(
        {
            "name": "tiny",
            "version": "1",
            "task": "embedding",
            "shows": "people",
            "licence": "Apache-2.0",
            "origin": "a test",
            "runtimes": ["openvino", "onnxruntime"],
            "precision": "FP32",
            "input": {
                "name": "image",
                "width": WIDTH,
                "height": HEIGHT,
                "colour": "bgr",
                "fit": "stretch",
            },
            "embedding": {"output": "embedding", "space": "tiny", "dimensions": DIMENSIONS},
            "variants": {
                "FP32": {
                    "files": [
                        {
                            "path": f"tiny/{path.name}",
                            "bytes": path.stat().st_size,
                            "sha256": sha256_of(path),
                        }
                    ]
                }
            },
        }
    )
