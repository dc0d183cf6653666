"""Who looks like this? Over the API, with the real index and database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import Engine, event

from central.search.means import MeansFollower
from shared.classes import ObjectClass
from shared.messages import Embedding
from shared.vectors import Vector, normalised, quantise
from tests.central.asking import Centre
from tests.central.keeping import NOON_MS
from tests.factories import SPACE, dimensions, unit_vector

OTHER_SPACE = "osnet-x0-25-msmt17"
RUNGS = ("camera_mean", "whitening", "reach", "attributes", "recency", "k_reciprocal", "rounds")
BY_COSINE = dict.fromkeys(RUNGS, False)


def at(seconds: float) -> str:
    """A moment `seconds` after noon, as requests write it."""
    moment = np.datetime64(NOON_MS + round(seconds * 1000), "ms")
    return f"{moment}Z"


def near(vector: Vector, amount: float, seed: int) -> Vector:
    """A vector turned away from `vector` by about `amount` of its length."""
    noise = np.random.default_rng(seed).standard_normal(vector.size) / np.sqrt(vector.size)
    return normalised(vector + amount * noise)


@pytest.fixture
def person() -> Vector:
    return unit_vector(np.random.default_rng(1234))


@pytest.fixture
def seen(centre: Centre, person: Vector) -> list[UUID]:
    """One person at cameras 0 to 4, 100 m and 60 s apart, less alike each time; and a crowd."""
    for number in range(5):
        centre.camera(f"cam-{number}", 127.0 + number * 0.001132, 37.5)
    alike = [
        centre.sighting(f"cam-{number}", 60 * number, vector=near(person, 0.1 * number, number))
        for number in range(5)
    ]
    for number in range(20):
        centre.sighting(f"cam-{number % 5}", 15 * number)
    centre.follow()
    return alike


def ids(answer: dict[str, Any]) -> list[str]:
    return [candidate["sighting"]["id"] for candidate in answer["candidates"]]


def test_the_most_alike_come_first_and_the_query_not_at_all(
    centre: Centre, seen: list[UUID]
) -> None:
    asked = {"by": {"sighting_id": str(seen[0])}, "limit": 10, "ladder": BY_COSINE}
    answer = centre.post("/search", asked)
    assert ids(answer)[:4] == [str(one) for one in seen[1:]]
    assert [candidate["rank"] for candidate in answer["candidates"]] == list(range(1, 11))
    scores = [candidate["score"] for candidate in answer["candidates"]]
    assert scores == sorted(scores, reverse=True)
    assert answer["query"] == {
        "space": SPACE,
        "sighting_ids": [str(seen[0])],
        "pictures": [],
        "picture": None,
    }
    assert answer["scope"]["cameras"] is None
    assert (answer["indexed_lag"], answer["groups"]) == (0, None)
    assert set(answer["took_ms"]) == {"query", "scope", "aim", "index", "ladder", "coverage"}


def test_the_query_itself_is_there_when_asked_for(centre: Centre, seen: list[UUID]) -> None:
    by = {"sighting_id": str(seen[0])}
    asked = {"by": by, "exclude_query": False, "limit": 1, "ladder": BY_COSINE}
    answer = centre.post("/search", asked)
    assert ids(answer) == [str(seen[0])]
    assert answer["candidates"][0]["score"] == pytest.approx(1, abs=1e-3)


def test_several_sightings_are_looked_for_by_their_mean(centre: Centre, seen: list[UUID]) -> None:
    by = {"sighting_ids": [str(seen[0]), str(seen[4]), str(seen[0])]}
    answer = centre.post("/search", {"by": by, "limit": 3})
    assert set(ids(answer)) == {str(one) for one in seen[1:4]}
    assert answer["query"]["sighting_ids"] == by["sighting_ids"][:2]


def test_cameras_and_window_narrow_the_search(centre: Centre, seen: list[UUID]) -> None:
    radius = {"center": {"lon": 127.0, "lat": 37.5}, "metres": 250}
    asked = {
        "by": {"sighting_id": str(seen[0])},
        "cameras": {"radius": radius, "ids": ["nobody"]},
        "from": at(61),
        "to": at(120),
    }
    answer = centre.post("/search", asked)
    found = answer["candidates"]
    assert ids(answer)[:2] == [str(seen[1]), str(seen[2])]
    assert {one["sighting"]["camera"] for one in found} <= {"cam-0", "cam-1", "cam-2"}
    assert all(one["sighting"]["last_seen"] >= at(61) for one in found)
    assert all(one["sighting"]["first_seen"] <= at(120) for one in found)
    assert answer["scope"]["cameras"] == 3
    assert answer["scope"]["unknown_cameras"] == ["nobody"]
    assert (answer["scope"]["from"], answer["scope"]["to"]) == (at(61), at(120))


def test_ten_years_are_a_window_a_century_is_a_slip_and_no_camera_is_a_scope(
    centre: Centre, seen: list[UUID]
) -> None:
    by = {"by": {"sighting_id": str(seen[0])}}
    wide = {"from": "2017-01-01T00:00:00Z", "to": "2026-12-31T23:59:59+09:00", "limit": 1000}
    assert len(centre.post("/search", by | wide)["candidates"]) == 24
    century = {**wide, "from": "1927-01-01T00:00:00Z"}
    for asked in (by | century, century):
        assert "3660 is the most" in centre.post("/search", asked, 422)["detail"]
    assert len(centre.post("/search", by | {"limit": 1000})["candidates"]) == 24
    assert centre.post("/search", by | {"cameras": {"ids": []}})["candidates"] == []


def test_candidates_are_grouped_by_camera_best_camera_first(
    centre: Centre, seen: list[UUID]
) -> None:
    asked = {"by": {"sighting_id": str(seen[2])}, "group_by": "camera"}
    answer = centre.post("/search", asked)
    groups = answer["groups"]
    assert {group["camera"] for group in groups} == {f"cam-{number}" for number in range(5)}
    best = [group["candidates"][0]["rank"] for group in groups]
    assert best == sorted(best)
    assert sum(len(group["candidates"]) for group in groups) == len(answer["candidates"])


def test_what_the_index_has_not_read_yet_is_found_in_the_database(
    centre: Centre, seen: list[UUID], person: Vector
) -> None:
    late = centre.sighting("cam-1", 300, vector=near(person, 0.05, 77))
    asked = {"by": {"sighting_id": str(seen[0])}, "limit": 3}
    answer = centre.post("/search", asked)
    assert ids(answer) == [str(late), str(seen[1]), str(seen[2])]
    assert (answer["indexed_lag"], answer["source"], answer["exact"]) == (1, "both", True)
    assert "in the index yet" in answer["note"]
    centre.follow()
    again = centre.post("/search", asked)
    assert ids(again) == ids(answer)
    assert (again["indexed_lag"], again["source"], again["note"]) == (0, "index", None)


def embedded(space: str, seed: int) -> Embedding:
    values, scale = quantise(unit_vector(np.random.default_rng(seed), space))
    return Embedding(space=space, values=values, scale=scale)


def test_spaces_never_meet_and_what_was_not_compared_is_counted(
    centre: Centre, seen: list[UUID]
) -> None:
    assert dimensions(OTHER_SPACE)
    strangers = [
        centre.sighting("cam-1", 400 + number, embedding=embedded(OTHER_SPACE, number))
        for number in range(3)
    ]
    centre.follow()
    answer = centre.post("/search", {"by": {"sighting_id": str(seen[0])}, "limit": 1000})
    assert answer["scope"]["other_spaces"] == 3
    assert not {str(one) for one in strangers} & set(ids(answer))
    answer = centre.post("/search", {"by": {"sighting_id": str(strangers[0])}})
    assert set(ids(answer)) == {str(one) for one in strangers[1:]}
    assert answer["scope"]["other_spaces"] == 25
    both = {"sighting_ids": [str(seen[0]), str(strangers[0])]}
    problem = centre.post("/search", {"by": both}, 422)
    assert OTHER_SPACE in problem["detail"]


def test_what_was_not_compared_is_not_counted_where_other_spaces_are_of_other_classes(
    centre: Centre, seen: list[UUID]
) -> None:
    for number in range(3):
        vehicle = embedded(OTHER_SPACE, number)
        centre.sighting("cam-1", 400, embedding=vehicle, object_class=ObjectClass.VEHICLE)
    centre.follow()
    asked = {"by": {"sighting_id": str(seen[0])}}
    with counts(centre.engine) as before:
        assert centre.post("/search", asked)["scope"]["other_spaces"] == 0
    means = MeansFollower(centre.engine)
    while means.step():
        pass
    with counts(centre.engine) as known:
        assert centre.post("/search", asked)["scope"]["other_spaces"] == 0
    assert (len(before), len(known)) == (1, 0)
    vehicles = {**asked, "object_class": "vehicle"}
    assert centre.post("/search", vehicles)["scope"]["other_spaces"] == 3


@contextmanager
def counts(engine: Engine) -> Iterator[list[str]]:
    """The statements that count sightings of other spaces."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "sightings.space = any(" in statement:
            found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def test_only_the_class_asked_for_is_found(centre: Centre, seen: list[UUID]) -> None:
    bike = centre.sighting("cam-1", 500, object_class=ObjectClass.TWO_WHEELER)
    centre.follow()
    asked = {"by": {"sighting_id": str(seen[0])}, "object_class": "two_wheeler"}
    assert ids(centre.post("/search", asked)) == [str(bike)]


def test_a_search_that_cannot_be_answered_says_why(centre: Centre, seen: list[UUID]) -> None:
    by = {"by": {"sighting_id": str(seen[0])}}
    wrong: tuple[tuple[dict[str, Any], int, str], ...] = (
        (by | {"from": at(10), "to": at(5)}, 422, "from is after to"),
        (by | {"from": "2026-01-01T00:00:00"}, 422, "timezone"),
        (by | {"from": 1_784_505_600}, 422, "ISO 8601"),
        (by | {"from": "0001-01-01T00:00:00+14:00"}, 422, "1900"),
        (by | {"limit": 0}, 422, "limit"),
        (by | {"limit": 1001}, 422, "limit"),
        (by | {"object_class": "dog"}, 422, "person"),
        (by | {"group_by": "box"}, 422, "camera"),
        (by | {"cameras": {"radius": None}}, 422, "radius, polygon or corridor"),
        ({"by": {}}, 422, "sighting_id"),
        ({"by": {"sighting_id": str(seen[0]), "sighting_ids": [str(seen[0])]}}, 422, "either"),
        ({"by": {"sighting_ids": []}}, 422, "at least 1"),
        ({"by": {"sighting_id": "'; DROP TABLE sightings; --"}}, 422, "UUID"),
        ({"by": {"sighting_id": str(uuid4())}}, 404, "no sighting"),
        ({"by": {"sighting_id": "ffffffff-ffff-7fff-bfff-ffffffffffff"}}, 404, "no sighting"),
        ({"by": {"sighting_ids": [str(UUID(int=n)) for n in range(101)]}}, 422, "at most 100"),
    )
    for asked, status, reason in wrong:
        assert reason in centre.post("/search", asked, status)["detail"]
