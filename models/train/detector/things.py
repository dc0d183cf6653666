"""What stands about in streets and rooms and is nobody: drawn, at any size, and parts of objects.

Tall and narrow things are what a detector of people errs on first, so there are many kinds of them,
each drawn in colours and proportions of its own. The others are parts that are no object alone:
legs without a body, the flank of a car, the shadow somebody throws, a reflection.
"""

from collections.abc import Callable

import cv2
import numpy as np

from models.train.detector.chances import Rng, chance
from models.train.detector.clutter import opaque, shaded
from models.train.detector.pack import Cutout

Point = tuple[int, int]

_MOST_LEGS = 0.33
"""Part of a person, from the feet, that is nobody by itself."""

_FLANK = 0.3
"""Greatest part of a vehicle's width that is none by itself."""


def furniture(height: int, rng: Rng) -> Cutout:
    """Something about `height` pixels tall."""
    draw = _KINDS[int(rng.integers(len(_KINDS)))]
    return shaded(draw(max(8, height), rng), rng)


def part_of_person(person: Cutout, rng: Rng) -> Cutout:
    """What is no person though it was of one: legs, a shadow on the ground, a reflection."""
    kind = int(rng.integers(3))
    if kind == 0:
        tall = person.shape[0]
        return np.ascontiguousarray(person[-max(4, int(tall * rng.uniform(0.2, _MOST_LEGS))) :])
    return _shadow(person, rng) if kind == 1 else _reflection(person, rng)


def part_of_vehicle(vehicle: Cutout, rng: Rng) -> Cutout:
    """An upright piece of one, as seen between two things: a flank, a wheel, a window."""
    height, width = vehicle.shape[:2]
    tall = max(4, int(height * rng.uniform(0.5, 0.95)))
    wide = max(1, min(int(width * _FLANK), int(tall * rng.uniform(0.25, 0.6))))
    top, left = int(rng.integers(height - tall + 1)), int(rng.integers(width - wide + 1))
    return np.ascontiguousarray(vehicle[top : top + tall, left : left + wide])


def _shadow(person: Cutout, rng: Rng) -> Cutout:
    """Dark, leaning or lying, seen through: it never counts as covering anything."""
    height, width = person.shape[:2]
    flat = float(rng.uniform(0.25, 1.0))
    tall, lean = max(4, round(height * flat)), float(rng.uniform(-1.5, 1.5))
    reach = round(abs(lean) * tall)
    matrix = np.array([[1, -lean, max(0.0, lean) * tall], [0, flat, 0]], np.float32)
    alpha = cv2.warpAffine(person[..., 3], matrix, (width + reach, tall))
    alpha = (alpha * float(rng.uniform(0.2, 0.48))).astype(np.uint8)
    dark = np.full((*alpha.shape, 3), int(rng.integers(0, 40)), np.uint8)
    return np.dstack((dark, alpha))


def _reflection(person: Cutout, rng: Rng) -> Cutout:
    """On its head and faint, as on a wet floor."""
    made = np.ascontiguousarray(person[::-1])
    made[..., 3] = (made[..., 3] * float(rng.uniform(0.15, 0.4))).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(made, (3, 3), 0), dtype=np.uint8)


def _empty(height: int, wide: float) -> Cutout:
    return np.zeros((height, max(4, round(height * wide)), 4), np.uint8)


def _bar(made: Cutout, start: Point, end: Point, thick: int, rng: Rng) -> None:
    cv2.line(made, start, end, opaque(rng), max(1, thick), cv2.LINE_AA)


def _tripod(height: int, rng: Rng) -> Cutout:
    """Legs that spread, and something on top."""
    made = _empty(height, rng.uniform(0.35, 0.7))
    width, neck = made.shape[1], round(height * rng.uniform(0.15, 0.5))
    middle, colour = width // 2, opaque(rng)
    thick = max(1, round(height * rng.uniform(0.015, 0.05)))
    for foot in (0, width - 1, round(width * rng.uniform(0.3, 0.7))):
        cv2.line(made, (middle, neck), (foot, height - 1), colour, thick, cv2.LINE_AA)
    cv2.line(made, (middle, 0), (middle, neck), colour, thick, cv2.LINE_AA)
    half = max(1, round(width * rng.uniform(0.1, 0.35)))
    cv2.rectangle(made, (middle - half, 0), (middle + half, neck // 2), opaque(rng), -1)
    return made


def _cone(height: int, rng: Rng) -> Cutout:
    """A traffic cone with its bands."""
    made = _empty(height, rng.uniform(0.5, 0.8))
    width = made.shape[1]
    inset = round(width * rng.uniform(0.05, 0.2))
    corners = [(inset, height), (width - inset, height), (width * 5 // 9, 0), (width * 4 // 9, 0)]
    shape = np.zeros((height, width), np.uint8)
    cv2.fillPoly(shape, [np.array(corners, np.int32)], 255)
    made[:] = opaque(rng)
    for _ in range(rng.integers(0, 3)):
        top = int(rng.integers(height))
        made[top : top + height // 6] = opaque(rng)
    made[..., 3] = shape
    made[-max(1, height // 12) :] = opaque(rng)
    return made


def _bollard(height: int, rng: Rng) -> Cutout:
    made = _empty(height, rng.uniform(0.12, 0.35))
    width = made.shape[1]
    cap = max(1, width // 2)
    made[cap:] = opaque(rng)
    cv2.ellipse(made, (width // 2, cap), (width // 2, cap), 0, 180, 360, opaque(rng), -1)
    for _ in range(rng.integers(0, 4)):
        top = int(rng.integers(height))
        made[top : top + max(1, height // 10)] = opaque(rng)
    return made


def _meter(height: int, rng: Rng) -> Cutout:
    """A head on a stem: parking meters, hydrants, letter boxes, lamps."""
    made = _empty(height, rng.uniform(0.2, 0.5))
    width, head = made.shape[1], round(height * rng.uniform(0.1, 0.45))
    middle, half = width // 2, max(1, round(made.shape[1] * rng.uniform(0.06, 0.3)))
    made[head // 2 :, middle - half : middle + half] = opaque(rng)
    if chance(rng, 0.5):
        cv2.ellipse(made, (middle, head // 2), (middle, head // 2), 0, 0, 360, opaque(rng), -1)
    else:
        made[:head] = opaque(rng)
    made[round(height * 0.95) :] = opaque(rng)
    return made


def _lamp(height: int, rng: Rng) -> Cutout:
    """A thin mast with an arm, or two."""
    made = _empty(height, rng.uniform(0.25, 0.6))
    width, thick = made.shape[1], max(1, round(height * rng.uniform(0.02, 0.06)))
    foot = round(width * rng.uniform(0.2, 0.8))
    _bar(made, (foot, 0), (foot, height - 1), thick, rng)
    for _ in range(rng.integers(1, 3)):
        high, far = round(height * rng.uniform(0, 0.2)), int(rng.integers(width))
        _bar(made, (foot, high + height // 20), (far, high), thick, rng)
        cv2.circle(made, (far, high), 2 * thick, opaque(rng), -1, cv2.LINE_AA)
    return made


def _trunk(height: int, rng: Rng) -> Cutout:
    """A trunk, with leaves or without."""
    made = _empty(height, rng.uniform(0.25, 0.7))
    width = made.shape[1]
    colour, half = opaque(rng), max(1, round(width * rng.uniform(0.06, 0.2)))
    sway = np.cumsum(rng.normal(0, width * 0.03, 6)) + width / 2
    rows = np.linspace(height - 1, 0, 6)
    points = np.stack((sway, rows), axis=1).astype(np.int32)
    cv2.polylines(made, [points], isClosed=False, color=colour, thickness=2 * half)
    leaf = opaque(rng)
    for _ in range(rng.integers(0, 14)):
        at = (int(rng.integers(width)), int(rng.integers(0, max(1, height // 2))))
        cv2.circle(made, at, max(1, int(width * rng.uniform(0.08, 0.25))), leaf, -1, cv2.LINE_AA)
    return made


def _opening(height: int, rng: Rng) -> Cutout:
    """A door or a window: a frame, panes, something half seen behind them."""
    made = _empty(height, rng.uniform(0.35, 0.8))
    made[:] = opaque(rng)
    edge = max(1, round(height * rng.uniform(0.02, 0.07)))
    made[edge:-edge, edge:-edge] = opaque(rng)
    for _ in range(rng.integers(0, 3)):
        row, column = (int(rng.integers(side)) for side in made.shape[:2])
        made[row : row + edge] = made[0, 0]
        made[:, column : column + edge] = made[0, 0]
    return made


def _fence(height: int, rng: Rng) -> Cutout:
    """Uprights and rails: railings, fences, bicycle stands, scaffolds."""
    made = _empty(height, rng.uniform(0.8, 3.0))
    width, thick = made.shape[1], max(1, round(height * rng.uniform(0.02, 0.08)))
    colour = opaque(rng)
    step = max(thick + 2, round(height * rng.uniform(0.1, 0.5)))
    for x in range(thick, width, step):
        cv2.line(made, (x, 0), (x, height), colour, thick, cv2.LINE_AA)
    for part in rng.uniform(0.02, 0.98, int(rng.integers(1, 4))):
        row = int(part * height)
        cv2.line(made, (0, row), (width, row), colour, thick, cv2.LINE_AA)
    return made


def _bench(height: int, rng: Rng) -> Cutout:
    """Seat, back and legs of a bench, a chair or a table."""
    made = _empty(height, rng.uniform(0.6, 2.5))
    width, thick = made.shape[1], max(1, round(height * rng.uniform(0.04, 0.12)))
    seat, colour = round(height * rng.uniform(0.3, 0.6)), opaque(rng)
    for x in (thick, width - thick - 1):
        top = 0 if chance(rng, 0.6) else seat
        cv2.line(made, (x, top), (x, height), colour, thick)
    for row in (seat, *(int(part * seat) for part in rng.uniform(0, 0.8, int(rng.integers(0, 3))))):
        cv2.line(made, (0, row), (width, row), opaque(rng), thick)
    return made


def _rack(height: int, rng: Rng) -> Cutout:
    """Clothes that nobody wears, on a rail."""
    made = _empty(height, rng.uniform(0.4, 1.6))
    width, rail = made.shape[1], max(1, height // 25)
    made[rail : 2 * rail] = opaque(rng)
    for x in (0, width - rail):
        made[:, x : x + rail] = opaque(rng)
    left = rail
    while left < width - rail:
        wide = max(2, round(height * rng.uniform(0.05, 0.25)))
        bottom = round(height * rng.uniform(0.35, 0.8))
        made[2 * rail : bottom, left : min(width - rail, left + wide)] = opaque(rng)
        left += wide + int(rng.integers(0, max(1, wide)))
    return made


def _board(height: int, rng: Rng) -> Cutout:
    """Letters, on a board or on the picture itself."""
    made = _empty(height, rng.uniform(0.3, 2.5))
    if chance(rng, 0.6):
        made[:] = opaque(rng)
    rows = int(rng.integers(1, 6))
    colour, scale = opaque(rng), max(0.2, height / rows / 34)
    for row in range(rows):
        text = "".join(rng.choice(list("0123456789ABCDEFGHKLMNRSTWX:/-. "), 8))
        at = (1, round(height * (row + 0.8) / rows))
        cv2.putText(made, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, max(1, int(scale * 2)))
    return made


def _sign(height: int, rng: Rng) -> Cutout:
    """A post with one or two signs of any shape."""
    made = _empty(height, rng.uniform(0.2, 0.55))
    width = made.shape[1]
    middle, half = width // 2, max(1, round(width * rng.uniform(0.03, 0.12)))
    made[:, middle - half : middle + half] = opaque(rng)
    top = 0
    for _ in range(rng.integers(1, 3)):
        tall = max(3, round(width * rng.uniform(0.6, 1.2)))
        sides = int(rng.choice([3, 4, 4, 8, 24]))
        turn = rng.choice([0, 0.5]) * 2 * np.pi / sides + np.pi / 2
        angles = np.arange(sides) * 2 * np.pi / sides + turn
        for size in (1.0, rng.uniform(0.55, 0.9)):
            xs = middle + width / 2 * size * np.cos(angles)
            ys = top + tall / 2 + tall / 2 * size * np.sin(angles)
            corners = np.stack((xs, ys), axis=1).astype(np.int32)
            cv2.fillPoly(made, [corners], opaque(rng), cv2.LINE_AA)
        top += tall
    return made


_KINDS: tuple[Callable[[int, Rng], Cutout], ...] = (
    *(_tripod, _cone, _bollard, _meter, _lamp, _trunk, _opening, _fence, _bench, _rack, _board),
    *(_sign, _sign),
)
