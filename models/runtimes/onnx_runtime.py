"""ONNX Runtime behind the runtime seam."""

from collections.abc import Mapping
from typing import Any, cast

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from models.errors import ModelError
from models.runtimes.port import (
    ANY,
    Network,
    NetworkSpec,
    Output,
    Runtime,
    RuntimeOptions,
    Shape,
    Tensor,
    check_names,
    check_runs_at,
    check_shape,
)

_PROVIDERS = {"CPU": "CPUExecutionProvider", "GPU": "CUDAExecutionProvider"}
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
    """Opens ONNX files; the device's own provider must be there, nothing falls back unseen."""

    def __init__(self, options: RuntimeOptions) -> None:
        self._device = options.device
        self._options = ort.SessionOptions()
        self._options.intra_op_num_threads = options.threads
        self._options.inter_op_num_threads = 1
        self._options.log_severity_level = _QUIET

    def load(self, spec: NetworkSpec) -> Network:
        """The network that `spec` describes.

        Raises:
            ModelError: the file is not a network, not the one described, or the device has no
                provider in this build of ONNX Runtime.
        """
        provider = self._provider()
        try:
            session = ort.InferenceSession(str(spec.path), self._options, providers=[provider])
        except _ERRORS as error:
            raise ModelError(f"{spec.path}: {error}") from error
        if session.get_providers()[0] != provider:
            raise ModelError(f"{spec.path}: runs on {session.get_providers()}, not on {provider}")
        inputs = {port.name: _sides(port.shape) for port in session.get_inputs()}
        check_names(spec, set(inputs), {port.name for port in session.get_outputs()})
        check_shape(spec, inputs[spec.input])
        check_runs_at(spec, inputs[spec.input])
        return OnnxNetwork(spec, session, self._device)

    def _provider(self) -> str:
        provider = _PROVIDERS.get(self._device)
        if provider is None or provider not in ort.get_available_providers():
            raise ModelError(
                f"ONNX Runtime has no device {self._device!r} here; "
                f"it has {ort.get_available_providers()}"
            )
        return provider


def make(options: RuntimeOptions) -> Runtime:
    """ONNX Runtime with `options`."""
    return OnnxRuntime(options)


def _sides(shape: list[int | str | None]) -> Shape:
    return tuple(side if isinstance(side, int) else ANY for side in shape)
