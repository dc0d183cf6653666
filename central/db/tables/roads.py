"""The street network in use, and where cameras stand on it.

The streets themselves are in tables that each import makes: see `central.roads.store`.
"""

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, REAL

from central.db.tables.base import NOW, Moment, metadata

_NO = text("false")

road_networks = Table(
    "road_networks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("imported_at", Moment, nullable=False, server_default=NOW),
    Column("west", Double, nullable=False),
    Column("south", Double, nullable=False),
    Column("east", Double, nullable=False),
    Column("north", Double, nullable=False),
    Column("fastest_walk_m_s", Double, nullable=False),
    Column("fastest_drive_m_s", Double, nullable=False),
    Column("figures", JSONB, nullable=False),
    comment="the newest is the one in use; its streets are in roads.nodes_ID and roads.edges_ID",
)

camera_streets = Table(
    "camera_streets",
    metadata,
    Column("camera", Text, ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    Column("mode", Text, primary_key=True),
    Column("network", Integer, nullable=False),
    Column("lon", Double, nullable=False, comment="where the camera stood when this was found"),
    Column("lat", Double, nullable=False),
    Column("edge", BigInteger, comment="null: no street is near enough"),
    Column("along", Double, comment="part of the edge's length from its source"),
    Column("metres", REAL),
    Column(
        "island",
        Boolean,
        nullable=False,
        server_default=_NO,
        comment="the street is cut off from the largest part",
    ),
    Column(
        "timed",
        Boolean,
        nullable=False,
        server_default=_NO,
        comment="travel_times has its row and column",
    ),
)
