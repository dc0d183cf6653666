"""A trained network as an ONNX file: batch normalisation folded in, weights at half their size."""

import copy
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from models.errors import ModelError
from shared.errors import StorageError

OPSET = 17

HALF = ".half"
"""What the name of a weight kept at 16 bits ends in."""

_SMALL = 64
"""Constants of fewer values stay at 32 bits: shapes and scales, which cost nothing."""


@dataclass(frozen=True)
class Interface:
    """What the file is called from outside.

    Attributes:
        example: an input of the network, (N, C, H, W).
        input: its name.
        outputs: the names of what the network gives.
        free: which axes of the input may have any size, by number, and their names; the first
            axis of the outputs is taken to be the batch if axis 0 is among them.
    """

    example: Tensor
    input: str
    outputs: Sequence[str]
    free: Mapping[int, str]


def export_onnx(network: nn.Module, interface: Interface, path: Path) -> Path:
    """Write `network` to `path`. It computes at 32 bits; its weights lie there at 16.

    Raises:
        ModelError: a weight is too large for 16 bits.
        StorageError: the file cannot be written.
    """
    folded = fold(network)
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _trace(folded, interface, part)
        model = onnx.load(part)
        store_halves(model)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, part)
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return path


def fold(network: nn.Module) -> nn.Module:
    """A copy of `network` for evaluation, each normalisation made part of the layer before it.

    Normalisations are found where they follow a convolution or a linear layer directly among the
    children of one module, in the order in which they were added to it: a network must call them
    in that order. Others are left as they are.
    """
    folded = copy.deepcopy(network).cpu().eval()
    for module in list(folded.modules()):
        _fold_children(module)
    return folded


def _fold_children(module: nn.Module) -> None:
    for (name, child), (following, norm) in list(_pairs(module)):
        if isinstance(child, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            setattr(module, name, fuse_conv_bn_eval(child, norm))
        elif isinstance(child, nn.Linear) and isinstance(norm, nn.BatchNorm1d):
            setattr(module, name, fuse_linear_bn_eval(child, norm))
        else:
            continue
        setattr(module, following, nn.Identity())


def _pairs(module: nn.Module) -> Iterator[tuple[tuple[str, nn.Module], tuple[str, nn.Module]]]:
    children = list(module.named_children())
    return pairwise(children)


def _trace(network: nn.Module, interface: Interface, path: Path) -> None:
    axes: dict[str, dict[int, str]] = {interface.input: dict(interface.free)}
    if 0 in interface.free:
        axes |= {name: {0: interface.free[0]} for name in interface.outputs}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter by tracing: the newer one cannot yet say "any multiple of 32".
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (interface.example,),
            str(path),
            input_names=[interface.input],
            output_names=list(interface.outputs),
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )


def store_halves(model: Any) -> None:  # noqa: ANN401 - onnx ships no types
    """Keep the weights of `model` (an ONNX ModelProto) at 16 bits, cast to 32 where it starts.

    Both runtimes fold the casts when they load the file.

    Raises:
        ModelError: a weight is too large for 16 bits.
    """
    casts = []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < _SMALL:
            continue
        with np.errstate(over="ignore"):
            halves = values.astype(np.float16)
        if not np.isfinite(halves).all():
            raise ModelError(
                f"a weight of {weight.name} is {np.abs(values).max():g}: too large for 16 bits; "
                "train with more weight decay"
            )
        name, kept = weight.name, weight.name + HALF
        weight.CopyFrom(numpy_helper.from_array(halves, kept))
        casts.append(helper.make_node("Cast", [kept], [name], name=f"{name}.cast", to=1))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)
