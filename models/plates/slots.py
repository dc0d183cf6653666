"""A plate as nine places, each with its own alphabet: what the reader's network puts out.

    region | 1st digit | digit | digit | letter | digit | digit | digit | digit

Plates without a region, or with two leading digits, leave the first or the second place empty.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.plates.layouts import LETTERS, REGIONS, UNREGIONAL, PlateNumber
from models.runtimes.port import Output

EMPTY = 0
"""The first class of `regions` and of `digits`: nothing here."""

DIGIT_SLOTS = 7
SLOTS = 2 + DIGIT_SLOTS
REGION_CLASSES = 1 + len(REGIONS)
DIGIT_CLASSES = 1 + 10
LETTER_CLASSES = len(LETTERS)
OUTPUTS = ("regions", "digits", "letters")

_LEADING = 3
_WITHOUT_REGION = np.array([letter in UNREGIONAL for letter in LETTERS])

Floats = NDArray[np.floating]


class Codes(NamedTuple):
    """The class of each place: the region, seven digits, the letter."""

    region: int
    digits: tuple[int, ...]
    letter: int


class Guess(NamedTuple):
    """The likeliest legal number and how likely it is, 0 to 1."""

    number: PlateNumber
    confidence: float


def encode(number: PlateNumber) -> Codes:
    """The classes of `number`."""
    region = 1 + REGIONS.index(number.region) if number.region else EMPTY
    leading = [1 + int(digit) for digit in number.kind]
    padded = [EMPTY] * (_LEADING - len(leading)) + leading
    serial = [1 + int(digit) for digit in number.serial]
    return Codes(region, (*padded, *serial), LETTERS.index(number.letter))


def decode(codes: Codes) -> PlateNumber:
    """The number of these classes, which must be legal."""
    digits = ["" if code == EMPTY else str(code - 1) for code in codes.digits]
    return PlateNumber(
        region="" if codes.region == EMPTY else REGIONS[codes.region - 1],
        kind="".join(digits[:_LEADING]),
        letter=LETTERS[codes.letter],
        serial="".join(digits[_LEADING:]),
    )


def best(outputs: Mapping[str, Output], row: int, temperature: float) -> Guess:
    """The likeliest legal number of row `row` of the network's `OUTPUTS`.

    `regions` (N, 18), `digits` (N, 7, 11) and `letters` (N, 40) are logits; `temperature` divides
    them, fitted so that of the answers with confidence c a share c is right (Guo et al. 2017,
    "On Calibration of Modern Neural Networks").

    Raises:
        ModelError: an output has another shape or is not finite.
    """
    regions, digits, letters = (
        _probabilities(outputs[name], row, shape, temperature)
        for name, shape in zip(
            OUTPUTS,
            ((REGION_CLASSES,), (DIGIT_SLOTS, DIGIT_CLASSES), (LETTER_CLASSES,)),
            strict=True,
        )
    )
    rest = digits[1:, 1:]
    tail = float(rest.max(axis=1).prod())
    others = tuple(1 + int(code) for code in rest.argmax(axis=1))
    legal = np.where(_WITHOUT_REGION, letters, 0.0)
    bare = float(regions[EMPTY] * digits[0].max() * legal.max())
    regional = float(regions[1:].max() * digits[0, EMPTY] * letters.max())
    if regional > bare:
        codes = Codes(1 + int(regions[1:].argmax()), (EMPTY, *others), int(letters.argmax()))
    else:
        codes = Codes(EMPTY, (int(digits[0].argmax()), *others), int(legal.argmax()))
    return Guess(decode(codes), max(bare, regional) * tail)


def _probabilities(logits: Output, row: int, shape: tuple[int, ...], temperature: float) -> Floats:
    if logits.shape[1:] != shape or not 0 <= row < len(logits):
        raise ModelError(f"a plate reader's output of shape {logits.shape}; expected (N, *{shape})")
    scaled = np.asarray(logits[row], dtype=np.float64) / temperature
    if not np.isfinite(scaled).all():
        raise ModelError("a plate reader's output is not finite; the weights are damaged")
    exponents = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=-1, keepdims=True))
