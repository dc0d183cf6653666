import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ModelError
from models.plates.layouts import LETTERS, PlateNumber, parse
from models.plates.slots import (
    DIGIT_CLASSES,
    DIGIT_SLOTS,
    EMPTY,
    LETTER_CLASSES,
    OUTPUTS,
    REGION_CLASSES,
    Codes,
    best,
    decode,
    encode,
)
from models.runtimes.port import Output
from tests.models.plates.numbers import NUMBERS


def logits(seed: int, spread: float = 3.0) -> dict[str, Output]:
    random = np.random.default_rng(seed)
    shapes = ((1, REGION_CLASSES), (1, DIGIT_SLOTS, DIGIT_CLASSES), (1, LETTER_CLASSES))
    return {
        name: random.normal(0, spread, shape) for name, shape in zip(OUTPUTS, shapes, strict=True)
    }


def certain(number: PlateNumber, height: float = 12.0) -> dict[str, Output]:
    """Logits of a network that is sure of `number`."""
    outputs = logits(0, 0.1)
    region, digits, letter = encode(number)
    outputs["regions"][0, region] = height
    outputs["letters"][0, letter] = height
    for slot, code in enumerate(digits):
        outputs["digits"][0, slot, code] = height
    return outputs


@given(NUMBERS)
def test_a_number_is_the_same_after_its_classes(number: PlateNumber) -> None:
    assert decode(encode(number)) == number


@given(st.integers(0, 2**32), st.floats(0.01, 30))
def test_no_output_is_read_as_an_illegal_number(seed: int, spread: float) -> None:
    guess = best(logits(seed, spread), 0, 1.0)
    assert parse(guess.number.text) == guess.number
    assert 0 < guess.confidence <= 1


@given(NUMBERS)
def test_what_the_network_is_sure_of_is_read(number: PlateNumber) -> None:
    guess = best(certain(number), 0, 1.0)
    assert guess.number == number
    assert guess.confidence > 0.98
    assert best(certain(number), 0, 4.0).confidence < guess.confidence


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_likeliest_of_all_legal_numbers(seed: int) -> None:
    outputs = logits(seed)
    region, digit, letter = (_softmax(outputs[name][0]) for name in OUTPUTS)
    serial = tuple(int(code) for code in 1 + digit[3:, 1:].argmax(axis=1))
    middle = tuple(int(code) for code in 1 + digit[1:3, 1:].argmax(axis=1))
    every = itertools.product(range(REGION_CLASSES), range(DIGIT_CLASSES), range(LETTER_CLASSES))
    legal = [
        Codes(place, (first, *middle, *serial), sign)
        for place, first, sign in every
        if parse(decode(Codes(place, (first, *middle, *serial), sign)).text)
    ]
    likeliest = max(
        legal,
        key=lambda codes: region[codes.region] * digit[0, codes.digits[0]] * letter[codes.letter],
    )
    assert best(outputs, 0, 1.0).number == decode(likeliest)


def test_a_commercial_letter_is_only_read_with_a_region() -> None:
    outputs = certain(PlateNumber("", "12", "가", "3456"))
    outputs["letters"][0, LETTERS.index("바")] = 20
    assert best(outputs, 0, 1.0).number == PlateNumber("", "12", "가", "3456")
    outputs["regions"][0, EMPTY] = 0
    assert best(outputs, 0, 1.0).number.letter == "바"


def test_outputs_of_another_network_are_refused() -> None:
    outputs = logits(1)
    with pytest.raises(ModelError, match=r"shape \(1, 7, 10\)"):
        best({**outputs, "digits": outputs["digits"][..., :10]}, 0, 1.0)
    with pytest.raises(ModelError, match="not finite"):
        best({**outputs, "letters": outputs["letters"] * np.nan}, 0, 1.0)


def _softmax(values: Output) -> Output:
    exponents = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=-1, keepdims=True))
