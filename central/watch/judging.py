"""Looking at alerts and saying which are right. What is said makes the entry better."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, func, select

from central.audit import asker
from central.db.tables import watch_alerts, watch_hits, watch_targets, watch_vectors
from central.errors import NotFoundError
from central.sightings import repository
from central.values import Page, cut_page
from central.watch import events
from central.watch.alerts import alerts_query, to_alert
from central.watch.entries import add_vectors, quantised
from central.watch.events import News
from central.watch.model import Alert, AlertDetail, AlertState, EventKind, Hit, Judgement
from central.watch.showing import read_id
from shared.clock import Clock, to_datetime
from shared.ids import uuid7

_MAX_SHOWN = 1_000
LEARNT_AT_ONCE = 5
"""The best sightings of an alert say what there is to say."""

MAX_LEARNT = 200
"""Vectors that an entry learns at most, of each sign."""

_log = structlog.get_logger(__name__)


class AlertFilter(NamedTuple):
    """Which alerts a list shows; None: all."""

    target: UUID | None = None
    camera: str | None = None
    state: AlertState | None = None


class Judge(NamedTuple):
    """Alerts: the database, and the time it is."""

    engine: Engine
    clock: Clock

    def page(self, wanted: AlertFilter, limit: int, cursor: str | None) -> Page[Alert]:
        """Alerts, newest first.

        Raises:
            InputError: `cursor` is not one of ours.
        """
        query = alerts_query().order_by(watch_alerts.c.id.desc()).limit(limit + 1)
        for name, value in wanted._asdict().items():
            if value is not None:
                query = query.where(watch_alerts.c[name] == value)
        if cursor is not None:
            query = query.where(watch_alerts.c.id < read_id(cursor))
        with self.engine.connect() as connection:
            found = [to_alert(row) for row in connection.execute(query).mappings()]
        return cut_page(found, limit, lambda alert: str(alert.id))

    def get(self, identifier: UUID) -> AlertDetail:
        """An alert and its sightings.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self.engine.connect() as connection:
            alert = _alert(connection, identifier)
            query = select(watch_hits).where(watch_hits.c.alert == identifier)
            rows = connection.execute(query.order_by(watch_hits.c.first_at).limit(_MAX_SHOWN))
            hits = [_hit(row) for row in rows.mappings()]
        return AlertDetail(**dict(alert), hits=hits)

    def judge(self, identifier: UUID, kind: EventKind, said: Judgement) -> Alert:
        """Confirm or dismiss an alert; what was said before no longer counts.

        Raises:
            NotFoundError: there is none of that id.
        """
        now = to_datetime(self.clock.now_ms())
        decided = {
            "state": kind.value,
            "decided_at": now,
            "updated_at": now,
            "decided_by": asker(),
            "why": said.why,
        }
        mine = watch_alerts.c.id == identifier
        with self.engine.begin() as connection:
            events.take_turn(connection)
            connection.execute(watch_alerts.update().where(mine).values(decided))
            alert = _alert(connection, identifier)
            connection.execute(watch_vectors.delete().where(watch_vectors.c.alert == identifier))
            learnt = self._learn(connection, alert, kind) if said.learn else 0
            events.list_changed(connection)
            events.add(connection, [News(kind, alert)], now)
        _log.info(
            "watch hit",
            who=asker(),
            what=kind.value,
            entry=str(alert.target),
            alert=str(identifier),
            why=said.why,
            learnt=learnt,
        )
        return alert

    def _learn(self, connection: Connection, alert: Alert, kind: EventKind) -> int:
        """Keep the vectors of the alert's best sightings with the entry; gives their number."""
        negative = kind is EventKind.DISMISSED
        of = watch_targets.c.id == alert.target
        space = connection.execute(select(watch_targets.c.space).where(of)).scalar_one()
        query = (
            select(watch_hits.c.sighting)
            .where(watch_hits.c.alert == alert.id, watch_hits.c.withdrawn.is_(False))
            .order_by(watch_hits.c.probability.desc().nulls_last())
            .limit(min(LEARNT_AT_ONCE, MAX_LEARNT - _learnt(connection, alert.target, negative)))
        )
        best = connection.execute(query).scalars().all()
        found = repository.vectors(connection, best) if best else {}
        rows: list[dict[str, object]] = [
            {
                "id": uuid7(self.clock.now_ms()),
                "target": alert.target,
                "negative": negative,
                "source": "alert",
                "sighting": sighting,
                "alert": alert.id,
                **quantised(stored.vector),
            }
            for sighting, stored in found.items()
            if stored.space == space
        ]
        add_vectors(connection, rows)
        return len(rows)


def _learnt(connection: Connection, target: UUID, negative: bool) -> int:  # noqa: FBT001
    mine = (watch_vectors.c.target == target, watch_vectors.c.negative.is_(negative))
    count = select(func.count()).select_from(watch_vectors).where(*mine)
    learnt = count.where(watch_vectors.c.source == "alert")
    return min(MAX_LEARNT, connection.execute(learnt).scalar_one())


def _alert(connection: Connection, identifier: UUID) -> Alert:
    row = connection.execute(alerts_query().where(watch_alerts.c.id == identifier))
    found = row.mappings().first()
    if found is None:
        raise NotFoundError(f"there is no alert {identifier}")
    return to_alert(found)


def _hit(row: Mapping[Any, Any]) -> Hit:
    values = {name: row[name] for name in Hit.model_fields}
    if values["probability"] is not None:
        values["probability"] = round(values["probability"], 3)
    return Hit(**values)
