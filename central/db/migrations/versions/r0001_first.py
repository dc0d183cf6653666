"""Boxes, cameras, sightings by day, the outbox ledger, quarantine, routes, the index's cursor."""

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS = (
    "CREATE EXTENSION IF NOT EXISTS postgis",
    """
    CREATE TABLE boxes (
        box text PRIMARY KEY,
        status text NOT NULL DEFAULT 'unknown',
        session uuid,
        previous_session uuid,
        epoch uuid,
        started_at timestamptz,
        software text,
        profile text,
        models jsonb NOT NULL DEFAULT '{}',
        runtimes jsonb NOT NULL DEFAULT '{}',
        channels jsonb NOT NULL DEFAULT '[]',
        last_heard timestamptz,
        telemetry jsonb
    )
    """,
    """
    CREATE TABLE cameras (
        id text PRIMARY KEY,
        name text NOT NULL,
        box text,
        position geography(Point, 4326),
        height_m real,
        azimuth_deg real,
        purpose text,
        address text,
        properties jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "COMMENT ON COLUMN cameras.box IS 'null: any box may send for it'",
    "COMMENT ON COLUMN cameras.position IS 'null: not placed on the map yet'",
    "CREATE INDEX cameras_position ON cameras USING gist (position)",
    "CREATE INDEX cameras_box ON cameras (box)",
    """
    CREATE TABLE sightings (
        day date NOT NULL,
        id uuid NOT NULL,
        revision integer NOT NULL,
        ended boolean NOT NULL,
        box text NOT NULL,
        channel text NOT NULL,
        camera text NOT NULL REFERENCES cameras (id),
        object_class text NOT NULL,
        first_seen timestamptz(3) NOT NULL,
        last_seen timestamptz(3) NOT NULL,
        shot timestamptz(3) NOT NULL,
        frame_width integer NOT NULL,
        frame_height integer NOT NULL,
        rect real[] NOT NULL CHECK (cardinality(rect) = 4),
        first_rect real[] NOT NULL CHECK (cardinality(first_rect) = 4),
        last_rect real[] NOT NULL CHECK (cardinality(last_rect) = 4),
        confidence real NOT NULL,
        quality real NOT NULL,
        detections integer NOT NULL,
        crops_used integer NOT NULL,
        space text NOT NULL,
        vector_scale double precision NOT NULL,
        vector bytea NOT NULL,
        crop_width integer NOT NULL,
        crop_height integer NOT NULL,
        crop_bytes integer NOT NULL,
        message_bytes integer NOT NULL,
        attributes jsonb NOT NULL DEFAULT '{}',
        plate text,
        models jsonb NOT NULL DEFAULT '{}',
        clock_offset_ms double precision,
        change_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        PRIMARY KEY (day, id),
        CHECK (day = (first_seen AT TIME ZONE 'UTC')::date)
    ) PARTITION BY RANGE (day)
    """,
    "COMMENT ON COLUMN sightings.rect IS 'left, top, right, bottom in source pixels'",
    "COMMENT ON COLUMN sightings.vector IS 'int8 values, see shared.vectors'",
    "CREATE INDEX sightings_by_camera ON sightings (camera, first_seen)",
    "CREATE INDEX sightings_by_change ON sightings (change_xid, day, id)",
    "CREATE INDEX sightings_by_space ON sightings (space, day)",
    "CREATE TABLE sightings_default PARTITION OF sightings DEFAULT",
    """
    CREATE TABLE outbox_ledger (
        box text NOT NULL,
        epoch uuid NOT NULL,
        received int8multirange NOT NULL DEFAULT '{}',
        evicted int8multirange NOT NULL DEFAULT '{}',
        PRIMARY KEY (box, epoch)
    )
    """,
    """
    CREATE TABLE quarantine (
        id bigserial PRIMARY KEY,
        box text NOT NULL,
        lane text NOT NULL,
        epoch uuid,
        seq bigint,
        reason text NOT NULL,
        payload bytea NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE routes (
        id uuid PRIMARY KEY,
        created_at timestamptz NOT NULL DEFAULT now(),
        name text,
        stops jsonb NOT NULL,
        legs jsonb NOT NULL,
        path geometry(LineStringM, 4326) CHECK (path IS NULL OR ST_IsValidTrajectory(path))
    )
    """,
    """
    CREATE TABLE index_cursor (
        index_id uuid PRIMARY KEY,
        xid xid8 NOT NULL,
        day date NOT NULL,
        id uuid NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
)


def upgrade() -> None:
    """Create everything."""
    for statement in _STATEMENTS:
        op.execute(statement)
