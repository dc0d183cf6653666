"""How long it takes from camera to camera, as learnt."""

from alembic import op

revision = "0015"
down_revision = "0014"

_STATEMENTS: tuple[str, ...] = ()


def upgrade() -> None:
    """Create them."""
    for statement in _STATEMENTS:
        op.execute(statement)
