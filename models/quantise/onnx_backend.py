"""INT8 for ONNX Runtime: an ONNX file with pairs of QuantizeLinear and DequantizeLinear."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
from onnx import version_converter
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from models.catalogue import RuntimeName
from models.errors import ModelError
from models.quantise.backend import Keep, Layer, Work
from models.quantise.quiet import quietly
from models.quantise.source import Candidate
from models.runtimes.port import Tensor

_WEIGHTED = ("Conv", "Gemm", "MatMul")
_OPSET = 17
"""Files below 13, where DequantizeLinear has no axis yet, are brought to this."""

_AXIS_SINCE = 13


class OnnxBackend:
    """Quantises an ONNX file with ONNX Runtime's own tool.

    Weights are int8 for each channel, of 7 bits; values uint8 with a zero point, their range the
    widest seen: means over pictures lost more (osnet-x0-25: a mean cosine of .85 against .91).
    """

    runtime: RuntimeName = "onnxruntime"

    def __init__(self, work: Work) -> None:
        self._work = work
        self._numbers = itertools.count()
        self._ready = work.folder / "ready.onnx"
        graph = _prepared(work.source.path, self._ready).graph
        constants = {weight.name for weight in graph.initializer}
        self._layers = [
            Layer(node.name, node.op_type, _groups(node) > 1)
            for node in graph.node
            if node.op_type in _WEIGHTED and node.input[1] in constants
        ]
        if not self._layers:
            raise ModelError(f"{work.source.path}: no convolution or matrix product to quantise")

    @property
    def layers(self) -> Sequence[Layer]:
        """See `Backend.layers`."""
        return self._layers

    def quantise(self, keep: Keep) -> Candidate:
        """See `Backend.quantise`. The ranges are measured once, the first time."""
        folder = self._work.folder / f"onnxruntime-{next(self._numbers)}"
        folder.mkdir(parents=True)
        path = folder / f"{self._work.source.entry.name}-int8-qdq.onnx"
        left = {layer.name for layer in self._layers if layer.grouped and keep.grouped}
        try:
            with quietly():
                quantize_static(
                    self._ready,
                    path,
                    _Fed(self._work.source.entry.input.name, self._work.tensors),
                    op_types_to_quantize=list(_WEIGHTED) if keep.elementwise else None,
                    nodes_to_exclude=sorted(left | keep.layers),
                    per_channel=True,
                    reduce_range=True,
                    activation_type=QuantType.QUInt8,
                    weight_type=QuantType.QInt8,
                    calibrate_method=CalibrationMethod.MinMax,
                    calibration_cache_path=self._work.folder / f"ranges-{keep.elementwise}.json",
                )
        except (ValueError, RuntimeError, KeyError) as error:
            raise ModelError(
                f"{self._work.source.path}: ONNX Runtime cannot quantise it: {error}"
            ) from error
        return Candidate((path,), "onnxruntime")

    def roughly(self, keep: Keep) -> Candidate:
        """The same: with the ranges known it is quick."""
        return self.quantise(keep)


class _Fed(CalibrationDataReader):  # type: ignore[misc] # untyped library
    """Tensors, one at a time."""

    def __init__(self, name: str, tensors: Sequence[Tensor]) -> None:
        self._rest = iter([{name: tensor} for tensor in tensors])

    def get_next(self) -> dict[str, Tensor] | None:
        """The next one, None after the last."""
        return next(self._rest, None)


def _prepared(path: Path, ready: Path) -> Any:  # noqa: ANN401 - untyped library
    """The network with shapes inferred, constants and normalisations folded, written to `ready`."""
    ready.parent.mkdir(parents=True, exist_ok=True)
    try:
        model = onnx.load(path)
        if model.opset_import[0].version < _AXIS_SINCE:
            model = version_converter.convert_version(model, _OPSET)
        onnx.save(model, ready)
        with quietly():
            quant_pre_process(ready, ready, skip_symbolic_shape=True)
        return onnx.load(ready)
    except (OSError, ValueError, RuntimeError, onnx.checker.ValidationError) as error:
        raise ModelError(f"{path}: not an ONNX file that can be quantised: {error}") from error


def _groups(node: Any) -> int:  # noqa: ANN401 - untyped library
    return next((attribute.i for attribute in node.attribute if attribute.name == "group"), 1)
