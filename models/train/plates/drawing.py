"""Clean plates: which number, which of the official forms, which colours, drawn flat.

Sizes after the notice (자동차 등록번호판 등의 기준에 관한 고시): 520 x 110 mm, 335 x 155 mm,
335 x 170 mm, and 440 x 220 mm of large vehicles, which has the same shape as the last. Where the
characters stand is taken by eye from pictures of plates and varied, not from its drawings.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.plates.layouts import COMMERCIAL, DELIVERY, PRIVATE, REGIONS, RENTAL, PlateNumber
from models.plates.slots import SLOTS
from models.train.plates.glyphs import Face, Mask
from shared.pictures import Picture

Random = np.random.Generator
Points = NDArray[np.float32]

PIXELS_A_MM = 0.55
_REGION, _LETTER = 0, 4
_LEADING, _SERIAL = (1, 2, 3), (5, 6, 7, 8)


class Box(NamedTuple):
    """A rectangle on a plate, in mm or pixels."""

    left: float
    top: float
    right: float
    bottom: float


class Cell(NamedTuple):
    """Where one character stands (`box` in mm, once drawn in pixels), and of which slot it is."""

    slot: int
    character: str
    box: Box


class Colours(NamedTuple):
    """Of paper and ink, BGR."""

    paper: tuple[int, int, int]
    ink: tuple[int, int, int]


WHITE = Colours((232, 235, 235), (30, 28, 28))
GREEN = Colours((70, 105, 25), (228, 235, 232))
YELLOW = Colours((30, 185, 238), (40, 30, 30))
ELECTRIC = Colours((228, 196, 140), (40, 30, 30))
COMPANY = Colours((95, 215, 165), (30, 30, 30))


class InkChance(NamedTuple):
    """A change of all strokes of a plate, and how often it happens, 0 to 1."""

    share: float
    change: Callable[[Random, Mask], Mask]


@dataclass(frozen=True)
class Form:
    """One official form of a plate: its size in mm, its colours, and where its cells are."""

    width: float
    height: float
    colours: Sequence[Colours]
    number: Callable[[Random], PlateNumber]
    cells: Callable[[PlateNumber], Iterator[Cell]]
    band: bool = False


class Drawn(NamedTuple):
    """A flat plate.

    `ink` (H, W) is 255 where there is ink; `cells` are the slots and the boxes of the characters,
    in its pixels.
    """

    picture: Picture
    number: PlateNumber
    ink: Mask
    cells: tuple[Cell, ...]

    def boxes(self) -> Points:
        """Of the slots: left, top, right, bottom (9, 4); NaN where a slot is empty."""
        boxes = np.full((SLOTS, 4), np.nan, dtype=np.float32)
        for slot in {cell.slot for cell in self.cells}:
            own = np.array([cell.box for cell in self.cells if cell.slot == slot])
            boxes[slot] = (*own[:, :2].min(axis=0), *own[:, 2:].max(axis=0))
        return boxes


def draw(random: Random, faces: Sequence[Face], inks: Sequence[InkChance] = ()) -> Drawn:
    """A plate of a random form with a random number in one of `faces`, its strokes as `inks` do."""
    form = FORMS[int(random.choice(len(FORMS), p=_SHARES))]
    number = form.number(random)
    face = faces[int(random.integers(len(faces)))]
    width, height = round(form.width * PIXELS_A_MM), round(form.height * PIXELS_A_MM)
    ink = np.zeros((height, width), dtype=np.uint8)
    swell = random.uniform(0.8, 0.98), random.uniform(0.88, 1.04)
    cells = tuple(
        cell._replace(box=_stamp(ink, face.glyphs[cell.character], cell.box, swell))
        for cell in form.cells(number)
    )
    ink = _weighted(random, ink)
    for share, change in inks:
        ink = change(random, ink) if random.random() < share else ink
    return Drawn(_coloured(random, form, ink), number, ink, cells)


def _stamp(ink: Mask, glyph: Mask, box: Box, swell: tuple[float, float]) -> Box:
    """Draw `glyph` into the middle of `box`, whose width and height are multiplied by `swell`.

    It gives the box in pixels.
    """
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    width = max(2, round((box.right - box.left) * swell[0] * PIXELS_A_MM))
    height = max(2, round((box.bottom - box.top) * swell[1] * PIXELS_A_MM))
    left, top = round(x * PIXELS_A_MM - width / 2), round(y * PIXELS_A_MM - height / 2)
    left, top = max(0, left), max(0, top)
    place = ink[top : top + height, left : left + width]
    scaled = cv2.resize(glyph, (width, height), interpolation=cv2.INTER_AREA)
    np.maximum(place, scaled[: place.shape[0], : place.shape[1]], out=place)
    x, y = x * PIXELS_A_MM, y * PIXELS_A_MM
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _weighted(random: Random, ink: Mask) -> Mask:
    """`ink` with bolder or thinner strokes."""
    choice = random.random()
    if choice < 0.25:  # noqa: PLR2004 - the shares are this function
        return np.asarray(cv2.dilate(ink, np.ones((2, 2), np.uint8)), dtype=np.uint8)
    if choice < 0.35:  # noqa: PLR2004
        return np.asarray(cv2.erode(ink, np.ones((2, 2), np.uint8)), dtype=np.uint8)
    return ink


def _coloured(random: Random, form: Form, ink: Mask) -> Picture:
    colours = form.colours[int(random.integers(len(form.colours)))]
    paper, pen = (
        np.clip(np.array(colour) + random.normal(0, 12, 3) + random.normal(0, 8), 0, 255)
        for colour in colours
    )
    mixed = np.linspace(paper, pen, 256).astype(np.uint8)
    picture: Picture = mixed[ink]
    if form.band and random.random() < 0.85:  # noqa: PLR2004 - most since 2020 have it
        _draw_band(random, picture)
    if random.random() < 0.6:  # noqa: PLR2004 - a raised or printed edge
        edge = tuple(int(value) for value in (pen if random.random() < 0.5 else paper * 0.6))  # noqa: PLR2004
        inset = int(random.integers(1, 4))
        corner = (ink.shape[1] - 1 - inset, ink.shape[0] - 1 - inset)
        cv2.rectangle(picture, (inset, inset), corner, edge, 1, cv2.LINE_AA)
    return _bolted(random, picture)


def _draw_band(random: Random, picture: Picture) -> None:
    """The blue band with the state's emblem and KOR, left, and the film's faint hologram."""
    height = picture.shape[0]
    right = round(46 * PIXELS_A_MM)
    blue = tuple(int(value) for value in np.clip(random.normal((160, 80, 20), 20), 0, 255))
    picture[3 : height - 3, 3:right] = blue
    middle = (3 + right) // 2
    cv2.circle(picture, (middle, height // 3), height // 9, (200, 170, 200), -1, cv2.LINE_AA)
    at = (middle - height // 6, height * 4 // 5)
    cv2.putText(picture, "KOR", at, cv2.FONT_HERSHEY_SIMPLEX, 0.3, (235, 235, 235), 1, cv2.LINE_AA)


def _bolted(random: Random, picture: Picture) -> Picture:
    """`picture` with none, two or four bolts."""
    if random.random() < 0.3:  # noqa: PLR2004 - many bolts are not seen
        return picture
    height, width = picture.shape[:2]
    level = height * (0.5 if width > 3 * height and random.random() < 0.3 else 0.14)  # noqa: PLR2004
    spread = width * random.uniform(0.08, 0.28)
    colour = tuple([int(random.uniform(60, 220))] * 3)
    for x in (spread, width - spread):
        at = (round(x), max(3, round(level)))
        cv2.circle(picture, at, int(random.integers(2, 5)), colour, -1, cv2.LINE_AA)
        cv2.circle(picture, (at[0], at[1] + 1), 1, (40, 40, 40), -1, cv2.LINE_AA)
    return picture


def _digits(random: Random, count: int) -> str:
    return "".join(str(digit) for digit in random.integers(0, 10, count))


def _one_of(random: Random, choices: Sequence[str]) -> str:
    return choices[int(random.integers(len(choices)))]


def _current(random: Random) -> PlateNumber:
    kind = str(random.integers(100, 1000))
    return PlateNumber("", kind, _one_of(random, PRIVATE + RENTAL), _digits(random, 4))


def _older(random: Random) -> PlateNumber:
    return PlateNumber("", _kind(random), _one_of(random, PRIVATE + RENTAL), _digits(random, 4))


def _commercial(random: Random) -> PlateNumber:
    letter = _one_of(random, COMMERCIAL + DELIVERY)
    return PlateNumber(_one_of(random, REGIONS), _kind(random), letter, _digits(random, 4))


def _green(random: Random) -> PlateNumber:
    letter = _one_of(random, PRIVATE + RENTAL[1])
    return PlateNumber(_one_of(random, REGIONS), _kind(random), letter, _digits(random, 4))


def _kind(random: Random) -> str:
    return f"{random.integers(1, 100):02d}"


def _row(slots: Sequence[int], text: str, box: Box) -> Iterator[Cell]:
    """The characters of `text` side by side; syllables are a quarter wider than digits."""
    units = [1.0 if character.isdigit() else 1.25 for character in text]
    unit = (box.right - box.left) / sum(units)
    left = box.left
    for slot, character, size in zip(slots, text, units, strict=True):
        yield Cell(slot, character, Box(left, box.top, left + size * unit, box.bottom))
        left += size * unit


def _leading(number: PlateNumber) -> tuple[int, ...]:
    return _LEADING[-len(number.kind) :]


def _one_line(box: Box) -> Callable[[PlateNumber], Iterator[Cell]]:
    def cells(number: PlateNumber) -> Iterator[Cell]:
        slots = (*_leading(number), _LETTER, *_SERIAL)
        return _row(slots, number.kind + number.letter + number.serial, box)

    return cells


def _two_lines(number: PlateNumber) -> Iterator[Cell]:
    """`12가` above `3456`."""
    wide = 12 * len(number.kind)
    above = Box(100 - wide, 15, 235 + wide, 62)
    yield from _row((*_leading(number), _LETTER), number.kind + number.letter, above)
    yield from _row(_SERIAL, number.serial, Box(18, 70, 317, 155))


def _region_above(number: PlateNumber) -> Iterator[Cell]:
    """`서울 12` above `가 3456`."""
    above = (*[_REGION] * 2, *_leading(number))
    yield from _row(above, number.region + number.kind, Box(72, 14, 263, 60))
    yield Cell(_LETTER, number.letter, Box(12, 82, 70, 142))
    yield from _row(_SERIAL, number.serial, Box(74, 70, 322, 155))


def _region_stacked(number: PlateNumber) -> Iterator[Cell]:
    """`서` above `울`, small, then `33바1234`."""
    for place, syllable in enumerate(number.region):
        yield Cell(_REGION, syllable, Box(24, 12 + 44 * place, 76, 54 + 44 * place))
    yield from _one_line(Box(84, 14, 500, 96))(number)


def _region_ahead(number: PlateNumber) -> Iterator[Cell]:
    """`서울` small, then `33바1234`."""
    yield from _row((_REGION,) * 2, number.region, Box(18, 34, 106, 78))
    yield from _one_line(Box(110, 14, 506, 96))(number)


def _any_number(random: Random) -> PlateNumber:
    return _current(random) if random.random() < 0.5 else _older(random)  # noqa: PLR2004


_MODERN = (WHITE, WHITE, WHITE, ELECTRIC, COMPANY)
_SHARED_FORMS: tuple[tuple[float, Form], ...] = (
    (0.22, Form(520, 110, _MODERN, _current, _one_line(Box(54, 14, 508, 96)), band=True)),
    (0.17, Form(520, 110, (WHITE, WHITE, ELECTRIC), _older, _one_line(Box(34, 14, 486, 96)))),
    (0.11, Form(335, 155, (WHITE, WHITE, ELECTRIC), _any_number, _one_line(Box(14, 34, 321, 121)))),
    (0.13, Form(335, 170, (GREEN, WHITE, ELECTRIC), _any_number, _two_lines)),
    (0.14, Form(335, 170, (GREEN,), _green, _region_above)),
    (0.09, Form(335, 170, (YELLOW,), _commercial, _region_above)),
    (0.10, Form(520, 110, (YELLOW,), _commercial, _region_stacked)),
    (0.04, Form(520, 110, (YELLOW, GREEN), _commercial, _region_ahead)),
)
FORMS = tuple(form for _, form in _SHARED_FORMS)
_SHARES = [share for share, _ in _SHARED_FORMS]
