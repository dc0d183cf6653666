"""Routes, in versions, and what of them was travelled."""

from geoalchemy2 import Geometry
from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from central.db.tables.base import NOW, Moment, metadata

routes = Table(
    "routes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("created_at", Moment, nullable=False, server_default=NOW),
    Column("name", Text),
    Column("version", Integer, nullable=False, server_default=text("1"), comment="the newest"),
)

route_versions = Table(
    "route_versions",
    metadata,
    Column("route", Uuid, ForeignKey("routes.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("purpose", Text),
    Column("searched", Text, comment="how the stops were found, as somebody said it"),
    Column("software", Text, nullable=False),
    Column("network", Text, comment="the streets it was found on; null: none"),
    Column("stops", JSONB, nullable=False),
    Column("legs", JSONB, nullable=False),
)

route_paths = Table(
    "route_paths",
    metadata,
    Column("route", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("piece", Integer, primary_key=True, comment="cut where a leg cannot be travelled"),
    Column("from_stop", Integer, nullable=False),
    Column("to_stop", Integer, nullable=False),
    Column(
        "path",
        Geometry("LINESTRINGM", srid=4326, dimension=3, spatial_index=False),
        nullable=False,
    ),
    ForeignKeyConstraint(
        ["route", "version"],
        ["route_versions.route", "route_versions.version"],
        ondelete="CASCADE",
    ),
)
