"""Training pictures: parts of labelled frames, and objects put on other backgrounds.

People and vehicles in freely licensed clips are few, so most pictures are made up: cut-outs of them
in other colours and sizes, smaller with the distance, in front of and behind each other, between
things that are none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.train.detector.clutter import ground, thing
from models.train.detector.distort import distort
from models.train.detector.labels import CLASSES, Label
from models.train.detector.pack import Cutout, Scene
from models.train.detector.recolour import recoloured
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.pictures import Picture

Rng = np.random.Generator

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

_LEAST = 9
_SEEN = 0.3
"""Part of an object that must show for it to be asked for; below, it is ignored."""

_EMPTY = 6


@dataclass
class Drawn:
    """A picture while it is made, H x W x 3, and what is on it."""

    picture: Picture
    labels: list[Label]


@dataclass(frozen=True)
class Pasted:
    """An object on the picture: `number` is its value in the map of who is seen where."""

    rect: Rect
    object_class: ObjectClass
    number: int
    area: int


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
        drawn = self._mosaic(rng) if rng.random() < 0.25 else self._single(rng)  # noqa: PLR2004
        drawn.picture = distort(drawn.picture, rng)
        return drawn

    def _single(self, rng: Rng) -> Drawn:
        if self._frames and (rng.random() < 0.4 or not any(self._cutouts.values())):  # noqa: PLR2004
            scene = self._frames.pick(rng)
            drawn = self._part_of(scene, rng)
            self._fill(drawn, rng, most=6)
        else:
            drawn = self._background(rng)
            self._fill(drawn, rng, most=20)
        return _mirrored(drawn) if rng.random() < 0.5 else drawn  # noqa: PLR2004

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
        if not self._backgrounds or rng.random() < 0.3:  # noqa: PLR2004
            return Drawn(ground(self._height, self._width, rng), [])
        drawn = self._part_of(self._backgrounds.pick(rng), rng)
        return drawn if rng.random() < 0.7 else _tilted(drawn, rng)  # noqa: PLR2004

    def _fill(self, drawn: Drawn, rng: Rng, most: int) -> None:
        """Put up to `most` objects, and things between them, onto the picture, far ones first."""
        tall = float(np.exp(rng.uniform(np.log(_TALL[0]), np.log(_TALL[1] * self._height))))
        flat = float(rng.uniform(0.25, 1.0))
        few = min(1.0, _MEDIUM / tall)
        count = 1 + int(rng.integers(most // 3, most + 1) * few)
        feet = np.sort(rng.uniform(0.08, 1.25, count)) * self._height
        owner = np.zeros((self._height, self._width), np.uint8)
        pasted: list[Pasted] = []
        for y in feet:
            here = tall * (flat + (1 - flat) * min(1.0, y / self._height))
            place = (float(rng.uniform(-0.02, 1.02)) * self._width, float(y))
            if rng.random() < 0.3:  # noqa: PLR2004
                height = max(_LEAST, round(here * rng.uniform(0.5, 2.0)))
                cutout = thing(min(height, self._height * 2), self._photo(rng), rng)
                _paste(drawn.picture, owner, cutout, place, 0)
            else:
                self._put(drawn.picture, owner, pasted, (here, place), rng)
        drawn.labels = [_shown(label, owner) for label in drawn.labels]
        drawn.labels += [_seen(one, owner) for one in pasted]

    def _put(
        self,
        picture: Picture,
        owner: NDArray[np.uint8],
        pasted: list[Pasted],
        where: tuple[float, tuple[float, float]],
        rng: Rng,
    ) -> None:
        kinds = [kind for kind in CLASSES if self._cutouts[kind]]
        if not kinds:
            return
        shares = np.array([_SHARES[kind] for kind in kinds])
        kind = kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]
        here, place = where
        source = self._cutouts[kind].pick(rng).picture
        height = here * float(rng.uniform(*_HEIGHTS[kind]))
        cutout = _sized(recoloured(source, kind, rng), height, rng)
        if rng.random() < 0.4:  # noqa: PLR2004
            _shadow(picture, cutout, place, rng)
        number = len(pasted) + 1
        rect = _paste(picture, owner, _lit(cutout, picture, place, rng), place, number)
        if rect is not None:
            area = int((cutout[..., 3] > 127).sum())  # noqa: PLR2004 - half
            pasted.append(Pasted(rect, kind, number, area))

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
    large = min(rect.width, rect.height) >= 3 and rect.area >= 24  # noqa: PLR2004 - pixels
    sure = label.sure and large and inside.area >= _SEEN * whole.area
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
    picture = drawn.picture[::-1] if rng.random() < 0.5 else drawn.picture  # noqa: PLR2004
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


def _sized(cutout: Cutout, height: float, rng: Rng) -> Cutout:
    rows, columns = cutout.shape[:2]
    tall = max(_LEAST, round(height))
    wide = max(4, round(columns * tall / rows * float(np.exp(rng.normal(0, 0.12)))))
    if rng.random() < 0.5:  # noqa: PLR2004
        cutout = np.ascontiguousarray(cutout[:, ::-1])
    way = cv2.INTER_AREA if tall < rows else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(cutout, (wide, tall), interpolation=way), dtype=np.uint8)


def _lit(cutout: Cutout, picture: Picture, place: tuple[float, float], rng: Rng) -> Cutout:
    """Nearer to the light of where it is put, and as blurred as that is."""
    rows, columns = picture.shape[:2]
    x, y = int(np.clip(place[0], 0, columns - 1)), int(np.clip(place[1], 0, rows - 1))
    around = picture[max(0, y - 12) : y + 12, max(0, x - 12) : x + 12].mean()
    own = float(cutout[..., :3][cutout[..., 3] > 127].mean()) if cutout[..., 3].max() > 127 else 1  # noqa: PLR2004
    gain = float(np.clip((around / max(own, 1)) ** rng.uniform(0, 0.6), 0.45, 1.7))
    made = cutout.copy()
    made[..., :3] = cv2.convertScaleAbs(cutout[..., :3], alpha=gain, beta=abs(rng.normal(0, 5)))
    if rng.random() < 0.35:  # noqa: PLR2004
        made = np.asarray(cv2.GaussianBlur(made, (3, 3), 0), dtype=np.uint8)
    return made


def _shadow(picture: Picture, cutout: Cutout, place: tuple[float, float], rng: Rng) -> None:
    """A dark ellipse on the ground."""
    height, width = cutout.shape[:2]
    axes = (max(2, round(width * rng.uniform(0.4, 0.9))), max(1, round(height * 0.07)))
    centre = (int(place[0] + rng.normal(0, width / 3)), int(place[1]))
    left, top = max(0, centre[0] - axes[0]), max(0, centre[1] - axes[1])
    part = picture[top : centre[1] + axes[1] + 1, left : centre[0] + axes[0] + 1]
    if part.size == 0 or centre[0] + axes[0] < 0 or centre[1] + axes[1] < 0:
        return
    mask = np.zeros(part.shape[:2], np.float32)
    cv2.ellipse(mask, (centre[0] - left, centre[1] - top), axes, 0, 0, 360, 1.0, -1)
    strength = cv2.GaussianBlur(mask, (5, 5), 0) * float(rng.uniform(0.2, 0.6))
    part[:] = (part * (1 - strength[..., None])).astype(np.uint8)


def _paste(
    picture: Picture,
    owner: NDArray[np.uint8],
    cutout: Cutout,
    place: tuple[float, float],
    number: int,
) -> Rect | None:
    """Put `cutout` with its feet at `place`; its whole box, None when nothing of it is inside."""
    rows, columns = picture.shape[:2]
    height, width = cutout.shape[:2]
    left, top = round(place[0] - width / 2), round(place[1] - height)
    x1, y1 = max(0, left), max(0, top)
    x2, y2 = min(columns, left + width), min(rows, top + height)
    if x2 - x1 < 2 or y2 - y1 < 2:  # noqa: PLR2004 - pixels
        return None
    part = cutout[y1 - top : y2 - top, x1 - left : x2 - left]
    alpha = part[..., 3:].astype(np.uint16)
    under = picture[y1:y2, x1:x2]
    under[:] = ((part[..., :3] * alpha + under * (255 - alpha)) // 255).astype(np.uint8)
    owner[y1:y2, x1:x2][part[..., 3] > 127] = number or 255  # noqa: PLR2004 - half
    return Rect(float(left), float(top), float(left + width), float(top + height))


def _seen(one: Pasted, owner: NDArray[np.uint8]) -> Label:
    """The label of something put in: its box inside the picture, sure if enough of it shows."""
    rows, columns = owner.shape
    rect = one.rect.clipped(columns, rows)
    part = owner[int(rect.top) : int(rect.bottom), int(rect.left) : int(rect.right)]
    shows = int((part == one.number).sum()) / max(1, one.area)
    return Label(rect, one.object_class, shows >= _SEEN)


def _shown(label: Label, owner: NDArray[np.uint8]) -> Label:
    """The label of something that was there, ignored if something covers it."""
    rect = label.rect
    part = owner[int(rect.top) : int(rect.bottom) + 1, int(rect.left) : int(rect.right) + 1]
    covered = float((part > 0).mean()) if part.size else 0.0
    return label._replace(sure=label.sure and covered < 0.5)  # noqa: PLR2004 - half
