"""The table of sightings: whole days are dropped, of others the rows of some cameras deleted."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from central.days import FUTURE, PAST
from central.db.partitions import DEFAULT, drop_partition, partition_name
from central.index.changes import partition_days
from central.index.port import UNDATED
from central.retention.keepers import PAGE, Census, DayCount, Look, Run, Stores
from central.retention.policy import KEPT, OUTLIVED_DAY, Rule
from shared.errors import StorageError

DATABASE = "database"
CROPS = "crops"
INDEX = "index"
_FIRST = UUID(int=0)
_UNDATED = f"s.tableoid = '{DEFAULT}'::regclass"
# Rows of days that no clock which works could have given when they came count as of the day they
# came. Others are there because their day's table was dropped while they were written.
_DAY = (
    f"CASE WHEN s.day BETWEEN s.received_at::date - {PAST.days} "
    f"AND s.received_at::date + {FUTURE.days} THEN s.day ELSE s.received_at::date END"
)
_OUTLIVED = f"s.day < {OUTLIVED_DAY}"
# S608: made of constants and dates.
_CENSUS = text(
    "SELECT s.day, count(*) AS rows, count(s.crop_revision) AS pictures, "  # noqa: S608
    f"count(*) FILTER (WHERE {_OUTLIVED}) AS outlived FROM sightings s {KEPT} "
    f"WHERE s.day < :before AND NOT {_UNDATED} GROUP BY s.day"
)
_SOME = text(
    f"SELECT s.day, s.id, s.received_at::date > s.day + (:today - {OUTLIVED_DAY}) AS late "  # noqa: S608
    f"FROM sightings s {KEPT} WHERE s.day = :part AND {_OUTLIVED} AND NOT {_UNDATED} "
    "AND s.id > :id ORDER BY s.id LIMIT :page"
)
_SOME_UNDATED = text(
    f"SELECT s.day, s.id, false AS late FROM {DEFAULT} s {KEPT} "  # noqa: S608
    f"WHERE {_DAY} < {OUTLIVED_DAY} AND (s.day, s.id) > (:day, :id) "
    "ORDER BY s.day, s.id LIMIT :page"
)
_UNDATED_LEFT = text(
    f"SELECT count(*) FILTER (WHERE {_DAY} < {OUTLIVED_DAY}) AS outlived, "  # noqa: S608
    f"min({_DAY}) AS oldest FROM {DEFAULT} s {KEPT}"
)
_DELETE = text(
    "DELETE FROM sightings s USING unnest(CAST(:days AS date[]), CAST(:ids AS uuid[])) "
    "AS r(day, id) WHERE s.day = r.day AND s.id = r.id"
)


def census(connection: Connection, rule: Rule) -> dict[date, DayCount]:
    """The days that are over for some cameras or for all, counted."""
    found = connection.execute(_CENSUS, {**rule.binds(), "before": rule.all_kept_from})
    return {row.day: DayCount(row.rows, row.pictures, row.outlived) for row in found}


class Rows:
    """The rows, and of days that are over for some cameras their vectors and pictures too.

    These go first: after a crash in between, the rows still say what is to go.
    """

    name = DATABASE

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._engine = stores.engine

    def remove(self, run: Run) -> None:
        """Drop the days that are over; delete of the others the rows of the cameras that are."""
        with self._engine.connect() as connection:
            days = sorted(partition_days(connection))
        in_use = [day for day in days if run.rule.is_over(day) and not self._drop(run, day)]
        for day in days:
            if run.rule.is_partly_over(day):
                self._thin(run, day)
        self._thin(run, UNDATED)
        if in_use:
            named = ", ".join(map(str, in_use))
            raise StorageError(f"not dropped, as somebody used them all the time: {named}")

    def look(self, rule: Rule, census: Census) -> Look:
        """Rows that must go, and the oldest day that has any."""
        with self._engine.connect() as connection:
            days = sorted(partition_days(connection))
            undated = connection.execute(_UNDATED_LEFT, rule.binds()).one()
        over = [day for day in days if rule.is_over(day)]
        held = [day for day in days if day not in census or census[day].rows]
        rows = sum(
            counted.rows if rule.is_over(day) else counted.outlived
            for day, counted in census.items()
        )
        oldest = min([*held[:1], *([undated.oldest] if undated.oldest else [])], default=None)
        # An empty table of a day that is over counts too: whoever drops it has work to do.
        outlived = max(rows, len(over)) + undated.outlived
        return Look(outlived, oldest, f"{len(over)} days are not dropped yet" if over else "")

    def _drop(self, run: Run, day: date) -> bool:
        run.check()
        counts = text(
            "SELECT count(*) AS rows, count(*) FILTER (WHERE s.received_at::date > "  # noqa: S608
            f"s.day + (:today - {OUTLIVED_DAY})) AS late FROM {partition_name(day)} s {KEPT}"
        )
        with self._engine.connect() as connection:
            found = connection.execute(counts, run.rule.binds()).one()
        if not drop_partition(self._engine, day, run.wait):
            return False
        run.count(DATABASE, days=1, rows=found.rows, late=found.late)
        return True

    def _thin(self, run: Run, part: date) -> None:
        """Delete what must go of a part that stays, page by page in the order of ids."""
        query = _SOME_UNDATED if part == UNDATED else _SOME
        binds = {**run.rule.binds(), "part": part, "page": PAGE, "day": date.min, "id": _FIRST}
        while True:
            run.check()
            with self._engine.connect() as connection:
                found = connection.execute(query, binds).all()
            if not found:
                return
            self._delete(run, part, found)
            binds |= {"day": found[-1].day, "id": found[-1].id}

    def _delete(self, run: Run, part: date, found: Sequence[Row[Any]]) -> None:
        if self._stores.index is not None:
            self._stores.index.forget(part, [row.id for row in found])
            self._stores.index.flush()
            run.count(INDEX, points=len(found))
        for each, ids in _by_day(found).items():
            run.count(CROPS, crops=self._stores.crops.forget(each, ids))
        named = {"days": [row.day for row in found], "ids": [row.id for row in found]}
        with self._engine.begin() as connection:
            connection.execute(_DELETE, named)
        run.count(DATABASE, rows=len(found), late=sum(row.late for row in found))


def _by_day(rows: Sequence[Row[Any]]) -> dict[date, list[UUID]]:
    days: defaultdict[date, list[UUID]] = defaultdict(list)
    for row in rows:
        days[row.day].append(row.id)
    return days
