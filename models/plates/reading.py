"""What was read of one plate, in one picture or in several of the same vehicle."""

from collections.abc import Iterable
from math import prod
from typing import NamedTuple

from shared.geometry import Rect


class PlateReading(NamedTuple):
    """A legal number as `models.plates.layouts` writes it: `12가3456`.

    `confidence` is the chance that all of it is right, 0 to 1; `rect` is where the plate is, in
    pixels of the picture given to the reader.
    """

    text: str
    confidence: float
    rect: Rect


def vote(readings: Iterable[PlateReading]) -> PlateReading | None:
    """The likeliest number of one vehicle, of which these were read; None of none.

    Each reading is right with its confidence, or else says nothing. Wrong ones are not taken to
    differ from each other: pictures of one vehicle share its light, its dirt and its blur, so two
    that agree are not much better than one. The place is that of the surest that says so.
    """
    given = [reading for reading in readings if reading.confidence > 0]
    texts = dict.fromkeys(reading.text for reading in given)
    if not texts:
        return None
    weights = {text: _weight(text, given) for text in texts}
    likeliest = max(texts, key=lambda text: weights[text])
    nobody = prod(1 - reading.confidence for reading in given)
    total = sum(weights.values()) + nobody
    agreeing = [reading for reading in given if reading.text == likeliest]
    surest = max(agreeing, key=lambda reading: reading.confidence)
    # Two that are certain of different numbers leave nothing of either.
    return surest._replace(confidence=weights[likeliest] / total if total > 0 else 0.0)


def _weight(text: str, readings: Iterable[PlateReading]) -> float:
    return prod(
        reading.confidence if reading.text == text else 1 - reading.confidence
        for reading in readings
    )
