"""Which cameras look at which part of a way."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import text

from central.cameras.views.along import Looked, looked_at, looked_at_each
from central.cameras.views.measured import measured
from tests.central.asking import Centre
from tests.central.cameras.views.scenes import HERE, PLANE, camera, place, ring

Floats = NDArray[np.float64]
SQUARE = {"polygon": ring((-10, -10), (10, -10), (10, 10), (-10, 10))}


_MIDDLE = text(
    """
    SELECT ST_Distance(a, b), ST_X(middle), ST_Y(middle)
    FROM (SELECT a, b, ST_Project(a, ST_Distance(a, b) / 2, ST_Azimuth(a, b))::geometry AS middle
        FROM (SELECT ST_GeogFromText(:a) AS a, ST_GeogFromText(:b) AS b) AS ends) AS found
    """
)


def way(*spots: tuple[float, float]) -> Floats:
    """Through spots in metres east and north of `HERE`."""
    return PLANE.degrees(np.array(spots, dtype=float))


def asked(centre: Centre, line: Floats, assumed_m: float = 30, **more: object) -> list[Looked]:
    with centre.engine.connect() as connection:
        return looked_at(connection, line, assumed_m, **more)  # type: ignore[arg-type]


def parts(found: list[Looked]) -> list[tuple[str, float, float, bool]]:
    return [(name, round(start, 1), round(end, 1), assumed) for name, start, end, assumed in found]


def test_a_way_past_a_view_is_looked_at_from_where_it_enters_to_where_it_leaves(
    centre: Centre,
) -> None:
    centre.post("/cameras", camera("a", SQUARE), 201)
    found = asked(centre, way((-50, 0), (0, 0), (0, 50)))
    assert parts(found) == [("a", 40, 60, False)]
    assert parts(asked(centre, way((-50, 20), (50, 20)))) == []


def test_a_way_there_and_back_is_looked_at_twice(centre: Centre) -> None:
    centre.post("/cameras", camera("a", SQUARE), 201)
    found = asked(centre, way((-50, 0), (50, 0), (-50, 0)))
    assert parts(found) == [("a", 40, 60, False), ("a", 140, 160, False)]
    within = asked(centre, way((-50, 0), (0, 0), (-50, 0)))
    assert parts(within) == [("a", 40, 60, False)]


def test_a_camera_of_unknown_view_is_a_circle_if_one_is_assumed(centre: Centre) -> None:
    centre.post("/cameras", camera("b", None), 201)
    line = way((-50, 0), (50, 0))
    ((name, start, end, assumed),) = asked(centre, line)
    assert (name, assumed) == ("b", True)
    assert [start, end] == pytest.approx([20, 80], abs=0.4)
    assert asked(centre, line, 0) == []
    assert asked(centre, line, without=["b"]) == []
    centre.camera("loose")
    assert len(asked(centre, line)) == 1


def test_a_stay_in_one_spot_is_looked_at_from_0_to_0(centre: Centre) -> None:
    centre.post("/cameras", camera("a", SQUARE), 201)
    centre.post("/cameras", camera("b", None), 201)
    found = asked(centre, way((1, 1), (1, 1)))
    assert parts(found) == [("a", 0, 0, False), ("b", 0, 0, True)]
    assert asked(centre, way((99, 1), (99, 1))) == []


def test_several_ways_are_asked_about_in_one_query_each_with_its_own_cameras(
    centre: Centre,
) -> None:
    centre.post("/cameras", camera("a", SQUARE), 201)
    centre.post("/cameras", camera("b", None, place(1_000, 0)), 201)
    lines = [way((-50, 0), (50, 0)), way((0, 900), (50, 900)), way((970, 0), (1_000, 0))]
    with centre.engine.connect() as connection:
        found = looked_at_each(connection, lines, 10)
        assert looked_at_each(connection, [], 10) == []
    assert [[each.camera for each in one] for one in found] == [["a"], [], ["b"]]
    assert found[2][0].from_m == pytest.approx(20, abs=0.2)


@pytest.mark.parametrize("turn", [1, -1])
def test_a_way_over_the_date_line_goes_the_short_way_around(centre: Centre, turn: int) -> None:
    square = [[179.9999, -0.0001], [-179.9999, -0.0001], [-179.9999, 0.0001], [179.9999, 0.0001]]
    view = {"polygon": {"type": "Polygon", "coordinates": [[*square, square[0]]]}}
    there = HERE.model_copy(update={"lon": 180.0, "lat": 0.0})
    centre.post("/cameras", camera("line", view, there), 201)
    line = np.array([[179.999, 0.0], [-179.999, 0.0]])[::turn]
    ((_, start, end, _),) = asked(centre, line)
    # 0.0009 and 0.0011 degrees of the equator.
    assert [start, end] == pytest.approx([100.2, 122.5], abs=0.1)


def test_a_long_straight_way_follows_the_earth_and_its_length_is_the_shortest(
    centre: Centre,
) -> None:
    """Seoul to Busan: on the map the middle of the straight line lies 300 m beside the way."""
    seoul, busan = "POINT(126.978 37.5665)", "POINT(129.0756 35.1796)"
    with centre.engine.connect() as connection:
        metres, lon, lat = connection.execute(_MIDDLE, {"a": seoul, "b": busan}).one()
    ends = np.array([[126.978, 37.5665], [129.0756, 35.1796]])
    line = measured(ends)
    assert line[-1, 2] == pytest.approx(metres, rel=1e-6)
    centre.post(
        "/cameras", camera("middle", None, HERE.model_copy(update={"lon": lon, "lat": lat})), 201
    )
    ((_, start, end, _),) = asked(centre, ends)
    assert (start + end) / 2 == pytest.approx(metres / 2, abs=1)


def test_what_is_no_line_is_refused(centre: Centre) -> None:
    for wrong in (np.zeros((1, 2)), np.zeros((2, 3)), np.zeros(4)):
        with pytest.raises(ValueError, match="shape"):
            asked(centre, wrong)


def test_cameras_are_asked_as_they_stood(centre: Centre) -> None:
    centre.post("/cameras", camera("a", {"fov_deg": 360, "far_m": 10}), 201)
    moved = datetime.now(UTC) - timedelta(hours=1)
    change = {"position": place(500, 0).model_dump(), "valid_from": moved.isoformat()}
    assert centre.client.patch("/api/v1/cameras/a", json=change).status_code == 200
    line = way((-50, 0), (600, 0))
    now, before = asked(centre, line), asked(centre, line, at=moved - timedelta(minutes=1))
    assert [round(each.from_m) for each in (*now, *before)] == [540, 40]
    assert asked(centre, line, at=moved) == now
