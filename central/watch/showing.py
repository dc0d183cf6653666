"""Entries of the watch list as the API gives them, with what keeps them from being found."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    ScalarSelect,
    Select,
    Table,
    func,
    select,
)

from central.cameras.selection import resolve
from central.db.tables import sightings, watch_alerts, watch_targets, watch_vectors
from central.errors import InputError, NotFoundError
from central.values import Page, bad_cursor, cut_page, read_cursor
from central.watch.likeness import Likeness
from central.watch.model import AlertState, Entry, EntryState
from shared.classes import ObjectClass
from shared.clock import Clock, to_datetime

_LATELY = timedelta(days=1)


class Shown(NamedTuple):
    """The list to be read: the database, the curves, and the time it is."""

    engine: Engine
    likeness: Likeness
    clock: Clock

    def get(self, identifier: UUID) -> Entry:
        """One entry.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self.engine.connect() as connection:
            entry = self.held(connection, identifier)
        return entry.model_copy(update={"notes": [*entry.notes, *self._scope_notes(entry)]})

    def held(self, connection: Connection, identifier: UUID) -> Entry:
        """The same without what its scope says, as a transaction sees it.

        Raises:
            NotFoundError: there is none of that id.
        """
        row = connection.execute(_shown().where(watch_targets.c.id == identifier))
        found = row.mappings().first()
        if found is None:
            raise missing(identifier)
        return self._entry(found, self._silent(connection, [found["space"]]))

    def page(self, limit: int, cursor: str | None) -> Page[Entry]:
        """The entries, newest first.

        Raises:
            InputError: `cursor` is not one of ours.
        """
        query = _shown().order_by(watch_targets.c.id.desc()).limit(limit + 1)
        if cursor is not None:
            query = query.where(watch_targets.c.id < read_id(cursor))
        with self.engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
            silent = self._silent(connection, [row["space"] for row in rows])
        found = [self._entry(row, silent) for row in rows]
        return cut_page(found, limit, lambda entry: str(entry.id))

    def _silent(self, connection: Connection, spaces: Sequence[str | None]) -> set[str]:
        """Those of `spaces` of which no sighting has come lately."""
        since = (to_datetime(self.clock.now_ms()) - _LATELY).date()
        recent = sightings.c.day >= since
        return {
            space
            for space in {each for each in spaces if each is not None}
            if not connection.execute(
                select(sightings.c.id).where(sightings.c.space == space, recent).limit(1)
            ).first()
        }

    def _entry(self, row: RowMapping, silent: set[str]) -> Entry:
        values: dict[str, Any] = {name: row[name] for name in Entry.model_fields if name in row}
        state = EntryState.PAUSED if row["paused"] else EntryState.ACTIVE
        if row["until"] <= to_datetime(self.clock.now_ms()):
            state = EntryState.EXPIRED
        for name in ("least_confidence", "least_probability"):
            values[name] = round(values[name], 6)
        return Entry(**values, state=state, notes=self._notes(row, silent))

    def _notes(self, row: RowMapping, silent: set[str]) -> list[str]:
        space = row["space"]
        notes = []
        if space in silent:
            notes.append(
                f"no sighting of space {space} has come in for a day: whoever passes cameras whose "
                "boxes use another model is not found by looks"
            )
        if space is not None:
            try:
                shows = ObjectClass(row["object_class"])
                self.likeness.least_cosine(space, shows, row["least_probability"])
            except InputError as error:
                notes.append(str(error))
        return notes

    def _scope_notes(self, entry: Entry) -> list[str]:
        try:
            if entry.cameras is None or resolve(self.engine, entry.cameras).ids:
                return []
        except (NotFoundError, InputError) as error:
            return [f"the chosen cameras cannot be told, so nobody is found: {error}"]
        return ["no camera that there is lies in the chosen ones"]


def missing(identifier: UUID) -> NotFoundError:
    """What to raise when there is no such entry."""
    return NotFoundError(f"there is no entry {identifier} on the watch list")


def read_id(cursor: str) -> UUID:
    """The id a cursor of ours holds.

    Raises:
        InputError: it holds none.
    """
    try:
        return UUID(read_cursor(cursor, 1)[0])
    except ValueError as error:
        raise bad_cursor() from error


def _shown() -> Select[Any]:
    mine = watch_vectors.c.target == watch_targets.c.id
    positive = watch_vectors.c.negative.is_(False)
    new = watch_alerts.c.state == AlertState.NEW.value
    return select(
        watch_targets,
        _count(watch_vectors, mine, positive).label("vectors"),
        _count(watch_vectors, mine, positive, watch_vectors.c.source == "alert").label("confirmed"),
        _count(watch_vectors, mine, watch_vectors.c.negative).label("negatives"),
        _count(watch_alerts, watch_alerts.c.target == watch_targets.c.id, new).label("new_alerts"),
    )


def _count(table: Table, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(table)
        .where(*conditions)
        .correlate(watch_targets)
        .scalar_subquery()
    )
