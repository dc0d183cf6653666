"""What an index is known to have of each day, and what it is known to lack."""

from alembic import op

revision = "0011"
down_revision = "0010"

_STATEMENTS = (
    """
    CREATE TABLE index_lacking (
        index_id uuid NOT NULL,
        day date NOT NULL,
        PRIMARY KEY (index_id, day)
    )
    """,
    """
    CREATE TABLE index_verified (
        index_id uuid NOT NULL,
        day date NOT NULL,
        points bigint NOT NULL CHECK (points >= 0),
        PRIMARY KEY (index_id, day)
    )
    """,
    "COMMENT ON COLUMN index_verified.points IS 'as many as it had, or more, when it was compared'",
)


def upgrade() -> None:
    """Create them."""
    for statement in _STATEMENTS:
        op.execute(statement)
