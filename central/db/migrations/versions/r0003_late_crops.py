"""Crops that follow their sightings, or never come; boxes whose identity two programs share."""

from alembic import op

revision = "0003"
down_revision = "0002"

_STATEMENTS = (
    # Sightings that are there have their crops. The first revision stands for whichever it is: any
    # newer one still replaces it, and no row is rewritten while nobody may read the table.
    "ALTER TABLE sightings ADD COLUMN crop_revision integer DEFAULT 0",
    "ALTER TABLE sightings ALTER COLUMN crop_revision DROP DEFAULT",
    "ALTER TABLE sightings ADD COLUMN crop_gone boolean NOT NULL DEFAULT false",
    "COMMENT ON COLUMN sightings.crop_revision IS 'null: the crop has not come'",
    "COMMENT ON COLUMN sightings.crop_gone IS 'its box gave it up'",
    """
    CREATE TABLE early_crops (
        id uuid NOT NULL,
        box text NOT NULL,
        revision integer NOT NULL,
        width integer NOT NULL,
        height integer NOT NULL,
        data bytea,
        received_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (id, box)
    )
    """,
    "COMMENT ON COLUMN early_crops.data IS 'null: its box gave it up'",
    "ALTER TABLE boxes DROP COLUMN previous_session",
    "ALTER TABLE boxes ADD COLUMN newest_session uuid",
    "ALTER TABLE boxes ADD COLUMN previous_started_at timestamptz",
    "ALTER TABLE boxes ADD COLUMN cloned_at timestamptz",
    "COMMENT ON COLUMN boxes.cloned_at IS 'two programs spoke as this box'",
)


def upgrade() -> None:
    """Crops that are there already count as the first ones of their sightings."""
    for statement in _STATEMENTS:
        op.execute(statement)
