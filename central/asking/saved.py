"""Searches that are kept under a name, to be run again."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, select, update

from central.db.tables import saved_searches
from central.errors import ConflictError, NotFoundError
from central.search.model import SearchRequest
from central.values import Instant, Line, Model, Page, bad_cursor, cut_page, read_cursor
from shared.clock import Clock, to_datetime
from shared.ids import uuid7

MAX_SAVED = 10_000
Check = Callable[["SavedSearch"], None]

_EXAMPLE: JsonDict = {
    "name": "White truck, report 2026-0131",
    "purpose": "hit and run, report 2026-0131",
    "request": {
        "attributes": {"vehicle_type": ["truck"], "vehicle_colour": ["white"]},
        "plate": "12?3456",
    },
}


class NewSavedSearch(Model):
    """A search to keep. `purpose` is written to the log each time, unless the request has one."""

    name: Line
    purpose: Line | None = None
    request: SearchRequest

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


class SavedSearch(NewSavedSearch):
    """A search that is kept. `version` is one more after each change."""

    id: UUID
    version: int
    created_at: Instant
    updated_at: Instant

    model_config = ConfigDict(json_schema_extra={"examples": []})

    @property
    def tag(self) -> str:
        """What an ETag is made of."""
        return f"{self.id.hex}-{self.version}"

    @property
    def to_run(self) -> SearchRequest:
        """The request, with the purpose it was kept for."""
        if self.request.purpose is not None:
            return self.request
        return self.request.model_copy(update={"purpose": self.purpose})


class SavedSummary(Model):
    """A saved search in a list."""

    id: UUID
    name: str
    purpose: str | None
    version: Annotated[int, Field(ge=1)]
    updated_at: Instant


def create(engine: Engine, clock: Clock, new: NewSavedSearch) -> SavedSearch:
    """Keep a search.

    Raises:
        ConflictError: there are `MAX_SAVED` already.
    """
    now = to_datetime(clock.now_ms())
    identifier = uuid7(clock.now_ms())
    with engine.begin() as connection:
        kept = connection.execute(select(func.count()).select_from(saved_searches)).scalar_one()
        if kept >= MAX_SAVED:
            raise ConflictError(f"{MAX_SAVED} searches are saved, which is the most; delete some")
        connection.execute(
            insert(saved_searches).values(
                id=identifier, created_at=now, updated_at=now, **_values(new)
            )
        )
        return _one(connection, identifier)


def get(engine: Engine, identifier: UUID) -> SavedSearch:
    """A saved search.

    Raises:
        NotFoundError: there is none of that id.
    """
    with engine.connect() as connection:
        return _one(connection, identifier)


def replace(
    engine: Engine, clock: Clock, identifier: UUID, new: NewSavedSearch, check: Check
) -> SavedSearch:
    """Put `new` in place of a saved search; `check` may refuse by what is there.

    Raises:
        NotFoundError: there is none of that id.
    """
    now = to_datetime(clock.now_ms())
    with engine.begin() as connection:
        check(_one(connection, identifier, lock=True))
        connection.execute(
            update(saved_searches)
            .where(saved_searches.c.id == identifier)
            .values(updated_at=now, version=saved_searches.c.version + 1, **_values(new))
        )
        return _one(connection, identifier)


def remove(engine: Engine, identifier: UUID, check: Check) -> None:
    """Delete a saved search; `check` may refuse by what is there.

    Raises:
        NotFoundError: there is none of that id.
    """
    with engine.begin() as connection:
        check(_one(connection, identifier, lock=True))
        connection.execute(delete(saved_searches).where(saved_searches.c.id == identifier))


def page(engine: Engine, limit: int, cursor: str | None) -> Page[SavedSummary]:
    """Saved searches, newest first.

    Raises:
        InputError: `cursor` is not one of ours.
    """
    columns = (saved_searches.c[name] for name in SavedSummary.model_fields)
    query = select(*columns).order_by(saved_searches.c.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(saved_searches.c.id < _id_of(cursor))
    with engine.connect() as connection:
        rows = connection.execute(query).mappings()
        found = [SavedSummary.model_validate(dict(row)) for row in rows]
    return cut_page(found, limit, lambda each: str(each.id))


def _values(new: NewSavedSearch) -> dict[str, Any]:
    request = new.request.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {"name": new.name, "purpose": new.purpose, "request": request}


def _one(connection: Connection, identifier: UUID, *, lock: bool = False) -> SavedSearch:
    query = select(saved_searches).where(saved_searches.c.id == identifier)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise NotFoundError(f"there is no saved search {identifier}")
    return _to_saved(row)


def _to_saved(row: RowMapping) -> SavedSearch:
    return SavedSearch.model_validate(dict(row))


def _id_of(cursor: str) -> UUID:
    try:
        return UUID(read_cursor(cursor, 1)[0])
    except ValueError as error:
        raise bad_cursor() from error
