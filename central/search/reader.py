"""Uploaded pictures into queries. Models are loaded when the first picture comes."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from central.services import FoundObject, Query
from central.settings import CentralSettings
from models.attributes.reading import merge
from models.roles import (
    AttributeReader,
    Detection,
    Detector,
    Embedder,
    LoadOptions,
    PlateReader,
    load_attributes,
    load_detector,
    load_embedder,
    load_plate_finder,
    load_plate_reader,
)
from models.store import ModelStore
from shared.attributes import AttributeValue
from shared.classes import ObjectClass
from shared.errors import ConfigError, DependencyMissing
from shared.geometry import Rect
from shared.pictures import Picture

# Someone who stands is at least this much higher than wide, so such a picture, not larger than a
# box's crop, is taken to be cut out already.
_UPRIGHT = 1.5
_CROP_SIDE = 1024
MAX_OBJECTS = 50
"""Objects of one picture that are offered, the surest."""

M = TypeVar("M")


class _Lazy(Generic[M]):
    """A model that is loaded once, by whichever thread needs it first."""

    def __init__(self, load: Callable[[], M]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._model: M | None = None

    def get(self) -> M:
        with self._lock:
            if self._model is None:
                self._model = self._load()
            return self._model


@dataclass(frozen=True)
class ModelReader:
    """Finds the largest object of a class in a picture, and embeds it.

    Without a detector, or without its weights, the whole picture is embedded, which the answer
    shows by its empty box.
    """

    embedders: Mapping[ObjectClass, _Lazy[Embedder]]
    detector: _Lazy[Detector] | None = field(default=None)
    attributes: Mapping[ObjectClass, _Lazy[AttributeReader]] = field(default_factory=dict)
    plates: _Lazy[PlateReader] | None = field(default=None)

    def read(self, picture: Picture, object_class: ObjectClass) -> Query:
        """See `central.services.PictureReader`."""
        embedder = self._embedder(object_class)
        box = None if _is_crop(picture, object_class) else self._largest(picture, object_class)
        vector = embedder.embed([picture if box is None else _cut(picture, box)])[0]
        return Query(embedder.space, vector, box)

    def objects(self, picture: Picture) -> list[FoundObject]:
        """See `central.services.PictureReader`."""
        found = self._found(picture)
        if found is None or _is_crop(picture, ObjectClass.PERSON):
            height, width = picture.shape[:2]
            whole = Rect(0, 0, width, height)
            object_class = ObjectClass.PERSON if not found else found[0].object_class
            return [self._described(picture, object_class, whole, None)]
        offered = [each for each in found if each.object_class in self.embedders]
        return [
            self._described(picture, each.object_class, each.rect, each.confidence)
            for each in offered[:MAX_OBJECTS]
        ]

    def _found(self, picture: Picture) -> list[Detection] | None:
        """What the detector finds, the surest first; None: there is no detector."""
        try:
            return None if self.detector is None else self.detector.get().detect(picture)
        except DependencyMissing:
            return None

    def _described(
        self,
        picture: Picture,
        object_class: ObjectClass,
        rect: Rect,
        confidence: float | None,
    ) -> FoundObject:
        crop = _cut(picture, rect)
        embedder = self._embedder(object_class)
        return FoundObject(
            object_class=object_class,
            rect=rect,
            confidence=confidence,
            space=embedder.space,
            vector=embedder.embed([crop])[0],
            attributes=self._attributes(crop, object_class),
            plate=self._plate(crop) if object_class != ObjectClass.PERSON else None,
        )

    def _attributes(self, crop: Picture, object_class: ObjectClass) -> dict[str, AttributeValue]:
        reader = self.attributes.get(object_class)
        try:
            return {} if reader is None else merge(reader.get().read([crop]))
        except DependencyMissing:
            return {}

    def _plate(self, crop: Picture) -> str | None:
        try:
            reading = None if self.plates is None else self.plates.get().read(crop)
        except DependencyMissing:
            return None
        return None if reading is None else reading.text

    def _embedder(self, object_class: ObjectClass) -> Embedder:
        if object_class not in self.embedders:
            raise ConfigError(
                f"no embedder for uploaded pictures of a {object_class}; "
                "name one in DONGSEON_CENTRAL_MODELS"
            )
        return self.embedders[object_class].get()

    def _largest(self, picture: Picture, object_class: ObjectClass) -> Rect | None:
        found = self._found(picture) or []
        boxes = (detection.rect for detection in found if detection.object_class == object_class)
        return max(boxes, key=lambda rect: rect.area, default=None)


def make_reader(settings: CentralSettings) -> ModelReader:
    """The reader `settings` describes; loads nothing yet."""
    options = LoadOptions(store=ModelStore(settings.model_dir), threads=settings.search_threads)
    name, plates = settings.detector, settings.plate_reader
    return ModelReader(
        embedders={
            object_class: _Lazy(lambda name=name: load_embedder(name, options))  # type: ignore[misc]
            for object_class, name in settings.models.items()
        },
        detector=None if name is None else _Lazy(lambda: load_detector(name, options)),
        attributes={
            object_class: _Lazy(lambda name=name: load_attributes(name, options))  # type: ignore[misc]
            for object_class, name in settings.attribute_readers.items()
        },
        plates=None if plates is None else _Lazy(lambda: _plate_reader(plates, options)),
    )


def _plate_reader(name: str, options: LoadOptions) -> PlateReader:
    return load_plate_reader(name, load_plate_finder(None, options), options)


def _is_crop(picture: Picture, object_class: ObjectClass) -> bool:
    height, width = picture.shape[:2]
    upright = object_class == ObjectClass.PERSON and height >= _UPRIGHT * width
    return upright and height <= _CROP_SIDE


def _cut(picture: Picture, box: Rect) -> Picture:
    height, width = picture.shape[:2]
    inside = box.clipped(width, height)
    left, top = int(inside.left), int(inside.top)
    return picture[
        top : max(top + 1, round(inside.bottom)), left : max(left + 1, round(inside.right))
    ]
