"""Clips and snapshots that boxes are asked for."""

from alembic import op

revision = "0004"
down_revision = "0003"

_STATEMENTS = (
    """
    CREATE TABLE clips (
        id uuid PRIMARY KEY,
        day date NOT NULL,
        kind text NOT NULL CHECK (kind IN ('clip', 'snapshot')),
        state text NOT NULL DEFAULT 'asked'
            CHECK (state IN ('asked', 'uploading', 'ready', 'failed')),
        reason text,
        box text NOT NULL,
        channel text NOT NULL,
        camera text NOT NULL,
        sighting uuid,
        from_at timestamptz(3),
        to_at timestamptz(3),
        purpose text,
        asked_at timestamptz NOT NULL,
        token text NOT NULL,
        sent_at timestamptz,
        heard_at timestamptz,
        size bigint,
        digest text,
        starts_at timestamptz(3),
        ends_at timestamptz(3)
    )
    """,
    "COMMENT ON COLUMN clips.day IS 'of what is shown: it goes with its sightings'",
    "COMMENT ON COLUMN clips.from_at IS 'null: a snapshot'",
    "COMMENT ON COLUMN clips.token IS 'good for this upload alone'",
    "COMMENT ON COLUMN clips.sent_at IS 'when the box was last asked'",
    "COMMENT ON COLUMN clips.heard_at IS 'when something of it last came'",
    "COMMENT ON COLUMN clips.digest IS 'SHA-256, base64'",
    "CREATE INDEX clips_waiting ON clips (asked_at) WHERE state IN ('asked', 'uploading')",
    "CREATE INDEX clips_by_day ON clips (day)",
    # One clip of one stretch is enough, whoever asks for it.
    """
    CREATE UNIQUE INDEX clips_once ON clips (box, channel, from_at, to_at)
    WHERE kind = 'clip' AND state <> 'failed'
    """,
)


def upgrade() -> None:
    """Add the table."""
    for statement in _STATEMENTS:
        op.execute(statement)
