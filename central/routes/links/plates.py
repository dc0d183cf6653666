"""Trips of vehicles whose plate was read at one camera and then, within half an hour, at another.

The plate is one that there can be, whole and the same to the last character; a box tells only
plates that it is sure of. A follower reads ended sightings in the order of their commits, so that
those of boxes that were offline for days are learnt from as well; what then turns out to have been
at a third camera in between is unlearnt. What no vehicle can have driven teaches nothing, nor what
boxes tell that never measured their clocks.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, text

from central.index.changes import Cursor, read_cursor, write_cursor
from central.routes.links.learning import (
    LONGEST,
    Pair,
    Trip,
    keep,
    middle,
    refresh,
    take_turn,
)
from central.routes.links.possible import possible
from models.plates.layouts import canonical

CURSOR = UUID("0a11c0de-0000-4000-8000-000000000015")
"""The name of this follower's row among the cursors."""

BATCH = 2_000
BATCHES = 50
"""So many batches at a look; the rest is for the next one."""

_CHANGES = text(
    "SELECT s.change_xid::text AS xid, s.day, s.id, s.plate, s.first_seen "
    "FROM sightings s WHERE s.plate IS NOT NULL AND s.ended "
    "AND s.change_xid < pg_snapshot_xmin(pg_current_snapshot()) "
    "AND (s.change_xid, s.day, s.id) > (CAST(CAST(:xid AS text) AS xid8), :day, :id) "
    "ORDER BY s.change_xid, s.day, s.id LIMIT :limit"
)
_OFF = "coalesce({}.clock_offset_ms, 0) * interval '1 millisecond'"
# Each new reading with all of its plate around it, by the centre's clock; `of` is the new one.
_AROUND = text(
    "SELECT n.id AS of, s.id, s.camera, s.object_class, s.plate, s.first_seen, s.last_seen, "  # noqa: S608 - constants
    "s.clock_offset_ms FROM unnest(CAST(:ids AS uuid[]), CAST(:plates AS text[]), "
    "CAST(:seen AS timestamptz[])) AS n (id, plate, seen) "
    "JOIN sightings o ON o.day = (n.seen AT TIME ZONE 'UTC')::date AND o.id = n.id "
    f"CROSS JOIN LATERAL (SELECT o.first_seen + {_OFF.format('o')} AS seen) c "
    "JOIN sightings s ON s.plate = n.plate AND s.ended "
    "AND s.day BETWEEN o.day - 1 AND o.day + 1 "
    f"AND s.first_seen + {_OFF.format('s')} BETWEEN c.seen - :around AND c.seen + :around "
    f"ORDER BY n.id, s.first_seen + {_OFF.format('s')}, s.id"
)

_UNLEARN = text(
    "DELETE FROM link_samples l USING unnest(CAST(:starts AS uuid[]), CAST(:ends AS uuid[])) "
    "AS w (start, finish) WHERE l.from_sighting = w.start AND l.to_sighting = w.finish "
    "AND l.route IS NULL RETURNING l.from_camera, l.to_camera, l.object_class"
)


def follow(engine: Engine) -> int:
    """Learn from what was committed since the last time; gives how many trips were found."""
    found = 0
    for _ in range(BATCHES):
        rows, trips = _step(engine)
        found += trips
        if rows < BATCH:
            break
    return found


def _step(engine: Engine) -> tuple[int, int]:
    with engine.begin() as connection:
        cursor = read_cursor(connection, CURSOR)
        rows = connection.execute(_CHANGES, {**cursor._asdict(), "limit": BATCH}).all()
        if not rows:
            return 0, 0
        whole = [row for row in rows if is_whole(row.plate)]
        trips = learn(connection, whole)
        write_cursor(connection, CURSOR, Cursor(*rows[-1][:3]))
    return len(rows), trips


def is_whole(plate: str) -> bool:
    """Whether `plate` is one that there can be, as it is written here."""
    return canonical(plate) == plate


def learn(connection: Connection, read: Sequence[Row[Any]]) -> int:
    """Learn from the readings `read` (id, plate, first_seen) and those of the same plates."""
    if not read:
        return 0
    take_turn(connection)
    values = {
        "ids": [row.id for row in read],
        "plates": [row.plate for row in read],
        "seen": [row.first_seen for row in read],
        "around": LONGEST,
    }
    around: dict[UUID, list[Row[Any]]] = {}
    for row in connection.execute(_AROUND, values):
        around.setdefault(row.of, []).append(row)
    told = {trip[3:]: trip for rows in around.values() for trip in _trips(rows)}
    trips = possible(connection, list(told.values()))
    skipped = {pair for rows in around.values() for pair in _skipping(rows)}
    touched = {trip.pair for trip in trips} | _unlearn(connection, skipped)
    keep(connection, trips, None)
    refresh(connection, touched)
    return len(trips)


def _trips(rows: Sequence[Row[Any]]) -> Iterator[Trip]:
    """Between neighbours, one of which is the new reading: around others more may be hidden."""
    for one, two in pairwise(rows):
        took = (middle(two) - middle(one)).total_seconds()
        is_near = one.of in {one.id, two.id} and one.camera != two.camera
        measured = None not in {one.clock_offset_ms, two.clock_offset_ms}
        alike = measured and one.object_class == two.object_class
        if is_near and alike and 0 <= took <= LONGEST.total_seconds():
            pair = Pair(one.camera, two.camera, two.object_class)
            # The day that is over first: then it is forgotten whose trip it was.
            yield Trip(pair, took, min(one.first_seen, two.first_seen), one.id, two.id)


def _skipping(rows: Sequence[Row[Any]]) -> Iterator[tuple[UUID, UUID]]:
    """Those before the new reading with those after it: no neighbours any more."""
    places = [place for place, row in enumerate(rows) if row.id == row.of]
    # None: changed a moment ago; it comes again.
    for place in places:
        for before, after in product(rows[:place], rows[place + 1 :]):
            if before.camera != after.camera:
                yield before.id, after.id


def _unlearn(connection: Connection, skipped: set[tuple[UUID, UUID]]) -> set[Pair]:
    if not skipped:
        return set()
    starts, ends = (list(each) for each in zip(*sorted(skipped), strict=True))
    gone = connection.execute(_UNLEARN, {"starts": starts, "ends": ends})
    return {Pair(*row) for row in gone}
