"""Making a reader's confidence mean the chance that it is right."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.plates.layouts import PlateNumber
from models.plates.slots import best
from models.runtimes.port import Output

_TEMPERATURES = np.geomspace(0.5, 6.0, 60)
_SUREST = 1 - 1e-6


def fit_temperature(outputs: Mapping[str, Output], numbers: Sequence[PlateNumber]) -> float:
    """What to divide the logits by, so that confidences fit how often readings are right.

    The temperature with the least cross entropy between the confidence of a reading and whether
    all of it is right, over plates whose `numbers` are known.
    """
    losses = [_loss(*confidences(outputs, numbers, each)) for each in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def confidences(
    outputs: Mapping[str, Output], numbers: Sequence[PlateNumber], temperature: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Of each plate, the reading's confidence and whether it is right."""
    guesses = [best(outputs, row, temperature) for row in range(len(numbers))]
    right = [guess.number == number for guess, number in zip(guesses, numbers, strict=True)]
    return np.array([guess.confidence for guess in guesses]), np.array(right)


def _loss(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    sure = np.clip(confidence, 1 - _SUREST, _SUREST)
    return float(-np.log(np.where(right, sure, 1 - sure)).mean())
