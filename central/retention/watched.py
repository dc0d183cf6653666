"""What the watch list found: hits, alerts, events, and the vectors that entries learnt of them.

Entries stay until they are over, with the vectors they were made of, whatever is kept of sightings.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, text

from central.days import FUTURE, PAST
from central.retention.keepers import PAGE, Census, Look, Run, Stores
from central.retention.policy import KEPT, OUTLIVED_DAY, Rule
from central.watch import events
from central.watch.alerts import sum_up

_HITS = (
    "SELECT h.target, h.sighting, h.alert, a.camera, (h.first_at AT TIME ZONE 'UTC')::date AS seen,"
    " (a.made_at AT TIME ZONE 'UTC')::date AS came "
    "FROM watch_hits h JOIN watch_alerts a ON a.id = h.alert"
)
# As rows: what no clock which works could have given counts as of the day it came.
_DAY = (
    f"CASE WHEN f.seen BETWEEN f.came - {PAST.days} AND f.came + {FUTURE.days} "
    "THEN f.seen ELSE f.came END"
)
# S608: made of constants.
_DROP = text(
    "DELETE FROM watch_hits h USING (SELECT f.target, f.sighting "  # noqa: S608
    f"FROM ({_HITS}) AS f {KEPT} WHERE {_DAY} < {OUTLIVED_DAY} LIMIT :page) AS o "
    "WHERE h.target = o.target AND h.sighting = o.sighting RETURNING h.alert"
)
_LEFT = text(
    f"SELECT count(*) FILTER (WHERE {_DAY} < {OUTLIVED_DAY}) AS outlived, "  # noqa: S608
    f"min({_DAY}) AS oldest FROM ({_HITS}) AS f {KEPT}"
)
_UNLEARN = text(
    "DELETE FROM watch_vectors v WHERE v.source = 'alert' AND v.alert = ANY(:alerts) "
    "AND NOT EXISTS (SELECT FROM watch_hits h "
    "WHERE h.target = v.target AND h.sighting = v.sighting)"
)
_EMPTY = text(
    "DELETE FROM watch_alerts a WHERE a.id = ANY(:alerts) "
    "AND NOT EXISTS (SELECT FROM watch_hits h WHERE h.alert = a.id)"
)
# They tell of the alert as it was, with its picture.
_FORGET = text(
    "DELETE FROM watch_events e WHERE e.data->>'id' = ANY(CAST(:alerts AS text[])) "
    "AND NOT EXISTS (SELECT FROM watch_hits h "
    "WHERE h.target = e.target AND h.sighting = CAST(e.data->>'sighting' AS uuid))"
)


class Watched:
    """What was found on cameras goes with the sightings it was found in."""

    name = "watch"

    def __init__(self, stores: Stores) -> None:
        self._engine = stores.engine

    def remove(self, run: Run) -> None:
        """Delete what must go, page by page; between two pages others have their turn."""
        binds = {**run.rule.binds(), "page": PAGE}
        while True:
            run.check()
            with self._engine.begin() as connection:
                events.take_turn(connection)
                dropped = connection.execute(_DROP, binds).scalars().all()
                if not dropped:
                    return
                run.count(self.name, hits=len(dropped), **_settle(connection, set(dropped)))

    def look(self, rule: Rule, census: Census) -> Look:  # noqa: ARG002 - they have no census
        """Hits that must go, and the oldest day that has any."""
        with self._engine.connect() as connection:
            found = connection.execute(_LEFT, rule.binds()).one()
        return Look(found.outlived, found.oldest)


def _settle(connection: Connection, alerts: set[UUID]) -> dict[str, int]:
    """Bring everything else in line with the hits that are left of `alerts`."""
    touched: Sequence[UUID] = sorted(alerts)
    binds = {"alerts": touched}
    vectors = connection.execute(_UNLEARN, binds).rowcount
    if vectors:
        events.list_changed(connection)
    gone = connection.execute(_FORGET, {"alerts": [str(each) for each in touched]}).rowcount
    emptied = connection.execute(_EMPTY, binds).rowcount
    sum_up(connection, touched)
    return {"alerts": emptied, "events": gone, "vectors": vectors}
