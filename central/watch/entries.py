"""Putting someone on the list, changing the entry, taking it off. Each is a line in the log."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, RowMapping, func, select

from central.asking import pictures
from central.audit import asker
from central.cameras.selection import CameraScope, resolve
from central.db.tables import watch_targets, watch_vectors
from central.errors import ConflictError, InputError
from central.plates.folding import fold_plate
from central.services import Query
from central.sightings import repository
from central.watch import events
from central.watch.likeness import Likeness
from central.watch.model import (
    LONGEST,
    Entry,
    WatchChange,
    WatchOptions,
    WatchRequest,
    Whom,
)
from central.watch.showing import Shown, missing
from shared.classes import ObjectClass
from shared.clock import Clock, to_datetime
from shared.ids import uuid7
from shared.vectors import Vector, quantise

MAX_ENTRIES = 10_000
_NOTHING_COMPARED = 0.5

_log = structlog.get_logger(__name__)


class Sought(NamedTuple):
    """Vectors of one space that make an entry, with the sightings they are of, if any."""

    space: str
    object_class: ObjectClass
    vectors: list[tuple[UUID | None, Vector]]


class Entries(NamedTuple):
    """The list: the database, the curves, and the time it is."""

    engine: Engine
    likeness: Likeness
    clock: Clock

    def enrol(self, request: WatchRequest) -> Entry:
        """Put on the list whom `request` names.

        Raises:
            NotFoundError: one of the sightings or pictures is not there.
            InputError: they live in different spaces, `until` is past or too far ahead, the scope
                cannot be read, or nothing is ever so probable as asked.
            ConflictError: the list is full.
        """
        by, now = request.by, to_datetime(self.clock.now_ms())
        sought = _looks(self.engine, by, now) if by.sighting_ids or by.pictures else None
        return self._add(request, sought, by.plate)

    def enrol_picture(self, options: WatchOptions, query: Query, shows: ObjectClass) -> Entry:
        """Put on the list who is seen in a picture, as the reader read it.

        Raises: as `enrol`.
        """
        return self._add(options, Sought(query.space, shows, [(None, query.vector)]), None)

    def change(
        self, identifier: UUID, change: WatchChange, check: Callable[[Entry], None] | None = None
    ) -> Entry:
        """Change what `change` names; the rest stays.

        `check` sees the entry as it is before, and may raise. Nobody changes it meanwhile.

        Raises:
            NotFoundError: there is no such entry.
            InputError: as `enrol`.
        """
        values = change.model_dump(mode="json", include=change.model_fields_set)
        if change.until is not None:
            values["until"] = self._checked_until(change.until)
        empty = sorted(name for name, value in values.items() if value is None)
        if empty not in ([], ["cameras"]):
            raise InputError(f"{', '.join(empty)} cannot be empty; leave out what is to stay")
        if change.cameras is not None:
            resolve(self.engine, change.cameras)
        now = to_datetime(self.clock.now_ms())
        with self.engine.begin() as connection:
            events.take_turn(connection)
            if check is not None:
                check(self._shown().held(connection, identifier))
            changed = connection.execute(
                watch_targets.update()
                .where(watch_targets.c.id == identifier)
                .values(**values, updated_at=now)
                .returning(watch_targets)
            )
            row = changed.mappings().first()
            if row is None:
                raise missing(identifier)
            self._check(row)
            events.list_changed(connection)
        _log.info("watch list", who=asker(), what="changed", entry=str(identifier), fields=values)
        return self._shown().get(identifier)

    def remove(self, identifier: UUID) -> None:
        """Take it off the list, with all it found.

        Raises:
            NotFoundError: there is no such entry.
        """
        with self.engine.begin() as connection:
            events.take_turn(connection)
            gone = connection.execute(
                watch_targets.delete()
                .where(watch_targets.c.id == identifier)
                .returning(watch_targets.c.id)
            )
            if gone.first() is None:
                raise missing(identifier)
            events.list_changed(connection)
        _log.info("watch list", who=asker(), what="removed", entry=str(identifier))

    def _add(self, options: WatchOptions, sought: Sought | None, plate: str | None) -> Entry:
        now = to_datetime(self.clock.now_ms())
        values = _values(options, plate) | {
            "id": uuid7(self.clock.now_ms()),
            "created_at": now,
            "updated_at": now,
            "until": self._checked_until(options.until),
        }
        if sought is not None:
            values["space"] = sought.space
            shows = options.object_class or sought.object_class
            values["object_class"] = shows.value
            if options.least_probability is None:
                values["least_probability"] = self.likeness.usual(sought.space, shows)
        self._check(values)
        if options.cameras is not None:
            resolve(self.engine, options.cameras)
        with self.engine.begin() as connection:
            events.take_turn(connection)
            held = connection.execute(select(func.count()).select_from(watch_targets))
            if held.scalar_one() >= MAX_ENTRIES:
                raise ConflictError(f"the watch list is full: {MAX_ENTRIES} entries")
            connection.execute(watch_targets.insert().values(values))
            if sought is not None:
                add_vectors(connection, self._vectors(values["id"], sought))
            events.list_changed(connection)
        _log.info(
            "watch list",
            who=asker(),
            what="enrolled",
            entry=str(values["id"]),
            purpose=options.purpose,
            sightings=[str(each) for each, _ in sought.vectors if each] if sought else [],
            plate=plate,
            until=options.until.isoformat(),
        )
        return self._shown().get(values["id"])

    def _shown(self) -> Shown:
        return Shown(self.engine, self.likeness, self.clock)

    def _check(self, row: RowMapping | dict[str, Any]) -> None:
        """Refuse what can never be found."""
        space = row.get("space")
        if space is not None:
            shows = ObjectClass(row["object_class"])
            self.likeness.least_cosine(space, shows, row["least_probability"])
        someone = space or row.get("plate_folded")
        if not someone and not (row["attributes"] and row["cameras"]):
            raise InputError("attributes alone are looked for in chosen cameras only: name cameras")

    def _vectors(self, target: UUID, sought: Sought) -> list[dict[str, object]]:
        source = {True: "picture", False: "sighting"}
        return [
            {
                "id": uuid7(self.clock.now_ms()),
                "target": target,
                "negative": False,
                "source": source[sighting is None],
                "sighting": sighting,
                **quantised(vector),
            }
            for sighting, vector in sought.vectors
        ]

    def _checked_until(self, until: datetime) -> datetime:
        now = to_datetime(self.clock.now_ms())
        if not now < until <= now + LONGEST:
            raise InputError(
                f"until must be in the future and at most {LONGEST.days} days ahead; "
                "it can be moved on before it is over"
            )
        return until


def add_vectors(connection: Connection, rows: list[dict[str, object]]) -> None:
    """Keep vectors of an entry."""
    if rows:
        connection.execute(watch_vectors.insert(), rows)


def quantised(vector: Vector) -> dict[str, object]:
    """A vector as the table keeps it."""
    values, scale = quantise(vector)
    return {"vector": values, "vector_scale": scale}


def _values(options: WatchOptions, plate: str | None) -> dict[str, Any]:
    cameras: CameraScope | None = options.cameras
    return {
        "name": options.name,
        "purpose": options.purpose,
        "paused": False,
        "object_class": options.object_class,
        "plate": plate,
        "plate_folded": None if plate is None else fold_plate(plate),
        "cameras": None if cameras is None else cameras.model_dump(mode="json"),
        "attributes": options.attributes,
        "least_confidence": options.least_confidence,
        "least_probability": options.least_probability or _NOTHING_COMPARED,
        "quiet_minutes": options.quiet_minutes,
    }


def _looks(engine: Engine, by: Whom, now: datetime) -> Sought:
    ids = list(dict.fromkeys(by.sighting_ids))
    objects = {(each.picture, each.object): each for each in by.pictures}
    with engine.connect() as connection:
        seen = repository.vectors(connection, ids)
        named = pictures.pictured(connection, list(objects.values()), now)
        uploaded = [each.stored for each in named]
    if absent := [identifier for identifier in ids if identifier not in seen]:
        raise repository.missing(absent)
    found = [*((each, seen[each]) for each in ids), *((None, each) for each in uploaded)]
    kinds = sorted({(stored.space, stored.object_class.value) for _, stored in found})
    if len(kinds) > 1:
        shown = ", ".join(f"{shows} in {space}" for space, shows in kinds)
        raise InputError(
            f"what is named is of different kinds, whose vectors cannot be compared: {shown}; "
            "make an entry of each"
        )
    ((space, shows),) = kinds
    return Sought(space, ObjectClass(shows), [(each, stored.vector) for each, stored in found])
