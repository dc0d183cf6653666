"""Real extracts: part of Seoul as XML, all of Andorra as PBF."""

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from central.roads import area, standing, ways
from central.roads.errors import MapError
from central.roads.model import Mode, Trip
from central.values import LonLat
from tests.central.roads.town import bring

SEOUL = (126.9520, 126.9640, 37.5440, 37.5530)


def test_a_part_of_seoul_can_be_walked_and_driven_through(
    engine: Engine, shared_data: Path
) -> None:
    network = bring(engine, shared_data / "geo/seoul_mapo_manri.osm")
    assert network.edges > 1_000
    assert network.joined[Mode.WALK].largest > 0.95 * network.joined[Mode.WALK].nodes
    rng = np.random.default_rng(0)
    west, east, south, north = SEOUL
    places = [
        LonLat(lon=lon, lat=lat) for lon, lat in rng.uniform((west, south), (east, north), (40, 2))
    ]
    with engine.connect() as connection:
        for mode, fastest in network.fastest_m_s.items():
            trips = [Trip(a, b, mode) for a, b in zip(places[::2], places[1::2], strict=True)]
            found = [each[0] for each in ways.find(connection, trips) if each]
            assert len(found) >= 12
            for way in found:
                steps = np.diff(way.line, axis=0) * [np.cos(np.radians(37.5)), 1] * 111_195
                assert way.metres == pytest.approx(np.hypot(*steps.T).sum(), rel=0.01)
                assert way.metres / way.seconds <= fastest * 1.001
                assert (np.diff(way.times_s) >= 0).all()
        reached = area.reachable(connection, LonLat(lon=126.958, lat=37.548), Mode.WALK, 600)
    assert reached is not None
    assert reached.edges > 100


def test_andorra_takes_its_place_and_half_of_it_does_not(
    engine: Engine, shared_data: Path, tmp_path: Path
) -> None:
    whole = shared_data / "geo/andorra.osm.pbf"
    network = bring(engine, whole)
    assert network.bounds.west == pytest.approx(1.41, abs=0.01)
    assert network.tunnels > 0
    half = tmp_path / "half.osm.pbf"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(MapError, match="broken or not all there"):
        bring(engine, half)
    with engine.connect() as connection:
        assert standing.current(connection) == network
