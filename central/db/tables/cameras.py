"""Cameras, what they see, their groups, and how long it takes between them."""

from geoalchemy2 import Geography
from sqlalchemy import Column, Double, ForeignKey, Integer, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, REAL

from central.db.tables.base import EMPTY_MAP, NOW, Moment, metadata

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
    Column("properties", JSONB, nullable=False, server_default=EMPTY_MAP),
    Column("created_at", Moment, nullable=False, server_default=NOW),
    Column("updated_at", Moment, nullable=False, server_default=NOW),
    # Null in SQL too, not the null of JSON.
    Column(
        "view",
        JSONB(none_as_null=True),
        comment="as it was said, see central.cameras.views.model",
    ),
    Column(
        "coverage",
        Geography("POLYGON", srid=4326, spatial_index=False),
        comment="the ground it sees, derived; null: unknown",
    ),
)

camera_places = Table(
    "camera_places",
    metadata,
    Column("camera", Text, ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    Column("from_at", Moment, primary_key=True, comment="-infinity: as far back as anybody asks"),
    Column("until_at", Moment, nullable=False, comment="not included; infinity: it is there now"),
    Column("position", Geography("POINT", srid=4326, spatial_index=False)),
    Column("view", JSONB(none_as_null=True)),
    Column("coverage", Geography("POLYGON", srid=4326, spatial_index=False)),
)

camera_groups = Table(
    "camera_groups",
    metadata,
    Column("name", Text, primary_key=True),
    Column("retention_days", Integer, comment="null: as the centre is set"),
    Column("created_at", Moment, nullable=False, server_default=NOW),
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
