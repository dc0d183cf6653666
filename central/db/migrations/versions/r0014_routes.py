"""Routes with typed legs, in versions."""

from alembic import op

revision = "0014"
down_revision = "0013"

_STATEMENTS = (
    """
    CREATE TABLE route_versions (
        route uuid NOT NULL REFERENCES routes (id) ON DELETE CASCADE,
        version integer NOT NULL CHECK (version > 0),
        made_at timestamptz NOT NULL,
        made_by text NOT NULL,
        purpose text,
        searched text,
        software text NOT NULL,
        network text,
        stops jsonb NOT NULL,
        legs jsonb NOT NULL,
        PRIMARY KEY (route, version)
    )
    """,
    "COMMENT ON COLUMN route_versions.searched IS 'how the stops were found, as somebody said it'",
    "COMMENT ON COLUMN route_versions.network IS 'the streets it was found on; null: none'",
    """
    CREATE TABLE route_paths (
        route uuid NOT NULL,
        version integer NOT NULL,
        piece integer NOT NULL,
        from_stop integer NOT NULL,
        to_stop integer NOT NULL,
        path geometry(LineStringM, 4326) NOT NULL CHECK (ST_IsValidTrajectory(path)),
        PRIMARY KEY (route, version, piece),
        FOREIGN KEY (route, version) REFERENCES route_versions (route, version) ON DELETE CASCADE
    )
    """,
    "COMMENT ON COLUMN route_paths.piece IS 'cut where a leg cannot be travelled'",
    "ALTER TABLE routes ADD COLUMN version integer NOT NULL DEFAULT 1",
    "COMMENT ON COLUMN routes.version IS 'the newest'",
    # Routes from before: straight, by the boxes' own clocks, and nothing was judged. What became of
    # a sighting that has expired is not known; people are what is looked for most.
    """
    INSERT INTO route_versions (
        route, version, made_at, made_by, software, stops, legs
    )
    SELECT r.id, 1, r.created_at, 'centre', 'unknown', (
        SELECT coalesce(jsonb_agg(stop || jsonb_build_object(
            'ground', NULL,
            'box', coalesce(s.box, 'unknown'),
            'box_arrived', stop->'arrived',
            'box_left', stop->'left',
            'clock_offset_s', NULL,
            'clock_s', 60.0,
            'object_class', coalesce(s.object_class, 'person'),
            'plate', s.plate
        ) ORDER BY number), '[]')
        FROM jsonb_array_elements(r.stops) WITH ORDINALITY AS each (stop, number)
        LEFT JOIN sightings AS s ON s.id = (stop->>'sighting_id')::uuid
            AND s.day = ((stop->>'arrived')::timestamptz AT TIME ZONE 'UTC')::date
    ), (
        SELECT coalesce(jsonb_agg(leg || jsonb_build_object(
            'type', 'UNOBSERVED',
            'reason', 'kept before legs were judged: a straight line stands for the way',
            'reasons', jsonb_build_array(jsonb_build_object(
                'code', 'before_types',
                'figures', '{}'::jsonb,
                'text', 'kept before legs were judged: a straight line stands for the way'
            )),
            'straight_m', leg->'distance_m',
            'clock_s', 60.0,
            'needed_s', NULL,
            'usual_s', NULL,
            'mode', NULL,
            'times', NULL
        ) ORDER BY number), '[]')
        FROM jsonb_array_elements(r.legs) WITH ORDINALITY AS each (leg, number)
    )
    FROM routes AS r
    """,
    """
    INSERT INTO route_paths (route, version, piece, from_stop, to_stop, path)
    SELECT id, 1, 1, 1, jsonb_array_length(stops), path FROM routes WHERE path IS NOT NULL
    """,
    "ALTER TABLE routes DROP COLUMN stops, DROP COLUMN legs, DROP COLUMN path",
)


def upgrade() -> None:
    """Create them."""
    for statement in _STATEMENTS:
        op.execute(statement)
