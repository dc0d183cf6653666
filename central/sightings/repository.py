"""Reading the table of sightings.

Ids are UUIDv7 of `first_seen`, so (day, id) is the order of time, and the day of an id is known
without asking.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    RowMapping,
    Select,
    func,
    select,
    tuple_,
)

from central.cameras.selection import members_of
from central.cameras.views import ground
from central.crops.store import CropStore
from central.days import day_of
from central.db.tables import sightings
from central.errors import InputError, NotFoundError
from central.sightings.attributes import AttributeFilter
from central.sightings.model import Frame, Sighting, crop_url
from central.sightings.times import correction
from central.values import Page, bad_cursor, cut_page, read_cursor
from shared.classes import ObjectClass
from shared.ids import uuid7_ms
from shared.vectors import QuantisedVector, Vector, dequantise

# Ingest takes no sighting that lasts longer.
_LONGEST = timedelta(days=1)
MAX_WINDOW = timedelta(days=3_660)
"""Ten years, the longest that anything may be kept; a century is a slip of the hand."""

_HIDDEN = {
    "day",
    "vector",
    "vector_scale",
    "crop_width",
    "crop_height",
    "change_xid",
    "received_at",
}
_STORED = ("id", "space", "object_class", "vector", "vector_scale")
_RANKED = (
    *("id", "camera", "first_seen", "last_seen", "clock_offset_ms"),
    *("space", "vector", "attributes", "plate"),
)
COLUMNS = tuple(column for column in sightings.c if column.name not in _HIDDEN)


class Window(NamedTuple):
    """A time window, both ends included, open where None.

    A sighting is inside when it was in view at some time of the window.
    """

    start: datetime | None = None
    end: datetime | None = None

    def checked(self) -> "Window":
        """The window itself.

        Raises:
            InputError: it ends before it begins, or is longer than `MAX_WINDOW`.
        """
        if self.start is not None and self.end is not None and self.start > self.end:
            raise InputError("the time window ends before it begins: from is after to")
        if self.start is not None and self.end is not None and self.end - self.start > MAX_WINDOW:
            raise InputError(
                f"the time window is {(self.end - self.start).days} days long; {MAX_WINDOW.days} "
                "is the most: leave `from` or `to` away to look at everything that is kept"
            )
        return self

    def conditions(self) -> list[ColumnElement[bool]]:
        """The window for a WHERE; by day too, so that other days' partitions are not looked at."""
        found: list[ColumnElement[bool]] = []
        if self.start is not None:
            found.append(sightings.c.last_seen >= self.start)
            found.append(sightings.c.day >= (self.start - _LONGEST).date())
        if self.end is not None:
            found.append(sightings.c.first_seen <= self.end)
            found.append(sightings.c.day <= self.end.date())
        return found


class SightingFilter(NamedTuple):
    """Which sightings a list shows. No cameras: those of all."""

    cameras: Collection[str] = ()
    group: str | None = None
    box: str | None = None
    object_class: ObjectClass | None = None
    window: Window = Window()
    plate: str | None = None
    attributes: AttributeFilter = AttributeFilter()


class StoredVector(NamedTuple):
    """A sighting's unit vector (shape (D,), float32), the space it lives in, and its class."""

    space: str
    object_class: ObjectClass
    vector: Vector


class Seen(NamedTuple):
    """Where and when a sighting was."""

    id: UUID
    camera: str
    first_seen: datetime
    shot: datetime
    last_seen: datetime


class CropFile(NamedTuple):
    """A sighting's picture (WebP) and the revision it belongs to."""

    revision: int
    data: bytes


def page(engine: Engine, wanted: SightingFilter, limit: int, cursor: str | None) -> Page[Sighting]:
    """Sightings, newest first.

    Raises:
        InputError: `cursor` is not one of ours, or the window is reversed.
    """
    query = select(*COLUMNS).where(*wanted.window.checked().conditions())
    if wanted.cameras:
        query = query.where(sightings.c.camera.in_(wanted.cameras))
    if wanted.group is not None:
        query = query.where(sightings.c.camera.in_(members_of([wanted.group])))
    query = query.where(*wanted.attributes.conditions())
    for name in ("box", "object_class", "plate"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(sightings.c[name] == value)
    if cursor is not None:
        query = query.where(tuple_(sightings.c.day, sightings.c.id) < tuple_(*_place_of(cursor)))
    query = query.order_by(sightings.c.day.desc(), sightings.c.id.desc()).limit(limit + 1)
    with engine.connect() as connection:
        found = list(read(connection, query).values())
    return cut_page(found, limit, lambda sighting: str(sighting.id))


def by_ids(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Sighting]:
    """The sightings of `ids` that there are, by id, in one query."""
    return read(connection, select(*COLUMNS).where(*named(ids)))


def read(connection: Connection, query: Select[Any]) -> dict[UUID, Sighting]:
    """The sightings of a query for `COLUMNS`, by id, in its order, with their ground positions."""
    found = {row["id"]: _to_sighting(row) for row in connection.execute(query).mappings()}
    calibrated = ground.calibrated(connection, {each.camera for each in found.values()})
    for identifier, each in found.items() if calibrated else ():
        size = (each.frame.width, each.frame.height)
        place = calibrated.position(
            each.camera, each.shot + correction(each.clock_offset_ms), each.rect, size
        )
        found[identifier] = each.model_copy(update={"ground_position": place})
    return found


def get(engine: Engine, identifier: UUID) -> Sighting:
    """One sighting.

    Raises:
        NotFoundError: there is none of that id.
    """
    with engine.connect() as connection:
        found = by_ids(connection, [identifier])
    if not found:
        raise missing([identifier])
    return found[identifier]


def seen(connection: Connection, ids: Collection[UUID]) -> list[Seen]:
    """Where and when those of `ids` that there are were seen, in order of time."""
    columns = (sightings.c[name] for name in Seen._fields)
    query = select(*columns).where(*named(ids)).order_by(sightings.c.day, sightings.c.id)
    return [Seen(*row) for row in connection.execute(query)]


def vectors(connection: Connection, ids: Collection[UUID]) -> dict[UUID, StoredVector]:
    """The vectors of those of `ids` that there are.

    Raises:
        VectorError: a stored vector is all zeros.
    """
    if not ids:
        return {}
    columns = (sightings.c[name] for name in _STORED)
    rows = connection.execute(select(*columns).where(*named(ids)))
    return {
        row.id: StoredVector(
            row.space,
            ObjectClass(row.object_class),
            dequantise(QuantisedVector(bytes(row.vector), row.vector_scale)),
        )
        for row in rows
    }


def for_ranking(connection: Connection, ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """What re-ranking wants of those of `ids` that there are, in no order."""
    if not ids:
        return []
    columns = (sightings.c[name] for name in _RANKED)
    return connection.execute(select(*columns).where(*named(ids))).all()


def crop(engine: Engine, crops: CropStore, identifier: UUID) -> CropFile:
    """A sighting's picture.

    Raises:
        NotFoundError: no such sighting, or its picture has not come or is gone.
        StorageError: the crop store cannot be read.
    """
    found = get(engine, identifier)
    data = crops.get(day_of(uuid7_ms(identifier)), identifier)
    if found.crop_revision is None:
        why = (
            "was given up by its box when its disk was full"
            if found.crop_gone
            else "is still at its box, which sends it when its line is idle"
        )
        raise NotFoundError(f"the picture of sighting {identifier} {why}")
    if data is None:
        raise NotFoundError(f"the picture of sighting {identifier} is not in the crop store")
    return CropFile(found.crop_revision, data)


def missing(ids: Collection[UUID]) -> NotFoundError:
    """What to raise when sightings of `ids` are not there."""
    shown = ", ".join(str(identifier) for identifier in sorted(ids)[:5])
    return NotFoundError(f"there is no sighting {shown}; it may have expired")


def _to_sighting(row: RowMapping) -> Sighting:
    """A row of all visible columns as a sighting, its ground position not known yet."""
    values: dict[str, Any] = dict(row)
    values["frame"] = Frame(width=values.pop("frame_width"), height=values.pop("frame_height"))
    for name in ("rect", "first_rect", "last_rect"):
        values[name] = tuple(values[name])
    values["object_class"] = ObjectClass(values["object_class"])
    url = crop_url(row["id"], row["crop_revision"] or 0)
    # Ingest checked every value; checking again would cost more than reading.
    return Sighting.model_construct(**values, crop_url=url)


def day_of_id(identifier: UUID) -> date | None:
    """The day that `identifier` names, or None: it cannot be a sighting's."""
    try:
        return day_of(uuid7_ms(identifier))
    except (ValueError, OverflowError):
        return None


def named(ids: Collection[UUID]) -> list[ColumnElement[bool]]:
    """The conditions for a WHERE that `ids` are; by day too, for the partitions."""
    days = {identifier: day_of_id(identifier) for identifier in ids}
    dated = {identifier: day for identifier, day in days.items() if day is not None}
    return [
        sightings.c.day == func.any(sorted(set(dated.values()))),
        sightings.c.id == func.any(list(dated)),
    ]


def _place_of(cursor: str) -> tuple[date, UUID]:
    try:
        last = UUID(read_cursor(cursor, 1)[0])
    except ValueError as error:
        raise bad_cursor() from error
    day = day_of_id(last)
    if day is None:
        raise bad_cursor()
    return day, last
