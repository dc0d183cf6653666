"""Pictures that follow their sightings: kept whichever of the two comes first.

A picture whose sighting is not there waits in the table `early_crops`, under the box that sent
it, so that nobody can put a picture to another box's sighting.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from central.crops.store import CropStore, StoredCrop
from central.days import day_of
from central.ingest.reading import CropsRead, SightingRead
from shared.ids import uuid7_ms

_GONE = -1
"""The revision of a picture that was given up: any other is newer."""

MAX_WAITING = 10_000
"""How many pictures may wait of one box: sightings nobody ever sends must not fill the disk."""

_PAGE = 500


class Arrived(NamedTuple):
    """A picture that `box` sent of sighting `id`; `data` None: it gave it up."""

    id: UUID
    box: str
    revision: int
    width: int = 0
    height: int = 0
    data: bytes | None = None

    @property
    def day(self) -> date:
        """The day its sighting belongs to."""
        return day_of(uuid7_ms(self.id))


_COLUMNS = {
    "day": "date",
    "id": "uuid",
    "box": "text",
    "revision": "integer",
    "width": "integer",
    "height": "integer",
    "bytes": "integer",
    "data": "bytea",
}


def _given(*names: str) -> str:
    arrays = ", ".join(f"CAST(:{name} AS {_COLUMNS[name]}[])" for name in names)
    return f"unnest({arrays}) AS r({', '.join(names)})"


# S608: made of the constants above.
_OWNERS = text(f"SELECT id, s.box FROM sightings s JOIN {_given('day', 'id')} USING (day, id)")  # noqa: S608
# Whoever holds one of these may be waiting for what is about to be claimed: left for later.
_HELD = text(_OWNERS.text + " FOR NO KEY UPDATE OF s SKIP LOCKED")
_COUNT = text("SELECT box, count(*) AS many FROM early_crops WHERE box = ANY(:boxes) GROUP BY box")
_IDS = text(
    "SELECT id, box, revision FROM early_crops WHERE (id, box) > (:id, :box) "
    "ORDER BY id, box LIMIT :page"
)
_EXPIRE = text("DELETE FROM early_crops WHERE received_at < :before")
_PUT = text(
    "UPDATE sightings s SET crop_revision = r.revision, crop_width = r.width, "  # noqa: S608
    "crop_height = r.height, crop_bytes = r.bytes "
    f"FROM {_given('day', 'id', 'box', 'revision', 'width', 'height', 'bytes')} "
    "WHERE s.day = r.day AND s.id = r.id AND s.box = r.box "
    "AND coalesce(s.crop_revision, -1) < r.revision RETURNING s.id"
)
_GIVE_UP = text(
    f"UPDATE sightings s SET crop_gone = true FROM {_given('day', 'id', 'box')} "  # noqa: S608
    "WHERE s.day = r.day AND s.id = r.id AND s.box = r.box"
)
_WAIT = text(
    "INSERT INTO early_crops AS e (id, box, revision, width, height, data) "  # noqa: S608
    f"SELECT * FROM {_given('id', 'box', 'revision', 'width', 'height', 'data')} "
    "ORDER BY id, box ON CONFLICT (id, box) DO UPDATE SET "
    "revision = excluded.revision, width = excluded.width, height = excluded.height, "
    "data = excluded.data WHERE excluded.revision > e.revision"
)
_CLAIM = text(
    "DELETE FROM early_crops WHERE id = ANY(CAST(:ids AS uuid[])) "
    "RETURNING id, box, revision, width, height, data"
)


def arrived_in(reading: CropsRead) -> list[Arrived]:
    """What one message brings."""
    box = reading.received.box
    pictures = [
        Arrived(late.id, box, late.revision, late.crop.width, late.crop.height, late.crop.data)
        for late in reading.crops.pictures
    ]
    return pictures + [Arrived(identifier, box, _GONE) for identifier in reading.crops.gone]


def owners(connection: Connection, pictures: Sequence[Arrived]) -> dict[UUID, str]:
    """The box of each sighting of `pictures` that is there."""
    if not pictures:
        return {}
    found = connection.execute(_OWNERS, _columns(pictures))
    return {row.id: row.box for row in found}


def keep(
    connection: Connection, pictures: Sequence[Arrived], owned: Mapping[UUID, str]
) -> list[StoredCrop]:
    """Put `pictures` to their sightings; give those to store, which no newer one was there for.

    One whose sighting is not among `owned`, as `owners` gave it, waits for it.
    """
    there = [arrived for arrived in pictures if arrived.id in owned]
    gone = [arrived for arrived in there if arrived.data is None]
    if gone:
        connection.execute(_GIVE_UP, _columns(gone))
    stored = _put(connection, _newest(one for one in there if one.data is not None))
    # Last, so that whoever waits for one of these rows never waits for a sighting held here.
    early = _newest(arrived for arrived in pictures if arrived.id not in owned)
    if early:
        connection.execute(_WAIT, _columns(early))
    return stored


def claim(connection: Connection, sightings: Sequence[SightingRead]) -> list[Arrived]:
    """Take out what waits for `sightings`, which are rows by now, from the boxes they are of."""
    return _claim(
        connection,
        {r.sighting.id: r.received.box for r in sightings if r.sighting.crop is None},
    )


def waiting(connection: Connection, boxes: Iterable[str]) -> dict[str, int]:
    """How many pictures of each of `boxes` wait."""
    names = sorted(set(boxes))
    if not names:
        return {}
    return {row.box: row.many for row in connection.execute(_COUNT, {"boxes": names})}


def keep_waiting(engine: Engine, crops: CropStore) -> int:
    """Put what waits to sightings that are there by now; give how many these were.

    A picture and its sighting that two writers commit at once do not see each other.

    Raises:
        StorageError: the disk refuses; what it would not have still waits.
    """
    kept, last = 0, Arrived(UUID(int=0), "", _GONE)
    while True:
        with engine.begin() as connection:
            after = {"id": last.id, "box": last.box, "page": _PAGE}
            found = [Arrived(*row) for row in connection.execute(_IDS, after)]
            if not found:
                return kept
            held = connection.execute(_HELD, _columns(found))
            owned = {row.id: row.box for row in held}
            pictures = _claim(connection, owned)
            crops.put_many(keep(connection, pictures, owned))
        kept, last = kept + len(pictures), found[-1]


def drop_waiting(engine: Engine, before: datetime) -> int:
    """Forget what came before then and still waits; give how many these were."""
    with engine.begin() as connection:
        return connection.execute(_EXPIRE, {"before": before}).rowcount


def _claim(connection: Connection, boxes: Mapping[UUID, str]) -> list[Arrived]:
    if not boxes:
        return []
    found = [Arrived(*row) for row in connection.execute(_CLAIM, {"ids": list(boxes)})]
    return [arrived for arrived in found if arrived.box == boxes[arrived.id]]


def _put(connection: Connection, pictures: Sequence[Arrived]) -> list[StoredCrop]:
    if not pictures:
        return []
    newer = set(connection.execute(_PUT, _columns(pictures)).scalars())
    return [
        StoredCrop(arrived.day, arrived.id, arrived.revision, arrived.data or b"")
        for arrived in pictures
        if arrived.id in newer
    ]


def _newest(pictures: Iterable[Arrived]) -> list[Arrived]:
    """One a box and sighting: a statement changes no row twice."""
    ordered = sorted(pictures, key=lambda arrived: arrived.revision)
    return list({(arrived.id, arrived.box): arrived for arrived in ordered}.values())


def _columns(pictures: Sequence[Arrived]) -> dict[str, list[object]]:
    rows = [{**one._asdict(), "day": one.day, "bytes": len(one.data or b"")} for one in pictures]
    return {name: [row[name] for row in rows] for name in _COLUMNS}
