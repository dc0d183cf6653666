"""How long it takes from camera to camera, as learnt: single trips, and what they come to."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Identity,
    Integer,
    Table,
    Text,
    Uuid,
)

from central.db.tables.base import Moment, metadata


def _camera() -> ForeignKey:
    return ForeignKey("cameras.id", ondelete="CASCADE")


link_samples = Table(
    "link_samples",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("from_camera", Text, _camera(), nullable=False),
    Column("to_camera", Text, _camera(), nullable=False),
    Column("object_class", Text, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("at", Moment, nullable=False, comment="the day, UTC"),
    Column("from_sighting", Uuid, comment="null: the sightings were kept long enough"),
    Column("to_sighting", Uuid),
    Column(
        "route",
        Uuid,
        ForeignKey("routes.id", ondelete="CASCADE"),
        comment="null: the same plate was read at both",
    ),
)

links = Table(
    "links",
    metadata,
    Column("from_camera", Text, _camera(), primary_key=True),
    Column("to_camera", Text, _camera(), primary_key=True),
    Column("object_class", Text, primary_key=True),
    Column("samples", Integer, nullable=False),
    Column(
        "weight",
        Double,
        nullable=False,
        comment="of all samples, as it was when the newest was travelled",
    ),
    Column("p05_s", Double, nullable=False),
    Column("p50_s", Double, nullable=False),
    Column("p95_s", Double, nullable=False),
    Column("newest", Moment, nullable=False),
)
