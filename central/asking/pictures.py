"""Uploaded pictures as queries: what was found in them is kept for a day, they are not."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple, Protocol
from uuid import UUID

import cv2
import numpy as np
from pydantic import Field
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
)

from central.db.tables import query_objects, query_pictures
from central.errors import NotFoundError
from central.services import FoundObject
from central.sightings.attributes import AttributeSaid
from central.sightings.model import Sides
from central.sightings.repository import StoredVector
from central.values import Instant, Model
from shared.classes import ObjectClass
from shared.clock import Clock, to_datetime
from shared.geometry import Rect
from shared.ids import uuid7
from shared.pictures import Picture, encode_webp
from shared.vectors import QuantisedVector, dequantise, quantise

KEPT = timedelta(days=1)
MAX_PICTURES = 10_000
"""Pictures that are kept at a time; one more, and the oldest goes."""

_CROP_SIDE = 256


class OfferedObject(Model):
    """One person or vehicle in an uploaded picture, to be named in `by.pictures`.

    `rect` is in pixels of the picture. `confidence` null: the whole picture was taken. The
    `attributes` and the `plate` that could be read may be used as filters.
    """

    number: int
    object_class: ObjectClass
    rect: Sides
    confidence: float | None
    crop_url: str
    attributes: dict[str, AttributeSaid]
    plate: str | None


class OfferedPicture(Model):
    """An uploaded picture and what is in it, the surest first; none: nothing was found.

    The picture itself is not kept; the crops and vectors of its objects are, until `expires_at`.
    """

    id: UUID
    width: int
    height: int
    expires_at: Instant
    objects: Annotated[list[OfferedObject], Field(description="the surest first")]


class Pictured(NamedTuple):
    """What a search takes from one object: its looks, and what was read of it, as stored."""

    stored: StoredVector
    attributes: Mapping[str, Any] = {}
    plate: str | None = None


class ObjectName(Protocol):
    """An object of a picture, as a search names it."""

    @property
    def picture(self) -> UUID:
        """Which picture."""

    @property
    def object(self) -> int:
        """Which of its objects."""


def keep(
    engine: Engine, clock: Clock, picture: Picture, found: Sequence[FoundObject]
) -> OfferedPicture:
    """Keep what was `found` in `picture` (H x W x 3, BGR, uint8), and offer it."""
    now = to_datetime(clock.now_ms())
    identifier = uuid7(clock.now_ms())
    height, width = picture.shape[:2]
    values = {"id": identifier, "width": width, "height": height}
    with engine.begin() as connection:
        connection.execute(
            insert(query_pictures).values(**values, created_at=now, expires_at=now + KEPT)
        )
        rows = [_values(identifier, number, picture, each) for number, each in enumerate(found)]
        if rows:
            connection.execute(insert(query_objects), rows)
        _drop_beyond(connection, MAX_PICTURES)
        return _offered(connection, identifier, now)


def get(engine: Engine, identifier: UUID, now: datetime) -> OfferedPicture:
    """An uploaded picture that is still kept at `now`.

    Raises:
        NotFoundError: there is none of that id, or it has expired.
    """
    with engine.connect() as connection:
        return _offered(connection, identifier, now)


def remove(engine: Engine, identifier: UUID) -> None:
    """Forget a picture.

    Raises:
        NotFoundError: there is none of that id.
    """
    with engine.begin() as connection:
        gone = delete(query_pictures).where(query_pictures.c.id == identifier)
        if connection.execute(gone.returning(query_pictures.c.id)).first() is None:
            raise _missing(identifier)


def crop(engine: Engine, identifier: UUID, number: int, now: datetime) -> bytes:
    """The cut-out of one object (WebP), at most 256 pixels a side.

    Raises:
        NotFoundError: there is no such picture or object, or it has expired.
    """
    query = select(query_objects.c.crop).where(_named(identifier, number), _is_kept(now))
    with engine.connect() as connection:
        found: bytes | None = connection.execute(query).scalar()
    if found is None:
        raise _missing(identifier, number)
    return bytes(found)


def pictured(connection: Connection, names: Sequence[ObjectName], now: datetime) -> list[Pictured]:
    """The objects that `names` name, in that order.

    Raises:
        NotFoundError: a picture or object is not there, or has expired.
    """
    if not names:
        return []
    columns = (
        *("picture", "number", "space", "object_class", "vector", "vector_scale"),
        *("attributes", "plate"),
    )
    wanted = or_(*(_named(each.picture, each.object) for each in names))
    query = select(*(query_objects.c[name] for name in columns)).where(wanted, _is_kept(now))
    read = connection.execute(query)
    found = {(row.picture, row.number): row for row in read}
    for each in names:
        if (each.picture, each.object) not in found:
            raise _missing(each.picture, each.object)
    rows = [found[each.picture, each.object] for each in names]
    return [Pictured(_stored(row), row.attributes, row.plate) for row in rows]


def expire(engine: Engine, now: datetime) -> int:
    """Forget the pictures whose time is over at `now`; gives how many."""
    gone = delete(query_pictures).where(query_pictures.c.expires_at <= now)
    with engine.begin() as connection:
        return len(connection.execute(gone.returning(query_pictures.c.id)).all())


def _values(
    identifier: UUID, number: int, picture: Picture, found: FoundObject
) -> dict[str, object]:
    quantised = quantise(found.vector)
    return {
        "picture": identifier,
        "number": number,
        "object_class": found.object_class.value,
        "rect": [round(float(side), 1) for side in found.rect],
        "confidence": found.confidence,
        "space": found.space,
        "vector_scale": quantised.scale,
        "vector": quantised.values,
        "crop": encode_webp(_thumbnail(picture, found.rect)),
        "attributes": {name: said._asdict() for name, said in found.attributes.items()},
        "plate": found.plate,
    }


def _thumbnail(picture: Picture, rect: Rect) -> Picture:
    height, width = picture.shape[:2]
    inside = rect.clipped(width, height)
    left, top = min(int(inside.left), width - 1), min(int(inside.top), height - 1)
    right, bottom = max(left + 1, round(inside.right)), max(top + 1, round(inside.bottom))
    cut = picture[top:bottom, left:right]
    scale = min(1.0, _CROP_SIDE / max(cut.shape[:2]))
    size = (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale)))
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _drop_beyond(connection: Connection, most: int) -> None:
    """Ids are in the order of time, so the oldest are the smallest."""
    last = select(query_pictures.c.id).order_by(query_pictures.c.id.desc()).offset(most).limit(1)
    connection.execute(delete(query_pictures).where(query_pictures.c.id <= last.scalar_subquery()))


def _offered(connection: Connection, identifier: UUID, now: datetime) -> OfferedPicture:
    query = select(query_pictures).where(
        query_pictures.c.id == identifier, query_pictures.c.expires_at > now
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        raise _missing(identifier)
    shown = (column for column in query_objects.c if column.name not in {"crop", "vector"})
    objects = connection.execute(
        select(*shown).where(query_objects.c.picture == identifier).order_by(query_objects.c.number)
    )
    return OfferedPicture(
        id=row["id"],
        width=row["width"],
        height=row["height"],
        expires_at=row["expires_at"],
        objects=[_object(each) for each in objects.mappings()],
    )


def _object(row: RowMapping) -> OfferedObject:
    return OfferedObject(
        number=row["number"],
        object_class=ObjectClass(row["object_class"]),
        rect=tuple(row["rect"]),
        confidence=row["confidence"],
        crop_url=f"/api/v1/pictures/{row['picture']}/objects/{row['number']}/crop",
        attributes=row["attributes"],
        plate=row["plate"],
    )


def _stored(row: Any) -> StoredVector:  # noqa: ANN401 - a row of `pictured`
    quantised = QuantisedVector(bytes(row.vector), row.vector_scale)
    return StoredVector(row.space, ObjectClass(row.object_class), dequantise(quantised))


def _named(identifier: UUID, number: int) -> ColumnElement[bool]:
    return and_(query_objects.c.picture == identifier, query_objects.c.number == number)


def _is_kept(now: datetime) -> ColumnElement[bool]:
    """Of an object: its picture's day is not over, whether or not anybody has swept up since."""
    return exists().where(
        query_pictures.c.id == query_objects.c.picture, query_pictures.c.expires_at > now
    )


def _missing(identifier: UUID, number: int | None = None) -> NotFoundError:
    of = "" if number is None else f"object {number} of "
    return NotFoundError(
        f"there is no {of}uploaded picture {identifier}; pictures are forgotten after a day: "
        "upload it again"
    )
