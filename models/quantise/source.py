"""The network to be quantised: an entry's own file at its widest precision, shown to be sound."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.catalogue import Catalogue, Entry, RuntimeName, Variant, WeightFile
from models.errors import ModelError
from models.preparation import Size
from models.roles import LoadOptions
from models.runtimes.port import Network, NetworkSpec, RuntimeOptions, Shape, Tensor, make_runtime
from models.store import ModelStore
from models.weights import sha256_of

INT8: dict[RuntimeName, str] = {"openvino": "INT8", "onnxruntime": "INT8-QDQ"}
"""What a quantised file of each runtime is called among an entry's precisions."""

_WIDEST = ("FP32", "FP16")


@dataclass(frozen=True)
class Source:
    """An entry, one of its precisions that is not quantised, and that precision's first file."""

    entry: Entry
    precision: str
    path: Path
    store: ModelStore

    @property
    def native(self) -> Size:
        """The input's size."""
        return Size(self.entry.input.width, self.entry.input.height)

    @property
    def is_onnx(self) -> bool:
        """Whether the file is ONNX, which both runtimes read; else it is OpenVINO's IR."""
        return self.path.suffix == ".onnx"

    @property
    def runtimes(self) -> tuple[RuntimeName, ...]:
        """Those that can run the file."""
        return self.entry.variant(self.precision).runtimes or self.entry.runtimes

    def options(self, runtime: RuntimeName) -> LoadOptions:
        """How the network is loaded as it is, by its role."""
        return LoadOptions(store=self.store, runtime=runtime, precision=self.precision)

    def network(self, runtime: RuntimeName) -> Network:
        """The network as it is, for one picture at a time."""
        return make_runtime(runtime, RuntimeOptions()).load(_spec(self.entry, self.path))

    def check(self, runtime: RuntimeName, tensor: Tensor) -> None:
        """See that it runs on `tensor` and gives numbers.

        Raises:
            ModelError: it is no network, another one, or an output is not finite.
        """
        for name, output in self.network(runtime).infer({self.entry.input.name: tensor}).items():
            if not np.isfinite(output).all():
                raise ModelError(
                    f"{self.path}: output {name!r} is not finite on a picture of the calibration; "
                    "the weights are damaged"
                )


@dataclass(frozen=True)
class Candidate:
    """A quantised network in files; the runtime opens the first."""

    files: tuple[Path, ...]
    runtime: RuntimeName

    @property
    def precision(self) -> str:
        """What it is called among an entry's precisions."""
        return INT8[self.runtime]

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(path.stat().st_size for path in self.files)

    def options(self, entry: Entry) -> LoadOptions:
        """How it is loaded by the role of `entry`: a store of its own with this one variant."""
        folder = self.files[0].parent
        variant = self.variant(folder)
        changed = entry.model_copy(
            update={
                "variants": {self.precision: variant},
                "precision": self.precision,
                "runtimes": (self.runtime,),
            }
        )
        return LoadOptions(store=ModelStore(folder, Catalogue(models=(changed,))))

    def exact(self, entry: Entry) -> LoadOptions:
        """The same, computed as a processor with VNNI does."""
        return replace(self.options(entry), exact=True)

    def network(self, entry: Entry, *, exact: bool = False) -> Network:
        """The network for one picture at a time."""
        options = RuntimeOptions(exact=exact)
        return make_runtime(self.runtime, options).load(_spec(entry, self.files[0], int8=True))

    def variant(self, root: Path) -> Variant:
        """The files as the catalogue lists them, below `root`."""
        files = tuple(
            WeightFile(
                path=path.relative_to(root).as_posix(),
                bytes=path.stat().st_size,
                sha256=sha256_of(path),
            )
            for path in self.files
        )
        return Variant(files=files, runtimes=(self.runtime,))


def find_source(store: ModelStore, name: str) -> Source:
    """What to quantise for the model called `name`.

    Raises:
        ModelError: no such model, or it is there at INT8 only.
        DependencyMissing: its weights are not here.
        WrongWeights: they are others than the catalogue records.
    """
    entry = store.catalogue.entry(name)
    for precision in _WIDEST:
        if precision in entry.variants:
            return Source(entry, precision, store.require(entry, precision), store)
    raise ModelError(
        f"{name} is there as {', '.join(entry.variants)} only; quantising starts from "
        f"{' or '.join(_WIDEST)}"
    )


def _spec(entry: Entry, path: Path, *, int8: bool = False) -> NetworkSpec:
    """One picture at a time, every output."""
    shape: Shape = (1, entry.input.channels, entry.input.height, entry.input.width)
    return NetworkSpec(
        path=path, input=entry.input.name, outputs=(), shape=shape, run_at=shape, int8=int8
    )
