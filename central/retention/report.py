"""What a purge did and what it found afterwards, part by part; kept in the table `purges`."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, Engine, RowMapping, delete, select
from sqlalchemy.dialects.postgresql import insert

from central.db.tables import purges
from central.values import Instant, Model, Page, bad_cursor, cut_page, read_cursor

KEPT_REPORTS = 20_000
_MAX_ID = (1 << 63) - 1


class Part(Model):
    """One place where sightings, or what is left of them, are kept.

    `removed` counts what went, by kind. `outlived` counts what was then found that must not be
    there: in a dry run, what would go. `oldest` is the oldest day that is left, null: nothing is;
    nothing older than `kept_from` may be. `detail` says why it is not `ok`.
    """

    name: str
    removed: dict[str, int]
    outlived: int
    oldest: date | None
    kept_from: date
    ok: bool
    detail: str


class Purge(Model):
    """A purge as of the beginning of the day `as_of` (UTC).

    `ok`: each part was looked at and holds nothing that is older than it may be. A dry run removes
    nothing and has no id.
    """

    id: int | None
    at: Instant
    as_of: date
    seconds: float
    dry_run: bool
    ok: bool
    parts: list[Part]


class Mark(NamedTuple):
    """How far a purge looked: at the policy with this digest, and below this transaction."""

    policy: str
    seen_xid: str


class LastPurge(NamedTuple):
    """The newest report and its mark."""

    purge: Purge
    mark: Mark


def keep(connection: Connection, purge: Purge, mark: Mark) -> Purge:
    """Keep `purge`; give it with its id. The oldest of very many are forgotten."""
    values = {
        **purge.model_dump(include={"as_of", "seconds", "ok"}),
        "at": purge.at,
        "parts": [part.model_dump(mode="json") for part in purge.parts],
        **mark._asdict(),
    }
    made = insert(purges).values(values).returning(purges.c.id)
    identifier: int = connection.execute(made).scalar_one()
    connection.execute(delete(purges).where(purges.c.id <= identifier - KEPT_REPORTS))
    return purge.model_copy(update={"id": identifier})


def last(connection: Connection) -> LastPurge | None:
    """The newest report, if there is one."""
    query = select(purges).order_by(purges.c.id.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else LastPurge(_to_purge(row), Mark(row["policy"], row["seen_xid"]))


def page(engine: Engine, limit: int, cursor: str | None) -> Page[Purge]:
    """Reports, newest first.

    Raises:
        InputError: `cursor` is not one of ours.
    """
    query = select(purges).order_by(purges.c.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(purges.c.id < _number(cursor))
    with engine.connect() as connection:
        found = [_to_purge(row) for row in connection.execute(query).mappings()]
    return cut_page(found, limit, lambda purge: str(purge.id))


def _to_purge(row: RowMapping) -> Purge:
    values = {name: row[name] for name in ("id", "at", "as_of", "seconds", "ok", "parts")}
    return Purge.model_validate({**values, "dry_run": False})


def _number(cursor: str) -> int:
    key = read_cursor(cursor, 1)[0]
    if not (key.isascii() and key.isdigit() and int(key) <= _MAX_ID):
        raise bad_cursor()
    return int(key)
