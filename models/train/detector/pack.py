"""What the detector is trained on, in one file: labelled frames, cut-outs, backgrounds.

A zip of pictures (JPEG, cut-outs PNG with alpha) and `index.json`, so that it travels and is
looked at easily.
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, TypeAdapter, ValidationError

from models.errors import ModelError
from models.train.detector.labels import CLASSES, Label
from shared.classes import ObjectClass
from shared.errors import StorageError
from shared.geometry import Rect
from shared.pictures import Picture

Use = Literal["train", "held_out", "background", "cutout"]
Cutout = NDArray[np.uint8]
"""H x W x 4: BGR and alpha, its box the whole picture."""

_INDEX = "index.json"
_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 88)
_LABELS = TypeAdapter(list[tuple[float, float, float, float, int, bool]])


@dataclass(frozen=True)
class Scene:
    """A picture and its labels; for a cut-out the one label is its class."""

    picture: NDArray[np.uint8]
    labels: tuple[Label, ...]
    source: str
    use: Use

    @property
    def object_class(self) -> ObjectClass:
        """Of a cut-out."""
        return self.labels[0].object_class


class _Item(BaseModel):
    file: str
    source: str
    use: Use
    labels: list[tuple[float, float, float, float, int, bool]]


_ITEMS = TypeAdapter(list[_Item])


def write_pack(scenes: Sequence[Scene], path: Path) -> None:
    """Put `scenes` into the file at `path`.

    Raises:
        StorageError: it cannot be written.
    """
    items = []
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as out:
            for number, scene in enumerate(scenes):
                ending = ".png" if scene.use == "cutout" else ".jpg"
                name = f"{scene.use}/{number:05}{ending}"
                out.writestr(name, _encoded(scene.picture, ending))
                labels = [
                    (*one.rect, CLASSES.index(one.object_class), one.sure) for one in scene.labels
                ]
                items.append(_Item(file=name, source=scene.source, use=scene.use, labels=labels))
            out.writestr(_INDEX, _ITEMS.dump_json(items))
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error}") from error


def read_pack(path: Path) -> list[Scene]:
    """The scenes in the file at `path`.

    Raises:
        ModelError: it is not such a file, a picture in it is damaged or labels are not in it, or
            it has nothing to train on.
    """
    try:
        with zipfile.ZipFile(path) as kept:
            items = _ITEMS.validate_json(kept.read(_INDEX))
            scenes = [_scene(item, kept.read(item.file)) for item in items]
    except (OSError, KeyError, zipfile.BadZipFile, ValidationError) as error:
        raise ModelError(f"{path}: not a pack of training pictures: {error}") from error
    if not any(scene.use in {"train", "cutout"} for scene in scenes):
        raise ModelError(f"{path}: nothing in it to train on")
    return scenes


def _encoded(picture: NDArray[np.uint8], ending: str) -> bytes:
    return bytes(cv2.imencode(ending, picture, _JPEG if ending == ".jpg" else ())[1])


def _scene(item: _Item, data: bytes) -> Scene:
    flag = cv2.IMREAD_UNCHANGED if item.use == "cutout" else cv2.IMREAD_COLOR
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    if decoded is None:
        raise ModelError(f"{item.file}: not a picture")
    picture = np.asarray(decoded, dtype=np.uint8)
    labels = tuple(_label(one, item.file, picture) for one in item.labels)
    return Scene(picture, labels, item.source, item.use)


def _label(row: tuple[float, float, float, float, int, bool], file: str, picture: Picture) -> Label:
    left, top, right, bottom, number, sure = row
    height, width = picture.shape[:2]
    if not 0 <= number < len(CLASSES):
        raise ModelError(f"{file}: class {number}; there are 0 to {len(CLASSES) - 1}")
    if not (-1 <= left < right <= width + 1 and -1 <= top < bottom <= height + 1):
        raise ModelError(f"{file}: a box {row[:4]} that is empty or outside {width} x {height}")
    return Label(Rect(left, top, right, bottom), CLASSES[number], sure)
