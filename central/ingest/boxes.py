"""What is known of each box: its birth, last will and counters."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import Connection, RowMapping, select, text

from central.db.arrays import plain, quoted
from central.db.tables import boxes
from central.ingest.ledger import add_evicted
from central.ingest.reading import Reading, StateRead, TelemetryRead
from shared.clock import to_datetime

# Between two reports of the same.
_QUIET = timedelta(minutes=10)

_log = structlog.get_logger(__name__)

# Sorted by box, here and below, so that two writers lock rows in one order.
_HEARD = text(
    "INSERT INTO boxes (box, last_heard) "
    "SELECT r.box, to_timestamp(r.heard::double precision / 1000) "
    "FROM unnest(CAST(:box AS text[]), CAST(:heard AS bigint[])) AS r(box, heard) "
    "ORDER BY r.box ON CONFLICT (box) DO UPDATE "
    "SET last_heard = greatest(boxes.last_heard, excluded.last_heard)"
)


def update_boxes(connection: Connection, readings: Sequence[Reading]) -> None:
    """Apply "heard at", births, wills and counters of `readings`, box by box, oldest first."""
    if not readings:
        return
    _heard(connection, readings)
    for reading in sorted(readings, key=lambda r: r.received.box):
        if isinstance(reading, StateRead):
            _apply_state(connection, reading)
        elif isinstance(reading, TelemetryRead):
            _apply_telemetry(connection, reading)


def _heard(connection: Connection, readings: Sequence[Reading]) -> None:
    latest: dict[str, int | None] = {}
    for received in (reading.received for reading in readings):
        known = latest.setdefault(received.box, None)
        # A retained message says nothing about when the box was there.
        if not received.retained:
            latest[received.box] = max(known or 0, received.received_ms)
    connection.execute(_HEARD, {"box": quoted(latest), "heard": plain(latest.values())})


def _apply_state(connection: Connection, reading: StateRead) -> None:
    box, state = reading.received.box, reading.state
    query = select(boxes).where(boxes.c.box == box).with_for_update()
    known = connection.execute(query).mappings().one()
    if state.status == "offline" and known["session"] not in {None, state.session}:
        _log.info("an old last will is ignored", box=box, session=str(state.session))
        return
    if state.session == known["session"]:
        values: dict[str, object] = {"status": state.status}
    else:
        values = _birth(reading) | _seen_before(reading, known)
    connection.execute(boxes.update().where(boxes.c.box == box).values(values))


def _birth(reading: StateRead) -> dict[str, object]:
    state = reading.state
    return {
        "status": state.status,
        "session": state.session,
        "epoch": state.epoch,
        "started_at": to_datetime(state.started_ms),
        "software": state.software,
        "profile": state.profile,
        "models": state.models,
        "runtimes": state.runtimes,
        "channels": [channel.model_dump() for channel in state.channels],
    }


def _seen_before(reading: StateRead, known: RowMapping) -> dict[str, object]:
    """What this birth says together with earlier ones: which program spoke, and whether two do.

    A program that has ended does not come back, and every connection has a new session (a UUIDv7,
    so newer is larger). So the program before the last in a new session means that both run: the
    broker lets in one of them at a time, and each pushes the other out. Births that the broker
    hands out again are of sessions that are not new.
    """
    box, state, newest = reading.received.box, reading.state, known["newest_session"]
    fresh = newest is None or state.session > newest
    values: dict[str, object] = {"newest_session": state.session} if fresh else {}
    started = to_datetime(state.started_ms)
    if known["started_at"] is None or started == known["started_at"]:
        return values
    values["previous_started_at"] = known["started_at"]
    if fresh and started == known["previous_started_at"]:
        now = to_datetime(reading.received.received_ms)
        if known["cloned_at"] is None or now - known["cloned_at"] >= _QUIET:
            _log.error(
                "two programs speak as one box and push each other out: if a disk was copied, "
                "give one of the boxes its own name and certificate",
                box=box,
                started=[str(started), str(known["started_at"])],
            )
            values["cloned_at"] = now
    elif started < known["started_at"]:
        _log.warning(
            "a box's program began before the one known: its clock went back, or old news", box=box
        )
    return values


def _apply_telemetry(connection: Connection, reading: TelemetryRead) -> None:
    box, telemetry = reading.received.box, reading.telemetry
    # The epoch travels as bytes, which JSON has not.
    counters = telemetry.model_dump() | {"epoch": str(telemetry.epoch)}
    connection.execute(boxes.update().where(boxes.c.box == box).values(telemetry=counters))
    if telemetry.gaps:
        _log.warning("a box evicted rows at its disk cap", box=box, evicted=telemetry.evicted)
        add_evicted(connection, box, telemetry.epoch, telemetry.gaps)
