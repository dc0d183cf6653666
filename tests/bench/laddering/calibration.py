"""Whether bands keep what they promise: of the first twenty answers, how many of each are right."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from central.search.bands import Band, band

_BINS = 10


class Shown(NamedTuple):
    """Answers that were shown: how probable each was said to be, and whether it was right."""

    probable: NDArray[np.float64]
    right: NDArray[np.bool_]


def joined(answers: Sequence[Shown]) -> Shown:
    """All of them as one."""
    return Shown(
        np.concatenate([each.probable for each in answers]),
        np.concatenate([each.right for each in answers]),
    )


def calibration(shown: Shown) -> dict[str, float | int | None]:
    """The expected calibration error (ten bins of equal width) and the share right by band.

    Percent; None for a band that nothing was in. Guo et al., On Calibration of Modern Neural
    Networks, ICML 2017.
    """
    bins = np.minimum((shown.probable * _BINS).astype(int), _BINS - 1)
    error = 0.0
    for each in np.unique(bins):
        here = bins == each
        gap = abs(float(shown.probable[here].mean()) - float(shown.right[here].mean()))
        error += gap * float(here.mean())
    found: dict[str, float | int | None] = {
        "ece": round(100 * error, 1),
        "answers": len(bins),
    }
    names = np.array([band(float(value)) for value in shown.probable])
    for name in Band:
        said = names == name
        found[name] = round(100 * float(shown.right[said].mean()), 1) if said.any() else None
        found[f"{name}_answers"] = int(said.sum())
    return found
