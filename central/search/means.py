"""The running means of what each camera sees, by hour of the day, kept up to date.

A part of the centre follows the committed sightings as the index does, with a cursor of its own,
and adds the vectors of ended tracklets to the sums of their camera and hour, their camera, and all
cameras. Sums and cursor are one transaction, so nothing is added twice after a crash; a late crop
makes a row come again, which one sum in hundreds does not feel. Old sightings fade: a sum stands
for at most `MOST` of them, so that a camera that was turned is learnt anew within days.
"""

import threading
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Row, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from central.db.tables import camera_means
from central.index.changes import Cursor, read_cursor, write_cursor
from central.search.ladder.camera_mean import Mean, shrunk
from central.services import PartHealth
from shared.classes import ObjectClass
from shared.errors import StorageError
from shared.vectors import Vector

CURSOR = UUID("0a11c0de-0000-4000-8000-000000000010")
"""The name of this follower's row among the cursors."""

MOST = 3_000.0
BATCH = 2_000
ALL_HOURS = -1
ALL_CAMERAS = ""
_POLL_S = 5.0
_DELAY_S = 10.0

_MEANS = text(
    """
    SELECT space, object_class, camera, hour, seen, total
    FROM unnest(
        CAST(:spaces AS text[]), CAST(:kinds AS text[]), CAST(:cameras AS text[]),
        CAST(:hours AS smallint[])
    ) AS key (space, object_class, camera, hour)
    JOIN camera_means USING (space, object_class, camera, hour)
    """
)
_CHANGES = text(
    "SELECT s.change_xid::text AS xid, s.day, s.id, s.space, s.object_class, s.camera, s.ended, "
    "extract(hour FROM s.first_seen)::int AS hour, s.vector FROM sightings s "
    "WHERE s.change_xid < pg_snapshot_xmin(pg_current_snapshot()) "
    "AND (s.change_xid, s.day, s.id) > (CAST(CAST(:xid AS text) AS xid8), :day, :id) "
    "ORDER BY s.change_xid, s.day, s.id LIMIT :limit"
)

_log = structlog.get_logger(__name__)


class Key(NamedTuple):
    """Whose mean. `camera` and `hour` may stand for all, see `ALL_CAMERAS` and `ALL_HOURS`."""

    space: str
    object_class: str
    camera: str
    hour: int


class CameraHour(NamedTuple):
    """A camera, and the hour of the day (UTC) at which it saw something."""

    camera: str
    hour: int


Sums = dict[Key, Mean]


class MeansFollower:
    """Keeps `camera_means` at the database's state. One of them a database."""

    def __init__(self, engine: Engine, *, batch: int = BATCH) -> None:
        self._engine = engine
        self._batch = batch
        self._trouble: str | None = "not started"
        self._added = 0

    def step(self) -> int:
        """Add the next changes; gives their number, 0 when there is nothing to do.

        Raises:
            StorageError: the database is not there; the same changes come again.
        """
        try:
            with self._engine.begin() as connection:
                cursor = read_cursor(connection, CURSOR)
                if cursor == Cursor():
                    # A new start, or a database that was restored: count from nothing.
                    connection.execute(camera_means.delete())
                values = {**cursor._asdict(), "limit": self._batch}
                rows = connection.execute(_CHANGES, values).all()
                if rows:
                    _add(connection, _sums(row for row in rows if row.ended))
                    write_cursor(connection, CURSOR, Cursor(*rows[-1][:3]))
        except DBAPIError as error:
            raise StorageError(f"the cameras' means cannot be kept: {error.orig}") from error
        self._added += len(rows)
        return len(rows)

    def run(self, stop: threading.Event) -> None:
        """Follow until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                rows = self.step()
            except StorageError as error:
                self._trouble = str(error)
                _log.warning("the cameras' means wait", error=str(error))
                stop.wait(_DELAY_S)
                continue
            self._trouble = None
            if not rows:
                stop.wait(_POLL_S)

    def health(self) -> PartHealth:
        """Whether it follows."""
        detail = self._trouble or "the cameras' means follow"
        return PartHealth(self._trouble is None, detail, {"added": self._added})


def means_of(
    connection: Connection,
    space: str,
    object_class: ObjectClass,
    wanted: Collection[CameraHour],
    dimensions: int,
) -> dict[CameraHour, Vector]:
    """What to take from the vectors of each camera and hour, shape (D,); zeros: nothing is known.

    A camera that is not known (say `ALL_CAMERAS`, for a picture) has the mean of all.
    """
    if not wanted:
        return {}
    places = {(each.camera, each.hour) for each in wanted}
    places |= {(camera, ALL_HOURS) for camera, _ in places} | {(ALL_CAMERAS, ALL_HOURS)}
    keys = [Key(space, str(object_class), *place) for place in sorted(places)]
    found = _read(connection, keys)
    none = Mean(np.zeros(dimensions), 0)

    def of(camera: str, hour: int) -> Mean:
        return found.get(Key(space, str(object_class), camera, hour), none)

    everywhere = of(ALL_CAMERAS, ALL_HOURS)
    return {
        each: shrunk(of(*each), of(each.camera, ALL_HOURS), everywhere)
        if each.camera != ALL_CAMERAS
        else shrunk(none, none, everywhere)
        for each in wanted
    }


def _sums(rows: Iterable[Row[tuple[object, ...]]]) -> Sums:
    """The sums of the unit vectors of `rows`."""
    vectors: dict[Key, list[NDArray[np.int8]]] = {}
    for row in rows:
        space, kind, camera = row.space, row.object_class, row.camera
        values = np.frombuffer(row.vector, dtype=np.int8)
        for place in ((camera, row.hour), (camera, ALL_HOURS), (ALL_CAMERAS, ALL_HOURS)):
            vectors.setdefault(Key(space, kind, *place), []).append(values)
    return {key: _sum(some) for key, some in vectors.items()}


def _sum(values: list[NDArray[np.int8]]) -> Mean:
    # The scale of a quantised vector is what makes it a unit one, so it need not be read.
    rows = np.stack(values).astype(np.float64)
    norms = np.linalg.norm(rows, axis=1)
    usable = norms > 0
    return Mean((rows[usable] / norms[usable, None]).sum(axis=0), float(usable.sum()))


def _add(connection: Connection, sums: Mapping[Key, Mean]) -> None:
    known = _read(connection, sorted(sums))
    rows = []
    for key, new in sums.items():
        old = known.get(key)
        both = new
        if old is not None and len(old.total) == len(new.total):
            both = Mean(old.total + new.total, old.seen + new.seen)
        part = min(1.0, MOST / max(both.seen, 1))
        total = (both.total * part).astype("<f4").tobytes()
        rows.append({**key._asdict(), "seen": both.seen * part, "total": total})
    if rows:
        statement = insert(camera_means)
        changed = {name: statement.excluded[name] for name in ("seen", "total")}
        connection.execute(
            statement.on_conflict_do_update(index_elements=list(Key._fields), set_=changed), rows
        )


def _read(connection: Connection, keys: Collection[Key]) -> Sums:
    if not keys:
        return {}
    spaces, kinds, cameras, hours = map(list, zip(*keys, strict=True))
    values = {"spaces": spaces, "kinds": kinds, "cameras": cameras, "hours": hours}
    return {
        Key(row.space, row.object_class, row.camera, row.hour): Mean(
            np.frombuffer(row.total, dtype="<f4").astype(np.float64), row.seen
        )
        for row in connection.execute(_MEANS, values)
    }
