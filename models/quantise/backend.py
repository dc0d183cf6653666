"""The seam between the search and the libraries that quantise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from models.catalogue import RuntimeName
from models.quantise.source import Candidate, Source
from models.runtimes.port import Tensor
from shared.errors import DependencyMissing


class Layer(NamedTuple):
    """A layer with weights. `grouped` convolutions see only some of the channels at a time."""

    name: str
    kind: str
    grouped: bool


@dataclass(frozen=True)
class Keep:
    """What stays as it was.

    Attributes:
        grouped: convolutions by groups (depthwise ones too): they have little to multiply for what
            they read, and some runtimes have no fast integers for them.
        elementwise: additions, products, pools and the like: each would need its numbers rounded
            and spread out again on the way.
        layers: by name.
    """

    grouped: bool = False
    elementwise: bool = False
    layers: frozenset[str] = field(default_factory=frozenset)

    def also(self, layers: Iterable[str]) -> "Keep":
        """The same, and `layers`."""
        return Keep(self.grouped, self.elementwise, self.layers | frozenset(layers))

    @property
    def width(self) -> int:
        """How many kinds stay."""
        return self.grouped + self.elementwise

    @property
    def plan(self) -> str:
        """What stays whatever it costs or gains by itself, in words."""
        kinds = ["grouped convolutions"] * self.grouped + ["element-wise layers"] * self.elementwise
        return f"all but {' and '.join(kinds)}" if kinds else "all"


PLANS = tuple(
    Keep(grouped, elementwise) for elementwise in (False, True) for grouped in (False, True)
)
"""What may be left out for speed, quantising everything first."""


class Backend(Protocol):
    """Quantises one network for one runtime."""

    runtime: RuntimeName

    @property
    def layers(self) -> Sequence[Layer]:
        """Those with weights, in the order they are computed."""

    def quantise(self, keep: Keep) -> Candidate:
        """The network with all but `keep` in 8 bits.

        Raises:
            ModelError: the library cannot.
        """

    def roughly(self, keep: Keep) -> Candidate:
        """The same in less time, good enough to rank layers by."""


@dataclass(frozen=True)
class Work:
    """What a backend works on: the network, the tensors to calibrate on, a folder for trials."""

    source: Source
    tensors: Sequence[Tensor]
    folder: Path


def make_backend(runtime: RuntimeName, work: Work) -> Backend:
    """What quantises for `runtime`.

    Raises:
        DependencyMissing: its library is not installed.
        ModelError: the network is not one it can read.
    """
    try:
        if runtime == "openvino":
            from models.quantise.openvino_backend import OpenVinoBackend  # noqa: PLC0415

            return OpenVinoBackend(work)
        from models.quantise.onnx_backend import OnnxBackend  # noqa: PLC0415

        return OnnxBackend(work)
    except ImportError as error:
        raise DependencyMissing(
            f"quantising for {runtime} needs {error.name or error}; pip install dongseon[quantise]"
        ) from error
