import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.plates.reading import PlateReading, vote
from shared.geometry import Rect

HERE, THERE = Rect(0, 0, 40, 10), Rect(5, 5, 45, 15)


def reading(text: str, confidence: float, rect: Rect = HERE) -> PlateReading:
    return PlateReading(text, confidence, rect)


def test_nothing_read_is_nothing_voted() -> None:
    assert vote([]) is None


def test_one_reading_stands_as_it_is() -> None:
    voted = vote([reading("12가3456", 0.7, THERE)])
    assert voted is not None
    assert (voted.text, voted.rect) == ("12가3456", THERE)
    assert voted.confidence == pytest.approx(0.7)


def test_two_that_agree_are_surer_than_the_surer_of_them() -> None:
    voted = vote([reading("12가3456", 0.7), reading("12가3456", 0.8, THERE)])
    assert voted is not None
    assert voted.confidence > 0.8
    assert voted.rect == THERE


def test_two_weak_ones_do_not_outvote_a_sure_one() -> None:
    voted = vote([*[reading("12가3456", 0.4)] * 2, reading("12나3456", 0.95)])
    assert voted is not None
    assert voted.text == "12나3456"
    assert voted.confidence < 0.95


def test_certain_readings_that_differ_leave_no_confidence() -> None:
    voted = vote([reading("12가3456", 1.0), reading("12나3456", 1.0)])
    assert voted is not None
    assert voted.confidence == 0


@given(st.lists(st.tuples(st.sampled_from("가나다"), st.floats(0, 1)), max_size=6))
def test_a_vote_is_one_of_the_readings_with_a_confidence(given: list[tuple[str, float]]) -> None:
    readings = [reading(f"12{letter}3456", confidence) for letter, confidence in given]
    voted = vote(readings)
    assert (voted is None) == (not any(confidence > 0 for _, confidence in given))
    if voted is not None:
        assert voted.text in {one.text for one in readings}
        assert 0 <= voted.confidence <= 1
