"""Boxes, what was received of them, and what could not be read."""

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE, JSONB

from central.db.tables.base import EMPTY_LIST, EMPTY_MAP, NOW, Moment, metadata

boxes = Table(
    "boxes",
    metadata,
    Column("box", Text, primary_key=True),
    Column("status", Text, nullable=False, server_default=text("'unknown'")),
    Column("session", Uuid),
    Column("epoch", Uuid),
    Column("started_at", Moment),
    Column("software", Text),
    Column("profile", Text),
    Column("models", JSONB, nullable=False, server_default=EMPTY_MAP),
    Column("runtimes", JSONB, nullable=False, server_default=EMPTY_MAP),
    Column("channels", JSONB, nullable=False, server_default=EMPTY_LIST),
    Column("last_heard", Moment),
    Column("telemetry", JSONB),
    Column("newest_session", Uuid),
    Column("previous_started_at", Moment),
    Column("cloned_at", Moment, comment="two programs spoke as this box"),
)

outbox_ledger = Table(
    "outbox_ledger",
    metadata,
    Column("box", Text, primary_key=True),
    Column("epoch", Uuid, primary_key=True),
    Column("received", INT8MULTIRANGE, nullable=False, server_default=text("'{}'::int8multirange")),
    Column("evicted", INT8MULTIRANGE, nullable=False, server_default=text("'{}'::int8multirange")),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("box", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("epoch", Uuid),
    Column("seq", BigInteger),
    Column("reason", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False, server_default=NOW),
)
