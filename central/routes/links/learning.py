"""Learning how long it takes from camera to camera, and unlearning it.

Only from what is certain: consecutive stops that people confirmed, and one plate read at both.
Never from looks alone: whoever is mistaken there would confirm the mistake by the times it makes.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, Engine, Row, delete, text
from sqlalchemy.dialects.postgresql import insert

from central.db import locks
from central.db.tables import link_samples, links
from central.routes.links.percentiles import learnt
from central.routes.model import Route, Stop
from central.routes.verdicts import LegType
from central.sightings.times import correction
from shared.classes import ObjectClass

LONGEST = timedelta(minutes=30)
"""A longer trip says where somebody was in between, not how far it is."""

MOST = 500
"""The newest trips of a pair, which its percentiles are made of."""

FORGOTTEN = timedelta(days=365)

_AT_ONCE = 500
"""Pairs whose trips are in memory together: a quarter of a million at the most."""


_WANTED = (
    "unnest(CAST(:starts AS text[]), CAST(:ends AS text[]), CAST(:shown AS text[])) "
    "AS w (from_camera, to_camera, object_class)"
)
# S608: constants.
_SHORTEN = text(
    f"DELETE FROM link_samples WHERE id IN (SELECT r.id FROM {_WANTED} "  # noqa: S608
    "CROSS JOIN LATERAL (SELECT s.id FROM link_samples s "
    "WHERE (s.from_camera, s.to_camera, s.object_class) "
    "= (w.from_camera, w.to_camera, w.object_class) "
    "ORDER BY s.at DESC, s.id DESC OFFSET :most) r)"
)
# A trip that two routes have is one.
_ONCE = text(
    "SELECT from_camera, to_camera, object_class, max(seconds) AS seconds, "  # noqa: S608
    f"max(at) AS at FROM link_samples JOIN {_WANTED} USING (from_camera, to_camera, object_class) "
    "GROUP BY from_camera, to_camera, object_class, from_sighting, to_sighting, "
    # Of those that outlived their sightings each is one.
    "CASE WHEN from_sighting IS NULL THEN id END "
    "ORDER BY from_camera, to_camera, object_class"
)
_DROP = text(
    f"DELETE FROM links l USING {_WANTED} "  # noqa: S608
    "WHERE (l.from_camera, l.to_camera, l.object_class) "
    "= (w.from_camera, w.to_camera, w.object_class)"
)
_STALE = text(
    "SELECT from_camera, to_camera, object_class FROM links l WHERE samples <> ("
    "SELECT count(DISTINCT (from_sighting, to_sighting, "
    "CASE WHEN from_sighting IS NULL THEN id END)) FROM link_samples s "
    "WHERE (s.from_camera, s.to_camera, s.object_class) "
    "= (l.from_camera, l.to_camera, l.object_class)) LIMIT 10000"
)


class Pair(NamedTuple):
    """From one camera to another, for a class."""

    from_camera: str
    to_camera: str
    object_class: str


class Trip(NamedTuple):
    """One certain trip. `seconds` from the middle of the first view to that of the second.

    Only the day of `at` is kept.
    """

    pair: Pair
    seconds: float
    at: datetime
    from_sighting: UUID
    to_sighting: UUID


def take_turn(connection: Connection) -> None:
    """Wait until nobody else works links out, and have them wait until this transaction ends.

    Whoever reads trips that another is about to write would work out percentiles without them.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": locks.LINKS})


def learn_route(connection: Connection, route: Route) -> int:
    """Take the trips of a confirmed route in the place of all that it gave before.

    A leg that contradicts itself teaches nothing, nor do boxes that never measured their clocks.
    Gives how many trips it had.
    """
    take_turn(connection)
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
            "at": _day(trip.at),
            "from_sighting": trip.from_sighting,
            "to_sighting": trip.to_sighting,
            "route": route,
        }
        for trip in trips
    ]
    connection.execute(insert(link_samples).on_conflict_do_nothing(), rows)


def refresh(connection: Connection, pairs: Iterable[Pair]) -> None:
    """Work out the percentiles of `pairs` anew from their newest trips; older ones go."""
    take_turn(connection)
    wanted = sorted(set(pairs))
    for first in range(0, len(wanted), _AT_ONCE):
        _refresh(connection, wanted[first : first + _AT_ONCE])


def _refresh(connection: Connection, wanted: Sequence[Pair]) -> None:
    starts, ends, shown = (list(each) for each in zip(*wanted, strict=True))
    values = {"starts": starts, "ends": ends, "shown": shown}
    connection.execute(_SHORTEN, {**values, "most": MOST})
    rows = connection.execute(_ONCE, values).all()
    connection.execute(_DROP, values)
    found = []
    for pair, some in groupby(rows, key=lambda row: Pair(*row[:3])):
        trips = list(some)
        seconds = np.array([row.seconds for row in trips], dtype=np.float64)
        told = learnt(seconds, [row.at for row in trips], ObjectClass(pair.object_class))
        found.append({**pair._asdict(), **told._asdict()})
    if found:
        connection.execute(insert(links), found)


def mend_links(engine: Engine, now: datetime) -> int:
    """Forget what is older than `FORGOTTEN`, and work out anew what trips went from by themselves.

    Trips go with their cameras and routes. It counts all that there are: once a day is
    enough. Gives how many pairs were worked out.
    """
    with engine.begin() as connection:
        take_turn(connection)
        old = connection.execute(
            delete(link_samples).where(link_samples.c.at < now - FORGOTTEN).returning(*_PAIR)
        )
        pairs = {Pair(*row) for row in old} | {Pair(*row) for row in connection.execute(_STALE)}
        refresh(connection, pairs)
    return len(pairs)


_PAIR = (link_samples.c.from_camera, link_samples.c.to_camera, link_samples.c.object_class)


def _trips(route: Route) -> Iterable[Trip]:
    for leg, (start, end) in zip(route.legs, pairwise(route.stops), strict=True):
        took = (_middle(end) - _middle(start)).total_seconds()
        alike = start.object_class is end.object_class and start.camera != end.camera
        measured = None not in {start.clock_offset_s, end.clock_offset_s}
        certain = measured and leg.type is not LegType.CONTRADICTION
        if alike and certain and 0 <= took <= LONGEST.total_seconds():
            pair = Pair(start.camera, end.camera, start.object_class.value)
            yield Trip(pair, took, end.arrived, start.sighting_id, end.sighting_id)


def _day(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _middle(stop: Stop) -> datetime:
    return stop.arrived + (stop.left - stop.arrived) / 2


def middle(seen: Row[Any]) -> datetime:
    """The middle of a sighting's view, by the centre's clock as far as its box measured that."""
    first: datetime = seen.first_seen
    last: datetime = seen.last_seen
    return first + (last - first) / 2 + correction(seen.clock_offset_ms)
