"""A city's sightings into the database, fast: one narrow COPY, one INSERT."""

from sqlalchemy import Engine, text

from central.db.partitions import ensure_partitions
from shared.clock import to_datetime
from tests.bench.searching.world import CAMERAS, CLASSES, SPACE, Chunk
from tests.factories import MORNING_MS

_NARROW = """
    CREATE TEMP TABLE narrow (
        id uuid, day date, camera int, class int, first_seen timestamptz, last_seen timestamptz,
        vector bytea, vector_scale float8
    ) ON COMMIT DROP
"""
_TYPES = ["uuid", "date", "int4", "int4", "timestamptz", "timestamptz", "bytea", "float8"]
_INSERT = """
    INSERT INTO sightings (
        day, id, revision, ended, box, channel, camera, object_class, first_seen, last_seen, shot,
        frame_width, frame_height, rect, first_rect, last_rect, confidence, quality, detections,
        crops_used, space, vector_scale, vector, crop_width, crop_height, crop_bytes, message_bytes
    )
    SELECT day, id, 1, true, 'box-' || camera / 4, 'c' || camera % 4, 'cam-' || camera,
        (CAST(:classes AS text[]))[class + 1], first_seen, last_seen, first_seen, 1920, 1080,
        '{1,2,3,4}', '{1,2,3,4}', '{1,2,3,4}', 0.9, 0.8, 12, 3, :space, vector_scale, vector,
        128, 256, 2000, 2500
    FROM narrow
"""


def fill(engine: Engine, chunks: list[Chunk]) -> None:
    """Cameras, partitions and sightings, each chunk in a transaction."""
    with engine.begin() as connection:
        names = "SELECT 'cam-' || n, 'cam-' || n FROM generate_series(0, :last) n"
        cameras = text(f"INSERT INTO cameras (id, name) {names}")
        connection.execute(cameras, {"last": CAMERAS - 1})
    ensure_partitions(engine, {chunk.day for chunk in chunks}, MORNING_MS)
    for chunk in chunks:
        _insert(engine, chunk)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("VACUUM ANALYZE sightings"))


def _insert(engine: Engine, chunk: Chunk) -> None:
    with engine.begin() as connection:
        connection.execute(text(_NARROW))
        driver = connection.connection.driver_connection
        assert driver is not None
        with driver.cursor().copy("COPY narrow FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(_TYPES)
            for row in range(len(chunk.ids)):
                copy.write_row(
                    (
                        chunk.ids[row],
                        chunk.day,
                        int(chunk.cameras[row]),
                        int(chunk.classes[row]),
                        to_datetime(int(chunk.first_ms[row])),
                        to_datetime(int(chunk.last_ms[row])),
                        chunk.vectors[row].tobytes(),
                        float(chunk.scales[row]),
                    )
                )
        connection.execute(text(_INSERT), {"classes": list(CLASSES), "space": SPACE})
