"""From a cosine to a word."""

import pytest

from central.search.bands import (
    AMONG,
    LIKELY,
    UNLIKELY,
    Band,
    Curve,
    band,
    cosine_for,
    curve_of,
    probability,
)
from shared.classes import ObjectClass

PEOPLE = ("person-reidentification-retail-0287", ObjectClass.PERSON)
CURVE = Curve(intercept=-10.0, slope=20.0, lowest=0.1, highest=0.9)


def test_a_space_without_a_curve_has_no_band() -> None:
    assert probability("nobody-1", ObjectClass.PERSON, 0.9) is None
    assert probability(PEOPLE[0], ObjectClass.VEHICLE, 0.9) is None
    assert band(None) is None


@pytest.mark.parametrize(
    ("probable", "word"),
    [
        (LIKELY, Band.LIKELY),
        (LIKELY - 0.01, Band.POSSIBLE),
        (UNLIKELY, Band.POSSIBLE),
        (UNLIKELY - 0.01, Band.UNLIKELY),
    ],
)
def test_bands_are_probabilities_in_words(probable: float, word: Band) -> None:
    assert band(probable) is word


def test_the_more_alike_the_more_probable_and_the_more_were_compared_the_less() -> None:
    known = [CURVE.probability(cosine) for cosine in (0.2, 0.5, 0.8)]
    assert known == sorted(known)
    assert CURVE.probability(0.8, among=100_000) < CURVE.probability(0.8, among=100)


def test_beyond_what_was_fitted_a_cosine_says_no_more() -> None:
    assert CURVE.probability(1.0) == CURVE.probability(0.9)
    assert CURVE.probability(-1.0) == CURVE.probability(0.1)


def test_the_least_cosine_of_a_probability_has_that_probability() -> None:
    cosine = CURVE.cosine_for(0.6)
    assert cosine is not None
    assert CURVE.probability(cosine) == pytest.approx(0.6)
    assert CURVE.cosine_for(0.999_999, AMONG * 1000) is None
    assert cosine_for("nobody-1", ObjectClass.PERSON, 0.5) is None


def test_every_curve_that_comes_along_rises() -> None:
    for space in (PEOPLE[0], "osnet-x0-25-msmt17", "starter-person-2"):
        curve = curve_of(space, ObjectClass.PERSON)
        assert curve is not None
        assert curve.slope > 0
        assert curve.lowest < curve.highest
