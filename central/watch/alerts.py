"""Matches become hits, and hits alerts: one for a target at a camera while it keeps being seen."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Select, func, select, text
from sqlalchemy.dialects.postgresql import Insert, insert

from central.db.tables import watch_alerts, watch_hits, watch_targets
from central.search.bands import band
from central.sightings.model import crop_url
from central.watch.changes import Seen
from central.watch.events import News
from central.watch.matching import Match
from central.watch.model import Alert, AlertState, EventKind

LATE = timedelta(minutes=10)
"""A sighting that was over for so long when it came is told as one of the past."""

# A dismissed alert takes no more: the right one may come to the camera a minute later.
_TAKING = (AlertState.NEW.value, AlertState.CONFIRMED.value, AlertState.WITHDRAWN.value)

_SUM_UP = text(
    """
    UPDATE watch_alerts a SET
        sightings = h.present, sighting = h.best[1], revision = h.revisions[1],
        probability = h.probabilities[1], first_at = h.first_at, last_at = h.last_at,
        late = a.late AND h.late, updated_at = coalesce(CAST(:now AS timestamptz), a.updated_at),
        found_by = (SELECT f.found_by FROM watch_hits f
                    WHERE f.target = a.target AND f.sighting = h.best[1]),
        state = CASE WHEN a.state = 'new' AND h.present = 0 THEN 'withdrawn'
                     WHEN a.state = 'withdrawn' AND h.present > 0 THEN 'new'
                     ELSE a.state END
    FROM (
        SELECT alert, count(*) FILTER (WHERE NOT withdrawn) AS present,
            array_agg(sighting ORDER BY withdrawn, probability DESC NULLS FIRST, sighting) AS best,
            array_agg(revision ORDER BY withdrawn, probability DESC NULLS FIRST, sighting)
                AS revisions,
            array_agg(probability ORDER BY withdrawn, probability DESC NULLS FIRST, sighting)
                AS probabilities,
            min(first_at) AS first_at, max(last_at) AS last_at, bool_and(late) AS late
        FROM watch_hits WHERE alert = ANY(:touched) GROUP BY alert
    ) h WHERE a.id = h.alert
    """
)


def _upsert() -> Insert:
    written = insert(watch_hits)
    given = ("revision", "first_at", "last_at", "late", "probability", "found_by", "withdrawn")
    return written.on_conflict_do_update(
        index_elements=[watch_hits.c.target, watch_hits.c.sighting],
        set_={name: getattr(written.excluded, name) for name in given},
        where=watch_hits.c.revision < written.excluded.revision,
    )


_UPSERT = _upsert()


@dataclass
class _Open:
    """An alert that may take more."""

    id: UUID
    first_at: datetime
    last_at: datetime

    def takes(self, match: Match) -> bool:
        quiet, seen = match.target.quiet, match.seen
        return self.first_at - quiet <= seen.last_seen and seen.first_seen <= self.last_at + quiet

    def stretch(self, seen: Seen) -> None:
        self.first_at = min(self.first_at, seen.first_seen)
        self.last_at = max(self.last_at, seen.last_seen)


class _Known(NamedTuple):
    """A hit that there is already."""

    alert: UUID
    revision: int
    withdrawn: bool


class _Was(NamedTuple):
    """What an alert was before this batch."""

    state: str
    late: bool


class Batch(NamedTuple):
    """Sightings that were compared with `targets`, and what was found."""

    seen: Sequence[Seen]
    targets: Collection[UUID]
    matches: Sequence[Match]


class Book:
    """Keeps the outcome of one batch, in the caller's transaction, which has taken its turn."""

    def __init__(self, connection: Connection, now: datetime, new_id: Callable[[], UUID]) -> None:
        self._connection = connection
        self._now = now
        self._new_id = new_id
        self._hits: list[dict[str, object]] = []
        self._made: dict[UUID, dict[str, object]] = {}
        self._open: dict[tuple[UUID, str], list[_Open]] = defaultdict(list)
        self._touched: set[UUID] = set()

    def keep(self, batch: Batch) -> list[News]:
        """Write hits and alerts; give what is to be told. The same batch again changes nothing."""
        known = self._known([one.id for one in batch.seen])
        if batch.matches:
            self._load_open(batch.matches)
        for match in sorted(batch.matches, key=lambda match: match.seen.first_seen):
            self._take(match, known.get((match.target.id, match.seen.id)))
        matched = {(match.target.id, match.seen.id) for match in batch.matches}
        by_id = {one.id: one for one in batch.seen}
        for (target, sighting), hit in known.items():
            if (target, sighting) not in matched and target in batch.targets:
                self._withdraw(target, by_id[sighting], hit)
        return self._write() if self._touched else []

    def _known(self, sightings: list[UUID]) -> dict[tuple[UUID, UUID], _Known]:
        query = select(watch_hits).where(watch_hits.c.sighting == func.any(sightings))
        return {
            (row.target, row.sighting): _Known(row.alert, row.revision, row.withdrawn)
            for row in self._connection.execute(query)
        }

    def _load_open(self, matches: Sequence[Match]) -> None:
        first = min(match.seen.first_seen - match.target.quiet for match in matches)
        query = select(watch_alerts).where(
            watch_alerts.c.target == func.any(list({match.target.id for match in matches})),
            watch_alerts.c.camera == func.any(list({match.seen.camera for match in matches})),
            watch_alerts.c.last_at >= first,
            watch_alerts.c.state.in_(_TAKING),
        )
        for row in self._connection.execute(query.order_by(watch_alerts.c.last_at)):
            alert = _Open(row.id, row.first_at, row.last_at)
            self._open[row.target, row.camera].append(alert)

    def _take(self, match: Match, known: _Known | None) -> None:
        if known is not None:
            if match.seen.revision > known.revision:
                self._note(match, known.alert)
            return
        place = self._open[match.target.id, match.seen.camera]
        alert = next((one for one in place if one.takes(match)), None)
        if alert is None:
            alert = self._begin(match)
            place.append(alert)
        alert.stretch(match.seen)
        self._note(match, alert.id)

    def _begin(self, match: Match) -> _Open:
        seen = match.seen
        made = _Open(self._new_id(), seen.first_seen, seen.last_seen)
        self._made[made.id] = {
            "id": made.id,
            "target": match.target.id,
            "camera": seen.camera,
            "state": AlertState.NEW.value,
            "late": self._is_late(seen),
            "first_at": seen.first_seen,
            "last_at": seen.last_seen,
            "sightings": 0,
            "sighting": seen.id,
            "revision": seen.revision,
            "found_by": match.found_by,
            "made_at": self._now,
            "updated_at": self._now,
        }
        return made

    def _note(self, match: Match, alert: UUID) -> None:
        found = {"probability": match.probability, "found_by": match.found_by}
        self._add(match.target.id, match.seen, alert, {**found, "withdrawn": False})

    def _withdraw(self, target: UUID, seen: Seen, known: _Known) -> None:
        if seen.revision > known.revision and not known.withdrawn:
            nothing: dict[str, object] = {"probability": None, "found_by": [], "withdrawn": True}
            self._add(target, seen, known.alert, nothing)

    def _add(self, target: UUID, seen: Seen, alert: UUID, values: Mapping[str, object]) -> None:
        self._touched.add(alert)
        self._hits.append(
            {
                "target": target,
                "sighting": seen.id,
                "alert": alert,
                "revision": seen.revision,
                "first_at": seen.first_seen,
                "last_at": seen.last_seen,
                "late": self._is_late(seen),
                **values,
            }
        )

    def _is_late(self, seen: Seen) -> bool:
        return self._now - seen.ended() > LATE

    def _write(self) -> list[News]:
        touched = sorted(self._touched)
        before = {
            row.id: _Was(row.state, row.late)
            for row in self._connection.execute(
                select(watch_alerts).where(watch_alerts.c.id == func.any(touched))
            )
        }
        if self._made:
            self._connection.execute(watch_alerts.insert(), list(self._made.values()))
        self._connection.execute(_UPSERT, self._hits)
        sum_up(self._connection, touched, self._now)
        found = ((alert, _kind(before.get(alert.id), alert)) for alert in self._alerts(touched))
        return [News(kind, alert) for alert, kind in found if kind is not None]

    def _alerts(self, ids: Sequence[UUID]) -> list[Alert]:
        query = alerts_query().where(watch_alerts.c.id == func.any(ids))
        rows = self._connection.execute(query.order_by(watch_alerts.c.first_at, watch_alerts.c.id))
        return [to_alert(row) for row in rows.mappings()]


def sum_up(connection: Connection, alerts: Sequence[UUID], now: datetime | None = None) -> None:
    """Have `alerts` say what their hits say; changed at `now`, None: it is no news."""
    connection.execute(_SUM_UP, {"touched": list(alerts), "now": now})


def alerts_query() -> Select[Any]:
    """Alerts with the names of their entries, for `to_alert`."""
    return select(watch_alerts, watch_targets.c.name).join(
        watch_targets, watch_targets.c.id == watch_alerts.c.target
    )


def to_alert(row: RowMapping) -> Alert:
    """A row of `alerts_query`."""
    values: dict[str, Any] = dict(row)
    if values["probability"] is not None:
        values["probability"] = round(values["probability"], 3)
    return Alert(
        **values,
        band=band(values["probability"]),
        crop_url=crop_url(values["sighting"], values["revision"]),
    )


def _kind(before: _Was | None, alert: Alert) -> EventKind | None:
    """What to tell of an alert that was touched; None: nothing."""
    begun = EventKind.LATE if alert.late else EventKind.HIT
    if before is None:
        return begun
    if before.state == AlertState.DISMISSED.value:
        return None
    if alert.state is AlertState.WITHDRAWN:
        return EventKind.WITHDRAWN if before.state != alert.state.value else None
    returned = before.state == AlertState.WITHDRAWN.value
    return begun if returned or before.late != alert.late else EventKind.UPDATED
