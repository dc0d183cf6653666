"""Pictures of plates as a plate detector cuts them out, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.plates.layouts import PlateNumber
from models.plates.slots import SLOTS
from models.train.plates import effects
from models.train.plates.drawing import InkChance, Points, Random, draw
from models.train.plates.effects import Chance, apply
from models.train.plates.glyphs import Face
from models.train.plates.legibility import ILLEGIBLE, legibility
from models.train.plates.surroundings import Surroundings
from shared.pictures import Picture

_SUPERSAMPLED_BELOW = 110
_SMALLEST_SIDE = 12
_LEAST_SPREAD = 8.0
"""Of grey values: what is flatter cannot be read by anybody, and is drawn again."""


@dataclass(frozen=True)
class View:
    """How cameras see plates.

    Attributes:
        narrowest, widest: of plates, in pixels; as many of each octave.
        turn: standard deviation of the plate's rotation, degrees.
        slant: of its shear, part of its width.
        loose: the most that a cut is wider than the plate on one side, part of its width; half as
            much again of its height above and below.
        negatives: share of pictures without a plate.
        illegible: of plates too worn to be read, the share that is kept; the others are redrawn.
        inks: changes of the strokes, before they are coloured.
        on_plate, weather, optics, sensor: effects, in the order in which they happen.
    """

    narrowest: float = 50.0
    widest: float = 220.0
    turn: float = 4.5
    slant: float = 0.06
    loose: float = 0.16
    negatives: float = 0.06
    illegible: float = 1.0
    inks: Sequence[InkChance] = ()
    on_plate: Sequence[Chance] = effects.ON_PLATE
    weather: Sequence[Chance] = effects.TRAINED
    optics: Sequence[Chance] = effects.TRAINED_OPTICS
    sensor: Sequence[Chance] = effects.TRAINED_SENSOR


TRAINED_VIEW = View()
UNSEEN_VIEW = View(
    negatives=0.0,
    narrowest=72.0,
    turn=5.0,
    weather=effects.UNSEEN,
    optics=effects.UNSEEN_OPTICS,
    sensor=effects.UNSEEN_SENSOR,
)


class Scene(NamedTuple):
    """A cut; `number` is None where there is no plate.

    `frames` (9, 3, 2) say where the characters of the reader's slots are, x and y as parts of the
    cut's sides: the centre, from there to the right edge, and to the lower edge; NaN where a slot
    is empty. `legibility` is that of the worst character, see `models.train.plates.legibility`; 0
    where there is no plate.
    """

    picture: Picture
    number: PlateNumber | None
    frames: Points
    legibility: float


class Studio:
    """Makes scenes of `view` with plates in `faces`."""

    def __init__(self, faces: Sequence[Face], surroundings: Surroundings, view: View) -> None:
        self._faces = faces
        self._surroundings = surroundings
        self._view = view

    def scene(self, random: Random) -> Scene:
        """A new one."""
        if random.random() < self._view.negatives:
            return self._nothing(random)
        while True:
            scene = self._plate(random)
            if _spread(scene.picture) >= _LEAST_SPREAD and self._is_kept(random, scene):
                return scene

    def _is_kept(self, random: Random, scene: Scene) -> bool:
        share = self._view.illegible
        return share >= 1 or scene.legibility >= ILLEGIBLE or random.random() < share

    def _plate(self, random: Random) -> Scene:
        view = self._view
        drawn = draw(random, self._faces, view.inks)
        plate = framed(random, apply(random, drawn.picture, view.on_plate))
        edge = (plate.shape[0] - drawn.picture.shape[0]) // 2
        width = view.narrowest * (view.widest / view.narrowest) ** random.random()
        scale = 2 if width < _SUPERSAMPLED_BELOW else 1
        placed, size = placed_in_cut(random, plate, width * scale, view)
        background = self._surroundings.patch(random, *size)
        picture = pasted(plate, placed, background)
        picture = apply(random, picture, view.weather)
        picture = self._taken(random, picture, scale)
        inset = np.array([[1, 0, edge], [0, 1, edge], [0, 0, 1]])
        flat = placed @ inset
        frames = np.asarray(_frames(drawn.boxes(), flat) / size, dtype=np.float32)
        seen = np.diag((picture.shape[1] / size[0], picture.shape[0] / size[1], 1)) @ flat
        return Scene(picture, drawn.number, frames, legibility(picture, drawn, seen))

    def _nothing(self, random: Random) -> Scene:
        width = int(random.uniform(self._view.narrowest, self._view.widest))
        height = max(_SMALLEST_SIDE, int(width * random.uniform(0.2, 0.6)))
        patch = self._surroundings.patch(random, width, height)
        picture = self._taken(random, apply(random, patch, self._view.weather), 1)
        return Scene(picture, None, np.full((SLOTS, 3, 2), np.nan, dtype=np.float32), 0.0)

    def _taken(self, random: Random, picture: Picture, scale: int) -> Picture:
        """`picture`, `scale` times too large, as the camera gives it."""
        picture = apply(random, picture, self._view.optics)
        if scale > 1:
            size = (picture.shape[1] // scale, picture.shape[0] // scale)
            picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
        return apply(random, picture, self._view.sensor)


def _frames(boxes: Points, flat: NDArray[np.float64]) -> Points:
    """Centre, half a width and half a height (9, 3, 2) of `boxes` (9, 4) where `flat` puts them."""
    left, top, right, bottom = boxes.T
    middle = (left + right) / 2, (top + bottom) / 2
    points = np.array([middle, (right, middle[1]), (middle[0], bottom)]).transpose(2, 0, 1)
    moved = cv2.perspectiveTransform(np.nan_to_num(points).reshape(1, -1, 2), flat)
    frames = np.asarray(moved, dtype=np.float32).reshape(SLOTS, 3, 2)
    frames[:, 1:] -= frames[:, :1]
    # What is not a number would come out as zero.
    frames[np.isnan(points)] = np.nan
    return frames


def _spread(picture: Picture) -> float:
    """Standard deviation of the grey values, at the middle of the cut."""
    height, width = picture.shape[:2]
    middle = picture[height // 4 : height - height // 4, width // 6 : width - width // 6]
    return float(cv2.cvtColor(middle, cv2.COLOR_BGR2GRAY).std())


def framed(random: Random, plate: Picture) -> Picture:
    """`plate` in a holder, or not."""
    edge = int(random.integers(1, 5)) if random.random() < 0.35 else 0  # noqa: PLR2004
    if not edge:
        return plate
    colour = tuple([int(random.uniform(5, 230))] * 3)
    return np.asarray(
        cv2.copyMakeBorder(plate, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=colour)
    )


def placed_in_cut(
    random: Random, plate: Picture, width: float, view: View
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """Where `plate` goes, `width` pixels wide, in a cut around it; and the cut's size."""
    height = width * plate.shape[0] / plate.shape[1]
    width *= random.uniform(0.7, 1.0) if random.random() < 0.4 else 1.0  # noqa: PLR2004 - seen from aside
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) / 2.0
    far = random.normal(0, 0.05, 2)
    corners = corners * (1 + corners[:, ::-1] * far) * (width, height)
    corners[:, 1] += corners[:, 0] * np.tan(np.deg2rad(random.normal(0, view.turn)))
    corners[:, 0] += corners[:, 1] * random.normal(0, view.slant) * width / height
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = np.array([1.0, 1.5]) * view.loose * (high - low)
    before, after = (random.uniform(-0.15, 1.0, 2) * random.uniform(0, 1) * room for _ in range(2))
    size = np.maximum(np.ceil(high - low + before + after), _SMALLEST_SIDE).astype(int)
    target = (corners - low + before).astype(np.float32)
    right, bottom = plate.shape[1], plate.shape[0]
    source = np.array([(0, 0), (right, 0), (right, bottom), (0, bottom)], dtype=np.float32)
    placed = np.asarray(cv2.getPerspectiveTransform(source, target), dtype=np.float64)
    return placed, (int(size[0]), int(size[1]))


def pasted(plate: Picture, placed: NDArray[np.float64], background: Picture) -> Picture:
    """`background` with `plate` on it, where the homography `placed` puts it."""
    canvas = np.ascontiguousarray(background)
    size = (canvas.shape[1], canvas.shape[0])
    return np.asarray(
        cv2.warpPerspective(
            plate,
            placed,
            size,
            dst=canvas,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_TRANSPARENT,
        )
    )
