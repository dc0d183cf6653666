"""OpenVINO behind the runtime seam.

The oneDNN instruction set must not be limited (`ONEDNN_MAX_CPU_ISA`): OpenVINO 2026.4 crashes on
the re-identification networks then.
"""

import re
from collections import deque
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import openvino as ov

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
    check_shape,
)

_COMPUTING = frozenset({"Convolution", "Deconvolution", "FullyConnected", "MatMul"})
"""The layers that make up nearly all of a network's work, as the compiled graph calls them."""

# A kernel's name ends with what it computes in: `brgconv_avx2_f32`, `jit_avx2_I8`.
_KERNEL = re.compile(r"(f32|bf16|f16|i8|u8)$", re.IGNORECASE)


class OpenVinoNetwork:
    """A compiled network with as many infer requests as there were callers at one time."""

    runtime = "openvino"

    def __init__(self, spec: NetworkSpec, compiled: Any, device: str) -> None:  # noqa: ANN401 - untyped library
        self.device = device
        self.precision = _precision(compiled)
        self._spec = spec
        self._compiled = compiled
        # A port has several names where a layer that changes nothing was left out before it.
        self._outputs = [(name, port) for port in compiled.outputs for name in port.get_names()]
        # A request is not thread-safe; appending to and popping from a deque is.
        self._idle: deque[Any] = deque([compiled.create_infer_request()])

    def infer(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Output]:
        """Every output by name, copied out of the request. Any thread may call it.

        Raises:
            ModelError: the inputs are not the network's.
        """
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._compiled.create_infer_request()
        try:
            results = request.infer(dict(inputs), share_inputs=True, share_outputs=False)
            return {name: cast("Output", results[port]) for name, port in self._outputs}
        except RuntimeError as error:
            raise ModelError(f"{self._spec.path}: {_first_line(error)}") from error
        finally:
            self._idle.append(request)


class OpenVinoRuntime:
    """Compiles IR (.xml and .bin) and ONNX files."""

    def __init__(self, options: RuntimeOptions) -> None:
        self._device = options.device
        self._arithmetic = options.arithmetic
        self._exact = options.exact
        self._core = ov.Core()
        self._properties = {
            "INFERENCE_NUM_THREADS": options.threads * options.streams,
            "NUM_STREAMS": options.streams,
            # Pinned, every process on a machine would start on the same cores.
            "ENABLE_CPU_PINNING": False,
            # Where it can, OpenVINO would choose bf16: the same crop must give the same vector on
            # every processor.
            "INFERENCE_PRECISION_HINT": options.arithmetic,
            **({"CACHE_DIR": str(options.cache_dir)} if options.cache_dir else {}),
            # Without them, what is to be rounded to integers is rounded and stays in f32.
            **({"LP_TRANSFORMS_MODE": "NO"} if options.exact else {}),
        }

    def load(self, spec: NetworkSpec) -> Network:
        """The network that `spec` describes, reshaped where its own shape differs.

        Raises:
            ModelError: the file is not a network, not the one described, or OpenVINO would run it
                on another device or at another precision than was asked for.
        """
        try:
            model = self._core.read_model(spec.path)
            self._shape(model, spec)
            compiled = self._core.compile_model(model, self._device, self._properties)
            used = [device.strip("()") for device in compiled.get_property("EXECUTION_DEVICES")]
        except RuntimeError as error:
            raise ModelError(f"{spec.path}: {self._reason(error)}") from error
        check_device(spec, self._device, used)
        network = OpenVinoNetwork(spec, compiled, "+".join(used))
        network.precision = check_precision(
            spec, self._arithmetic, network.precision, exact=self._exact
        )
        _warm_up(network, spec)
        return network

    def _reason(self, error: RuntimeError) -> str:
        kind = self._device.partition(":")[0].partition(".")[0]
        here = self._core.available_devices
        if kind != AUTO and not any(device.partition(".")[0] == kind for device in here):
            return f"asked for the device {self._device}, OpenVINO has {', '.join(here)} here"
        return _first_line(error)

    @staticmethod
    def _shape(model: Any, spec: NetworkSpec) -> None:  # noqa: ANN401 - untyped library
        names = {name for port in model.outputs for name in port.get_names()}
        check_names(spec, {port.get_any_name() for port in model.inputs}, names)
        found = _sides(model.input(spec.input).partial_shape)
        check_shape(spec, found)
        if found != spec.run_at:
            model.reshape({spec.input: list(spec.run_at)})


def make(options: RuntimeOptions) -> Runtime:
    """OpenVINO with `options`."""
    return OpenVinoRuntime(options)


def _precision(compiled: Any) -> str:  # noqa: ANN401 - untyped library
    """What the layers of a compiled network that do the work compute in, the narrowest first."""
    used = set()
    for layer in compiled.get_runtime_model().get_ops():
        facts = layer.get_rt_info()
        if str(facts["layerType"].value) in _COMPUTING:
            kernel = _KERNEL.search(str(facts["primitiveType"].value))
            used.add(kernel[1].lower() if kernel else str(facts["runtimePrecision"].value))
    if used & {"i8", "u8"}:
        return INT8
    return next((name for name in ("bf16", "f16") if name in used), "f32")


def _warm_up(network: OpenVinoNetwork, spec: NetworkSpec) -> None:
    """Run once, before other threads may.

    OpenVINO's Python binding fills static tables at its first inference. Two threads that get
    there together can hang for ever, one with the interpreter's lock and one with the table's
    (seen with 2026.4.1).
    """
    shape = [1 if side == ANY else side for side in spec.run_at]
    network.infer({spec.input: np.zeros(shape, np.float32)})


def _sides(partial: Any) -> Shape:  # noqa: ANN401 - untyped library
    return tuple(side.get_length() if side.is_static else ANY for side in partial)


def _first_line(error: RuntimeError) -> str:
    lines = [line.strip() for line in str(error).splitlines()]
    said = [line for line in lines if line and not line.startswith("Exception from")]
    return " ".join(said[:2]) or "OpenVINO refused it"
