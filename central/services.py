"""What the centre's API is made of, put together once by whoever starts the process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from central.crops.store import CropStore
from central.index.port import VectorIndex
from central.search.patience import limited
from central.settings import CentralSettings
from central.watch.hub import Hub
from central.watch.likeness import Likeness, catalogue_likeness
from shared.attributes import AttributeValue
from shared.classes import ObjectClass
from shared.clock import Clock
from shared.errors import StorageError
from shared.geometry import Rect
from shared.messages import Message
from shared.pictures import Picture
from shared.vectors import Vector


class Query(NamedTuple):
    """A picture as a query. `box` is the part that was embedded, None for the whole picture."""

    space: str
    vector: Vector
    box: Rect | None


class FoundObject(NamedTuple):
    """One object in a picture, ready to be looked for.

    `rect` is in pixels of the picture; `confidence` None: the whole picture was taken, since
    nothing looks for objects in it. `attributes` and `plate` are what can be said of it besides.
    """

    object_class: ObjectClass
    rect: Rect
    confidence: float | None
    space: str
    vector: Vector
    attributes: Mapping[str, AttributeValue]
    plate: str | None


class PictureReader(Protocol):
    """Turns an uploaded picture into a query. Thread-safe; may load a model when first called."""

    def objects(self, picture: Picture) -> list[FoundObject]:
        """The persons and vehicles in `picture` (H x W x 3, BGR, uint8), the surest first.

        Raises: as `read`.
        """

    def read(self, picture: Picture, object_class: ObjectClass) -> Query:
        """The embedding of the object in `picture` (H x W x 3, BGR, uint8).

        Raises:
            DependencyMissing: the weights are not there.
            PictureError: there is nothing in it that can be embedded.
            ConfigError: no embedder is configured for `object_class`.
        """


class PartHealth(NamedTuple):
    """How one part of the process is. `figures` are shown as they are."""

    ready: bool
    detail: str
    figures: Mapping[str, float] = {}


def _nobody(box: str, _name: str, _message: Message) -> None:
    raise StorageError(f"{box} cannot be told anything: this process has no connection to a broker")


@dataclass(frozen=True)
class Services:
    """Everything the API calls.

    `parts` are the other threads of the process (ingest, index follower), by name; each is asked
    for its health without blocking. `registry` is what /metrics shows. `tell` sends a box the
    command of that name; a StorageError says that it cannot be sent now. `hub` has who listens to
    the watch list, `likeness` says how alike is alike.
    """

    settings: CentralSettings
    engine: Engine
    crops: CropStore
    index: VectorIndex
    pictures: PictureReader
    clock: Clock
    parts: Mapping[str, Callable[[], PartHealth]] = field(default_factory=dict)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    tell: Callable[[str, str, Message], None] = _nobody
    hub: Hub = field(default_factory=Hub)
    likeness: Likeness = field(default_factory=catalogue_likeness)

    @cached_property
    def searching(self) -> Engine:
        """The engine for searches, whose statements may take `search_timeout_s`."""
        return limited(self.engine, self.settings.search_timeout_s, self.clock)
