"""Routes."""

from geoalchemy2 import Geometry
from sqlalchemy import Column, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from central.db.tables.base import NOW, Moment, metadata

routes = Table(
    "routes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("created_at", Moment, nullable=False, server_default=NOW),
    Column("name", Text),
    Column("stops", JSONB, nullable=False),
    Column("legs", JSONB, nullable=False),
    Column("path", Geometry("LINESTRINGM", srid=4326, dimension=3, spatial_index=False)),
)
