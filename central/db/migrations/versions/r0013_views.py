"""What cameras see, and where sightings were on the ground."""

from alembic import op

revision = "0013"
down_revision = "0012"

_STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Create them."""
    for statement in _STATEMENTS:
        op.execute(statement)
