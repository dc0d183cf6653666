"""Training pictures: parts of labelled frames, and objects put on other backgrounds.

People and vehicles in freely licensed clips are few, so most pictures are made up: cut-outs of them
in other colours and sizes, smaller with the distance, in front of and behind each other, between
things that are none.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from models.train.detector.chances import Rng, chance
from models.train.detector.clutter import ground, thing
from models.train.detector.distort import distort
from models.train.detector.labels import Label
from models.train.detector.lettering import lettered
from models.train.detector.material import Material
from models.train.detector.pack import Cutout, Scene
from models.train.detector.pasting import LEAST, SEEN, Canvas, Place, lit, sized
from models.train.detector.recolour import recoloured
from models.train.detector.things import furniture, part_of_person, part_of_vehicle
from models.train.detector.wheels import drawn_two_wheeler
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

_TALL = (20.0, 0.95, 1.6)
"""A person at the bottom of a picture: from so many pixels to so much of the picture's height, and
of its width where that is less."""

_MEDIUM = 50.0
"""Pixels: of taller people there are fewer."""

_THINGS = 0.45
"""Of what is put into pictures: things that are not asked for."""

_DESERTED = 0.15
"""How often there is nothing but such things."""

_NEAR = 0.12
"""How often one object or two fill the picture, as before a door or in a photo."""

_GROUP = 0.35
"""How often somebody is not alone."""

_BESIDE = (0.3, 1.1)
"""How far people of a group are from each other, in their widths: most overlap."""

_DRAWN = 0.45
"""Of the two-wheelers: drawn ones, most of them bicycles."""

_PARKED = 0.6
"""Height of a two-wheeler without its rider, of what it is with."""

_WIDE = 0.38
"""Width of a person, of the height."""

_DRAWN_THINGS, _PHOTO_THINGS = 0.5, 0.75
"""Of the things: drawn ones, and up to there pieces of photos, poles and blocks; the others are
parts of what is asked for."""

_PARTS = (ObjectClass.PERSON, ObjectClass.VEHICLE)

_LETTERED = 0.35
"""How often the camera has written something into the picture."""

_FULL = 224 * 384
"""Pixels: in smaller pictures there are fewer objects."""

_SHARP = 0.6
"""Scale below which pixels are averaged, which takes longer."""

_NARROW, _SMALL = 3, 24
"""Pixels, and pixels of area: what is less is ignored."""


@dataclass
class Drawn:
    """A picture while it is made, H x W x 3, and what is on it."""

    picture: Picture
    labels: list[Label]


class SceneMaker:
    """Makes training pictures of `height` x `width` pixels from `material`."""

    def __init__(self, material: Material, height: int, width: int) -> None:
        self._height, self._width = height, width
        self._from = material

    def make(self, rng: Rng) -> Drawn:
        """One picture, distorted, with its labels."""
        drawn = self._mosaic(rng) if chance(rng, 0.2) else self._single(rng)
        if chance(rng, _LETTERED):
            drawn.picture = lettered(drawn.picture, rng)
        drawn.picture = distort(drawn.picture, rng)
        return drawn

    def _single(self, rng: Rng) -> Drawn:
        if self._from.frames and (chance(rng, 0.35) or not self._from.kinds):
            drawn = self._part_of(self._from.frames.pick(rng), rng)
            self._fill(drawn, rng, most=9)
        else:
            drawn = self._background(rng)
            self._fill(drawn, rng, most=26)
        return mirrored(drawn) if chance(rng, 0.5) else drawn

    def _mosaic(self, rng: Rng) -> Drawn:
        """Four pictures of half the size, with as few objects."""
        width, height = self._width // 2, self._height // 2
        quarter = SceneMaker(self._from, height, width)
        quarters = [quarter._single(rng) for _ in range(4)]
        small = [one.picture for one in quarters]
        picture = np.vstack((np.hstack(small[:2]), np.hstack(small[2:])))
        labels = [
            label._replace(rect=label.rect.shifted(number % 2 * width, number // 2 * height))
            for number, one in enumerate(quarters)
            for label in one.labels
        ]
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
        way = cv2.INTER_AREA if scale < _SHARP else cv2.INTER_LINEAR
        picture = cv2.resize(part, (self._width, self._height), interpolation=way)
        labels = [_moved(label, box, fx, fy) for label in scene.labels]
        kept = [label for label in labels if label is not None]
        return Drawn(np.asarray(picture, dtype=np.uint8), kept)

    def _background(self, rng: Rng) -> Drawn:
        if not self._from.backgrounds or chance(rng, 0.3):
            return Drawn(ground(self._height, self._width, rng), [])
        drawn = self._part_of(self._from.backgrounds.pick(rng), rng)
        return drawn if chance(rng, 0.7) else _tilted(drawn, rng)

    def _fill(self, drawn: Drawn, rng: Rng, most: int) -> None:
        """Put up to `most` objects, and things between them, onto the picture, far ones first."""
        greatest = min(_TALL[1] * self._height, _TALL[2] * self._width)
        least = greatest / 2 if chance(rng, _NEAR) else _TALL[0]
        tall = float(np.exp(rng.uniform(np.log(min(least, greatest)), np.log(greatest))))
        flat = float(rng.uniform(0.25, 1.0))
        few = min(1.0, _MEDIUM / tall) * min(1.0, self._height * self._width / _FULL)
        count = 1 + int(rng.integers(most // 3, most + 1) * few)
        feet = np.sort(rng.uniform(0.08, 1.25, count)) * self._height
        deserted = not self._from.kinds or chance(rng, _DESERTED)
        canvas = Canvas(drawn.picture)
        for y in feet:
            here = tall * (flat + (1 - flat) * min(1.0, y / self._height))
            place = Place(float(rng.uniform(-0.02, 1.02)) * self._width, float(y))
            if deserted or chance(rng, _THINGS):
                canvas.put_thing(self._thing(here, rng), place)
            else:
                self._put(canvas, place, here, rng)
        drawn.labels = canvas.labels(drawn.labels)

    def _thing(self, tall: float, rng: Rng) -> Cutout:
        """Something that is not asked for, where a person would be `tall` pixels."""
        height = min(max(LEAST, round(tall * rng.uniform(0.4, 1.7))), self._height * 3 // 2)
        turn = float(rng.random())
        if turn < _DRAWN_THINGS:
            return furniture(height, rng)
        pool = self._from.cutouts[_PARTS[int(rng.integers(len(_PARTS)))]]
        if turn < _PHOTO_THINGS or not pool:
            photos = self._from.backgrounds or self._from.frames
            photo = photos.pick(rng).picture if photos else ground(height * 2, height * 2, rng)
            return thing(height, photo, rng)
        whole = pool.pick(rng)
        made = recoloured(sized(whole, height, rng).picture, whole.object_class, rng)
        return (part_of_person if whole.object_class is _PARTS[0] else part_of_vehicle)(made, rng)

    def _put(self, canvas: Canvas, place: Place, tall: float, rng: Rng) -> None:
        """Put an object there, where a person would be `tall` pixels; people perhaps in a group."""
        kinds = self._from.kinds
        shares = np.array([_SHARES[kind] for kind in kinds])
        kind = kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]
        self._put_one(canvas, place, tall, self._cutout(kind, rng), rng)
        if kind is not ObjectClass.PERSON:
            return
        while chance(rng, _GROUP):
            beside = float(rng.uniform(*_BESIDE)) * tall * _WIDE * (1 if chance(rng, 0.5) else -1)
            place = Place(place.x + beside, place.y + abs(float(rng.normal(0, tall * 0.03))))
            self._put_one(canvas, place, tall, self._cutout(kind, rng), rng)

    def _cutout(self, kind: ObjectClass, rng: Rng) -> Scene:
        if kind is ObjectClass.TWO_WHEELER and chance(rng, _DRAWN):
            return drawn_two_wheeler(rng)
        return self._from.cutouts[kind].pick(rng)

    def _put_one(self, canvas: Canvas, place: Place, tall: float, one: Scene, rng: Rng) -> None:
        kind = one.object_class
        ridden = kind is not ObjectClass.TWO_WHEELER or len(one.labels) > 1
        height = tall * float(rng.uniform(*_HEIGHTS[kind])) * (1.0 if ridden else _PARKED)
        made = sized(one, height, rng)
        colours = recoloured(made.picture, kind, rng)
        if chance(rng, 0.4):
            canvas.shade(colours, place, rng)
        canvas.put(replace(made, picture=lit(colours, canvas.picture, place, rng)), place)


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


def mirrored(drawn: Drawn) -> Drawn:
    """The same the other way round."""
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
