"""Bicycles and motorcycles that do not exist, with somebody on them or parked.

Freely licensed pictures of bicycles are few. These are wheels, a frame and limbs in any colours,
seen from any side: crude, but wheels in a frame are what tells a two-wheeler from a person.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from models.train.detector.chances import Rng, chance
from models.train.detector.clutter import opaque, shaded
from models.train.detector.labels import Label
from models.train.detector.pack import Cutout, Scene
from shared.classes import ObjectClass
from shared.geometry import Rect

_SIDE = 160
_ACROSS = 224
_SOLID = 127
_RIDDEN = 0.6

Point = tuple[float, float]
Colour = tuple[int, int, int, int]
_AA = cv2.LINE_AA


def drawn_two_wheeler(rng: Rng) -> Scene:
    """A cut-out: its first label is the whole, with a rider a second one is the person."""
    return _Drawing(rng).draw()


@dataclass
class _View:
    """From which side: `along` is how long the machine looks, 1 from the side; -1 the other way."""

    along: float
    wheel: float
    base: float


class _Drawing:
    """In pixels of `_SIDE`, the height; the ground is the lower side."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        self._motor = chance(rng, 0.3)
        wheel = rng.uniform(0.15, 0.19) if self._motor else rng.uniform(0.18, 0.23)
        along = float(rng.uniform(0.12, 1.0)) * (1 if chance(rng, 0.5) else -1)
        self._view = _View(along, float(wheel) * _SIDE, float(rng.uniform(0.29, 0.35)) * _SIDE)
        self._machine, self._rider = (np.zeros((_SIDE, _ACROSS, 4), np.uint8) for _ in range(2))

    def draw(self) -> Scene:
        """The wheels, what is between them, and perhaps who sits on it."""
        self._wheels()
        self._frame()
        if chance(self._rng, _RIDDEN):
            self._sitting()
        return self._cut()

    def _at(self, along: float, up: float) -> Point:
        """A point `along` the machine, -1 and 1 at its axles, `up` in parts of the height."""
        return _ACROSS / 2 + along * self._view.base * self._view.along, _SIDE * (1 - up)

    def _line(self, layer: Cutout, points: list[Point], thick: float, colour: Colour) -> None:
        corners = [np.array(points).round().astype(np.int32)]
        wide = max(1, round(thick * _SIDE))
        cv2.polylines(layer, corners, isClosed=False, color=colour, thickness=wide, lineType=_AA)

    def _wheels(self) -> None:
        view, rng = self._view, self._rng
        thick = rng.uniform(0.035, 0.06) if self._motor else rng.uniform(0.01, 0.03)
        tyre = max(1, round(float(thick) * _SIDE))
        wide = max(tyre, round(view.wheel * abs(view.along)))
        colour = opaque(rng) if chance(rng, 0.3) else _dark(rng)
        for along in (-1, 1):
            x, _ = self._at(along, 0)
            centre = (round(x), round(_SIDE - view.wheel - 2))
            axes = (wide, round(view.wheel))
            cv2.ellipse(self._machine, centre, axes, 0, 0, 360, colour, tyre, cv2.LINE_AA)
            if chance(rng, 0.4):
                self._spokes(centre, axes)

    def _spokes(self, centre: tuple[int, int], axes: tuple[int, int]) -> None:
        colour = opaque(self._rng)
        for angle in np.arange(0, np.pi, np.pi / 5):
            dx, dy = round(axes[0] * np.cos(angle)), round(axes[1] * np.sin(angle))
            start, end = (centre[0] - dx, centre[1] - dy), (centre[0] + dx, centre[1] + dy)
            cv2.line(self._machine, start, end, colour, 1, cv2.LINE_AA)

    def _frame(self) -> None:
        rng, axle = self._rng, self._view.wheel / _SIDE
        colour, thick = opaque(rng), float(rng.uniform(0.015, 0.035))
        pedals, saddle = self._at(-0.1, axle * 0.9), self._at(-0.35, axle + 0.2)
        head = self._at(0.7, axle + 0.2)
        rear, front = self._at(-1, axle), self._at(1, axle)
        tubes = [[rear, pedals, head], [pedals, saddle, head], [rear, saddle], [head, front]]
        for tube in tubes:
            self._line(self._machine, tube, thick, colour)
        if self._motor:
            body = [rear, saddle, self._at(0.3, axle + 0.22), head, self._at(0.4, axle), pedals]
            shape = np.array(body).round().astype(np.int32)
            cv2.fillPoly(self._machine, [shape], opaque(rng), cv2.LINE_AA)
        bar = self._at(0.62, axle + 0.27)
        dark = opaque(rng)
        self._line(self._machine, [head, bar, (bar[0] + self._across(), bar[1])], 0.02, dark)
        self._line(self._machine, [head, bar, (bar[0] - self._across(), bar[1])], 0.02, dark)
        left, right = self._at(-0.5, axle + 0.22), self._at(-0.15, axle + 0.22)
        self._line(self._machine, [left, right], 0.035, dark)
        if chance(rng, 0.3):
            basket = round(bar[0] + 8 * self._view.along), round(bar[1])
            corner = basket[0] + 16, basket[1] + 16
            cv2.rectangle(self._machine, (basket[0] - 8, basket[1]), corner, opaque(rng), -1)

    def _across(self) -> float:
        """Half of the handlebar as seen: wide from before or behind."""
        return float(0.11 * _SIDE * np.sqrt(1 - self._view.along**2) + 2)

    def _sitting(self) -> None:
        rng, axle = self._rng, self._view.wheel / _SIDE
        trousers, shirt, skin = opaque(rng), opaque(rng), _SKINS[int(rng.integers(len(_SKINS)))]
        hip = self._at(-0.35, axle + 0.25)
        lean = float(rng.uniform(0.05, 0.5))
        neck = self._at(-0.35 + lean, min(0.82, axle + 0.55))
        grip = self._at(0.6, axle + 0.29)
        spread = self._across() * 0.55
        for side in (-1, 1):
            turn = float(rng.uniform(-0.12, 0.12))
            knee = self._at(0.25, axle + 0.13 + turn)
            foot = self._at(0.0, max(0.03, axle * 0.7 - turn))
            leg = [hip, *((x + side * spread, y) for x, y in (knee, foot))]
            self._line(self._rider, leg, 0.06, trousers)
        wide = 0.11 + 0.07 * np.sqrt(1 - self._view.along**2)
        self._line(self._rider, [hip, neck], float(wide), shirt)
        for side in (-1, 1):
            elbow = (neck[0] + grip[0]) / 2 + side * spread, (neck[1] + grip[1]) / 2 + 6
            hand = grip[0] + side * spread, grip[1]
            self._line(self._rider, [neck, elbow, hand], 0.04, shirt)
        head = round(neck[0] + 6 * self._view.along), round(neck[1] - 0.12 * _SIDE)
        size = (round(0.05 * _SIDE), round(0.065 * _SIDE))
        cv2.ellipse(self._rider, head, size, 0, 0, 360, skin, -1, cv2.LINE_AA)
        hat = (size[0] + 1, size[1])
        cv2.ellipse(self._rider, head, hat, 0, 180, 360, opaque(rng), -1, cv2.LINE_AA)

    def _cut(self) -> Scene:
        alpha = self._rider[..., 3:].astype(np.float32) / 255
        both = self._rider * alpha + self._machine * (1 - alpha)
        both[..., 3] = np.maximum(self._rider[..., 3], self._machine[..., 3])
        made = both.astype(np.uint8)
        box = _bounds(made)
        left, top = round(box.left), round(box.top)
        cut = np.ascontiguousarray(made[top : round(box.bottom), left : round(box.right)])
        labels = [Label(Rect(0.0, 0.0, box.width, box.height), ObjectClass.TWO_WHEELER)]
        if self._rider.any():
            rider = _bounds(self._rider).shifted(-left, -top)
            labels.append(Label(rider, ObjectClass.PERSON))
        return Scene(shaded(cut, self._rng), tuple(labels), "drawn", "cutout")


def _dark(rng: Rng) -> Colour:
    grey = int(rng.integers(5, 70))
    return grey, grey, grey, 255


def _bounds(layer: Cutout) -> Rect:
    x, y, width, height = cv2.boundingRect((layer[..., 3] > _SOLID).astype(np.uint8))
    return Rect(float(x), float(y), float(x + width), float(y + height))


_SKINS = ((150, 180, 225, 255), (95, 130, 190, 255), (50, 75, 120, 255))
"""BGR and alpha."""
