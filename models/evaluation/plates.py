"""How well plates are read: exact numbers, wrong characters, and what the confidence is worth."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models.evaluation.pictures import Tell, read_pictures, silent
from models.evaluation.plates_data import LabelledPlate, PlateSet
from models.plates.layouts import parse
from models.plates.reading import PlateReading
from shared.pictures import Picture

Read = Callable[[Sequence[Picture]], Sequence[PlateReading | None]]
"""What is on each of some pictures; None where nothing is told."""

_BATCH = 32
_BINS = 10
_SURE = 0.9
_WIDTHS = (0, 60, 90, 120, 180)
"""Pixels of a picture's width from which plates are counted apart."""

LEGIBLE = (0.0, 0.4, 0.6, 0.8)
"""Legibility from which plates are counted apart: a character is lost; bad; worn; clear."""


class _Judged(NamedTuple):
    width: int
    wanted: str
    text: str
    confidence: float
    legibility: float | None

    @property
    def right(self) -> bool:
        return self.wanted == self.text


@dataclass(frozen=True)
class PlateFigures:
    """Shares in percent, over all plates unless said otherwise.

    Attributes:
        plates: how many were judged.
        exact: read without a fault.
        character_errors: characters to insert, delete or change (Levenshtein) against those there
            are; a plate of which nothing is told counts whole.
        told: of which anything is told.
        sure, sure_exact: read with a confidence of 0.9 or more, and the share of those without
            a fault.
        calibration_error: mean distance of confidence and share of right ones, in ten bins
            (expected calibration error, Guo et al. 2017), of those told.
        by_layout: `exact` of each layout.
        by_width: `exact` of pictures from so many pixels of width up to the next.
        by_legibility: `exact` of plates from so much legibility up to the next; empty where none
            is known. It is that of the drawing, not of any reader.
        plates_by_legibility: how many those are.
        damaged: pictures that cannot be read as pictures.
        unknown: pictures without a usable label.
    """

    plates: int
    exact: float
    character_errors: float
    told: float
    sure: float
    sure_exact: float
    calibration_error: float
    by_layout: Mapping[str, float]
    by_width: Mapping[str, float]
    by_legibility: Mapping[str, float]
    plates_by_legibility: Mapping[str, int]
    damaged: tuple[str, ...]
    unknown: tuple[str, ...]


def evaluate_plates(read: Read, data: PlateSet, tell: Tell = silent) -> PlateFigures:
    """Judge `read` on `data`; `tell` hears how many more plates are done."""
    damaged: list[str] = []
    judged = list(_judged(read, data.plates, damaged, tell))
    told = [one for one in judged if one.text]
    sure = [one for one in told if one.confidence >= _SURE]
    drawn = [one for one in judged if one.legibility is not None]
    edits = sum(distance(one.wanted, one.text) for one in judged)
    return PlateFigures(
        plates=len(judged),
        exact=_percent([one.right for one in judged]),
        character_errors=100 * edits / max(1, sum(len(one.wanted) for one in judged)),
        told=100 * len(told) / max(1, len(judged)),
        sure=100 * len(sure) / max(1, len(judged)),
        sure_exact=_percent([one.right for one in sure]),
        calibration_error=_calibration_error(told),
        by_layout=_by(judged, _layout),
        by_width=_by(judged, _width),
        by_legibility=_by(drawn, _legible),
        plates_by_legibility=dict(Counter(sorted(_legible(one) for one in drawn))),
        damaged=tuple(damaged),
        unknown=data.unknown,
    )


def distance(one: str, other: str) -> int:
    """Characters to insert, delete or change to make `one` of `other` (Levenshtein)."""
    row = list(range(len(other) + 1))
    for above, character in enumerate(one, start=1):
        diagonal, row[0] = row[0], above
        for place, against in enumerate(other, start=1):
            changed = diagonal + (character != against)
            diagonal = row[place]
            row[place] = min(changed, row[place] + 1, row[place - 1] + 1)
    return row[-1]


def _judged(
    read: Read, plates: Sequence[LabelledPlate], damaged: list[str], tell: Tell
) -> Iterator[_Judged]:
    for start in range(0, len(plates), _BATCH):
        some = plates[start : start + _BATCH]
        readable = list(read_pictures((plate.path for plate in some), damaged))
        readings = read([picture for _, picture in readable])
        for (place, picture), reading in zip(readable, readings, strict=True):
            text, confidence = (reading.text, reading.confidence) if reading else ("", 0.0)
            plate = some[place]
            yield _Judged(picture.shape[1], plate.text, text, confidence, plate.legibility)
        tell(len(some))


def _by(judged: Sequence[_Judged], kind: Callable[[_Judged], str]) -> dict[str, float]:
    """The share of right ones of each kind."""
    kinds: dict[str, list[bool]] = defaultdict(list)
    for one in judged:
        kinds[kind(one)].append(one.right)
    return {name: _percent(kinds[name]) for name in sorted(kinds)}


def _layout(one: _Judged) -> str:
    number = parse(one.wanted)
    return str(number.layout) if number else "none"


def _width(one: _Judged) -> str:
    return f"{max(edge for edge in _WIDTHS if edge <= one.width):03d}+"


def _legible(one: _Judged) -> str:
    return band(one.legibility or 0.0)


def band(legibility: float) -> str:
    """Which of `LEGIBLE` it is in: `0.6+`."""
    return f"{max(edge for edge in LEGIBLE if edge <= legibility):.1f}+"


def _percent(right: Sequence[bool]) -> float:
    return 100 * float(np.mean(right)) if right else 0.0


def _calibration_error(told: Sequence[_Judged]) -> float:
    bins: dict[int, list[_Judged]] = defaultdict(list)
    for one in told:
        bins[min(_BINS - 1, int(one.confidence * _BINS))].append(one)
    gaps = (
        abs(sum(one.confidence for one in some) - sum(one.right for one in some))
        for some in bins.values()
    )
    return 100 * sum(gaps) / max(1, len(told))
