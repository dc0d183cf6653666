"""The seam between models and runtimes."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Protocol, cast

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

_ADAPTERS: dict[RuntimeName, str] = {
    "openvino": "models.runtimes.openvino_runtime",
    "onnxruntime": "models.runtimes.onnx_runtime",
}
_OUTPUTS_SHOWN = 8


class RuntimeOptions(Settings):
    """How a network may use the machine.

    More `threads` make one call sooner, more `streams` let calls of several threads run at the
    same time (OpenVINO; ONNX Runtime runs every caller's call at once anyway). Per core, one
    thread and many streams give the most.
    """

    device: str = "CPU"
    threads: Annotated[int, Field(ge=1, le=256)] = 1
    streams: Annotated[int, Field(ge=1, le=256)] = 1
    cache_dir: Path | None = None


@dataclass(frozen=True)
class NetworkSpec:
    """A file, what must be in it, and the input shape to run it at.

    `shape` is the input's in the file (a side the file leaves open fits any), `run_at` the one
    wanted (`ANY` where sides differ from call to call).
    """

    path: Path
    input: str
    outputs: tuple[str, ...]
    shape: Shape
    run_at: Shape


class Network(Protocol):
    """A network, compiled for one device."""

    runtime: str
    device: str

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
            ModelError: the file is not a network, or not the one described.
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
