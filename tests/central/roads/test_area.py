"""Where one can be after some time in the made-up town."""

import json
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from central.roads import area
from central.roads.model import Area, Mode
from central.values import LonLat
from tests.central.roads.town import AT_25, BLOCK_M, WALK, at, place


def covers(connection: Connection, found: Area, where: LonLat) -> bool:
    query = text(
        "SELECT ST_DWithin(ST_GeomFromGeoJSON(:hull)::geography, "
        "ST_MakePoint(:lon, :lat)::geography, 3)"
    )
    values = {"hull": json_of(found.geojson), "lon": where.lon, "lat": where.lat}
    return bool(connection.execute(query, values).scalar_one())


def json_of(document: dict[str, Any]) -> str:
    return json.dumps(document)


def reached(connection: Connection, start: LonLat, mode: Mode, seconds: float) -> Area:
    found = area.reachable(connection, start, mode, seconds)
    assert found is not None
    return found


def test_an_area_ends_where_the_time_does(connection: Connection) -> None:
    found = reached(connection, place("A"), Mode.WALK, 1.5 * BLOCK_M / WALK)
    assert covers(connection, found, at(1.45, 0))
    assert not covers(connection, found, at(1.6, 0))
    assert covers(connection, found, at(0.45, 1))
    # A B, B C, E A, E F, and a few steps of the stairs.
    assert found.edges == 5


def test_a_one_way_street_is_entered_from_one_end_only(connection: Connection) -> None:
    found = reached(connection, place("E"), Mode.DRIVE, 0.9 * BLOCK_M / AT_25)
    assert covers(connection, found, at(0, 0.2))
    assert not covers(connection, found, at(0.5, 1))
    on_foot = reached(connection, place("E"), Mode.WALK, 0.9 * BLOCK_M / WALK)
    assert covers(connection, on_foot, at(0.5, 1))


def test_hardly_any_time_is_an_area_of_a_piece_of_street(connection: Connection) -> None:
    found = reached(connection, at(0.5, -0.05), Mode.WALK, 0.0)
    assert found.geojson["type"] in {"Polygon", "MultiPolygon"}
    assert found.edges == 1
    assert found.metres_to_street == pytest.approx(0.05 * BLOCK_M, rel=1e-3)
    assert covers(connection, found, at(0.5, -0.05))
    assert not covers(connection, found, at(0.9, 0))


def test_an_area_keeps_to_the_part_that_can_be_reached(connection: Connection) -> None:
    found = reached(connection, place("A"), Mode.WALK, 3_600)
    assert covers(connection, found, place("G"))
    assert not covers(connection, found, place("I"))
    # All streets but the tunnel and the island's.
    assert found.edges == 9


def test_a_bus_gets_less_far(connection: Connection) -> None:
    seconds = 2.2 * BLOCK_M / (40 / 3.6)
    by_bus = area.reachable(connection, place("A"), Mode.DRIVE, seconds, pace=area.BUS_PACE)
    assert by_bus is not None
    assert covers(connection, by_bus, at(1.3, 0))
    assert not covers(connection, by_bus, place("C"))
    assert covers(connection, reached(connection, place("A"), Mode.DRIVE, seconds), place("C"))


def test_far_from_streets_there_is_no_area(
    connection: Connection,
) -> None:
    assert area.reachable(connection, at(10, 10), Mode.WALK, 600) is None


def test_without_a_network_there_is_no_area(engine: Engine) -> None:
    with engine.connect() as connection:
        assert area.reachable(connection, place("A"), Mode.WALK, 600) is None
