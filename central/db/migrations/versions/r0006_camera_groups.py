"""Named groups of cameras, which a search may name and which may keep sightings for longer."""

from alembic import op

revision = "0006"
down_revision = "0005"

_STATEMENTS = (
    """
    CREATE TABLE camera_groups (
        name text PRIMARY KEY,
        retention_days integer CHECK (retention_days BETWEEN 1 AND 3650),
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "COMMENT ON COLUMN camera_groups.retention_days IS 'null: as the centre is set'",
    """
    CREATE TABLE camera_group_members (
        group_name text NOT NULL
            REFERENCES camera_groups (name) ON UPDATE CASCADE ON DELETE CASCADE,
        camera text NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
        PRIMARY KEY (group_name, camera)
    )
    """,
    "CREATE INDEX camera_group_members_by_camera ON camera_group_members (camera)",
)


def upgrade() -> None:
    """Create them."""
    for statement in _STATEMENTS:
        op.execute(statement)
