"""Cut-outs put onto a picture, and how much of each is still seen."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.train.detector.chances import Rng, chance
from models.train.detector.labels import Label
from models.train.detector.pack import Cutout, Scene
from shared.geometry import Rect
from shared.pictures import Picture

LEAST = 9
"""Pixels: nothing less tall is put in."""

SEEN = 0.4
"""Part of an object that must show for it to be asked for; below, it is ignored."""

_COVERED = 0.5
"""Part of an object of the picture itself that may be covered before it is ignored."""

_THING = 255
_SOLID = 127
"""Alpha above which a pixel is the object's."""

_AROUND = 12
"""Pixels about a place whose light is taken."""


class Place(NamedTuple):
    """Where something stands, in pixels: the middle of its feet."""

    x: float
    y: float


class _Pasted(NamedTuple):
    rect: Rect
    labels: tuple[Label, ...]
    area: int


class Canvas:
    """`picture`, which is changed, and who is seen where on it."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._owners: NDArray[np.uint8] = np.zeros(picture.shape[:2], np.uint8)
        self._pasted: list[_Pasted] = []

    def put(self, one: Scene, place: Place) -> None:
        """Put a cut-out there, before all that is there, with its labels; at most 254."""
        rect = self._paste(one.picture, place, len(self._pasted) + 1)
        if rect is not None:
            labels = tuple(
                label._replace(rect=label.rect.shifted(rect.left, rect.top)) for label in one.labels
            )
            area = int((one.picture[..., 3] > _SOLID).sum())
            self._pasted.append(_Pasted(rect, labels, area))

    def put_thing(self, cutout: Cutout, place: Place) -> None:
        """Put something there that is not asked for."""
        self._paste(cutout, place, _THING)

    def shade(self, cutout: Cutout, place: Place, rng: Rng) -> None:
        """Darken the ground where `cutout` is to stand."""
        height, width = cutout.shape[:2]
        axes = (max(2, round(width * rng.uniform(0.4, 0.9))), max(1, round(height * 0.07)))
        centre = (int(place.x + rng.normal(0, width / 3)), int(place.y))
        left, top = max(0, centre[0] - axes[0]), max(0, centre[1] - axes[1])
        part = self.picture[
            top : max(0, centre[1] + axes[1] + 1), left : max(0, centre[0] + axes[0] + 1)
        ]
        if part.size == 0:
            return
        mask = np.zeros(part.shape[:2], np.float32)
        cv2.ellipse(mask, (centre[0] - left, centre[1] - top), axes, 0, 0, 360, 1.0, -1)
        strength = cv2.GaussianBlur(mask, (5, 5), 0) * float(rng.uniform(0.2, 0.6))
        part[:] = (part * (1 - strength[..., None])).astype(np.uint8)

    def labels(self, before: Iterable[Label]) -> list[Label]:
        """The labels of all that is there: `before` are those of the picture itself."""
        put = [
            label
            for number, one in enumerate(self._pasted, 1)
            for label in self._labels(number, one)
        ]
        return [self._uncovered(label) for label in before] + put

    def _paste(self, cutout: Cutout, place: Place, number: int) -> Rect | None:
        """The whole box of `cutout`; None when nothing of it is inside."""
        rows, columns = self.picture.shape[:2]
        height, width = cutout.shape[:2]
        left, top = round(place.x - width / 2), round(place.y - height)
        x1, y1 = max(0, left), max(0, top)
        x2, y2 = min(columns, left + width), min(rows, top + height)
        if min(x2 - x1, y2 - y1) <= 1:
            return None
        part = cutout[y1 - top : y2 - top, x1 - left : x2 - left]
        alpha = part[..., 3:].astype(np.uint16)
        under = self.picture[y1:y2, x1:x2]
        under[:] = ((part[..., :3] * alpha + under * (255 - alpha)) // 255).astype(np.uint8)
        self._owners[y1:y2, x1:x2][part[..., 3] > _SOLID] = number
        return Rect(float(left), float(top), float(left + width), float(top + height))

    def _labels(self, number: int, one: _Pasted) -> Iterator[Label]:
        """The boxes inside the picture, sure if enough of the whole shows."""
        rows, columns = self._owners.shape
        rect = one.rect.clipped(columns, rows)
        part = self._owners[int(rect.top) : int(rect.bottom), int(rect.left) : int(rect.right)]
        shows = int((part == number).sum()) / max(1, one.area)
        for label in one.labels:
            inside = label.rect.clipped(columns, rows)
            if inside.area > 0:
                enough = shows >= SEEN and inside.area >= SEEN * label.rect.area
                yield label._replace(rect=inside, sure=label.sure and enough)

    def _uncovered(self, label: Label) -> Label:
        rect = label.rect
        part = self._owners[
            int(rect.top) : int(rect.bottom) + 1, int(rect.left) : int(rect.right) + 1
        ]
        covered = float((part > 0).mean()) if part.size else 0.0
        return label._replace(sure=label.sure and covered < _COVERED)


def sized(one: Scene, height: float, rng: Rng) -> Scene:
    """The cut-out `one` at `height` pixels, a little wider or narrower, either way round."""
    rows, columns = one.picture.shape[:2]
    tall = max(LEAST, round(height))
    wide = max(4, round(columns * tall / rows * float(np.exp(rng.normal(0, 0.12)))))
    way = cv2.INTER_AREA if tall < rows / 2 else cv2.INTER_LINEAR
    made = np.asarray(cv2.resize(one.picture, (wide, tall), interpolation=way), dtype=np.uint8)
    fx, fy = wide / columns, tall / rows
    rects = [Rect(r.left * fx, r.top * fy, r.right * fx, r.bottom * fy) for r, *_ in one.labels]
    if chance(rng, 0.5):
        made = np.ascontiguousarray(made[:, ::-1])
        rects = [Rect(wide - r.right, r.top, wide - r.left, r.bottom) for r in rects]
    labels = [label._replace(rect=r) for label, r in zip(one.labels, rects, strict=True)]
    return replace(one, picture=made, labels=tuple(labels))


def lit(cutout: Cutout, picture: Picture, place: Place, rng: Rng) -> Cutout:
    """`cutout` nearer to the light of where it is put, some as blurred as that may be."""
    rows, columns = picture.shape[:2]
    x, y = int(np.clip(place.x, 0, columns - 1)), int(np.clip(place.y, 0, rows - 1))
    around = picture[max(0, y - _AROUND) : y + _AROUND, max(0, x - _AROUND) : x + _AROUND].mean()
    own = float(np.mean(cv2.mean(cutout[..., :3], cutout[..., 3])[:3]))
    gain = float(np.clip((around / max(own, 1)) ** rng.uniform(0, 0.6), 0.45, 1.7))
    made = cutout.copy()
    made[..., :3] = cv2.convertScaleAbs(cutout[..., :3], alpha=gain, beta=abs(rng.normal(0, 5)))
    if chance(rng, 0.35):
        made = np.asarray(cv2.GaussianBlur(made, (3, 3), 0), dtype=np.uint8)
    return made
