"""Routes with typed legs, in versions."""

from alembic import op

revision = "0014"
down_revision = "0013"

_STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Create them."""
    for statement in _STATEMENTS:
        op.execute(statement)
