"""Crops whose sightings never come are counted by box and deleted by age."""

from alembic import op

revision = "0005"
down_revision = "0004"

_STATEMENTS = (
    "CREATE INDEX early_crops_by_box ON early_crops (box)",
    "CREATE INDEX early_crops_by_age ON early_crops (received_at)",
)


def upgrade() -> None:
    """Add the indexes."""
    for statement in _STATEMENTS:
        op.execute(statement)
