"""The network of an exported file again, to train it further."""

from pathlib import Path
from typing import Any

import onnx
import torch
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import numpy_helper
from torch import Tensor, nn

from models.errors import ModelError
from models.train.common.export import HALF, fold
from models.train.detector.labels import CLASSES
from models.train.detector.network import DetectorNetwork


def read_network(path: Path) -> nn.Module:
    """The detector in the file at `path`, as `export_onnx` wrote it, ready to be trained on.

    Its normalisations stay folded into its convolutions: it learns, at a lower rate than at first,
    from batches of any size.

    Raises:
        ModelError: the file cannot be read, or is not this detector.
    """
    try:
        graph = onnx.load(path).graph
    except (OSError, DecodeError) as error:
        raise ModelError(f"{path}: not an ONNX file: {error}") from error
    network = fold(DetectorNetwork(len(CLASSES)))
    try:
        network.load_state_dict(_weights(graph))
    except (KeyError, RuntimeError) as error:
        raise ModelError(f"{path}: not the starter detector: {error}") from error
    return network.requires_grad_(requires_grad=True)


def _weights(graph: Any) -> dict[str, Tensor]:  # noqa: ANN401 - onnx ships no types
    """By convolution, since the exporter keeps biases that are equal once, under one name."""
    stored = {
        one.name.removesuffix(HALF): torch.from_numpy(numpy_helper.to_array(one).copy()).float()
        for one in graph.initializer
    }
    same = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "Identity"}
    weights = {}
    for node in graph.node:
        if node.op_type == "Conv":
            _, kernel, bias = node.input
            weights[kernel] = stored[kernel]
            weights[kernel.removesuffix("weight") + "bias"] = stored[same.get(bias, bias)]
    return weights
