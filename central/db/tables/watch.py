"""The watch list."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, REAL

from central.db.tables.base import EMPTY_MAP, Millisecond, Moment, Xid8, metadata


def _of_target() -> ForeignKey:
    return ForeignKey("watch_targets.id", ondelete="CASCADE")


watch_targets = Table(
    "watch_targets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("object_class", Text),
    Column("space", Text, comment="null: a plate or attributes alone"),
    Column("plate", Text),
    Column("plate_folded", Text),
    Column("cameras", JSONB(none_as_null=True), comment="null: all of them"),
    Column("attributes", JSONB, nullable=False, server_default=EMPTY_MAP),
    Column("least_confidence", REAL, nullable=False),
    Column("least_probability", REAL, nullable=False),
    Column("quiet_minutes", Integer, nullable=False),
)

watch_vectors = Table(
    "watch_vectors",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("target", Uuid, _of_target(), nullable=False),
    Column("negative", Boolean, nullable=False, comment="somebody else who looks alike"),
    Column("source", Text, nullable=False),
    Column("sighting", Uuid),
    Column("alert", Uuid),
    Column("vector_scale", Double, nullable=False),
    Column("vector", LargeBinary, nullable=False),
)

watch_alerts = Table(
    "watch_alerts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("target", Uuid, _of_target(), nullable=False),
    Column("camera", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("first_at", Millisecond, nullable=False),
    Column("last_at", Millisecond, nullable=False),
    Column("sightings", Integer, nullable=False),
    Column("sighting", Uuid, nullable=False, comment="the best of them"),
    Column("revision", Integer, nullable=False),
    Column("probability", REAL),
    Column("found_by", ARRAY(Text), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", Text),
    Column("why", Text),
)

watch_hits = Table(
    "watch_hits",
    metadata,
    Column("target", Uuid, _of_target(), primary_key=True),
    Column("sighting", Uuid, primary_key=True),
    Column("alert", Uuid, ForeignKey("watch_alerts.id", ondelete="CASCADE"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("first_at", Millisecond, nullable=False),
    Column("last_at", Millisecond, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("probability", REAL),
    Column("found_by", ARRAY(Text), nullable=False),
    Column(
        "withdrawn",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="a later revision is no longer like the target",
    ),
)

watch_events = Table(
    "watch_events",
    metadata,
    Column("id", BigInteger, primary_key=True, comment="in the order of commits"),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Uuid, _of_target(), nullable=False),
    Column("data", JSONB, nullable=False),
)

watch_webhooks = Table(
    "watch_webhooks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("events", ARRAY(Text), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("disabled", Text, comment="why it is sent nothing any more"),
)

watch_deliveries = Table(
    "watch_deliveries",
    metadata,
    Column("webhook", Uuid, ForeignKey("watch_webhooks.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "event", BigInteger, ForeignKey("watch_events.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("made_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("error", Text),
)

watch_cursor = Table(
    "watch_cursor",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    Column("xid", Xid8, nullable=False),
    Column("day", Date, nullable=False),
    Column("id", Uuid, nullable=False),
)
