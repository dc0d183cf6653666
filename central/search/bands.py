"""How likely two pictures show the same one, from the cosine of their vectors, in words.

A cosine means something else in each embedding space, so what people see is a band. Of each space
and class that has labelled pairs, a logistic curve gives the log of the likelihood ratio,
`ln p(cosine | same) / p(cosine | other)`, between the cosines it was fitted on; beyond them it is
flat, since nothing is known there. With the prior, which is how many right answers are expected
among so many compared, that is a probability (Bayes). The curves lie in `bands.toml`, written by
`dongseon central fit-bands`.

To be used for a threshold: `probability(space, object_class, cosine)`, None where the space has no
curve (fall back on the catalogue's `alike`), or the other way around `cosine_for`.
"""

import math
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from central.search.ladder.climb import Found
from shared.classes import ObjectClass

LIKELY = 0.7
"""At least this probable is `likely`."""

UNLIKELY = 0.15
"""Less probable than this is `unlikely`; what lies between is `possible`."""

AMONG = 1_000
"""How many sightings are compared where nobody says it: some cameras, some hours."""

WORDS = 0.5
"""How much the evidence of attributes and plates counts: vectors know a part of it already."""

EXPECTED = 5
"""Right answers expected in a scope: someone who walks through it passes a few cameras."""

CURVES = Path(__file__).with_name("bands.toml")


class Band(StrEnum):
    """How sure an answer is, in words."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"


@dataclass(frozen=True)
class Curve:
    """The fitted curve of one space and class.

    `ratio(c) = intercept + slope * c`, c held between `lowest` and `highest`.
    """

    intercept: float
    slope: float
    lowest: float
    highest: float

    def ratio(self, cosine: float) -> float:
        """The natural log of the likelihood ratio."""
        return self.intercept + self.slope * min(max(cosine, self.lowest), self.highest)

    def probability(self, cosine: float, among: int = AMONG) -> float:
        """That a pair of this cosine is the same one, when `among` were compared."""
        return 1 / (1 + math.exp(-self.ratio(cosine) - _prior(among)))

    def cosine_for(self, wanted: float, among: int = AMONG) -> float | None:
        """The least cosine that is at least so probable; None: not even the highest is."""
        if self.probability(self.highest, among) < wanted:
            return None
        found = (math.log(wanted / (1 - wanted)) - _prior(among) - self.intercept) / self.slope
        return max(found, -1.0)


def probability(
    space: str, object_class: ObjectClass, cosine: float, among: int = AMONG
) -> float | None:
    """That two vectors of `space` with this cosine show the same one; None: no fitted curve.

    `among` is how many sightings were compared to find it.
    """
    curve = curve_of(space, object_class)
    return None if curve is None else curve.probability(cosine, among)


def cosine_for(
    space: str, object_class: ObjectClass, wanted: float, among: int = AMONG
) -> float | None:
    """The least cosine that is at least `wanted` probable; None: no curve, or it never is."""
    curve = curve_of(space, object_class)
    return None if curve is None else curve.cosine_for(wanted, among)


def band(probability: float | None) -> Band | None:
    """The band of a probability, None for None."""
    if probability is None:
        return None
    if probability >= LIKELY:
        return Band.LIKELY
    return Band.UNLIKELY if probability < UNLIKELY else Band.POSSIBLE


def chances(
    space: str, object_class: ObjectClass, found: Found, among: int = AMONG
) -> list[float | None]:
    """How probable each row of a climbed ladder is; all None: the space has no fitted curve."""
    curve = curve_of(space, object_class, centred=found.centred)
    if curve is None:
        return [None] * len(found.cosines)
    return [*chances_by(curve, found, among)]


def chances_by(curve: Curve, found: Found, among: int = AMONG) -> list[float]:
    """How probable each row of a climbed ladder is by a curve."""
    odds = [curve.ratio(float(cosine)) for cosine in found.cosines] + WORDS * found.words
    return [1 / (1 + math.exp(-each - _prior(among))) for each in odds]


def curve_of(space: str, object_class: ObjectClass, *, centred: bool = False) -> Curve | None:
    """The curve of a space for a class, None where none was fitted.

    `centred`: for cosines of vectors without their cameras' means.
    """
    return _curves().get((space, object_class, centred))


@cache
def _curves() -> dict[tuple[str, str, bool], Curve]:
    written = tomllib.loads(CURVES.read_text(encoding="utf-8"))
    names = Curve.__dataclass_fields__
    return {
        (each["space"], each["object_class"], each["centred"]): Curve(
            **{name: each[name] for name in names}
        )
        for each in written["curves"]
    }


def _prior(among: int) -> float:
    expected = min(EXPECTED, among / 2)
    return math.log(expected / max(1.0, among - expected))
