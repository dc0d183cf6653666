"""Sightings by attribute and by plate."""

from alembic import op

revision = "0002"
down_revision = "0001"

_STATEMENTS = (
    # `name=value` of each attribute. Not the whole jsonb: every confidence would be a key.
    """
    CREATE FUNCTION attribute_pairs(attributes jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT array_agg(key || '=' || (value ->> 'value')) FROM jsonb_each(attributes))
    """,
    "CREATE INDEX sightings_by_attribute ON sightings USING gin (attribute_pairs(attributes))",
    "CREATE INDEX sightings_by_plate ON sightings (plate, day, id) WHERE plate IS NOT NULL",
)


def upgrade() -> None:
    """Add the indexes; those of days that are there already are made too."""
    for statement in _STATEMENTS:
        op.execute(statement)
