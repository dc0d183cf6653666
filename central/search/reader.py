"""Uploaded pictures into queries. Models are loaded when the first picture comes."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from central.services import Query
from central.settings import CentralSettings
from models.roles import Detector, Embedder, LoadOptions, load_detector, load_embedder
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.errors import ConfigError, DependencyMissing
from shared.geometry import Rect
from shared.pictures import Picture

# Someone who stands is at least this much higher than wide, so such a picture, not larger than a
# box's crop, is taken to be cut out already.
_UPRIGHT = 1.5
_CROP_SIDE = 1024

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

    def read(self, picture: Picture, object_class: ObjectClass) -> Query:
        """See `central.services.PictureReader`."""
        if object_class not in self.embedders:
            raise ConfigError(
                f"no embedder for uploaded pictures of a {object_class}; "
                "name one in DONGSEON_CENTRAL_MODELS"
            )
        embedder = self.embedders[object_class].get()
        box = None if _is_crop(picture, object_class) else self._largest(picture, object_class)
        vector = embedder.embed([picture if box is None else _cut(picture, box)])[0]
        return Query(embedder.space, vector, box)

    def _largest(self, picture: Picture, object_class: ObjectClass) -> Rect | None:
        if self.detector is None:
            return None
        try:
            found = self.detector.get().detect(picture)
        except DependencyMissing:
            return None
        boxes = (detection.rect for detection in found if detection.object_class == object_class)
        return max(boxes, key=lambda rect: rect.area, default=None)


def make_reader(settings: CentralSettings) -> ModelReader:
    """The reader `settings` describes; loads nothing yet."""
    options = LoadOptions(store=ModelStore(settings.model_dir), threads=settings.search_threads)
    name = settings.detector
    return ModelReader(
        embedders={
            object_class: _Lazy(lambda name=name: load_embedder(name, options))  # type: ignore[misc]
            for object_class, name in settings.models.items()
        },
        detector=None if name is None else _Lazy(lambda: load_detector(name, options)),
    )


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
