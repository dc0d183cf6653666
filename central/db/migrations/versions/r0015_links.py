"""How long it takes from camera to camera, as learnt."""

from alembic import op

revision = "0015"
down_revision = "0014"

_STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE link_samples (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        from_camera text NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
        to_camera text NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
        object_class text NOT NULL,
        seconds double precision NOT NULL CHECK (seconds >= 0),
        at timestamptz NOT NULL,
        from_sighting uuid NOT NULL,
        to_sighting uuid NOT NULL,
        route uuid REFERENCES routes (id) ON DELETE CASCADE,
        UNIQUE NULLS NOT DISTINCT (from_sighting, to_sighting, route),
        CHECK (from_camera <> to_camera)
    )
    """,
    "COMMENT ON COLUMN link_samples.route IS 'null: the same plate was read at both'",
    """
    CREATE INDEX link_samples_by_pair
    ON link_samples (from_camera, to_camera, object_class, at DESC)
    """,
    "CREATE INDEX link_samples_by_route ON link_samples (route) WHERE route IS NOT NULL",
    """
    CREATE TABLE links (
        from_camera text NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
        to_camera text NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
        object_class text NOT NULL,
        samples integer NOT NULL CHECK (samples > 0),
        weight double precision NOT NULL CHECK (weight >= 0),
        p05_s double precision NOT NULL,
        p50_s double precision NOT NULL,
        p95_s double precision NOT NULL,
        newest timestamptz NOT NULL,
        PRIMARY KEY (from_camera, to_camera, object_class)
    )
    """,
    "COMMENT ON COLUMN links.weight IS 'of all samples, as it was when the newest was travelled'",
    "CREATE INDEX links_by_end ON links (to_camera)",
)


def upgrade() -> None:
    """Create them."""
    for statement in _STATEMENTS:
        op.execute(statement)
