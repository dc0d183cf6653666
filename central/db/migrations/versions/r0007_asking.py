"""Plates found by what they look like; pictures, searches and answers that are kept for a while."""

from alembic import op

revision = "0007"
down_revision = "0006"

# As `central.plates.folding` folds (a test compares the two). Another folding will be another
# function and another index: an index keeps what the function said when a row came.
_FROM = (
    "abcdefghijklmnopqrstuvwxyzOQDILZSBG"
    "다라거너더러머버서어저도로보오조구누두루무부수우주아바자허배"
)
_TO = (
    "A8C0EF6H1JK1MN0P0R5TUVWXY2000112586"
    "나나가나나나마마사마사노노모모소고노노노모모소모소마마사하마"
)
_IGNORED = r"E' \t\n\r\x0b\f.-_\u00b7\u2010\u2011\u2013\u2014'"

_STATEMENTS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    f"""
    CREATE FUNCTION fold_plate(plate text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN translate(normalize(plate, NFKC), '{_FROM}' || {_IGNORED}, '{_TO}')
    """,
    """
    CREATE INDEX sightings_by_folded_plate ON sightings
    USING gin (fold_plate(plate) gin_trgm_ops) WHERE plate IS NOT NULL
    """,
    "CREATE INDEX cameras_by_words ON cameras USING gin (name gin_trgm_ops, address gin_trgm_ops)",
    """
    CREATE TABLE query_pictures (
        id uuid PRIMARY KEY,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        width integer NOT NULL,
        height integer NOT NULL
    )
    """,
    "CREATE INDEX query_pictures_by_expiry ON query_pictures (expires_at)",
    """
    CREATE TABLE query_objects (
        picture uuid NOT NULL REFERENCES query_pictures (id) ON DELETE CASCADE,
        number integer NOT NULL,
        object_class text NOT NULL,
        rect real[] NOT NULL,
        confidence real,
        space text NOT NULL,
        vector_scale double precision NOT NULL,
        vector bytea NOT NULL,
        crop bytea NOT NULL,
        attributes jsonb NOT NULL DEFAULT '{}',
        plate text,
        PRIMARY KEY (picture, number)
    )
    """,
    "COMMENT ON COLUMN query_objects.confidence IS 'null: the whole picture'",
    """
    CREATE TABLE saved_searches (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        purpose text,
        request jsonb NOT NULL,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE idempotency_keys (
        caller text NOT NULL,
        path text NOT NULL,
        key text NOT NULL,
        fingerprint bytea NOT NULL,
        created_at timestamptz NOT NULL,
        status integer,
        media_type text,
        headers jsonb,
        body bytea,
        PRIMARY KEY (caller, path, key)
    )
    """,
    "COMMENT ON COLUMN idempotency_keys.status IS 'null: the first request is still at work'",
    "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
)


def upgrade() -> None:
    """Add them; the index takes in the days that are there already."""
    for statement in _STATEMENTS:
        op.execute(statement)
