"""Sightings, their crops that came early, clips, and what was purged.

A sighting's `day` is the UTC date of `first_seen`, which its UUIDv7 also carries. `sightings` is
partitioned by it, so that retention is dropping a table; see `central.db.partitions`.
"""

from sqlalchemy import (
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
from sqlalchemy.dialects.postgresql import JSONB, REAL, TIMESTAMP

from central.db.tables.base import EMPTY_MAP, NOW, Millisecond, Moment, Rect, Xid8, metadata

sightings = Table(
    "sightings",
    metadata,
    Column("day", Date, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("box", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("camera", Text, ForeignKey("cameras.id"), nullable=False),
    Column("object_class", Text, nullable=False),
    Column("first_seen", Millisecond, nullable=False),
    Column("last_seen", Millisecond, nullable=False),
    Column("shot", Millisecond, nullable=False),
    Column("frame_width", Integer, nullable=False),
    Column("frame_height", Integer, nullable=False),
    Column("rect", Rect, nullable=False, comment="left, top, right, bottom in source pixels"),
    Column("first_rect", Rect, nullable=False),
    Column("last_rect", Rect, nullable=False),
    Column("confidence", REAL, nullable=False),
    Column("quality", REAL, nullable=False),
    Column("detections", Integer, nullable=False),
    Column("crops_used", Integer, nullable=False),
    Column("space", Text, nullable=False),
    Column("vector_scale", Double, nullable=False),
    Column("vector", LargeBinary, nullable=False, comment="int8 values, see shared.vectors"),
    Column("crop_width", Integer, nullable=False),
    Column("crop_height", Integer, nullable=False),
    Column("crop_bytes", Integer, nullable=False),
    Column("message_bytes", Integer, nullable=False),
    Column("attributes", JSONB, nullable=False, server_default=EMPTY_MAP),
    Column("plate", Text),
    Column("models", JSONB, nullable=False, server_default=EMPTY_MAP),
    Column("clock_offset_ms", Double),
    Column("change_xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("crop_revision", Integer, comment="null: the crop has not come"),
    Column(
        "crop_gone",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="its box gave it up",
    ),
    Column(
        "received_at",
        TIMESTAMP(timezone=True, precision=0),
        nullable=False,
        server_default=NOW,
        comment="when its first revision came",
    ),
    postgresql_partition_by="RANGE (day)",
)

early_crops = Table(
    "early_crops",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("box", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("data", LargeBinary, comment="null: its box gave it up"),
    Column("received_at", Moment, nullable=False, server_default=NOW),
)

clips = Table(
    "clips",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("day", Date, nullable=False, comment="of what is shown: it goes with its sightings"),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'asked'")),
    Column("reason", Text),
    Column("box", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("camera", Text, nullable=False),
    Column("sighting", Uuid),
    Column("from_at", Millisecond, comment="null: a snapshot"),
    Column("to_at", Millisecond),
    Column("purpose", Text),
    Column("asked_at", Moment, nullable=False),
    Column("token", Text, nullable=False, comment="good for this upload alone"),
    Column("sent_at", Moment, comment="when the box was last asked"),
    Column("heard_at", Moment, comment="when something of it last came"),
    Column("size", BigInteger),
    Column("digest", Text, comment="SHA-256, base64"),
    Column("starts_at", Millisecond),
    Column("ends_at", Millisecond),
)

purges = Table(
    "purges",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("policy", Text, nullable=False, comment="a digest of what was to be kept for how long"),
    Column("seen_xid", Xid8, nullable=False, comment="this and later ones were not looked at"),
    Column("parts", JSONB, nullable=False),
)
