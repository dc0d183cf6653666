"""Vehicles with plates and attributes into the database: one narrow COPY a day, one INSERT."""

import json
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import Engine, text

from central.days import day_of
from central.db.partitions import ensure_partitions
from deploy.sim.city.told import true_plates
from shared.attributes import ATTRIBUTES
from shared.clock import MS_PER_DAY, to_datetime
from tests.bench.searching.world import SIZE, SPACE
from tests.factories import MORNING_MS, make_id

CAMERAS = 2_700
SEEN_AGAIN = 5
"""Sightings of one vehicle."""

_MISREAD = 0.05
"""Of plates, in one digit."""

_NAMES = ("vehicle_type", "vehicle_colour")
_NARROW = """
    CREATE TEMP TABLE narrow (
        id uuid, day date, camera text, first_seen timestamptz, last_seen timestamptz,
        plate text, attributes jsonb
    ) ON COMMIT DROP
"""
_INSERT = """
    INSERT INTO sightings (
        day, id, revision, ended, box, channel, camera, object_class, first_seen, last_seen, shot,
        frame_width, frame_height, rect, first_rect, last_rect, confidence, quality, detections,
        crops_used, space, vector_scale, vector, crop_width, crop_height, crop_bytes,
        message_bytes, attributes, plate
    )
    SELECT day, id, 1, true, 'box', 'c', camera, 'vehicle', first_seen, last_seen, first_seen,
        1920, 1080, '{1,2,3,4}', '{1,2,3,4}', '{1,2,3,4}', 0.9, 0.8, 12, 3, :space, 0.01, :vector,
        128, 256, 2000, 2500, attributes, plate
    FROM narrow
"""


class Seen(NamedTuple):
    """A vehicle past a camera; what was read of it may be wrong."""

    id: UUID
    day: date
    camera: str
    first_ms: int
    last_ms: int
    plate: str
    attributes: str


def fill_plates(engine: Engine, rows: int, days: int, rng: np.random.Generator) -> list[str]:
    """So many sightings, as many each day from the factories' on; gives the true plates."""
    vehicles = max(1, rows // SEEN_AGAIN)
    plates = true_plates(np.ones(vehicles, np.bool_), rng)
    with engine.begin() as connection:
        names = "SELECT 'cam-' || n, 'cam-' || n FROM generate_series(0, :last) n"
        cameras = text(f"INSERT INTO cameras (id, name) {names}")
        connection.execute(cameras, {"last": CAMERAS - 1})
    begins = [MORNING_MS + number * MS_PER_DAY for number in range(days)]
    ensure_partitions(engine, map(day_of, begins), begins[-1])
    for begin in begins:
        _insert(engine, _day(plates, rows // days, begin, rng))
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("VACUUM ANALYZE sightings"))
    return plates


def _day(plates: list[str], rows: int, begin: int, rng: np.random.Generator) -> Iterator[Seen]:
    firsts = np.sort(begin + rng.integers(MS_PER_DAY, size=rows)).tolist()
    lasts = rng.integers(500, 30_000, size=rows).tolist()
    cameras = rng.integers(CAMERAS, size=rows).tolist()
    who = rng.integers(len(plates), size=rows).tolist()
    said = _said(rows, rng)
    for first, lasted, camera, each, words in zip(firsts, lasts, cameras, who, said, strict=True):
        yield Seen(
            make_id(rng, first),
            day_of(first),
            f"cam-{camera}",
            first,
            first + lasted,
            _read(plates[each], rng),
            words,
        )


def _said(rows: int, rng: np.random.Generator) -> Iterator[str]:
    """The attributes of each, as JSON."""
    values = [ATTRIBUTES[name].values for name in _NAMES]
    places = np.stack([rng.integers(len(known), size=rows) for known in values], axis=1)
    sure = rng.uniform(0.5, 0.99, places.shape).round(3)
    for row, chances in zip(places.tolist(), sure.tolist(), strict=True):
        yield json.dumps(
            {
                name: {"value": known[place], "confidence": chance}
                for name, known, place, chance in zip(_NAMES, values, row, chances, strict=True)
            }
        )


def _read(plate: str, rng: np.random.Generator) -> str:
    if rng.random() >= _MISREAD:
        return plate
    place = len(plate) - 1 - int(rng.integers(4))
    return f"{plate[:place]}{rng.integers(10)}{plate[place + 1 :]}"


def _insert(engine: Engine, seen: Iterator[Seen]) -> None:
    with engine.begin() as connection:
        connection.execute(text(_NARROW))
        driver = connection.connection.driver_connection
        assert driver is not None
        with driver.cursor().copy("COPY narrow FROM STDIN") as copy:
            for each in seen:
                times = to_datetime(each.first_ms), to_datetime(each.last_ms)
                copy.write_row((each.id, each.day, each.camera, *times, *each[-2:]))
        # Nobody compares them: all have the same.
        connection.execute(text(_INSERT), {"space": SPACE, "vector": bytes(range(SIZE))})
