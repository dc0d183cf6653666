"""What cameras see, and where each was at what time."""

from alembic import op

revision = "0013"
down_revision = "0012"

_STATEMENTS = (
    """
    ALTER TABLE cameras
        ADD COLUMN view jsonb,
        ADD COLUMN coverage geography(Polygon, 4326)
    """,
    "COMMENT ON COLUMN cameras.view IS 'as it was said, see central.cameras.views.model'",
    "COMMENT ON COLUMN cameras.coverage IS 'the ground it sees, derived; null: unknown'",
    "CREATE INDEX cameras_coverage ON cameras USING gist (coverage)",
    """
    CREATE TABLE camera_places (
        camera text NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
        from_at timestamptz NOT NULL,
        until_at timestamptz NOT NULL,
        position geography(Point, 4326),
        view jsonb,
        coverage geography(Polygon, 4326),
        PRIMARY KEY (camera, from_at),
        CHECK (from_at < until_at)
    )
    """,
    "COMMENT ON COLUMN camera_places.from_at IS '-infinity: as far back as anybody asks'",
    "COMMENT ON COLUMN camera_places.until_at IS 'not included; infinity: it is there now'",
    "CREATE INDEX camera_places_position ON camera_places USING gist (position)",
    "CREATE INDEX camera_places_coverage ON camera_places USING gist (coverage)",
    """
    INSERT INTO camera_places (camera, from_at, until_at, position)
    SELECT id, '-infinity', 'infinity', position FROM cameras WHERE position IS NOT NULL
    """,
)


def upgrade() -> None:
    """Create them."""
    for statement in _STATEMENTS:
        op.execute(statement)
