"""INT8 for OpenVINO, by NNCF's post-training quantisation."""

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13

from models.catalogue import RuntimeName
from models.errors import ModelError
from models.quantise.backend import Keep, Layer, Work
from models.quantise.quiet import load_nncf, quietly
from models.quantise.source import Candidate
from models.runtimes.port import Tensor

_WEIGHTED = {"Convolution": False, "GroupConvolution": True, "MatMul": False}
"""Kinds of layers with weights, and whether they are grouped."""

_ELEMENTWISE = ("Add", "AvgPool", "Interpolate", "MaxPool", "Multiply", "ReduceMean")
"""OpenVINO's kinds that NNCF would quantise beside those with weights."""

_BETWEEN_TAGS = re.compile(rb">\s+<")

_RESHAPING = {"Reshape", "Transpose"}
"""What may stand between a layer and where its inputs are rounded."""


class OpenVinoBackend:
    """Quantises an IR or ONNX file with NNCF."""

    runtime: RuntimeName = "openvino"

    def __init__(self, work: Work) -> None:
        self._nncf = load_nncf()
        self._work = work
        self._model = _read(work.source.path)
        self._numbers = itertools.count()
        self._simulated: dict[Keep, Any] = {}
        self._layers = [
            Layer(op.get_friendly_name(), op.get_type_name(), _WEIGHTED[op.get_type_name()])
            for op in self._model.get_ordered_ops()
            if op.get_type_name() in _WEIGHTED and _is_constant(op.input_value(1).get_node())
        ]
        if not self._layers:
            raise ModelError(f"{work.source.path}: no convolution or matrix product to quantise")

    @property
    def layers(self) -> Sequence[Layer]:
        """See `Backend.layers`."""
        return self._layers

    def quantise(self, keep: Keep) -> Candidate:
        """See `Backend.quantise`."""
        return self._saved(self._quantised(keep, compress=True))

    def roughly(self, keep: Keep) -> Candidate:
        """Quantised once for all of a plan's layers; those to keep then get their numbers as is."""
        plan = Keep(keep.grouped, keep.elementwise)
        if plan not in self._simulated:
            self._simulated[plan] = self._quantised(plan, compress=False)
        model = self._simulated[plan].clone()
        for op in model.get_ops():
            if op.get_friendly_name() in keep.layers:
                _unquantise(op)
        return self._saved(model)

    def _quantised(self, keep: Keep, *, compress: bool) -> Any:  # noqa: ANN401 - untyped library
        nncf = self._nncf
        left = {layer.name for layer in self._layers if layer.grouped and keep.grouped}
        ignored = nncf.IgnoredScope(
            names=sorted(left | keep.layers),
            types=list(_ELEMENTWISE) if keep.elementwise else [],
            # Not every network has every kind.
            validate=False,
        )
        how = nncf.AdvancedQuantizationParameters(
            overflow_fix=nncf.OverflowFix.ENABLE, backend_params={"compress_weights": compress}
        )
        tensors = self._work.tensors
        try:
            with quietly():
                return nncf.quantize(
                    self._model.clone(),
                    nncf.Dataset(tensors, self._fed),
                    subset_size=len(tensors),
                    ignored_scope=ignored,
                    advanced_parameters=how,
                )
        except (RuntimeError, nncf.ValidationError, nncf.InternalError) as error:
            raise ModelError(
                f"{self._work.source.path}: NNCF cannot quantise it: {error}"
            ) from error

    def _fed(self, tensor: Tensor) -> dict[str, Tensor]:
        return {self._work.source.entry.input.name: tensor}

    def _saved(self, model: Any) -> Candidate:  # noqa: ANN401 - untyped library
        path = self._path()
        with quietly():
            # What stays in floating point is stored at 16 bits and computed at 32.
            ov.save_model(model, path, compress_to_fp16=True)
        # Half of an IR's description is indentation.
        path.write_bytes(_BETWEEN_TAGS.sub(b"><", path.read_bytes()))
        return Candidate((path, path.with_suffix(".bin")), "openvino")

    def _path(self) -> Path:
        folder = self._work.folder / f"openvino-{next(self._numbers)}"
        folder.mkdir(parents=True)
        return folder / f"{self._work.source.entry.name}-int8.xml"


def _read(path: Path) -> Any:  # noqa: ANN401 - untyped library
    try:
        model = ov.Core().read_model(path)
    except RuntimeError as error:
        raise ModelError(f"{path}: neither IR nor ONNX that OpenVINO can read: {error}") from error
    for op in model.get_ordered_ops():
        if op.get_type_name() == "Convert" and _is_weight(op.input_value(0).get_node()):
            _widen(op)
    return model


def _widen(convert: Any) -> None:  # noqa: ANN401 - untyped library
    """Weights that lie at 16 bits become plain constants of 32.

    Only they: folding every constant would fix the shapes that let the network be reshaped.
    """
    values = convert.input_value(0).get_node().data.astype(np.float32)
    wide = opset13.constant(values)
    wide.set_friendly_name(convert.get_friendly_name())
    for use in convert.output(0).get_target_inputs():
        use.replace_source_output(wide.output(0))


def _is_weight(node: Any) -> bool:  # noqa: ANN401 - untyped library
    return bool(node.get_type_name() == "Constant" and node.get_element_type() == ov.Type.f16)


def _is_constant(node: Any) -> bool:  # noqa: ANN401 - untyped library
    """Whether no input of the network has a part in it."""
    waiting, seen = [node], set[str]()
    while waiting:
        one = waiting.pop()
        if one.get_type_name() == "Parameter":
            return False
        inputs = (value.get_node() for value in one.input_values())
        waiting += [other for other in inputs if other.get_name() not in seen]
        seen |= {other.get_name() for other in waiting}
    return True


def _unquantise(op: Any) -> None:  # noqa: ANN401 - untyped library
    """Feed `op` what its inputs were before they were rounded."""
    for port in op.inputs():
        for rounded in _rounding(port):
            for use in rounded.output(0).get_target_inputs():
                if use.get_node() == op or use.get_node().get_type_name() in _RESHAPING:
                    use.replace_source_output(rounded.input_value(0))


def _rounding(port: Any) -> Iterator[Any]:  # noqa: ANN401 - untyped library
    node = port.get_source_output().get_node()
    while node.get_type_name() in _RESHAPING:
        node = node.input_value(0).get_node()
    if node.get_type_name() == "FakeQuantize":
        yield node
