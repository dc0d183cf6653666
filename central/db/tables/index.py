"""How far indexes of vectors are."""

from sqlalchemy import BigInteger, Column, Date, Table, Uuid

from central.db.tables.base import NOW, Moment, Xid8, metadata

index_cursor = Table(
    "index_cursor",
    metadata,
    Column("index_id", Uuid, primary_key=True),
    Column("xid", Xid8, nullable=False),
    Column("day", Date, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("updated_at", Moment, nullable=False, server_default=NOW),
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
