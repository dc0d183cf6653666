"""What cameras write into their pictures: time, place and state, near the edges.

Every camera has some, upright and sharp, and the same from frame to frame: a detector that never
saw any takes letters for people.
"""

import cv2

from models.train.detector.chances import Rng, chance
from shared.pictures import Picture

_SIGNS = list("0123456789ABCDEFGHIKLMNOPRSTUVWXYZ:/-.      ")
_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
)
_TALL = (0.025, 0.11)
"""Height of a line, of the picture's."""

_WHITE, _BLACK = (245, 245, 245), (10, 10, 10)


def lettered(picture: Picture, rng: Rng) -> Picture:
    """`picture` (H x W x 3) with one to four lines on it."""
    made = picture.copy()
    for _ in range(rng.integers(1, 5)):
        _write(made, rng)
    return made


def _write(made: Picture, rng: Rng) -> None:
    """A line near the upper or the lower edge: letters alone, outlined, or on a box."""
    height, width = made.shape[:2]
    tall = max(5, round(height * float(rng.uniform(*_TALL))))
    text = "".join(rng.choice(_SIGNS, int(rng.integers(3, 24))))
    font = _FONTS[int(rng.integers(len(_FONTS)))]
    (_, cap), _ = cv2.getTextSize("0", font, 1.0, 1)
    scale = tall / cap
    (wide, _), below = cv2.getTextSize(text, font, scale, 1)
    left = int(rng.integers(0, max(1, width - min(wide, width // 2))))
    room = max(1, height // 6)
    top = (
        int(rng.integers(0, room))
        if chance(rng, 0.6)
        else height - 2 * tall - int(rng.integers(0, room))
    )
    at, thick = (left, top + tall), max(1, round(tall * float(rng.uniform(0.08, 0.2))))
    light, dark = (_WHITE, _BLACK) if chance(rng, 0.8) else (_BLACK, _WHITE)
    way = float(rng.random())
    if way < 0.45:  # noqa: PLR2004 - as often on a box as with an outline
        cv2.rectangle(made, (left - 1, top - 2), (left + wide, top + tall + below), dark, -1)
    elif way < 0.85:  # noqa: PLR2004
        cv2.putText(made, text, at, font, scale, dark, thick + 2, cv2.LINE_AA)
    cv2.putText(made, text, at, font, scale, light, thick, cv2.LINE_AA)
