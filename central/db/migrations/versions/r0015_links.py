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
        from_sighting uuid,
        to_sighting uuid,
        route uuid REFERENCES routes (id) ON DELETE CASCADE,
        CHECK (from_camera <> to_camera),
        CHECK ((from_sighting IS NULL) = (to_sighting IS NULL)),
        CHECK (from_sighting IS NOT NULL OR route IS NULL)
    )
    """,
    "COMMENT ON COLUMN link_samples.route IS 'null: the same plate was read at both'",
    "COMMENT ON COLUMN link_samples.at IS 'the day, UTC'",
    "COMMENT ON COLUMN link_samples.from_sighting IS 'null: the sightings were kept long enough'",
    """
    CREATE UNIQUE INDEX link_samples_once
    ON link_samples (from_sighting, to_sighting, route) NULLS NOT DISTINCT
    WHERE from_sighting IS NOT NULL
    """,
    "CREATE INDEX link_samples_by_age ON link_samples (at)",
    """
    CREATE INDEX link_samples_named ON link_samples (at)
    WHERE route IS NULL AND from_sighting IS NOT NULL
    """,
    """
    CREATE INDEX sightings_read ON sightings (change_xid, day, id)
    WHERE plate IS NOT NULL AND ended
    """,
    """
    CREATE INDEX link_samples_by_pair
    ON link_samples (from_camera, to_camera, object_class, at DESC, id DESC)
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
