"""What the watch list found goes with the sightings; whom it looks for stays."""

from datetime import timedelta

import numpy as np
import pytest

from central.retention.report import Purge
from central.watch.watcher import Watcher
from shared.ids import uuid7
from shared.vectors import Vector
from tests.central.asking import Centre
from tests.central.keeping import NOON_MS
from tests.central.retention.purging import ago, part, purging
from tests.central.watch.watching import Watch, near
from tests.factories import unit_vector

_DAY_S = 86_400


@pytest.fixture
def someone() -> Vector:
    return unit_vector(np.random.default_rng(41))


@pytest.fixture
def watch(centre: Centre) -> Watch:
    services = centre.services
    return Watch(centre, Watcher(services.engine, services.likeness, services.clock))


def found(watch: Watch, someone: Vector) -> str:
    """An entry with an alert of 31 days ago, which is confirmed, and one of 30; gives its id."""
    entry: str = watch.enrol(watch.centre.sighting(vector=someone))["id"]
    watch.compare()
    for days in (31, 30):
        watch.centre.sighting(at_s=-days * _DAY_S, vector=near(someone, 0.9, seed=days))
    watch.compare()
    first, _ = watch.alerts()
    watch.centre.post(f"/watch/alerts/{first['id']}/confirm", {})
    return entry


def removed(done: Purge) -> dict[str, int]:
    return part(done, "watch").removed


def test_alerts_and_what_was_learnt_of_them_go_with_their_sightings(
    centre: Centre, watch: Watch, someone: Vector
) -> None:
    entry = found(watch, someone)
    here = purging(centre)
    before = here.purge(dry_run=True)
    assert (part(before, "watch").outlived, part(before, "watch").oldest) == (1, ago(31))
    done = here.purge()
    assert done.ok, done.parts
    assert removed(done) == {"hits": 1, "alerts": 1, "events": 2, "vectors": 1}
    assert part(done, "watch").oldest == ago(30)
    (left,) = watch.alerts()
    assert left["first_at"].startswith(str(ago(30)))
    assert watch.told() == ["late"]
    kept = centre.get(f"/watch/{entry}")
    assert (kept["vectors"], kept["confirmed"], kept["new_alerts"]) == (1, 0, 1)
    assert here.purge().ok
    assert removed(here.purge()) == {}
    centre.sighting(at_s=60, vector=near(someone, 0.9))
    watch.compare()
    assert len(watch.alerts()) == 2


def test_an_alert_over_two_days_keeps_what_is_kept_of_it(
    centre: Centre, watch: Watch, someone: Vector
) -> None:
    watch.enrol(centre.sighting(vector=someone), quiet_minutes=24 * 60)
    watch.compare()
    for days, cosine in ((31, 0.95), (30, 0.85)):
        centre.sighting(at_s=-days * _DAY_S, vector=near(someone, cosine))
    watch.compare()
    (both,) = watch.alerts()
    done = purging(centre).purge()
    assert done.ok, done.parts
    assert removed(done) == {"hits": 1, "events": 1}
    (left,) = watch.alerts()
    assert (left["id"], left["sightings"]) == (both["id"], 1)
    assert left["first_at"].startswith(str(ago(30)))
    assert left["probability"] < both["probability"]


def test_cameras_that_are_kept_longer_keep_their_alerts(
    centre: Centre, watch: Watch, someone: Vector
) -> None:
    found(watch, someone)
    group = {"name": "g", "retention_days": 60, "cameras": ["cam-1"]}
    centre.post("/camera-groups", group, 201)
    assert removed(purging(centre).purge()) == {}
    assert len(watch.alerts()) == 2


def test_hits_of_dead_clocks_are_kept_from_the_day_they_came(
    centre: Centre, watch: Watch, someone: Vector
) -> None:
    watch.enrol(centre.sighting(vector=someone))
    watch.compare()
    dead = uuid7(5_000)
    centre.sighting(at_s=5 - NOON_MS / 1000, vector=near(someone, 0.9), id=dead)
    watch.compare()
    here = purging(centre)
    assert removed(here.purge()) == {}
    centre.keeping.clock.advance(timedelta(days=31).total_seconds())
    assert removed(here.purge())["alerts"] == 1
