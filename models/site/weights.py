"""A shipped detector made trainable again: its ONNX file read back into the network."""

import copy
from pathlib import Path

import onnx
import torch
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import numpy_helper
from torch import Tensor

from models.errors import ModelError
from models.train.common.export import fold
from models.train.detector.network import DetectorNetwork, Widths

_HALF = ".half"
"""What `store_halves` adds to the name of a weight that lies in the file at 16 bits."""


def load_network(path: Path) -> DetectorNetwork:
    """The starter detector's network with the weights in the ONNX file at `path`.

    Its normalisations were folded into the convolutions when it was exported and stay there, so it
    learns as it is, at a low rate.

    Raises:
        ModelError: the file is not that of a starter detector.
    """
    try:
        weights = _weights(path)
        classes = weights["heads.0.scores.weight"].shape[0]
        network = fold(DetectorNetwork(classes, _widths(weights)))
        network.load_state_dict({name: weights[name] for name in network.state_dict()})
    except (OSError, DecodeError, KeyError, RuntimeError) as error:
        raise ModelError(
            f"{path}: not a starter detector, whose weights are needed to go on from ({error}); "
            "name one with --base"
        ) from error
    assert isinstance(network, DetectorNetwork)  # noqa: S101 - a copy of one
    return network


def mixed(old: DetectorNetwork, new: DetectorNetwork, keep: float) -> DetectorNetwork:
    """A network between two that began as one: the part `keep` of `old`, the rest of `new`.

    What is learnt from few frames costs what was known before; between the two there is most of the
    one with most of the other (WiSE-FT, arXiv 2109.01903).
    """
    between = copy.deepcopy(new)
    before = old.state_dict()
    weights = {name: value.lerp(before[name], keep) for name, value in new.state_dict().items()}
    between.load_state_dict(weights)
    return between


def _weights(path: Path) -> dict[str, Tensor]:
    """Every weight by its name; what is equal in two layers lies in the file once."""
    graph = onnx.load(path).graph
    weights = {
        one.name.removesuffix(_HALF): torch.from_numpy(numpy_helper.to_array(one).copy()).float()
        for one in graph.initializer
    }
    for node in graph.node:
        if node.op_type == "Identity" and node.input[0] in weights:
            weights[node.output[0]] = weights[node.input[0]]
    return weights


def _widths(weights: dict[str, Tensor]) -> Widths:
    """The channels of each part, as the shapes of its weights say."""
    first = ("stem.0.0", "stem.1.0", "early.1.0", "middle.0.0", "coarse.0.0")
    w2, w4, w8, w16, w32 = (weights[f"{name}.weight"].shape[0] for name in first)
    return Widths(
        trunk=(w2, w4, w8, w16, w32),
        pyramid=weights["pyramid.lateral.0.0.weight"].shape[0],
        narrow=weights["coarse.1.first.0.weight"].shape[0],
    )
