import pytest

from models.site.hardness import count_flickers, hardness, together
from shared.geometry import Rect
from tests.models.site.makers import HEIGHT, WIDTH, person

AREA = Rect(0, 0, WIDTH, HEIGHT)
DECISION = 0.4


def test_a_sure_whole_single_person_is_easy() -> None:
    assert hardness([person(100, 50)], AREA, DECISION, 0) == {}


def test_an_empty_frame_is_easy() -> None:
    assert hardness([], AREA, DECISION, 0) == {}


@pytest.mark.parametrize(
    ("reason", "detections"),
    [
        ("threshold", [person(100, 50, confidence=0.42)]),
        ("threshold", [person(100, 50, confidence=0.35)]),
        ("overlap", [person(100, 50), person(110, 55)]),
        ("small", [person(100, 50, height=9)]),
        ("cut", [person(0, 50)]),
        ("cut", [person(100, HEIGHT - 80)]),
    ],
    ids=["just above", "just below", "covered", "tiny", "left edge", "lower edge"],
)
def test_a_hard_frame_says_why(reason: str, detections: list[object]) -> None:
    assert reason in hardness(detections, AREA, DECISION, 0)  # type: ignore[arg-type]


def test_many_hard_objects_are_harder_than_one_and_never_beyond_one() -> None:
    one = together(hardness([person(100, 50, confidence=0.4)], AREA, DECISION, 0))
    crowd = [person(12 * i, 50, confidence=0.4) for i in range(20)]
    many = together(hardness(crowd, AREA, DECISION, 3))
    assert 0 < one < many <= 1


def test_a_box_that_is_missing_for_one_frame_flickers() -> None:
    seen = [[person(100, 50)], [], [person(104, 50)]]
    assert count_flickers(seen, DECISION) == 1


def test_a_box_that_is_there_for_one_frame_flickers() -> None:
    assert count_flickers([[], [person(100, 50)], []], DECISION) == 1


def test_someone_who_walks_on_does_not_flicker() -> None:
    seen = [[person(100, 50)], [person(106, 50)], [person(112, 50)]]
    assert count_flickers(seen, DECISION) == 0


def test_a_box_that_is_only_weaker_for_one_frame_does_not_flicker() -> None:
    seen = [[person(100, 50)], [person(102, 50, confidence=0.2)], [person(104, 50)]]
    assert count_flickers(seen, DECISION) == 0
