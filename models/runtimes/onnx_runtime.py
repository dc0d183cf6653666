"""ONNX Runtime behind the runtime seam.

It falls back to the CPU quietly in three places: when a provider is not in the build, when its
libraries do not load, and for single layers; all three are looked for when a network is loaded.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from models.errors import ModelError
from models.runtimes.port import (
    ANY,
    AUTO,
    INT8,
    Network,
    NetworkSpec,
    Output,
    Runtime,
    RuntimeOptions,
    Shape,
    Tensor,
    check_device,
    check_names,
    check_precision,
    check_runs_at,
    check_shape,
)

# The preferred first.
_PROVIDERS = {"GPU": "CUDAExecutionProvider", "CPU": "CPUExecutionProvider"}
_DEVICES = {provider: device for device, provider in _PROVIDERS.items()}
_INT8_LAYERS = frozenset(
    {"QLinearConv", "QLinearMatMul", "QGemm", "ConvInteger", "MatMulIntegerToFloat"}
)
"""What pairs of QuantizeLinear and DequantizeLinear around a layer are fused into."""

_COMPUTING = _INT8_LAYERS | {"Conv", "FusedConv", "Gemm", "FusedGemm", "MatMul", "FusedMatMul"}
# ONNX Runtime has no common base for its errors.
_ERRORS = (
    ort_errors.EPFail,
    ort_errors.EngineError,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)
_QUIET = 3


class OnnxNetwork:
    """A session; its `run` is thread-safe."""

    runtime = "onnxruntime"

    def __init__(self, spec: NetworkSpec, session: Any, device: str) -> None:  # noqa: ANN401 - untyped library
        self.device = device
        self.precision = "f32"
        self._spec = spec
        self._session = session
        self._outputs = [output.name for output in session.get_outputs()]

    def infer(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Output]:
        """Every output by name. Any thread may call it.

        Raises:
            ModelError: the inputs are not the network's.
        """
        try:
            results = self._session.run(self._outputs, dict(inputs))
        except (*_ERRORS, ValueError) as error:
            raise ModelError(f"{self._spec.path}: {error}") from error
        return dict(zip(self._outputs, cast("list[Output]", results), strict=True))


class OnnxRuntime:
    """Opens ONNX files."""

    def __init__(self, options: RuntimeOptions) -> None:
        self._device = options.device
        self._threads = options.threads
        self._arithmetic = options.arithmetic
        self._exact = options.exact

    def load(self, spec: NetworkSpec) -> Network:
        """The network that `spec` describes.

        Raises:
            ModelError: the file is not a network, not the one described, or would run on another
                device or at another precision than was asked for.
        """
        with tempfile.TemporaryDirectory(prefix="dongseon-") as folder:
            session = self._session(spec, Path(folder))
            inputs = {port.name: _sides(port.shape) for port in session.get_inputs()}
            check_names(spec, set(inputs), {port.name for port in session.get_outputs()})
            check_shape(spec, inputs[spec.input])
            check_runs_at(spec, inputs[spec.input])
            network = OnnxNetwork(spec, session, _device(session.get_providers()[0]))
            if self._watched(spec):
                self._watch(spec, network, session)
        network.precision = check_precision(
            spec, self._arithmetic, network.precision, exact=self._exact
        )
        return network

    def _watched(self, spec: NetworkSpec) -> bool:
        """Whether it could run in another way than asked; a float network on the CPU cannot."""
        return spec.int8 or self._device != "CPU"

    def _watch(self, spec: NetworkSpec, network: "OnnxNetwork", session: Any) -> None:  # noqa: ANN401 - untyped library
        """Run `network` once and see which layers ran where."""
        network.infer({spec.input: np.zeros([max(1, side) for side in spec.run_at], np.float32)})
        layers = _computing_layers(Path(session.end_profiling()))
        check_device(spec, self._device, sorted({_device(provider) for _, provider in layers}))
        if any(kind in _INT8_LAYERS for kind, _ in layers):
            network.precision = INT8

    def _session(self, spec: NetworkSpec, folder: Path) -> Any:  # noqa: ANN401 - untyped library
        providers = self._providers(spec)
        options = ort.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _QUIET
        if self._exact:
            # Pairs of QuantizeLinear and DequantizeLinear stay as they are, and round in f32.
            options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.enable_profiling = self._watched(spec)
        options.profile_file_prefix = str(folder / "layers")
        try:
            session = ort.InferenceSession(
                str(spec.path), options, providers=providers, enable_fallback=0
            )
        except _ERRORS as error:
            raise ModelError(f"{spec.path}: {error}") from error
        check_device(spec, self._device, [_device(session.get_providers()[0])])
        return session

    def _providers(self, spec: NetworkSpec) -> list[str]:
        here = [name for name in _PROVIDERS.values() if name in ort.get_available_providers()]
        if self._device == AUTO:
            return here
        wanted = _PROVIDERS.get(self._device)
        if wanted not in here:
            raise ModelError(
                f"{spec.path}: asked for the device {self._device}, ONNX Runtime has "
                f"{', '.join(map(_device, here))} here"
            )
        return [wanted]


def _device(provider: str) -> str:
    return _DEVICES.get(provider, provider)


def _computing_layers(profile: Path) -> list[tuple[str, str]]:
    """Kind and provider of each layer that did the work, from what ONNX Runtime wrote down."""
    with profile.open(encoding="utf-8") as file:
        events = [event["args"] for event in json.load(file) if event.get("cat") == "Node"]
    return [
        (args["op_name"], args["provider"])
        for args in events
        if args.get("op_name") in _COMPUTING and "provider" in args
    ]


def make(options: RuntimeOptions) -> Runtime:
    """ONNX Runtime with `options`."""
    return OnnxRuntime(options)


def _sides(shape: list[int | str | None]) -> Shape:
    return tuple(side if isinstance(side, int) else ANY for side in shape)
