"""The rule by which the demo confirms stops."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from deploy.demo.centre import Candidate, Reach, Sighting
from deploy.demo.follow import Crossing, distance_m, find_crossing

ON_FOOT = Reach(text="498 m in 10 min; 4 to 11 min on foot")
START = datetime(2026, 1, 1, tzinfo=UTC)
# Three cameras about 12 m apart.
PLACES = {"west": (126.0, 37.5), "middle": (126.000136, 37.5), "east": (126.000272, 37.5)}


def seen(number: int, camera: str, first_s: float, last_s: float) -> Sighting:
    return Sighting(
        id=UUID(int=number),
        revision=1,
        ended=True,
        box="box-a",
        camera=camera,
        object_class="person",
        first_seen=START + timedelta(seconds=first_s),
        last_seen=START + timedelta(seconds=last_s),
        shot=START + timedelta(seconds=(first_s + last_s) / 2),
        rect=(0, 0, 10, 20),
        message_bytes=2000,
        crop_url="/x",
    )


def ranked(*found: tuple[float, Sighting]) -> list[Candidate]:
    return [
        Candidate(rank=i + 1, score=score, band="likely", reach=ON_FOOT, sighting=sighting)
        for i, (score, sighting) in enumerate(found)
    ]


def follow(answers: dict[Sighting, Sequence[Candidate]]) -> Crossing | None:
    by_id = {query.id: candidates for query, candidates in answers.items()}
    return find_crossing(answers, PLACES, lambda query: by_id[query], same_person=0.6)


def test_someone_who_walks_past_three_cameras_is_followed_in_time_order() -> None:
    east, middle, west = seen(1, "east", 0, 5), seen(2, "middle", 5, 14), seen(3, "west", 14, 20)

    crossing = follow({west: ranked((0.8, middle), (0.7, east)), middle: (), east: ()})

    assert crossing is not None
    assert [stop.camera for stop in crossing.stops] == ["east", "middle", "west"]
    assert crossing.searched.startswith("Searched with the sighting at west, 2026-01-01 00:00:14 ")
    assert "2 candidates, of which 2 confirmed by a rule" in crossing.searched


def test_of_two_at_the_same_time_the_better_ranked_is_confirmed() -> None:
    query, right, wrong = seen(1, "east", 0, 8), seen(2, "middle", 9, 18), seen(3, "middle", 10, 19)

    crossing = follow({query: ranked((0.9, right), (0.8, wrong)), right: (), wrong: ()})

    assert crossing is not None
    assert [found.sighting for found in crossing.confirmed] == [right]


def test_someone_who_comes_back_passes_a_camera_twice() -> None:
    there, turn, back = seen(1, "east", 0, 8), seen(2, "middle", 9, 18), seen(3, "east", 20, 30)

    crossing = follow({there: ranked((0.9, turn), (0.8, back)), turn: (), back: ()})

    assert crossing is not None
    assert [stop.camera for stop in crossing.stops] == ["east", "middle", "east"]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (seen(2, "middle", 0, 10), "they are seen at both cameras for ten seconds"),
        (seen(2, "west", 8.5, 9.6), "24 m in about 4 s is faster than a run"),
        (seen(2, "east", 5, 12), "one camera sees both at the same time"),
        (seen(2, "east", 20, 30), "it is the same camera only"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_who_cannot_be_the_same_person_is_not_confirmed(other: Sighting, why: str) -> None:
    query = seen(1, "east", 0, 10)

    assert follow({query: ranked((0.99, other)), other: ()}) is None, why


def test_who_does_not_look_alike_is_not_confirmed() -> None:
    query, other = seen(1, "east", 0, 10), seen(2, "middle", 11, 20)

    assert follow({query: ranked((0.4, other)), other: ()}) is None


def test_three_cameras_beat_two_that_look_more_alike() -> None:
    a, b = seen(1, "east", 0, 8), seen(2, "middle", 9, 18)
    c, d, e = seen(3, "east", 30, 38), seen(4, "middle", 39, 50), seen(5, "west", 51, 60)

    crossing = follow({a: ranked((0.99, b)), b: (), c: ranked((0.7, d), (0.65, e)), d: (), e: ()})

    assert crossing is not None
    assert crossing.query == c


def test_distance_is_in_metres() -> None:
    assert distance_m(PLACES["west"], PLACES["middle"]) == pytest.approx(12.0, abs=0.1)
