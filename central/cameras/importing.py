"""Cameras from a file into the table: in one transaction, with a report of what was refused."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine

from central.cameras import repository
from central.cameras.model import ImportReport, NewCamera, Rejected

MAX_REJECTED = 1_000
_BATCH = 1_000
_SHOWN_VALUE = 200
_SHOWN_VALUES = 40


class ReadCamera(NamedTuple):
    """A row of a file that describes a camera."""

    row: int
    camera: NewCamera
    values: dict[str, Any]


def reject(row: int, reason: str, values: dict[str, Any]) -> Rejected:
    """The refusal of a row, its values cut to a length that can be shown."""
    shown = {
        str(key)[:_SHOWN_VALUE]: str(value)[:_SHOWN_VALUE]
        for key, value in islice(values.items(), _SHOWN_VALUES)
    }
    return Rejected(row=row, reason=reason, values=shown)


def store(engine: Engine, rows: Iterable[ReadCamera | Rejected]) -> ImportReport:
    """Register or update what `rows` read, all or (when reading raises) nothing.

    Importing the same file again changes nothing. See `repository.upsert` for what is kept.
    """
    tally = _Tally()
    with engine.begin() as connection:
        accepted = iter(tally.sift(rows))
        while batch := list(islice(accepted, _BATCH)):
            tally.add(connection, batch)
    return tally.report()


class _Tally:
    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._rejected: list[Rejected] = []
        self._rejected_total = 0
        self._taken = 0
        self._created = 0
        self._updated = 0

    def sift(self, rows: Iterable[ReadCamera | Rejected]) -> Iterator[ReadCamera]:
        for row in rows:
            if isinstance(row, Rejected):
                self._refuse(row)
            elif row.camera.id in self._seen:
                same = f"the same camera as row {self._seen[row.camera.id]} (id {row.camera.id})"
                self._refuse(reject(row.row, same, row.values))
            else:
                self._seen[row.camera.id] = row.row
                yield row

    def add(self, connection: Connection, batch: list[ReadCamera]) -> None:
        done = repository.upsert(connection, [row.camera for row in batch])
        for row in batch:
            if reason := done.refused.get(row.camera.id):
                self._refuse(reject(row.row, reason, row.values))
        self._taken += len(batch) - len(done.refused)
        self._created += done.created
        self._updated += done.updated

    def report(self) -> ImportReport:
        return ImportReport(
            created=self._created,
            updated=self._updated,
            unchanged=self._taken - self._created - self._updated,
            rejected=sorted(self._rejected, key=lambda each: each.row),
            rejected_total=self._rejected_total,
        )

    def _refuse(self, row: Rejected) -> None:
        self._rejected_total += 1
        if len(self._rejected) < MAX_REJECTED:
            self._rejected.append(row)
