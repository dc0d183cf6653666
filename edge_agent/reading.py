"""What a tracklet's crops say in words: attributes and the plate, read when a sighting is due.

Not at each frame: a tracklet has one hat and one plate, and its best crops tell them best. A crop
is read once, however many revisions it is part of. A reader that fails costs the words, never the
sighting.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from weakref import WeakKeyDictionary

import structlog

from edge_agent.tracklet.shots import Shot
from models.attributes.reading import Reading, merge
from models.errors import ModelError
from models.plates.reading import PlateReading, vote
from models.roles import AttributeReader, PlateFinder, PlateReader
from shared.attributes import AttributeValue
from shared.classes import ObjectClass
from shared.errors import PictureError

CROPS = 3
"""How many of a tracklet's crops are read, the best ones."""

_LIKELY = 0.5
"""Crops that say different things may leave a plate less likely than this; then it is not told."""

_log = structlog.get_logger()


class Words(NamedTuple):
    """What was read: attributes by name, the plate, and the models that did it."""

    attributes: Mapping[str, AttributeValue] = {}
    plate: str | None = None
    models: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Readers:
    """What can be read: attributes of some object classes, the plates of vehicles.

    `finder` is what finds the plates for the reader, to be named with it.
    """

    attributes: Mapping[ObjectClass, AttributeReader] = field(default_factory=dict)
    plates: PlateReader | None = None
    finder: PlateFinder | None = None

    @property
    def detailed(self) -> frozenset[ObjectClass]:
        """The classes that must be seen large to be read."""
        return frozenset({ObjectClass.VEHICLE} if self.plates else ())


class TrackletReader:
    """Reads the tracklets of one channel.

    Args:
        readers: may be shared between channels.
        failed: told each time something could not be read.
    """

    def __init__(self, readers: Readers, failed: Callable[[], None]) -> None:
        self._readers = readers
        self._failed = failed
        self._told: set[str] = set()
        self._attributes: WeakKeyDictionary[Shot, Reading] = WeakKeyDictionary()
        self._plates: WeakKeyDictionary[Shot, PlateReading | None] = WeakKeyDictionary()

    def read(self, object_class: ObjectClass, shots: Iterable[Shot]) -> Words:
        """What the best of `shots`, all of one tracklet, say."""
        best = sorted(shots, key=lambda shot: shot.quality, reverse=True)
        models: dict[str, str] = {}
        attributes: Mapping[str, AttributeValue] = {}
        plate: PlateReading | None = None
        if reader := self._readers.attributes.get(object_class):
            with self._spared("attributes"):
                attributes = self._attributes_of(reader, best[:CROPS])
                models["attributes"] = reader.describe()
        if (plates := self._readers.plates) and object_class is ObjectClass.VEHICLE:
            with self._spared("plate"):
                plate = self._plate_of(plates, [shot for shot in best if shot.detail is not None])
                models["plate_reader"] = plates.describe()
        return Words(attributes, plate.text if plate else None, models)

    @contextmanager
    def _spared(self, what: str) -> Iterator[None]:
        """Go on without `what` if a model fails at it."""
        try:
            yield
        except (ModelError, PictureError) as error:
            self._failed()
            if what not in self._told:
                self._told.add(what)
                _log.warning(
                    "sightings go without what cannot be read", what=what, error=str(error)
                )

    def _attributes_of(
        self, reader: AttributeReader, shots: Sequence[Shot]
    ) -> Mapping[str, AttributeValue]:
        fresh = [shot for shot in shots if shot not in self._attributes]
        if fresh:
            found = reader.read([shot.picture for shot in fresh])
            self._attributes.update(zip(fresh, found, strict=True))
        return merge([self._attributes[shot] for shot in shots], [shot.quality for shot in shots])

    def _plate_of(self, reader: PlateReader, shots: Sequence[Shot]) -> PlateReading | None:
        for shot in shots[:CROPS]:
            if shot not in self._plates and shot.detail is not None:
                self._plates[shot] = reader.read(shot.detail)
        found = vote([found for shot in shots[:CROPS] if (found := self._plates[shot])])
        return found if found and found.confidence >= _LIKELY else None
