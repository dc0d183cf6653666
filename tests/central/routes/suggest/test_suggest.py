"""Suggested routes over the API: a person walks down a street."""

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import event, text
from structlog.testing import capture_logs

from shared.pictures import encode_webp
from shared.vectors import Vector, normalised
from tests.central.asking import Centre
from tests.factories import unit_vector

STEP_S = 90.0


def near(vector: Vector, amount: float, seed: int) -> Vector:
    noise = np.random.default_rng(seed).standard_normal(vector.size) / np.sqrt(vector.size)
    return normalised(vector + amount * noise)


@pytest.fixture
def person() -> Vector:
    return unit_vector(np.random.default_rng(5))


@pytest.fixture
def walk(centre: Centre, person: Vector) -> list[UUID]:
    """Past five cameras that are 118 m apart, with strangers at each."""
    walked = []
    for number in range(5):
        centre.camera(f"cam-{number}", 127.0 + 0.00134 * number, 37.5)
        walked.append(
            centre.sighting(f"cam-{number}", STEP_S * number, vector=near(person, 0.5, number))
        )
        for stranger in range(4):
            centre.sighting(f"cam-{number}", 40 * stranger)
    centre.follow()
    return walked


def suggest(centre: Centre, search: dict[str, Any], status: int = 200, **more: Any) -> Any:  # noqa: ANN401 - an answer's JSON
    return centre.post("/routes/suggest", {"search": search, **more}, status)


def stops(path: dict[str, Any]) -> list[str]:
    return [stop["sighting"]["id"] for stop in path["stops"]]


def test_the_walk_is_suggested_from_one_sighting(centre: Centre, walk: list[UUID]) -> None:
    answer = suggest(centre, {"by": {"sighting_id": str(walk[2])}}, k=2)
    best, second = answer["paths"]
    assert stops(best) == [str(each) for each in walk]
    assert [stop["confirmed"] for stop in best["stops"]] == [False, False, True, False, False]
    assert [leg["seconds"] for leg in best["legs"]] == [STEP_S] * 4
    assert best["legs"][0]["usual_s"][0] < STEP_S < best["legs"][0]["usual_s"][1]
    assert best["differs"] is None
    assert second["differs"]
    assert set(second["adds"]) | set(second["drops"])
    assert best["score"] > second["score"]
    assert "straight lines" in answer["note"]


def test_what_was_rejected_is_on_no_route_and_what_was_confirmed_on_each(
    centre: Centre, walk: list[UUID]
) -> None:
    asked = {
        "by": {"sighting_id": str(walk[0])},
        "confirmed": [str(walk[4])],
        "rejected": [str(walk[1])],
    }
    answer = suggest(centre, asked, k=5)
    for path in answer["paths"]:
        assert {str(walk[0]), str(walk[4])} <= set(stops(path))
        assert str(walk[1]) not in stops(path)


def test_named_candidates_are_the_only_ones(centre: Centre, walk: list[UUID]) -> None:
    answer = suggest(centre, {"confirmed": [str(walk[0])]}, candidates=[str(walk[3]), str(uuid4())])
    assert stops(answer["paths"][0]) == [str(walk[0]), str(walk[3])]
    assert answer["candidates"] == 2


def test_a_candidate_that_clashes_with_a_stop_says_with_which(
    centre: Centre, walk: list[UUID], person: Vector
) -> None:
    """Somebody as alike, at the other end of the street in the same moment."""
    twin = centre.sighting("cam-4", STEP_S * 2, vector=near(person, 0.45, 77))
    centre.follow()
    asked = {"by": {"sighting_id": str(walk[2])}, "confirmed": [str(walk[1])]}
    (path,) = suggest(centre, asked, k=1)["paths"]
    left = {each["sighting_id"]: each for each in path["left_out"]}
    assert str(twin) not in stops(path)
    assert str(twin) not in left or left[str(twin)]["why"] == "unreachable"


def test_confirmed_sightings_that_clash_are_said_to(centre: Centre, walk: list[UUID]) -> None:
    far = centre.sighting("cam-4", 1)
    answer = suggest(centre, {"confirmed": [str(walk[0]), str(far)]})
    (clash,) = answer["clashes"]
    assert {clash["first"], clash["second"]} == {str(walk[0]), str(far)}
    assert "cam-4" in clash["text"]
    assert "clash" in answer["note"]


def test_confirmed_sightings_that_clash_take_no_candidates_away(
    centre: Centre, walk: list[UUID]
) -> None:
    """A wrong one, five kilometres away: nobody else on the street can have been there, too."""
    centre.camera("away", 127.06, 37.5)
    wrong = centre.sighting("away", STEP_S * 2)
    centre.follow()
    answer = suggest(centre, {"confirmed": [str(walk[0]), str(walk[4]), str(wrong)]}, k=1)
    assert answer["clashes"]
    assert answer["candidates"] > 3


def test_a_suggestion_needs_one_connection_at_a_time(centre: Centre, walk: list[UUID]) -> None:
    held = Counter[str]()
    pool = centre.engine.pool

    def taken(*_: object) -> None:
        held["now"] += 1
        held["most"] = max(held["most"], held["now"])

    def given_back(*_: object) -> None:
        held["now"] -= 1

    event.listen(pool, "checkout", taken)
    event.listen(pool, "checkin", given_back)
    suggest(centre, {"by": {"sighting_id": str(walk[2])}})
    event.remove(pool, "checkout", taken)
    event.remove(pool, "checkin", given_back)
    assert held["most"] == 1


def test_what_cannot_be_suggested_says_why(centre: Centre, walk: list[UUID]) -> None:
    assert "name somebody" in suggest(centre, {}, 422)["detail"]
    one = str(walk[0])
    both = {"by": {"sighting_id": one}, "confirmed": [one], "rejected": [one]}
    assert "at once" in suggest(centre, both, 422)["detail"]
    suggest(centre, {"by": {"sighting_id": str(uuid4())}}, 404)
    suggest(centre, {"by": {"sighting_id": one}}, 422, k=11)


def test_who_asked_for_a_route_and_why_is_in_the_log(centre: Centre, walk: list[UUID]) -> None:
    with capture_logs() as lines:
        suggest(centre, {"by": {"sighting_id": str(walk[0])}, "purpose": "report 7"})
    (line,) = [line for line in lines if line["event"] == "suggest"]
    assert (line["purpose"], line["sightings"]) == ("report 7", [str(walk[0])])
    assert set(line["shown"]) >= {str(each) for each in walk}


def test_the_uploaded_picture_that_a_suggestion_is_of_is_in_the_log(
    centre: Centre, walk: list[UUID]
) -> None:
    picture = encode_webp(centre.rng.integers(0, 255, (240, 320, 3)).astype("uint8"))
    sent = centre.client.post("/api/v1/pictures", files={"file": ("street.webp", picture)})
    of = {"picture": sent.json()["id"], "object": 1}
    with capture_logs() as lines:
        suggest(centre, {"by": {"pictures": [of]}})
    (line,) = [line for line in lines if line["event"] == "suggest"]
    assert line["pictures"] == [f"{of['picture']}/1"]


def test_streets_and_learnt_links_are_what_is_usual(centre: Centre, walk: list[UUID]) -> None:
    with centre.engine.begin() as connection:
        connection.execute(text("INSERT INTO travel_times VALUES ('cam-0', 'cam-1', 'walk', 88)"))
        connection.execute(
            text(
                "INSERT INTO links VALUES "
                "('cam-1', 'cam-2', 'person', 9, 9, 80, 90, 100, '2026-07-20T11:00:00Z')"
            )
        )
    (path,) = suggest(centre, {"by": {"sighting_id": str(walk[0])}}, k=1)["paths"]
    first, second = path["legs"][:2]
    assert (first["learnt"], second["learnt"]) == (False, True)
    assert second["usual_s"] == pytest.approx([80, 101], abs=2)
