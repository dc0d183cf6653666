"""What a centre really takes."""

from pathlib import Path

import numpy as np

from central.settings import CentralSettings
from central.sizing.use import use_of
from deploy.local.stack import LocalStack
from shared.clock import MS_PER_DAY
from tests.central.keeping import NOON_MS, Keeping, received, utc
from tests.central.serving import environment, run_central
from tests.factories import make_sighting


def test_the_centre_is_weighed(
    stack: LocalStack, keeping: Keeping, central_database_url: str, tmp_path: Path
) -> None:
    rng = np.random.default_rng(2)
    for seq in range(1, 41):
        first = NOON_MS - MS_PER_DAY * (1 + seq % 2)
        sighting = make_sighting(rng, first_seen_ms=first, camera=f"cam-{seq % 5}")
        keeping.send(received(sighting, seq))
    settings = CentralSettings(database_url=central_database_url, data_dir=tmp_path)
    found = use_of(settings, keeping.engine, utc(NOON_MS).date())
    assert (found.sightings, found.cameras, found.per_day) == (40, 5, 20)
    assert found.crops_bytes >= 40 * 500
    assert found.tables_bytes > 0
    assert found.bytes_a_sighting > 1_000
    told = environment(central_database_url, stack.broker, tmp_path)
    printed = run_central(told, "storage", "--cameras", "100", "--objects", "50", "--days", "7")
    assert printed.returncode == 0, printed.stderr
    assert "100 cameras, 50 objects a camera a day, 7 days" in printed.stdout
    assert "that disk is full" in printed.stdout
    assert "| sightings a day |" in run_central(told, "storage", "--table").stdout
