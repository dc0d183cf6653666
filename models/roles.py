"""The roles models play, by name: what the edge and the centre ask for."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from models.attributes.colour_reader import COLOUR_READERS
from models.attributes.network_reader import NetworkAttributeReader
from models.attributes.reading import Reading as AttributeReading
from models.catalogue import Entry, RuntimeName, is_quantised
from models.detection import Detection
from models.detectors.decoding import outputs_of
from models.detectors.detector import NetworkDetector, Settings
from models.detectors.views import Look, Tiles, View
from models.embedders.embedder import Bounds, NetworkEmbedder, Vectors
from models.errors import ModelError
from models.plates.detector import NetworkPlateFinder
from models.plates.reader import NetworkPlateReader, PlateFinder, Reading
from models.plates.reading import PlateReading
from models.plates.slots import OUTPUTS
from models.preparation import Shown, Size
from models.runtimes.port import (
    ANY,
    Arithmetic,
    Network,
    NetworkSpec,
    RuntimeOptions,
    Shape,
    described,
    make_runtime,
)
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.pictures import Picture

__all__ = [
    "AttributeReader",
    "Bounds",
    "Detection",
    "Detector",
    "Embedder",
    "FrameDetector",
    "LoadOptions",
    "PlateFinder",
    "PlateReader",
    "PlateReading",
    "load_attributes",
    "load_detector",
    "load_embedder",
    "load_plate_finder",
    "load_plate_reader",
]


STARTER_FINDER = "starter-plate-finder"
"""What finds plates where nothing else is asked for."""


class Detector(Protocol):
    """Finds objects in pictures. Any thread may call it."""

    def detect(self, picture: Picture) -> list[Detection]:
        """What `picture` (H x W x 3, BGR, uint8) shows, the surest first."""

    def describe(self) -> str:
        """`name@version runtime/device/precision` as it really runs, e.g. `openvino/CPU/int8`."""


@runtime_checkable
class FrameDetector(Detector, Protocol):
    """A detector that asks frames only for the pixels it needs, and takes several at once.

    `batch` is how many inputs one call of its network may take.
    """

    batch: int

    def view(self, size: Size) -> View:
        """How pictures of `size` are looked at; those of one input size can share a call."""

    def detect_all(self, pictures: Sequence[Shown]) -> list[list[Detection]]:
        """What each of `pictures`, of one input size, shows: as `detect`."""


class Embedder(Protocol):
    """Makes crops into vectors that can be compared. Any thread may call it."""

    space: str
    dimensions: int
    bounds: Bounds

    def embed(self, crops: Sequence[Picture]) -> Vectors:
        """One unit vector for each crop (H x W x 3, BGR, uint8): (N, `dimensions`) float32."""

    def describe(self) -> str:
        """`name@version runtime/device/precision` as it really runs, e.g. `openvino/CPU/int8`."""


class PlateReader(Protocol):
    """Reads the number plates of vehicles. Any thread may call it."""

    def read(self, vehicle_crop: Picture) -> PlateReading | None:
        """The plate in `vehicle_crop` (H x W x 3, BGR, uint8); None where none is sure.

        `models.plates.reading.vote` makes one of those of several pictures.
        """

    def describe(self) -> str:
        """`name@version runtime/device/precision` as it really runs, e.g. `openvino/CPU/int8`."""


class AttributeReader(Protocol):
    """Says in words what crops of one class of object show. Any thread may call it."""

    object_class: ObjectClass

    def read(self, crops: Sequence[Picture]) -> list[AttributeReading]:
        """One reading for each crop (H x W x 3, BGR, uint8); `merge` makes one of a tracklet's.

        Names and values are those of `shared.attributes`.
        """

    def describe(self) -> str:
        """`name@version runtime/device/precision` as it really runs, e.g. `openvino/CPU/int8`."""


@dataclass(frozen=True)
class LoadOptions:
    """How to load a model.

    Attributes:
        store: where the weights are.
        runtime: one the catalogue allows for the model; its first unless given.
        precision: one of its variants; the catalogue's choice unless given.
        device: as the runtime calls it (`CPU`, `GPU`), and no other is used; `AUTO` leaves the
            choice to the runtime.
        arithmetic: what a network that is not quantised computes in.
        exact: compute a quantised network as if no sum could overflow, for measurements: see
            `RuntimeOptions`.
        threads: cores that one call may use.
        streams: calls of different threads that may run at the same time (OpenVINO).
        cache_dir: where OpenVINO keeps compiled networks; nowhere unless given.
        score: least confidence of a detection; the catalogue's unless given. Lower finds more
            and is wrong more often.
        tiles: `auto`, `off`, or a `Grid`: look at overlapping parts one by one. Each tile costs
            as much as a whole picture.
        input_pixels: of a network that can be reshaped; more finds smaller objects, at a cost
            in proportion.
        batch: inputs that one call of a detector's network may take; each power of two up to it
            is a network of its own, compiled when it is first wanted.
    """

    store: ModelStore = field(default_factory=ModelStore)
    runtime: RuntimeName | None = None
    precision: str | None = None
    device: str = "CPU"
    arithmetic: Arithmetic = "f32"
    exact: bool = False
    threads: int = 1
    streams: int = 1
    cache_dir: Path | None = None
    score: float | None = None
    tiles: Tiles = "auto"
    input_pixels: int | None = None
    batch: int = 1


def load_detector(name: str, options: LoadOptions) -> FrameDetector:
    """The detector called `name` in the catalogue, ready to run.

    Raises:
        ModelError: no such detector, its file is not the network the catalogue describes, or it
            would not run on the device or at the precision asked for.
        DependencyMissing: its weights or its runtime are not here.
    """
    entry = options.store.catalogue.entry(name)
    if entry.detection is None:
        raise ModelError(f"{name} is for {entry.task}; a detector is needed here")
    loader = _Loader(entry, options, outputs_of(entry.detection))
    score = entry.detection.score if options.score is None else options.score
    look = Look(options.tiles, options.input_pixels)
    settings = Settings(loader.model, score, look, options.batch)
    return NetworkDetector(entry.input, entry.detection, loader.load, settings)


def load_embedder(name: str, options: LoadOptions) -> Embedder:
    """The embedder called `name` in the catalogue, ready to run. Errors as `load_detector`."""
    entry = options.store.catalogue.entry(name)
    if entry.embedding is None:
        raise ModelError(f"{name} is for {entry.task}; an embedder is needed here")
    loader = _Loader(entry, options, (entry.embedding.output,))
    network = loader.load(ANY, loader.native)
    return NetworkEmbedder(entry.input, entry.embedding, network, loader.label)


def load_plate_finder(name: str | None, options: LoadOptions) -> PlateFinder:
    """What finds plates for a reader: the model called `name`; errors as `load_detector`.

    Without a name it is the one that comes with the project.
    """
    entry = options.store.catalogue.entry(name or STARTER_FINDER)
    if entry.plate_detection is None:
        raise ModelError(f"{name} is for {entry.task}; a plate detector is needed here")
    loader = _Loader(entry, options, (entry.plate_detection.output,))
    network = loader.load(1, loader.native)
    return NetworkPlateFinder(entry.input, entry.plate_detection, network, loader.label)


def load_plate_reader(name: str, finder: PlateFinder, options: LoadOptions) -> PlateReader:
    """The plate reader called `name`, ready to run; errors as `load_detector`."""
    return _plate_reader(name, finder, options)


def load_network_plate_reader(
    name: str, detector: str | None, options: LoadOptions
) -> NetworkPlateReader:
    """As `load_plate_reader`, with what evaluation wants besides: reading plates already cut.

    `options` are for the reader; the detector has its own runtime and precision.
    """
    own = replace(options, runtime=None, precision=None)
    return _plate_reader(name, load_plate_finder(detector, own), options)


def _plate_reader(name: str, finder: PlateFinder, options: LoadOptions) -> NetworkPlateReader:
    entry = options.store.catalogue.entry(name)
    if entry.plate_reading is None:
        raise ModelError(f"{name} is for {entry.task}; a plate reader is needed here")
    loader = _Loader(entry, options, OUTPUTS)
    reading = Reading(entry.input, entry.plate_reading, loader.load(ANY, loader.native))
    return NetworkPlateReader(reading, finder, loader.label)


def load_attributes(name: str, options: LoadOptions) -> AttributeReader:
    """The reader of attributes called `name`, ready to run. Errors as `load_detector`.

    Those in `COLOUR_READERS` need no weights and are not in the catalogue.
    """
    if name in COLOUR_READERS:
        return COLOUR_READERS[name]
    entry = options.store.catalogue.entry(name)
    if entry.attributes is None:
        raise ModelError(f"{name} is for {entry.task}; a reader of attributes is needed here")
    loader = _Loader(entry, options, entry.attributes.outputs)
    network = loader.load(1, loader.native)
    return NetworkAttributeReader(entry.input, entry.attributes, network, loader.label)


class _Loader:
    """One entry with its checked file and its runtime."""

    def __init__(self, entry: Entry, options: LoadOptions, outputs: tuple[str, ...]) -> None:
        runtime, precision = entry.resolve(options.runtime, options.precision)
        self.model = f"{entry.name}@{entry.version}"
        self.native = Size(entry.input.width, entry.input.height)
        self._entry = entry
        self._outputs = outputs
        self._path = options.store.require(entry, precision)
        self._int8 = is_quantised(precision)
        self._ran = ""
        self._runtime = make_runtime(
            runtime,
            RuntimeOptions(
                device=options.device,
                threads=options.threads,
                arithmetic=options.arithmetic,
                exact=options.exact,
                streams=options.streams,
                cache_dir=options.cache_dir,
            ),
        )

    @property
    def label(self) -> str:
        """What was loaded, and how it really runs; after `load`."""
        return f"{self.model} {self._ran}"

    def load(self, batch: int, size: Size) -> Network:
        network = self._runtime.load(
            NetworkSpec(
                path=self._path,
                input=self._entry.input.name,
                outputs=self._outputs,
                shape=self._shape(1, self.native),
                run_at=self._shape(batch, size),
                int8=self._int8,
            )
        )
        self._ran = described(network)
        return network

    def _shape(self, batch: int, size: Size) -> Shape:
        return (batch, self._entry.input.channels, size.height, size.width)
