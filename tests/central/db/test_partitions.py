"""A day's table is made ahead, and nobody waits long for it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import text

from central.clips.store import ClipStore
from central.days import day_of
from central.db.partitions import ensure_ahead, hold_default, missing_partitions, partition_name
from central.upkeep import Upkeep
from shared.clock import MS_PER_DAY
from tests.central.keeping import NOON_MS, Keeping, received
from tests.factories import make_sighting
from tests.waiting import LONG_S

DAYS = [day_of(NOON_MS + n * MS_PER_DAY) for n in range(3)]


def tables(keeping: Keeping) -> list[object]:
    """The tables that hold sightings, once for each of them."""
    found = keeping.rows("SELECT tableoid::regclass::text FROM sightings")
    return [name for (name,) in found]


def lacking(keeping: Keeping) -> int:
    with keeping.engine.connect() as connection:
        return len(missing_partitions(connection, DAYS, NOON_MS))


def test_a_long_reader_of_the_default_table_does_not_stop_ingest_of_a_new_day(
    keeping: Keeping,
) -> None:
    rng = np.random.default_rng(3)
    made = [received(make_sighting(rng, first_seen_ms=NOON_MS), seq) for seq in range(1, 4)]
    with ThreadPoolExecutor() as pool, keeping.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM sightings_default"))
        for message in made[:2]:
            (verdict,) = pool.submit(keeping.send, message).result(timeout=LONG_S)
            assert verdict.refusal is None
        assert tables(keeping) == ["sightings_default"] * 2
    keeping.clock.advance(10)
    keeping.send(made[2])
    assert tables(keeping) == [partition_name(DAYS[0])] * 3


def test_no_table_is_made_while_rows_of_its_day_are_written_elsewhere(keeping: Keeping) -> None:
    with keeping.engine.begin() as writer:
        hold_default(writer)
        assert not ensure_ahead(keeping.engine, NOON_MS)
    assert lacking(keeping) == 3
    assert ensure_ahead(keeping.engine, NOON_MS)
    assert lacking(keeping) == 0


def test_upkeep_makes_the_tables_of_the_days_to_come(keeping: Keeping, tmp_path: Path) -> None:
    clips = ClipStore(tmp_path / "clips")
    Upkeep(keeping.engine, keeping.crops, clips, keeping.clock, timedelta(days=30)).step()
    assert lacking(keeping) == 0
