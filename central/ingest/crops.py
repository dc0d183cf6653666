"""Pictures that follow their sightings: kept whichever of the two comes first.

A picture whose sighting is not there waits in the table `early_crops`, under the box that sent
it, so that nobody can put a picture to another box's sighting.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from central.crops.store import StoredCrop
from central.days import day_of
from central.ingest.reading import CropsRead, SightingRead
from shared.ids import uuid7_ms

_GONE = -1
"""The revision of a picture that was given up: any other is newer."""


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


_PUT = text(
    "UPDATE sightings SET crop_revision = :revision, crop_width = :width, crop_height = :height, "
    "crop_bytes = :bytes WHERE day = :day AND id = :id AND box = :box "
    "AND coalesce(crop_revision, -1) < :revision"
)
_GIVE_UP = text(
    "UPDATE sightings SET crop_gone = true WHERE day = :day AND id = :id AND box = :box"
)
_OWNER = text("SELECT box FROM sightings WHERE day = :day AND id = :id")
_WAIT = text(
    "INSERT INTO early_crops AS e (id, box, revision, width, height, data) "
    "VALUES (:id, :box, :revision, :width, :height, :data) ON CONFLICT (id, box) DO UPDATE SET "
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


def is_foreign(connection: Connection, arrived: Arrived) -> bool:
    """Whether the sighting is there and another box's."""
    return _owner(connection, arrived) not in {None, arrived.box}


def keep(connection: Connection, pictures: Iterable[Arrived]) -> list[StoredCrop]:
    """Put `pictures` to their sightings; give those to store, which no newer one was there for.

    One whose sighting is not there waits for it.
    """
    stored = []
    for arrived in sorted(pictures, key=lambda found: (found.id, found.revision)):
        if _owner(connection, arrived) is None:
            connection.execute(_WAIT, arrived._asdict())
        elif arrived.data is None:
            connection.execute(_GIVE_UP, _values(arrived))
        elif connection.execute(_PUT, _values(arrived)).rowcount:
            stored.append(StoredCrop(arrived.day, arrived.id, arrived.revision, arrived.data))
    return stored


def claim(connection: Connection, sightings: Sequence[SightingRead]) -> list[Arrived]:
    """Take out what waits for `sightings`, which are rows by now, from the boxes they are of."""
    boxes = {r.sighting.id: r.received.box for r in sightings if r.sighting.crop is None}
    if not boxes:
        return []
    found = [Arrived(*row) for row in connection.execute(_CLAIM, {"ids": list(boxes)})]
    return [arrived for arrived in found if arrived.box == boxes[arrived.id]]


def _owner(connection: Connection, arrived: Arrived) -> str | None:
    found: str | None = connection.execute(_OWNER, _values(arrived)).scalar()
    return found


def _values(arrived: Arrived) -> dict[str, object]:
    return {**arrived._asdict(), "day": arrived.day, "bytes": len(arrived.data or b"")}
