"""From a number of cameras to disks, cores and lines."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.sizing.costs import FILES
from central.sizing.plan import Load, plan
from central.sizing.tables import costs_table, scale_table, size
from central.sizing.use import Use, days_until_full

REPOSITORY = Path(__file__).resolve().parents[3]
USE = Use(
    sightings=10_000,
    database_bytes=2_000_000,
    tables_bytes=1_000_000,
    crops_bytes=2_000_000,
    index_bytes=1_000_000,
    clips_bytes=0,
    free_bytes=40_000_000,
    per_day=1_000,
    cameras=10,
)


def test_a_citys_plan_is_the_arithmetic_it_says() -> None:
    city = plan(Load(2_700, 5_000, 30), FILES._replace(crop_bytes=2_000, writes_per_core_s=500))
    assert city.load.per_day == 13_500_000
    assert city.load.kept == 418_500_000
    assert city.crops_bytes == 418_500_000 * 2_000
    assert city.peak_messages_s == pytest.approx(13_500_000 / 86_400 * 3 * 2)
    assert city.ingest_cores == pytest.approx(city.peak_messages_s / 500)
    assert city.boxes == 675


@given(cameras=st.integers(1, 10**6), objects=st.integers(1, 10**5), days=st.integers(1, 3650))
def test_more_of_anything_never_needs_less(cameras: int, objects: int, days: int) -> None:
    load = Load(cameras, objects, days)
    least = plan(load)
    for more in (
        replace(load, cameras=cameras + 1),
        replace(load, objects=objects + 1),
        replace(load, days=days + 1),
    ):
        assert plan(more).disk_bytes > least.disk_bytes
        assert plan(more).machines >= least.machines >= 1


def test_a_disk_fills_until_the_first_day_is_dropped_and_no_further() -> None:
    # 400 bytes a sighting, 1,000 a day, 10 of 31 days are there: 21 more days of 400 kB.
    assert USE.bytes_a_sighting == 400
    assert days_until_full(USE, 30) is None
    assert days_until_full(USE._replace(free_bytes=4_000_000), 30) == 10
    assert days_until_full(USE._replace(free_bytes=8_400_000), 30) is None
    assert days_until_full(USE._replace(per_day=0.0), 30) is None


def test_the_table_of_the_document_is_the_one_that_is_printed() -> None:
    document = (REPOSITORY / "docs/scale.md").read_text(encoding="utf-8")
    assert costs_table() in document
    assert scale_table() in document, "`dongseon central storage --table` prints another one now"


def test_bytes_are_said_in_units_of_ten() -> None:
    assert size(1.5e9) == "1.5 GB"
    assert size(2e12) == "2.0 TB"
