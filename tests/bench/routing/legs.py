"""What the product says of legs in the made-up city, against the ways that were really taken.

The city's map is imported, its working cameras stand where they do and see the circles that they
see, and the true sightings of those who are asked for (`tests.bench.routing.asking`) are routes.
Of the legs that were a COVERAGE_GAP, `coverage_gap_accuracy` is the part that is called one.

Impossible legs are made of true ones. Far ones: the second sighting is moved to the camera farthest
away, a second after the first. Simultaneous ones, which nobody would see at once: it is one of
somebody else of the same class, who was in the view of another camera at the same time for 10 s at
least, with at least 50 m between the two views. `impossible_observed` counts those that are called
OBSERVED.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, Engine

from central.cameras import repository as cameras_table
from central.cameras.model import NewCamera
from central.cameras.views.model import View
from central.roads.importing import import_map
from central.routes.confirmed import Confirmed, in_order, stops_of
from central.routes.legs import legs_between
from central.routes.verdicts import LegType
from central.values import LonLat
from deploy.sim.city.cameras import CHANNELS_PER_BOX
from deploy.sim.city.level import LevelName
from deploy.sim.city.osm import read_streets
from deploy.sim.city.world import City, make_city
from shared.classes import ObjectClass
from shared.clock import SystemClock, to_datetime, to_ms
from shared.ids import uuid7
from tests.bench.laddering.asking import open_desk
from tests.bench.routing.asking import questions, without_some
from tests.bench.routing.truth import Truth, true_ways

SEED = 31
ROUTES = 40
"""Of people, and as many of vehicles."""

TOGETHER_MS = 10_000
APART_M = 50.0

_GAP = "COVERAGE_GAP"


class Typed(NamedTuple):
    """What a leg really was, and what it is called."""

    true: str
    said: str
    vehicle: bool


def measure(engine: Engine, map_file: Path) -> dict[str, Any]:
    """The figures, on streets of `map_file`."""
    import_map(engine, map_file, SystemClock(), _untold)
    city = without_some(make_city(read_streets(map_file), LevelName.HARD, SEED), SEED)
    _register(engine, city)
    routes = list(_routes(city))
    truth = true_ways(city)
    with engine.connect() as connection:
        found = [each for route in routes for each in _typed(connection, city, route, truth)]
        far = Counter(said for route in routes for said in _far(connection, city, route))
        at_once = Counter(said for route in routes for said in _at_once(connection, city, route))
    made_up = far + at_once
    gaps = [each for each in found if each.true == _GAP]
    called = [each for each in found if each.said == _GAP]
    right = sum(each.said == _GAP for each in gaps)
    table = Counter(found)
    return {
        "coverage_gap_accuracy": round(right / max(1, len(gaps)), 3),
        "coverage_gap_precision": round(right / max(1, len(called)), 3),
        "impossible_observed": made_up[LegType.OBSERVED.value],
        "impossible_contradicted": made_up[LegType.CONTRADICTION.value],
        "impossible": made_up.total(),
        "impossible_far": dict(far),
        "impossible_at_once": dict(at_once),
        "legs": [{**typed._asdict(), "legs": count} for typed, count in sorted(table.items())],
    }


def _register(engine: Engine, city: City) -> None:
    cameras = city.cameras
    places = city.streets.lon_lat(cameras.xy)
    for number in np.flatnonzero(cameras.on).tolist():
        lon, lat = (float(each) for each in places[number])
        name = cameras.name(number)
        view = View(fov_deg=360, far_m=round(float(cameras.reach_m[number]), 1))
        place = LonLat(lon=lon, lat=lat)
        cameras_table.create(engine, NewCamera(id=name, name=name, position=place, view=view))


def _routes(city: City) -> Iterator[list[int]]:
    desk = open_desk(city)
    for vehicles in (False, True):
        for asked in questions(desk, ROUTES, vehicles=vehicles, seed=SEED):
            yield asked.truth


def _typed(
    connection: Connection, city: City, route: Sequence[int], truth: Truth
) -> Iterator[Typed]:
    stops = in_order(stops_of(connection, [_confirmed(city, row) for row in route]))
    legs = legs_between(connection, stops, network=True)
    vehicle = bool(city.sightings.vehicle[route[0]])
    for leg, pair in zip(legs, pairwise(route), strict=True):
        yield Typed(truth.type_of(*pair), leg.type.value, vehicle)


def _far(connection: Connection, city: City, route: Sequence[int]) -> Iterator[str]:
    for row in route[:-1]:
        one = _confirmed(city, row)
        xy, working = city.cameras.xy, city.cameras.on
        metres = np.linalg.norm(xy - xy[city.sightings.camera[row]], axis=1) * working
        camera = int(metres.argmax())
        begins = one.last_seen + timedelta(seconds=1)
        two = one._replace(
            id=uuid7(to_ms(begins)),
            **_at(city, camera),
            first_seen=begins,
            shot=begins,
            last_seen=begins + timedelta(seconds=5),
        )
        yield _type_of(connection, one, two)


def _at_once(connection: Connection, city: City, route: Sequence[int]) -> Iterator[str]:
    found, cameras = city.sightings, city.cameras
    rng = np.random.default_rng(route[0])
    for row in route:
        begins = np.maximum(found.first_ms, found.first_ms[row])
        ends = np.minimum(found.last_ms, found.last_ms[row])
        metres = np.linalg.norm(cameras.xy - cameras.xy[found.camera[row]], axis=1)
        apart = metres - cameras.reach_m - cameras.reach_m[found.camera[row]] >= APART_M
        fits = (ends - begins >= TOGETHER_MS) & (found.vehicle == found.vehicle[row])
        others = np.flatnonzero(fits & apart[found.camera])
        if len(others):
            other = int(rng.choice(others))
            yield _type_of(connection, _confirmed(city, row), _confirmed(city, other))


def _type_of(connection: Connection, *sightings: Confirmed) -> str:
    stops = in_order(stops_of(connection, sightings))
    (leg,) = legs_between(connection, stops, network=True)
    return leg.type.value


def _confirmed(city: City, row: int) -> Confirmed:
    found = city.sightings
    first, last = (_moment(found.first_ms[row]), _moment(found.last_ms[row]))
    return Confirmed(
        id=uuid7(int(found.first_ms[row])),
        **_at(city, int(found.camera[row])),
        object_class=ObjectClass.VEHICLE if found.vehicle[row] else ObjectClass.PERSON,
        first_seen=first,
        shot=first,
        last_seen=last,
        # Measured, and off by as much as the city's clocks are.
        clock_offset_ms=0.0,
        plate=None,
    )


def _at(city: City, camera: int) -> dict[str, Any]:
    return {"camera": city.cameras.name(camera), "box": f"box-{camera // CHANNELS_PER_BOX}"}


def _moment(ms: np.int64) -> datetime:
    return to_datetime(int(ms))


def _untold(_what: str, _done: int, _total: int | None) -> None:
    """Tell nobody."""
