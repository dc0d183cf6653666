"""Learning how long it takes from camera to camera, and unlearning it.

Only from what is certain: consecutive stops that people confirmed, and one plate read at both.
Never from looks alone: whoever is mistaken there would confirm the mistake by the times it makes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, Engine, Row, delete, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from central.db.tables import link_samples, links
from central.routes.judging import LegType
from central.routes.links.percentiles import learnt
from central.routes.model import Route, Stop
from shared.classes import ObjectClass

LONGEST = timedelta(minutes=30)
"""A longer trip says where somebody was in between, not how far it is."""

MOST = 500
"""The newest trips of a pair, which its percentiles are made of."""

FORGOTTEN = timedelta(days=365)

_STALE = text(
    "SELECT from_camera, to_camera, object_class FROM links l WHERE samples <> ("
    "SELECT count(DISTINCT (from_sighting, to_sighting)) FROM link_samples s "
    "WHERE (s.from_camera, s.to_camera, s.object_class) "
    "= (l.from_camera, l.to_camera, l.object_class)) LIMIT 10000"
)


class Pair(NamedTuple):
    """From one camera to another, for a class."""

    from_camera: str
    to_camera: str
    object_class: str


class Trip(NamedTuple):
    """One certain trip. `seconds` from the middle of the first view to that of the second."""

    pair: Pair
    seconds: float
    at: datetime
    from_sighting: UUID
    to_sighting: UUID


def learn_route(connection: Connection, route: Route) -> int:
    """Take the trips of a confirmed route in the place of all that it gave before.

    A leg that contradicts itself teaches nothing. Gives how many trips it had.
    """
    gone = connection.execute(
        delete(link_samples).where(link_samples.c.route == route.id).returning(*_PAIR)
    )
    touched = {Pair(*row) for row in gone}
    trips = list(_trips(route))
    keep(connection, trips, route.id)
    refresh(connection, touched | {trip.pair for trip in trips})
    return len(trips)


def keep(connection: Connection, trips: Sequence[Trip], route: UUID | None) -> None:
    """Write `trips`; those that are known stay as they are."""
    if not trips:
        return
    rows = [
        {
            **trip.pair._asdict(),
            "seconds": trip.seconds,
            "at": trip.at,
            "from_sighting": trip.from_sighting,
            "to_sighting": trip.to_sighting,
            "route": route,
        }
        for trip in trips
    ]
    connection.execute(insert(link_samples).on_conflict_do_nothing(), rows)


def refresh(connection: Connection, pairs: Iterable[Pair]) -> None:
    """Work out the percentiles of `pairs` anew from their newest trips."""
    wanted = sorted(set(pairs))
    if not wanted:
        return
    table = link_samples.c
    # A trip that two routes have is one.
    at = func.max(table.at).label("at")
    once = select(*_PAIR, func.max(table.seconds).label("seconds"), at)
    once = once.where(tuple_(*_PAIR).in_(wanted)).order_by(*_PAIR, at.desc())
    rows = connection.execute(once.group_by(*_PAIR, table.from_sighting, table.to_sighting)).all()
    connection.execute(delete(links).where(tuple_(*_LINK).in_(wanted)))
    found = []
    for pair, some in groupby(rows, key=lambda row: Pair(*row[:3])):
        trips = list(some)
        newest = trips[:MOST]
        seconds = np.array([row.seconds for row in newest], dtype=np.float64)
        told = learnt(seconds, [row.at for row in newest], ObjectClass(pair.object_class))
        found.append({**pair._asdict(), **told._asdict(), "samples": len(trips)})
    if found:
        connection.execute(insert(links), found)


def mend_links(engine: Engine, now: datetime) -> int:
    """Forget what is older than `FORGOTTEN`, and work out anew what trips went from by themselves.

    Trips go with their cameras and routes. Gives how many pairs were worked out.
    """
    with engine.begin() as connection:
        old = connection.execute(
            delete(link_samples).where(link_samples.c.at < now - FORGOTTEN).returning(*_PAIR)
        )
        pairs = {Pair(*row) for row in old} | {Pair(*row) for row in connection.execute(_STALE)}
        refresh(connection, pairs)
    return len(pairs)


_PAIR = (link_samples.c.from_camera, link_samples.c.to_camera, link_samples.c.object_class)
_LINK = (links.c.from_camera, links.c.to_camera, links.c.object_class)


def _trips(route: Route) -> Iterable[Trip]:
    for leg, (start, end) in zip(route.legs, pairwise(route.stops), strict=True):
        took = (_middle(end) - _middle(start)).total_seconds()
        alike = start.object_class is end.object_class and start.camera != end.camera
        certain = leg.type is not LegType.CONTRADICTION
        if alike and certain and 0 <= took <= LONGEST.total_seconds():
            pair = Pair(start.camera, end.camera, start.object_class.value)
            yield Trip(pair, took, end.arrived, start.sighting_id, end.sighting_id)


def _middle(stop: Stop) -> datetime:
    return stop.arrived + (stop.left - stop.arrived) / 2


def middle(seen: Row[Any]) -> datetime:
    """The middle of a sighting's view, by the centre's clock."""
    ahead = timedelta(milliseconds=seen.clock_offset_ms or 0.0)
    first: datetime = seen.first_seen
    last: datetime = seen.last_seen
    return first + (last - first) / 2 + ahead
