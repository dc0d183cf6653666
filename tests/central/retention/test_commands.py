"""Purges as people start them, and as the centre does by itself."""

import json
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import numpy as np
from prometheus_client import CollectorRegistry, generate_latest

from central.clips.store import ClipStore
from central.errors import ConflictError
from central.index.flat.index import FlatIndex
from central.retention.compose import CountedPurger, purge_in_turn
from central.retention.metrics import PurgeMetrics
from central.retention.purge import _alone
from central.retention.report import Purge
from central.upkeep import Upkeep
from deploy.local.stack import LocalStack
from tests.central.asking import Centre
from tests.central.keeping import Keeping, received
from tests.central.retention.purging import Purging, purging
from tests.central.serving import environment, run_central
from tests.factories import make_sighting

DAY_MS = 86_400_000


def upkeep_of(here: Purging, registry: CollectorRegistry | None = None) -> Upkeep:
    keeping = here.centre.keeping
    clips = ClipStore(here.centre.services.settings.clips_dir)
    metrics = PurgeMetrics(registry or CollectorRegistry())
    upkeep = Upkeep(keeping.engine, keeping.crops, clips, keeping.clock, timedelta(days=30))
    return upkeep.with_purges(CountedPurger(here.purger(), metrics))


def test_people_look_first_purge_and_read_the_reports(
    stack: LocalStack, keeping: Keeping, central_database_url: str, tmp_path: Path
) -> None:
    now = time.time_ns() // 1_000_000
    keeping.clock.set_wall(now)
    rng = np.random.default_rng(4)
    for seq, days in enumerate((1, 40), start=1):
        keeping.send(received(make_sighting(rng, first_seen_ms=now - days * DAY_MS), seq))
    settings = environment(central_database_url, stack.broker, tmp_path)
    settings["DONGSEON_CENTRAL_RETENTION_DAYS"] = "30"
    looked = run_central(settings, "purge", "--dry-run", "--json")
    assert looked.returncode == 0, looked.stderr
    assert json.loads(looked.stdout)["parts"][0]["outlived"] == 1
    assert keeping.count("sightings") == 2
    held = FlatIndex(tmp_path / "vectors")
    try:
        without = run_central(settings, "purge", "--json")
    finally:
        held.close()
    assert without.returncode == 1
    assert "in use by another process" in without.stdout
    assert keeping.count("sightings") == 1
    done = run_central(settings, "purge")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok" in done.stdout
    listed = run_central(settings, "purges")
    assert listed.stdout.count("purge as of") == 2
    ahead = run_central(settings, "purge", "--as-of", "2999-01-01")
    assert ahead.returncode == 1
    assert "still to come" in " ".join(ahead.stderr.split())


def test_the_centre_purges_by_itself_once_a_day(centre: Centre) -> None:
    here = purging(centre)
    here.seen(31)
    registry = CollectorRegistry()
    upkeep = upkeep_of(here, registry)
    upkeep.step()
    upkeep.step()
    assert here.days() == []
    assert len(centre.get("/purges")["items"]) == 1
    assert upkeep.health().ready
    assert b"dongseon_purge_ok 1.0" in generate_latest(registry)
    assert b'dongseon_purge_removed_total{kind="rows",part="database"} 1.0' in generate_latest(
        registry
    )
    centre.keeping.clock.advance(86_400)
    upkeep.step()
    assert len(centre.get("/purges")["items"]) == 2


def test_health_says_what_a_purge_could_not_prove_also_after_a_restart(centre: Centre) -> None:
    here = purging(centre)
    here.seen(1)
    here.crops.joinpath("copy.webp").write_bytes(b"somebody's")
    for upkeep in (upkeep_of(here), upkeep_of(here)):
        upkeep.step()
        health = upkeep.health()
        assert not health.ready
        assert "copy.webp" in health.detail
    here.crops.joinpath("copy.webp").unlink()
    centre.keeping.clock.advance(3_600)
    upkeep.step()
    assert upkeep.health().ready


def test_who_finds_another_purge_at_work_leaves_it_to_it(centre: Centre) -> None:
    class Busy:
        def is_due(self) -> bool:
            return True

        def last(self) -> Purge | None:
            return None

        def run(self) -> Purge:
            raise ConflictError("another purge is at work")

    upkeep = upkeep_of(purging(centre)).with_purges(Busy())
    upkeep.step()
    assert upkeep.health().ready


def test_a_job_waits_its_turn_and_leaves_a_day_that_is_proved_alone(centre: Centre) -> None:
    here, waited = purging(centre), 0
    here.seen(31)
    with ExitStack() as another:
        another.enter_context(_alone(centre.engine))

        def wait(_: float) -> None:
            nonlocal waited
            waited += 1
            assert here.days() == [31], "it works beside another purge"
            if waited == 2:
                another.close()

        done = purge_in_turn(here.purger(), wait)
    assert waited == 2
    assert done.ok
    assert here.days() == []
    assert purge_in_turn(here.purger(), wait) == done
    here.crops.joinpath("copy.webp").write_bytes(b"somebody's")
    centre.keeping.clock.advance(86_400)
    assert not here.purge().ok
    assert not purge_in_turn(here.purger(), wait).ok, "what proved nothing is tried again"
    assert len(centre.get("/purges")["items"]) == 3
