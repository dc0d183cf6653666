"""Training pictures: parts of labelled frames, and objects put on other backgrounds.

People and vehicles in freely licensed clips are few, so most pictures are made up: cut-outs of them
in other colours and sizes, smaller with the distance, in front of and behind each other, between
things that are none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from models.errors import ModelError
from models.train.detector.chances import Rng, chance
from models.train.detector.clutter import ground, thing
from models.train.detector.distort import distort
from models.train.detector.labels import CLASSES, Label
from models.train.detector.pack import Scene
from models.train.detector.pasting import LEAST, SEEN, Canvas, Place, lit, sized
from models.train.detector.recolour import recoloured
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.pictures import Picture

_SHARES = {
    ObjectClass.PERSON: 0.62,
    ObjectClass.VEHICLE: 0.2,
    ObjectClass.TWO_WHEELER: 0.18,
}
"""Of the objects put into pictures."""

_HEIGHTS = {
    ObjectClass.PERSON: (0.9, 1.1),
    ObjectClass.VEHICLE: (0.7, 1.6),
    ObjectClass.TWO_WHEELER: (0.8, 1.2),
}
"""Of an object, in heights of a person at the same place."""

_TALL = (24.0, 0.95)
"""A person at the bottom of a picture: from so many pixels to so much of the picture's height."""

_MEDIUM = 50.0
"""Pixels: of taller people there are fewer."""


_EMPTY = 6
"""Of frames without anything to find, one in so many is used."""

_NARROW, _SMALL = 3, 24
"""Pixels, and pixels of area: what is less is ignored."""


@dataclass
class Drawn:
    """A picture while it is made, H x W x 3, and what is on it."""

    picture: Picture
    labels: list[Label]


class SceneMaker:
    """Makes training pictures of `height` x `width` pixels from `scenes`."""

    def __init__(self, scenes: Sequence[Scene], height: int, width: int) -> None:
        self._height, self._width = height, width
        self._frames = Pool(_worth([one for one in scenes if one.use == "train"]))
        self._backgrounds = Pool(_empty(one) for one in scenes if one.use == "background")
        self._cutouts = {
            kind: Pool(one for one in scenes if one.use == "cutout" and one.object_class is kind)
            for kind in CLASSES
        }
        if not self._frames and not any(self._cutouts.values()):
            raise ModelError("no frame and no cut-out to make training pictures of")

    def make(self, rng: Rng) -> Drawn:
        """One picture, distorted, with its labels."""
        drawn = self._mosaic(rng) if chance(rng, 0.25) else self._single(rng)
        drawn.picture = distort(drawn.picture, rng)
        return drawn

    def _single(self, rng: Rng) -> Drawn:
        if self._frames and (chance(rng, 0.4) or not any(self._cutouts.values())):
            scene = self._frames.pick(rng)
            drawn = self._part_of(scene, rng)
            self._fill(drawn, rng, most=6)
        else:
            drawn = self._background(rng)
            self._fill(drawn, rng, most=20)
        return _mirrored(drawn) if chance(rng, 0.5) else drawn

    def _mosaic(self, rng: Rng) -> Drawn:
        """Four pictures at half their size."""
        quarters = [self._single(rng) for _ in range(4)]
        width, height = self._width // 2, self._height // 2
        small = [
            cv2.resize(q.picture, (width, height), interpolation=cv2.INTER_AREA) for q in quarters
        ]
        picture = np.vstack((np.hstack(small[:2]), np.hstack(small[2:])))
        labels = []
        for number, quarter in enumerate(quarters):
            dx, dy = number % 2 * width, number // 2 * height
            for label in quarter.labels:
                rect = Rect(*(side / 2 for side in label.rect)).shifted(dx, dy)
                labels.append(label._replace(rect=rect))
        return Drawn(np.asarray(picture, dtype=np.uint8), labels)

    def _part_of(self, scene: Scene, rng: Rng) -> Drawn:
        """A part of the scene, at a random scale."""
        rows, columns = scene.picture.shape[:2]
        least = max(self._width / columns, self._height / rows)
        scale = least * float(np.exp(rng.uniform(0, np.log(2.6))))
        width, height = self._width / scale, self._height / scale
        height = min(rows, height * float(rng.uniform(0.9, 1.1)))
        left, top = rng.uniform(0, columns - width), rng.uniform(0, rows - height)
        box = [int(left), int(top), int(left + width), int(top + height)]
        part = scene.picture[box[1] : box[3], box[0] : box[2]]
        fx, fy = self._width / part.shape[1], self._height / part.shape[0]
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        picture = cv2.resize(part, (self._width, self._height), interpolation=way)
        labels = [_moved(label, box, fx, fy) for label in scene.labels]
        kept = [label for label in labels if label is not None]
        return Drawn(np.asarray(picture, dtype=np.uint8), kept)

    def _background(self, rng: Rng) -> Drawn:
        if not self._backgrounds or chance(rng, 0.3):
            return Drawn(ground(self._height, self._width, rng), [])
        drawn = self._part_of(self._backgrounds.pick(rng), rng)
        return drawn if chance(rng, 0.7) else _tilted(drawn, rng)

    def _fill(self, drawn: Drawn, rng: Rng, most: int) -> None:
        """Put up to `most` objects, and things between them, onto the picture, far ones first."""
        tall = float(np.exp(rng.uniform(np.log(_TALL[0]), np.log(_TALL[1] * self._height))))
        flat = float(rng.uniform(0.25, 1.0))
        few = min(1.0, _MEDIUM / tall)
        count = 1 + int(rng.integers(most // 3, most + 1) * few)
        feet = np.sort(rng.uniform(0.08, 1.25, count)) * self._height
        canvas = Canvas(drawn.picture)
        for y in feet:
            here = tall * (flat + (1 - flat) * min(1.0, y / self._height))
            place = Place(float(rng.uniform(-0.02, 1.02)) * self._width, float(y))
            if chance(rng, 0.3):
                height = max(LEAST, round(here * rng.uniform(0.5, 2.0)))
                cutout = thing(min(height, self._height * 2), self._photo(rng), rng)
                canvas.put_thing(cutout, place)
            else:
                self._put(canvas, place, here, rng)
        drawn.labels = canvas.labels(drawn.labels)

    def _put(self, canvas: Canvas, place: Place, tall: float, rng: Rng) -> None:
        """Put an object there, where a person would be `tall` pixels."""
        kinds = [kind for kind in CLASSES if self._cutouts[kind]]
        if not kinds:
            return
        shares = np.array([_SHARES[kind] for kind in kinds])
        kind = kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]
        source = self._cutouts[kind].pick(rng).picture
        height = tall * float(rng.uniform(*_HEIGHTS[kind]))
        cutout = sized(recoloured(source, kind, rng), height, rng)
        if chance(rng, 0.4):
            canvas.shade(cutout, place, rng)
        canvas.put(lit(cutout, canvas.picture, place, rng), place, kind)

    def _photo(self, rng: Rng) -> Picture:
        pool = self._backgrounds or self._frames
        return pool.pick(rng).picture if pool else ground(self._height, self._width, rng)


def _empty(scene: Scene) -> Scene:
    """A background, believed to be empty where no teacher is sure of the contrary."""
    return replace(scene, labels=tuple(label for label in scene.labels if label.sure))


def _worth(frames: list[Scene]) -> list[Scene]:
    """Frames with something to find, and one in `_EMPTY` of the others."""
    full = [scene for scene in frames if any(label.sure for label in scene.labels)]
    empty = [scene for scene in frames if not any(label.sure for label in scene.labels)]
    return full + empty[::_EMPTY]


class Pool:
    """Scenes of one use, picked by source.

    A source is picked by the square root of its number of scenes: a long clip of one place counts
    for less than as many places.
    """

    def __init__(self, scenes: Iterable[Scene]) -> None:
        groups: dict[str, list[Scene]] = {}
        for scene in scenes:
            groups.setdefault(scene.source, []).append(scene)
        self._groups = list(groups.values())
        weights = np.sqrt([len(group) for group in self._groups])
        self._ends = np.cumsum(weights / weights.sum()) if self._groups else weights

    def __bool__(self) -> bool:
        return bool(self._groups)

    def pick(self, rng: Rng) -> Scene:
        """One of them."""
        number = min(int(np.searchsorted(self._ends, rng.random())), len(self._groups) - 1)
        group = self._groups[number]
        return group[int(rng.integers(len(group)))]


def _moved(label: Label, box: list[int], fx: float, fy: float) -> Label | None:
    """`label` in the part `box` of its picture, scaled; what is cut off nearly whole is ignored."""
    whole = label.rect
    left, top, right, bottom = box
    inside = whole.shifted(-left, -top).clipped(right - left, bottom - top)
    if inside.width <= 1 or inside.height <= 1:
        return None
    rect = Rect(inside.left * fx, inside.top * fy, inside.right * fx, inside.bottom * fy)
    large = min(rect.width, rect.height) >= _NARROW and rect.area >= _SMALL
    sure = label.sure and large and inside.area >= SEEN * whole.area
    return Label(rect, label.object_class, sure)


def _mirrored(drawn: Drawn) -> Drawn:
    width = drawn.picture.shape[1]
    labels = [
        label._replace(
            rect=Rect(
                width - label.rect.right, label.rect.top, width - label.rect.left, label.rect.bottom
            )
        )
        for label in drawn.labels
    ]
    return Drawn(np.ascontiguousarray(drawn.picture[:, ::-1]), labels)


def _tilted(drawn: Drawn, rng: Rng) -> Drawn:
    """A background on its head or darker: no object of it is asked for."""
    picture = drawn.picture[::-1] if chance(rng, 0.5) else drawn.picture
    if picture is not drawn.picture:
        height = picture.shape[0]
        labels = [
            Label(Rect(r.left, height - r.bottom, r.right, height - r.top), kind, sure=False)
            for r, kind, _ in drawn.labels
        ]
    else:
        labels = drawn.labels
    table = np.clip(np.arange(256) * rng.uniform(0.3, 1.1), 0, 255).astype(np.uint8)
    return Drawn(np.asarray(cv2.LUT(np.ascontiguousarray(picture), table)), labels)
