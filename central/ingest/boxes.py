"""What is known of each box: its birth, last will and counters."""

from collections.abc import Sequence

import structlog
from sqlalchemy import Connection, RowMapping, func, select
from sqlalchemy.dialects.postgresql import insert

from central.db.tables import boxes
from central.ingest.reading import Reading, StateRead, TelemetryRead
from shared.clock import to_datetime

_log = structlog.get_logger(__name__)


def update_boxes(connection: Connection, readings: Sequence[Reading]) -> None:
    """Apply births, wills, counters and "heard at" of `readings`, box by box, oldest first."""
    # Sorted by box, so that two writers lock rows in one order.
    for box in sorted({reading.received.box for reading in readings}):
        own = [reading for reading in readings if reading.received.box == box]
        _heard(connection, box, own)
        for reading in own:
            if isinstance(reading, StateRead):
                _apply_state(connection, reading)
        counters = [reading for reading in own if isinstance(reading, TelemetryRead)]
        if counters:
            _apply_telemetry(connection, counters[-1])


def _heard(connection: Connection, box: str, readings: Sequence[Reading]) -> None:
    # A retained message says nothing about when the box was there.
    live = [r.received.received_ms for r in readings if not r.received.retained]
    moment = to_datetime(max(live)) if live else None
    statement = insert(boxes).values(box=box, last_heard=moment)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[boxes.c.box],
            set_={"last_heard": func.greatest(boxes.c.last_heard, statement.excluded.last_heard)},
        )
    )


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
        _warn_if_cloned(reading, known)
        values = _birth(reading) | {"previous_session": known["session"]}
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


def _warn_if_cloned(reading: StateRead, known: RowMapping) -> None:
    state = reading.state
    older = known["started_at"] is not None and to_datetime(state.started_ms) < known["started_at"]
    if state.session == known["previous_session"] or older:
        _log.warning(
            "two programs speak as one box, or its clock went back: if a disk was copied, give "
            "one of the boxes its own name and certificate",
            box=reading.received.box,
            session=str(state.session),
            other_session=str(known["session"]),
        )


def _apply_telemetry(connection: Connection, reading: TelemetryRead) -> None:
    # The epoch travels as bytes, which JSON has not.
    counters = reading.telemetry.model_dump() | {"epoch": str(reading.telemetry.epoch)}
    own = boxes.c.box == reading.received.box
    connection.execute(boxes.update().where(own).values(telemetry=counters))
