"""The rung of words: attributes and plates that agree speak for a candidate, others against it.

The evidence is the log of a likelihood ratio: how much more probable what is said of the candidate
is when it is the one looked for than when it is anybody. Boxes say how sure they are of each
attribute, and what is said of several pictures of the one looked for adds up (Bayes).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.attributes import ATTRIBUTES

Floats = NDArray[np.float64]

NAMES = tuple(ATTRIBUTES)
_PLACES = {name: {v: n for n, v in enumerate(ATTRIBUTES[name].values)} for name in NAMES}
_SMOOTHED = 1.0
_LEAST = 0.02
"""Nobody is so sure, or so wrong, that the rest does not count."""

_WRONG_LETTER = 0.08
_LETTERS = 10
_SAME_LENGTH = 0.95


class Said(NamedTuple):
    """What is said of some sightings, a row each.

    `values` (N, A) are places in the values of each of `NAMES`, -1 where nothing is said;
    `confidences` (N, A) how likely each is to be right; `plates` as read, empty where none was.
    """

    values: NDArray[np.int8]
    confidences: NDArray[np.float32]
    plates: Sequence[str]


def said(attributes: Sequence[Mapping[str, Any]], plates: Sequence[str | None]) -> Said:
    """What boxes said, as stored: attribute to value and confidence. Unknown ones are left out."""
    values = np.full((len(attributes), len(NAMES)), -1, dtype=np.int8)
    confidences = np.zeros((len(attributes), len(NAMES)), dtype=np.float32)
    for row, each in enumerate(attributes):
        for column, name in enumerate(NAMES):
            place = _PLACES[name].get(each[name]["value"]) if name in each else None
            if place is not None:
                values[row, column] = place
                confidences[row, column] = each[name]["confidence"]
    return Said(values, confidences, [plate or "" for plate in plates])


def evidence(wanted: Said, gallery: Said) -> Floats:
    """For each of `gallery`, ln p(said | the one looked for) / p(said | anybody), by attributes.

    `wanted` is what is said of all pictures of the one looked for.
    """
    found = np.zeros(len(gallery.values))
    for column, name in enumerate(NAMES):
        if (wanted.values[:, column] >= 0).any():
            found += _one(wanted, gallery, column, len(ATTRIBUTES[name].values))
    return found


def plate_evidence(wanted: Said, gallery: Said) -> Floats:
    """The same by plates, letter by letter; 0 where either has none."""
    known = [plate for plate in wanted.plates if plate]
    if not known:
        return np.zeros(len(gallery.plates))
    return np.array(
        [max(_alike(plate, own) for own in known) if plate else 0.0 for plate in gallery.plates]
    )


def _one(wanted: Said, gallery: Said, column: int, size: int) -> Floats:
    values, sure = gallery.values[:, column], gallery.confidences[:, column].astype(np.float64)
    usual = np.bincount(values[values >= 0], minlength=size) + _SMOOTHED
    usual = usual / usual.sum()
    belief = np.log(usual)
    for value, confidence in zip(
        wanted.values[:, column], wanted.confidences[:, column], strict=True
    ):
        if value >= 0:
            belief += np.log(_readings(np.array([confidence], dtype=np.float64), size)[0][value])
    belief = np.exp(belief - belief.max())
    belief /= belief.sum()
    readings = _readings(sure, size)
    # p(value | looked for) = sum over what is true of belief x p(value | that).
    given = np.einsum("nvt,t->nv", readings, belief)
    expected = np.einsum("nvt,t->nv", readings, usual)
    row = np.arange(len(values))
    ratio = np.log(given[row, values]) - np.log(expected[row, values])
    return np.where(values >= 0, ratio, 0.0)


def _readings(sure: Floats, size: int) -> Floats:
    """p(value said | value true), shape (N, said, true), of boxes that are `sure` by (N,)."""
    right = np.clip(sure, 1 / size, 1 - _LEAST)[:, None, None]
    same = np.eye(size)[None]
    return np.asarray(same * right + (1 - same) * (1 - right) / max(1, size - 1))


def _alike(a: str, b: str) -> float:
    if len(a) != len(b):
        return float(np.log((1 - _SAME_LENGTH) * 2))
    wrong = sum(x != y for x, y in zip(a, b, strict=True))
    right = len(a) - wrong
    chance = 1 / _LETTERS
    return float(
        right * np.log((1 - _WRONG_LETTER) / chance) + wrong * np.log(_WRONG_LETTER / (1 - chance))
    )
