"""Where a camera stood at a moment, whatever became of it since."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from central.cameras.views import places
from central.cameras.views.places import Place
from central.values import LonLat
from tests.central.asking import Centre
from tests.central.cameras.views.scenes import HERE, calibrated, camera, place
from tests.central.keeping import NOON_MS

NOON = datetime.fromtimestamp(NOON_MS / 1000, UTC)
HOUR = timedelta(hours=1)
THERE = place(300, 0)


def at(centre: Centre, *hours: float, name: str = "a") -> list[Place]:
    with centre.engine.connect() as connection:
        found = places.at(connection, [(name, NOON + hour * HOUR) for hour in hours])
    return [each for each in found if each is not None]


def positions(centre: Centre, *hours: float) -> list[LonLat | None]:
    return [each.position for each in at(centre, *hours)]


def change(centre: Centre, hour: float | None, status: int = 200, **fields: Any) -> str:  # noqa: ANN401 - what is sent
    since = {} if hour is None else {"valid_from": (NOON + hour * HOUR).isoformat()}
    answer = centre.client.patch("/api/v1/cameras/a", json={**fields, **since})
    assert answer.status_code == status, answer.text
    return answer.text


def move(centre: Centre, hour: float | None, to: LonLat | None) -> None:
    change(centre, hour, position=to and to.model_dump())


@pytest.fixture
def one(centre: Centre) -> Centre:
    centre.post("/cameras", camera("a", {"fov_deg": 360, "far_m": 20}), 201)
    return centre


def test_a_camera_that_never_moved_has_always_stood_there(one: Centre) -> None:
    assert positions(one, -10_000, 0, 10_000) == [HERE, HERE, HERE]
    (found,) = at(one, 0)
    assert (found.name, found.view and found.view.far_m) == ("a", 20)
    assert found.coverage is not None
    assert found.coverage["type"] == "Polygon"


def test_what_was_seen_before_a_move_keeps_the_place_it_had(one: Centre) -> None:
    move(one, 0, THERE)
    move(one, 2, place(0, 300))
    assert positions(one, -1, 0, 1, 2, 3) == [HERE, THERE, THERE, place(0, 300), place(0, 300)]
    before, after = at(one, -1, 3)
    assert before.coverage != after.coverage


def test_a_move_counts_from_now_unless_said(one: Centre) -> None:
    before = datetime.now(UTC)
    move(one, None, THERE)
    with one.engine.connect() as connection:
        found = places.at(connection, [("a", before), ("a", datetime.now(UTC)), ("nobody", before)])
    assert [each and each.position for each in found] == [HERE, THERE, None]


def test_a_moment_that_is_known_better_replaces_what_was_written_since(one: Centre) -> None:
    move(one, 1, THERE)
    move(one, 2, place(0, 300))
    move(one, -1, THERE)
    assert positions(one, -2, -1, 5) == [HERE, THERE, THERE]
    move(one, -1, HERE)
    assert positions(one, -2, -1, 5) == [HERE, HERE, HERE]


def test_what_was_not_known_before_counts_for_the_time_before_too(centre: Centre) -> None:
    centre.camera("a")
    assert positions(centre, 0) == [None]
    move(centre, None, HERE)
    change(centre, None, view=calibrated(far_m=40))
    (found,) = at(centre, 0)
    assert found.position == HERE
    assert found.coverage is not None
    change(centre, None, view=calibrated(far_m=35))
    (kept,) = at(centre, 0)
    assert (kept.view and kept.view.far_m) == 40


def test_a_camera_that_is_taken_off_the_map_was_there(one: Centre) -> None:
    move(one, 0, None)
    assert positions(one, -1, 0) == [HERE, None]
    assert [each.coverage is None for each in at(one, -1, 0)] == [False, True]


def test_the_moment_of_a_change_is_past_and_says_something(one: Centre) -> None:
    ahead = (datetime.now(UTC) - NOON) / HOUR + 1
    assert "still to come" in change(one, ahead, 422, position=THERE.model_dump())
    assert "give one" in change(one, 0, 422, name="b")
    assert positions(one, 0) == [HERE]


def test_an_import_that_moves_a_camera_leaves_its_past(one: Centre) -> None:
    spot = {"type": "Point", "coordinates": [THERE.lon, THERE.lat]}
    feature = {"type": "Feature", "id": "a", "geometry": spot, "properties": {}}
    body = {"type": "FeatureCollection", "features": [feature]}
    assert one.post("/cameras/import/geojson", body)["updated"] == 1
    assert positions(one, 0) == [HERE]
    with one.engine.connect() as connection:
        (now,) = places.at(connection, [("a", datetime.now(UTC))])
        assert now is not None
        assert now.position == THERE
        one.post("/cameras/import/geojson", body)
        rows = connection.exec_driver_sql("SELECT count(*) FROM camera_places").scalar_one()
    assert rows == 2


def test_a_route_keeps_name_and_place_of_a_camera_that_is_deleted(one: Centre) -> None:
    sighting = one.sighting("a")
    route = one.post("/routes", {"stops": [{"sighting_id": str(sighting)}]}, 201)
    assert one.client.delete("/api/v1/cameras/a").status_code == 409
    move(one, 1, THERE)
    with one.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM sightings")
    assert one.client.delete("/api/v1/cameras/a").status_code == 204
    (stop,) = one.get(f"/routes/{route['id']}")["stops"]
    assert (stop["camera_name"], stop["position"]) == ("a", HERE.model_dump())
    with one.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM camera_places").scalar_one()
    assert rows == 0
