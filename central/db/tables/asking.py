"""Pictures and searches that were asked with."""

from sqlalchemy import Column, Double, ForeignKey, Integer, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB, REAL

from central.db.tables.base import EMPTY_MAP, Moment, Rect, metadata

query_pictures = Table(
    "query_pictures",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
)

query_objects = Table(
    "query_objects",
    metadata,
    Column("picture", Uuid, ForeignKey("query_pictures.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("object_class", Text, nullable=False),
    Column("rect", Rect, nullable=False),
    Column("confidence", REAL, comment="null: the whole picture"),
    Column("space", Text, nullable=False),
    Column("vector_scale", Double, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Column("crop", LargeBinary, nullable=False),
    Column("attributes", JSONB, nullable=False, server_default=EMPTY_MAP),
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
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("status", Integer, comment="null: the first request is still at work"),
    Column("media_type", Text),
    Column("headers", JSONB),
    Column("body", LargeBinary),
)
