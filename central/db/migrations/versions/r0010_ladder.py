"""What re-ranking keeps: the running means of cameras by hour, and travel times between cameras."""

from alembic import op

revision = "0010"
down_revision = "0009"

_STATEMENTS = (
    """
    CREATE TABLE camera_means (
        space text NOT NULL,
        object_class text NOT NULL,
        camera text NOT NULL,
        hour smallint NOT NULL CHECK (hour BETWEEN -1 AND 23),
        seen double precision NOT NULL CHECK (seen >= 0),
        total bytea NOT NULL,
        PRIMARY KEY (space, object_class, camera, hour)
    )
    """,
    "COMMENT ON COLUMN camera_means.camera IS 'empty: all cameras together'",
    "COMMENT ON COLUMN camera_means.hour IS 'of the day, UTC; -1: all hours together'",
    "COMMENT ON COLUMN camera_means.total IS 'sum of unit vectors, float32, little endian'",
    """
    CREATE TABLE travel_times (
        from_camera text NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
        to_camera text NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
        mode text NOT NULL CHECK (mode IN ('foot', 'car')),
        seconds real NOT NULL CHECK (seconds >= 0),
        PRIMARY KEY (from_camera, to_camera, mode)
    )
    """,
)


def upgrade() -> None:
    """Create them."""
    for statement in _STATEMENTS:
        op.execute(statement)
