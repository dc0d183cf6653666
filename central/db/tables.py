"""The tables, as the migrations leave them (a test compares the two).

A sighting's `day` is the UTC date of `first_seen`, which its UUIDv7 also carries. `sightings` is
partitioned by it, so that retention is dropping a table; see `central.db.partitions`.
"""

from geoalchemy2 import Geography, Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE, JSONB, REAL, TIMESTAMP
from sqlalchemy.types import UserDefinedType


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id (`xid8`); it never wraps. Read and bound as text."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in SQL."""
        return "xid8"


metadata = MetaData()

_NOW = text("now()")
_EMPTY_MAP = text("'{}'::jsonb")
_EMPTY_LIST = text("'[]'::jsonb")
_Rect = ARRAY(REAL, dimensions=1)
_Moment = DateTime(timezone=True)
_Millisecond = TIMESTAMP(timezone=True, precision=3)


def _of_target() -> ForeignKey:
    return ForeignKey("watch_targets.id", ondelete="CASCADE")


boxes = Table(
    "boxes",
    metadata,
    Column("box", Text, primary_key=True),
    Column("status", Text, nullable=False, server_default=text("'unknown'")),
    Column("session", Uuid),
    Column("epoch", Uuid),
    Column("started_at", _Moment),
    Column("software", Text),
    Column("profile", Text),
    Column("models", JSONB, nullable=False, server_default=_EMPTY_MAP),
    Column("runtimes", JSONB, nullable=False, server_default=_EMPTY_MAP),
    Column("channels", JSONB, nullable=False, server_default=_EMPTY_LIST),
    Column("last_heard", _Moment),
    Column("telemetry", JSONB),
    Column("newest_session", Uuid),
    Column("previous_started_at", _Moment),
    Column("cloned_at", _Moment, comment="two programs spoke as this box"),
)

cameras = Table(
    "cameras",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("box", Text, comment="null: any box may send for it"),
    Column(
        "position",
        Geography("POINT", srid=4326, spatial_index=False),
        comment="null: not placed on the map yet",
    ),
    Column("height_m", REAL),
    Column("azimuth_deg", REAL),
    Column("purpose", Text),
    Column("address", Text),
    Column("properties", JSONB, nullable=False, server_default=_EMPTY_MAP),
    Column("created_at", _Moment, nullable=False, server_default=_NOW),
    Column("updated_at", _Moment, nullable=False, server_default=_NOW),
)

camera_groups = Table(
    "camera_groups",
    metadata,
    Column("name", Text, primary_key=True),
    Column("retention_days", Integer, comment="null: as the centre is set"),
    Column("created_at", _Moment, nullable=False, server_default=_NOW),
)

camera_group_members = Table(
    "camera_group_members",
    metadata,
    Column(
        "group_name",
        Text,
        ForeignKey("camera_groups.name", onupdate="CASCADE", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("camera", Text, ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
)

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
    Column("first_seen", _Millisecond, nullable=False),
    Column("last_seen", _Millisecond, nullable=False),
    Column("shot", _Millisecond, nullable=False),
    Column("frame_width", Integer, nullable=False),
    Column("frame_height", Integer, nullable=False),
    Column("rect", _Rect, nullable=False, comment="left, top, right, bottom in source pixels"),
    Column("first_rect", _Rect, nullable=False),
    Column("last_rect", _Rect, nullable=False),
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
    Column("attributes", JSONB, nullable=False, server_default=_EMPTY_MAP),
    Column("plate", Text),
    Column("models", JSONB, nullable=False, server_default=_EMPTY_MAP),
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
        server_default=_NOW,
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
    Column("received_at", _Moment, nullable=False, server_default=_NOW),
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
    Column("received_at", _Moment, nullable=False, server_default=_NOW),
)

routes = Table(
    "routes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("created_at", _Moment, nullable=False, server_default=_NOW),
    Column("name", Text),
    Column("stops", JSONB, nullable=False),
    Column("legs", JSONB, nullable=False),
    Column("path", Geometry("LINESTRINGM", srid=4326, dimension=3, spatial_index=False)),
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
    Column("from_at", _Millisecond, comment="null: a snapshot"),
    Column("to_at", _Millisecond),
    Column("purpose", Text),
    Column("asked_at", _Moment, nullable=False),
    Column("token", Text, nullable=False, comment="good for this upload alone"),
    Column("sent_at", _Moment, comment="when the box was last asked"),
    Column("heard_at", _Moment, comment="when something of it last came"),
    Column("size", BigInteger),
    Column("digest", Text, comment="SHA-256, base64"),
    Column("starts_at", _Millisecond),
    Column("ends_at", _Millisecond),
)

watch_targets = Table(
    "watch_targets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", _Moment, nullable=False),
    Column("updated_at", _Moment, nullable=False),
    Column("until", _Moment, nullable=False),
    Column("object_class", Text),
    Column("space", Text, comment="null: a plate or attributes alone"),
    Column("plate", Text),
    Column("plate_folded", Text),
    Column("cameras", JSONB(none_as_null=True), comment="null: all of them"),
    Column("attributes", JSONB, nullable=False, server_default=_EMPTY_MAP),
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
    Column("first_at", _Millisecond, nullable=False),
    Column("last_at", _Millisecond, nullable=False),
    Column("sightings", Integer, nullable=False),
    Column("sighting", Uuid, nullable=False, comment="the best of them"),
    Column("revision", Integer, nullable=False),
    Column("probability", REAL),
    Column("found_by", ARRAY(Text), nullable=False),
    Column("made_at", _Moment, nullable=False),
    Column("updated_at", _Moment, nullable=False),
    Column("decided_at", _Moment),
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
    Column("first_at", _Millisecond, nullable=False),
    Column("last_at", _Millisecond, nullable=False),
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
    Column("at", _Moment, nullable=False),
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
    Column("created_at", _Moment, nullable=False),
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
    Column("made_at", _Moment, nullable=False),
    Column("next_at", _Moment, nullable=False),
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

query_pictures = Table(
    "query_pictures",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("created_at", _Moment, nullable=False),
    Column("expires_at", _Moment, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
)

query_objects = Table(
    "query_objects",
    metadata,
    Column("picture", Uuid, ForeignKey("query_pictures.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("object_class", Text, nullable=False),
    Column("rect", _Rect, nullable=False),
    Column("confidence", REAL, comment="null: the whole picture"),
    Column("space", Text, nullable=False),
    Column("vector_scale", Double, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Column("crop", LargeBinary, nullable=False),
    Column("attributes", JSONB, nullable=False, server_default=_EMPTY_MAP),
    Column("plate", Text),
)

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("purpose", Text),
    Column("request", JSONB, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", _Moment, nullable=False),
    Column("updated_at", _Moment, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("created_at", _Moment, nullable=False),
    Column("status", Integer, comment="null: the first request is still at work"),
    Column("media_type", Text),
    Column("headers", JSONB),
    Column("body", LargeBinary),
)

index_cursor = Table(
    "index_cursor",
    metadata,
    Column("index_id", Uuid, primary_key=True),
    Column("xid", Xid8, nullable=False),
    Column("day", Date, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("updated_at", _Moment, nullable=False, server_default=_NOW),
)

index_lacking = Table(
    "index_lacking",
    metadata,
    Column("index_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
)

index_verified = Table(
    "index_verified",
    metadata,
    Column("index_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column(
        "points",
        BigInteger,
        nullable=False,
        comment="as many as it had, or more, when it was compared",
    ),
)

camera_means = Table(
    "camera_means",
    metadata,
    Column("space", Text, primary_key=True),
    Column("object_class", Text, primary_key=True),
    Column("camera", Text, primary_key=True, comment="empty: all cameras together"),
    Column(
        "hour", SmallInteger, primary_key=True, comment="of the day, UTC; -1: all hours together"
    ),
    Column("seen", Double, nullable=False),
    Column(
        "total", LargeBinary, nullable=False, comment="sum of unit vectors, float32, little endian"
    ),
)

travel_times = Table(
    "travel_times",
    metadata,
    Column("from_camera", Text, ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    Column("to_camera", Text, ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    Column("mode", Text, primary_key=True),
    Column("seconds", REAL, nullable=False),
)

purges = Table(
    "purges",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("at", _Moment, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("policy", Text, nullable=False, comment="a digest of what was to be kept for how long"),
    Column("seen_xid", Xid8, nullable=False, comment="this and later ones were not looked at"),
    Column("parts", JSONB, nullable=False),
)
