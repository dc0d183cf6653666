"""Where next, from a kept route or a sighting, with what the database knows."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, text

from central.audit import audit, failing
from central.cameras import repository as cameras_table
from central.cameras.model import Camera
from central.cameras.views.stands import of_cameras
from central.errors import InputError
from central.routes import repository as routes_table
from central.routes.links.repository import counts, expected
from central.routes.links.transit import USUAL_M_S, Floats, Times
from central.routes.network import Network, between
from central.routes.next.areas import Asked, area
from central.routes.next.model import (
    Destination,
    NextAnswer,
    NextCamera,
    NextOfSighting,
    NextRequest,
)
from central.routes.next.ranking import Onward, Ranked, rank
from central.routes.suggest.weights import Between, passed
from central.search.patience import in_time
from central.search.reach import DETOUR, Bools, distances
from central.search.stops import InView, stood
from central.services import Services
from central.sightings import repository as sightings_table
from central.sightings.model import Sighting
from central.sightings.times import correction
from central.values import LonLat
from shared.classes import ObjectClass
from shared.clock import to_datetime

NEIGHBOURS = 120
"""Cameras that are looked at, the nearest to the last stop: in a city those within a kilometre or
two."""

LEAST = 0.005
"""Cameras less likely than this are none to look at."""

GONE_LONG = "Gone for too long: no camera is likely to be the next, so none is ranked."
NO_NETWORK = "No street network: areas are circles, and times are of straight lines."
MOVED = "The last stop's camera was moved since: times from where it stood are of straight lines."
NOT_PLACED = "The last stop's camera is not placed on the map: nothing can be said of where next."

_NEAREST = text(
    "SELECT id FROM cameras WHERE position IS NOT NULL "
    "ORDER BY position <-> ST_MakePoint(:lon, :lat)::geography, id LIMIT :most"
)


class _Last(NamedTuple):
    """The last stop: whose sighting, where, and since when the target is gone.

    `here` is what its camera is known by, see `central.search.stops.Stood`.
    """

    sighting: Sighting
    here: str
    place: LonLat | None
    left: datetime

    @property
    def shows(self) -> ObjectClass:
        return self.sighting.object_class


def of_route(services: Services, route: UUID, request: NextRequest) -> NextAnswer:
    """Where next after the last stop of a kept route.

    Raises:
        NotFoundError: there is no such route, or its last sighting is not kept any more.
        InputError: `now` is before the target was last seen, or it took too long.
    """
    with failing("next", purpose=request.purpose, route=str(route)):
        stops = routes_table.get(services.engine, route).stops
        last = max(stops, key=lambda stop: stop.left)
        return _answer(services, last.sighting_id, request, route=str(route))


def of_sighting(services: Services, request: NextOfSighting) -> NextAnswer:
    """Where next after a sighting.

    Raises:
        NotFoundError: it is not there.
        InputError: `now` is before it, or it took too long.
    """
    sighting = request.sighting_id
    with failing("next", purpose=request.purpose, route=None, sighting=str(sighting)):
        return _answer(services, sighting, request, route=None)


def _answer(
    services: Services, sighting: UUID, request: NextRequest, *, route: str | None
) -> NextAnswer:
    now = request.now or to_datetime(services.clock.now_ms())
    patience = services.settings.search_timeout_s
    with in_time(patience), services.searching.connect() as connection:
        last = _last(connection, sighting)
        elapsed = (now - last.left).total_seconds()
        if elapsed < 0:
            raise InputError(f"`now` is {-elapsed:.0f} s before the target was last seen")
        found = _found(connection, last, (now, elapsed), request)
    audit(
        "next",
        purpose=request.purpose,
        route=route,
        sighting=str(sighting),
        elapsed_s=round(elapsed),
        destinations=len(request.destinations),
    )
    return found


def _last(connection: Connection, identifier: UUID) -> _Last:
    found = sightings_table.by_ids(connection, [identifier]).get(identifier)
    if found is None:
        raise sightings_table.missing([identifier])
    left = found.last_seen + correction(found.clock_offset_ms)
    seen = InView(found.id, found.camera, left.timestamp(), left.timestamp())
    stands = of_cameras(connection, [found.camera])
    ((here,), ((lon, lat),), _) = stood(stands, [seen])
    place = None if np.isnan(lon) else LonLat(lon=lon, lat=lat)
    return _Last(found, here, place, left)


def _found(
    connection: Connection, last: _Last, when: tuple[datetime, float], request: NextRequest
) -> NextAnswer:
    now, elapsed = when
    answer = NextAnswer(
        sighting_id=last.sighting.id,
        camera=last.sighting.camera,
        last_seen=last.left,
        now=now,
        elapsed_s=round(elapsed, 1),
        areas=[],
        cameras=[],
        unseen=1.0,
        note=NOT_PLACED,
    )
    if last.place is None:
        return answer
    areas = [
        area(connection, Asked(last.place, means, minutes, elapsed + 60 * minutes))
        for means in dict.fromkeys(request.modes)
        for minutes in dict.fromkeys(request.minutes)
    ]
    ranked, cameras, notes = _ranked(connection, (last, last.place), when, request)
    return answer.model_copy(
        update={
            "areas": areas,
            "cameras": cameras,
            "unseen": round(ranked.lost, 3),
            "note": " ".join(notes) or None,
        }
    )


def _ranked(
    connection: Connection,
    start: tuple[_Last, LonLat],
    when: tuple[datetime, float],
    request: NextRequest,
) -> tuple[Ranked, list[NextCamera], list[str]]:
    """The cameras, and what was not known of them."""
    (now, elapsed), (last, place) = when, start
    here = last.here
    values = {"lon": place.lon, "lat": place.lat, "most": NEIGHBOURS}
    near = connection.execute(_NEAREST, values).scalars()
    names = [here, *(each for each in near if each != here)]
    network = between(connection, names, last.shows, {here: (place.lon, place.lat)})
    times, learnt = expected(connection, network, last.shows, now)
    works = np.ones(len(names), dtype=bool)
    # Where the target was last is not on the way from there.
    works[0] = False
    skipped = passed(Between(times, network.fastest_s, works))[0, 1:]
    trips = counts(connection, here, last.shows, now)
    onward = Onward(
        Times(times.median_s[0, 1:], times.spread[0, 1:]),
        skipped,
        np.array([trips.get(name, 0.0) for name in names[1:]]),
        _detours(network, times, request.destinations, last.shows),
        _weights(request.destinations),
    )
    ranked = rank(onward, elapsed, 60.0 * request.horizon_min)
    shown = cameras_table.by_ids(connection, names)
    order = np.argsort(-ranked.chance, kind="stable")
    likely = order[ranked.chance[order] >= LEAST][: request.most].tolist()
    cameras = [
        _camera(number, row, shown[names[row + 1]], (onward, ranked, now, learnt[0, 1:]))
        for number, row in enumerate(likely, start=1)
    ]
    notes = [GONE_LONG] if len(order) and not likely else []
    if len(names) > 1 and not np.isfinite(network.usual_s[0, 1:]).any():
        notes.append(NO_NETWORK if here == last.sighting.camera else MOVED)
    return ranked, cameras, notes


def _weights(destinations: list[Destination]) -> Floats:
    found = np.array([each.weight for each in destinations])
    return np.asarray(found / max(1.0, float(found.sum())) if len(found) else found)


def _detours(
    network: Network, times: Times, destinations: list[Destination], shows: ObjectClass
) -> Floats:
    """What passing each camera adds to the way to each destination, (D, C) seconds.

    The way to a destination is that to the camera nearest to it, and straight from there.
    """
    if not destinations:
        return np.zeros((0, len(network.cameras) - 1))
    places = np.array([(each.place.lon, each.place.lat) for each in destinations])
    beside = distances(places, network.lon_lat) * DETOUR / USUAL_M_S[shows]
    nearest = np.nanargmin(beside, axis=1)
    rows = np.arange(len(destinations))
    median = times.median_s.copy()
    np.fill_diagonal(median, 0.0)
    # (C, D): from each camera to each destination, at most straight there.
    there = np.minimum(median[:, nearest] + beside[rows, nearest], beside.T)
    return np.asarray((median[0, 1:, None] + there[1:] - there[0]).T.clip(min=0))


def _camera(
    number: int, row: int, camera: Camera, of: tuple[Onward, Ranked, datetime, Bools]
) -> NextCamera:
    onward, ranked, now, learnt = of
    low, high = (float(each[row]) for each in onward.times.within)
    moments = [
        now + timedelta(seconds=float(each[row]))
        for each in (ranked.first_s, ranked.likely_s, ranked.last_s)
    ]
    chance, count = float(ranked.chance[row]), round(float(onward.passed[row]))
    return NextCamera(
        rank=number,
        camera=camera.id,
        camera_name=camera.name,
        position=camera.position,
        chance=round(chance, 3),
        soon=round(float(ranked.soon[row]), 3),
        from_=moments[0],
        likely=moments[1],
        to=moments[2],
        usual_s=(round(low, 1), round(high, 1)),
        learnt=bool(learnt[row]),
        passed=count,
        text=_words(chance, float(ranked.likely_s[row]), count, learnt=bool(learnt[row])),
    )


def _words(chance: float, likely_s: float, passed_by: int, *, learnt: bool) -> str:
    known = "as learnt" if learnt else "as it usually takes"
    behind = f", behind {passed_by} other cameras" if passed_by > 1 else ""
    behind = ", behind another camera" if passed_by == 1 else behind
    return f"{100 * chance:.0f} %, most likely in {likely_s / 60:.0f} min {known}{behind}"
