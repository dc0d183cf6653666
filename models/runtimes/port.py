"""The seam between models and runtimes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from models.catalogue import RuntimeName
from models.errors import ModelError
from shared.errors import DependencyMissing
from shared.settings import Settings

Tensor = NDArray[np.float32]
Output = NDArray[Any]
Shape = tuple[int, ...]

ANY = -1
"""A side of a shape that may differ from call to call."""

AUTO = "AUTO"
"""The device that leaves the choice to the runtime; any other must be the one that is used."""

Arithmetic = Literal["f32", "bf16", "f16"]
"""What a network that is not quantised computes in."""

INT8 = "int8"
"""What a quantised network computes in, for the most part."""

EXACT = "int8-exact"
"""A quantised network computed in f32, for measurements: see `RuntimeOptions`."""

_ADAPTERS: dict[RuntimeName, str] = {
    "openvino": "models.runtimes.openvino_runtime",
    "onnxruntime": "models.runtimes.onnx_runtime",
}
_OUTPUTS_SHOWN = 8


class RuntimeOptions(Settings):
    """How a network may use the machine.

    More `threads` make one call sooner, more `streams` let calls of several threads run at the
    same time (OpenVINO; ONNX Runtime runs every caller's call at once anyway). Per core, one
    thread and many streams give the most. Only OpenVINO can be asked for another `arithmetic` than
    f32; bf16 changes what comes out, and not on every processor.

    `exact` has a quantised network computed in f32, slowly: sums of products of integers come out
    as they are, as on a processor with VNNI. One without adds two products into 16 bits, which
    overflow (oneDNN, Nuances of int8 Computations).
    """

    device: str = "CPU"
    arithmetic: Arithmetic = "f32"
    exact: bool = False
    threads: Annotated[int, Field(ge=1, le=256)] = 1
    streams: Annotated[int, Field(ge=1, le=256)] = 1
    cache_dir: Path | None = None


@dataclass(frozen=True)
class NetworkSpec:
    """A file, what must be in it, and the input shape to run it at.

    `shape` is the input's in the file (a side the file leaves open fits any), `run_at` the one
    wanted (`ANY` where sides differ from call to call). `int8` tells that the file is quantised,
    so that it must also be computed so.
    """

    path: Path
    input: str
    outputs: tuple[str, ...]
    shape: Shape
    run_at: Shape
    int8: bool = False


class Network(Protocol):
    """A network, compiled for one device.

    `device` is the one it really runs on and `precision` what it really computes in (`f32`,
    `bf16`, `f16` or `int8`), as the runtime says after compiling.
    """

    runtime: str
    device: str
    precision: str

    def infer(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Output]:
        """Every output by name, as arrays of the caller's own. Any thread may call it.

        Raises:
            ModelError: the inputs are not the network's.
        """


class Runtime(Protocol):
    """What compiles networks."""

    def load(self, spec: NetworkSpec) -> Network:
        """The network that `spec` describes.

        Raises:
            ModelError: the file is not a network, not the one described, or the runtime would run
                it on another device or at another precision than was asked for.
        """


def make_runtime(name: RuntimeName, options: RuntimeOptions) -> Runtime:
    """The runtime called `name`.

    Raises:
        DependencyMissing: its package is not installed.
    """
    try:
        adapter = import_module(_ADAPTERS[name])
    except ImportError as error:
        raise DependencyMissing(
            f"the runtime {name} cannot be imported ({error}); install dongseon[models]"
        ) from error
    return cast("Runtime", adapter.make(options))


def described(network: Network) -> str:
    """`runtime/device/precision` as `network` really runs."""
    return f"{network.runtime}/{network.device}/{network.precision}"


def check_device(spec: NetworkSpec, asked: str, used: Collection[str]) -> None:
    """Refuse a network that a runtime quietly put on another device.

    `GPU` is content with `GPU.0`, and `AUTO` (also `AUTO:GPU,CPU`) with whatever it is.

    Raises:
        ModelError: one of the devices `used` is not `asked`.
    """
    if asked.partition(":")[0] == AUTO:
        return
    if any(asked not in {device, device.partition(".")[0]} for device in used):
        raise ModelError(
            f"{spec.path}: asked for the device {asked}, got {', '.join(used)}; "
            f'set device to one that is here, or to "{AUTO}" to leave the choice to the runtime'
        )


def check_precision(spec: NetworkSpec, asked: Arithmetic, used: str, *, exact: bool) -> str:
    """Refuse a network that does not compute in what was `asked`, or in INT8 where it is that.

    Returns what to call it.

    Raises:
        ModelError: it is `used` instead.
    """
    wanted = INT8 if spec.int8 and not exact else asked
    if used != wanted:
        raise ModelError(
            f"{spec.path}: asked for {wanted} arithmetic, got {used}: this runtime cannot do it on "
            "this processor; choose another precision or runtime"
        )
    return EXACT if spec.int8 and exact else used


def check_shape(spec: NetworkSpec, found: Shape) -> None:
    """Refuse a network whose input in the file is not `spec.shape`.

    Raises:
        ModelError: it is another.
    """
    if not _fits(found, spec.shape):
        raise ModelError(
            f"{spec.path}: input {spec.input!r} is {list(found)}, expected {list(spec.shape)}; "
            "is it the file of another model?"
        )


def check_runs_at(spec: NetworkSpec, found: Shape) -> None:
    """Refuse to run at `spec.run_at` a network that cannot be reshaped and is `found`.

    Raises:
        ModelError: a side differs that the file does not leave open.
    """
    if not _fits(found, spec.run_at):
        raise ModelError(
            f"{spec.path}: input {spec.input!r} is fixed at {list(found)} and cannot run at "
            f"{list(spec.run_at)} on this runtime"
        )


def check_names(spec: NetworkSpec, inputs: set[str], outputs: set[str]) -> None:
    """Refuse a network without the one input and the outputs in `spec`.

    Raises:
        ModelError: it has others.
    """
    if inputs != {spec.input} or not outputs >= set(spec.outputs):
        shown = sorted(outputs)[:_OUTPUTS_SHOWN]
        raise ModelError(
            f"{spec.path}: inputs {sorted(inputs)}, outputs {shown}; expected input "
            f"{spec.input!r} and outputs {list(spec.outputs)}; is it the file of another model?"
        )


def _fits(found: Shape, wanted: Shape) -> bool:
    return len(found) == len(wanted) and all(
        have in {ANY, want} for have, want in zip(found, wanted, strict=True)
    )
