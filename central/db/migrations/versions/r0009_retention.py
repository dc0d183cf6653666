"""What each purge did and found; when a sighting first came; quarantine that does not grow."""

from alembic import op

revision = "0009"
down_revision = "0008"

_STATEMENTS = (
    # Of rows that are there: when they were migrated. No row is rewritten for it.
    "ALTER TABLE sightings ADD COLUMN received_at timestamptz(0) NOT NULL DEFAULT now()",
    "COMMENT ON COLUMN sightings.received_at IS 'when its first revision came'",
    "CREATE INDEX quarantine_by_box ON quarantine (box, id)",
    "CREATE INDEX quarantine_by_age ON quarantine (received_at)",
    """
    CREATE TABLE purges (
        id bigserial PRIMARY KEY,
        at timestamptz NOT NULL,
        as_of date NOT NULL,
        seconds double precision NOT NULL,
        ok boolean NOT NULL,
        policy text NOT NULL,
        seen_xid xid8 NOT NULL,
        parts jsonb NOT NULL
    )
    """,
    "COMMENT ON COLUMN purges.policy IS 'a digest of what was to be kept for how long'",
    "COMMENT ON COLUMN purges.seen_xid IS 'rows changed by this and later ones were not looked at'",
)


def upgrade() -> None:
    """Change and create them."""
    for statement in _STATEMENTS:
        op.execute(statement)
