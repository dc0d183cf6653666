"""Detection sets in YOLO's layout: pictures below `images/`, a text of boxes for each in `labels/`.

A line of a text is `class centre_x centre_y width height`, in shares of the picture's sides. A
picture without a text shows nothing of interest, as YOLO has it; both that and a text without its
picture are counted and told. A text of the same form below `ignored/`, where there is one, names
places where what is found counts neither way.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from models.evaluation.pictures import find_pictures
from models.preparation import Size
from shared.classes import ObjectClass
from shared.errors import ConfigError
from shared.geometry import Rect

_TOLERATED = 1e-3
"""How far beyond the picture a side may lie: labels are written with few digits."""


class Numbering(NamedTuple):
    """How many classes a set numbers, and which of them are ours; the others are no objects."""

    classes: int
    ours: Mapping[int, ObjectClass]


NUMBERINGS = {
    # 80 classes of COCO 2017: person; bicycle, motorcycle; car, bus, truck.
    "coco": Numbering(
        80,
        {
            0: ObjectClass.PERSON,
            1: ObjectClass.TWO_WHEELER,
            2: ObjectClass.VEHICLE,
            3: ObjectClass.TWO_WHEELER,
            5: ObjectClass.VEHICLE,
            7: ObjectClass.VEHICLE,
        },
    ),
    # As the starter detector numbers them.
    "dongseon": Numbering(
        3,
        {0: ObjectClass.PERSON, 1: ObjectClass.VEHICLE, 2: ObjectClass.TWO_WHEELER},
    ),
}


class TruthBox(NamedTuple):
    """An object in a picture, its sides in shares of the picture's."""

    share: Rect
    object_class: ObjectClass

    def in_pixels(self, size: Size) -> Rect:
        """The box in a picture of `size`."""
        left, top, right, bottom = self.share
        return Rect(left * size.width, top * size.height, right * size.width, bottom * size.height)


class TruthPicture(NamedTuple):
    """A picture, every object of our classes in it, and the places where nothing counts."""

    path: Path
    boxes: tuple[TruthBox, ...]
    ignored: tuple[TruthBox, ...] = ()


@dataclass(frozen=True)
class YoloSet:
    """Pictures with what they show, texts without a picture, and pictures without a text."""

    pictures: tuple[TruthPicture, ...]
    labels_alone: tuple[str, ...] = ()
    pictures_alone: tuple[str, ...] = ()


def read_numbering(text: str) -> Numbering:
    """`coco`, `dongseon`, or the classes in order: `person,vehicle,two_wheeler,-`, `-` for none.

    Raises:
        ConfigError: a name that is no class.
    """
    if text in NUMBERINGS:
        return NUMBERINGS[text]
    names = [name.strip() for name in text.split(",")]
    try:
        ours = {place: ObjectClass(name) for place, name in enumerate(names) if name != "-"}
    except ValueError as error:
        raise ConfigError(
            f"--classes {text!r}: {error}; expected {', '.join(NUMBERINGS)}, or classes in their "
            f"order, of {', '.join(ObjectClass)} and - for others"
        ) from error
    return Numbering(len(names), ours)


def read_yolo(folder: Path, numbering: Numbering = NUMBERINGS["coco"]) -> YoloSet:
    """The set in `folder`.

    Raises:
        ConfigError: no pictures, no labels of any of them, a line that is no box, or a class
            number out of range; the message names the file and the line.
    """
    images, labels, ignored = (folder / name for name in ("images", "labels", "ignored"))
    if not images.is_dir() or not labels.is_dir():
        raise ConfigError(f"{folder}: expected the folders images/ and labels/ in it")
    paths = find_pictures(images)
    texts = {path.relative_to(labels).with_suffix(""): path for path in labels.rglob("*.txt")}
    names = [path.relative_to(images).with_suffix("") for path in paths]
    if not texts.keys() & set(names):
        raise ConfigError(f"{labels}: no text belongs to any of the {len(paths)} pictures")
    pictures = tuple(
        TruthPicture(
            path,
            _boxes(labels / f"{name}.txt", numbering),
            _boxes(ignored / f"{name}.txt", numbering) if ignored.is_dir() else (),
        )
        for path, name in zip(paths, names, strict=True)
    )
    return YoloSet(
        pictures,
        tuple(str(texts[name]) for name in sorted(texts.keys() - set(names))),
        tuple(str(path) for path, name in zip(paths, names, strict=True) if name not in texts),
    )


def _boxes(path: Path, numbering: Numbering) -> tuple[TruthBox, ...]:
    if not path.exists():
        return ()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    found = (
        _box(line.split(), numbering, f"{path}, line {place}")
        for place, line in enumerate(lines, 1)
        if line.strip()
    )
    return tuple(box for box in found if box is not None)


def _box(words: list[str], numbering: Numbering, where: str) -> TruthBox | None:
    """The box on a line; None where its class is none of ours."""
    try:
        number, (x, y, width, height) = int(words[0]), map(float, words[1:])
    except ValueError as error:
        raise ConfigError(
            f"{where}: {' '.join(words[:8])!r} is no box; expected `class x y width height`"
        ) from error
    if not 0 <= number < numbering.classes:
        raise ConfigError(
            f"{where}: class {number} is out of range, there are {numbering.classes}; "
            "is --classes right?"
        )
    share = Rect(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    inside = all(-_TOLERATED <= side <= 1 + _TOLERATED for side in share)
    if not (inside and width > 0 and height > 0 and all(map(math.isfinite, share))):
        raise ConfigError(f"{where}: the box is not inside the picture, or has no area")
    object_class = numbering.ours.get(number)
    return TruthBox(share.clipped(1.0, 1.0), object_class) if object_class else None
