"""The street network, and where cameras stand on it."""

from alembic import op

revision = "0012"
down_revision = "0011"

_STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Create them."""
    for statement in _STATEMENTS:
        op.execute(statement)
