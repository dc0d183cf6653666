"""A purge while boxes send and people search: neither sees an error."""

import threading
from collections.abc import Callable
from itertools import count

import numpy as np

from central.index.follower import IndexFollower
from tests.central.asking import Centre
from tests.central.keeping import NOON_MS, received
from tests.central.retention.purging import purging
from tests.factories import make_sighting
from tests.waiting import LONG_S

DAY_MS = 86_400_000
ROUNDS = 6


def going(
    work: Callable[[], None], stop: threading.Event, errors: list[Exception]
) -> threading.Thread:
    """Do `work` again and again in a thread; what goes wrong is put to `errors` and ends all."""

    def run() -> None:
        while not stop.is_set():
            try:
                work()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                errors.append(error)
                stop.set()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_writers_and_searches_go_on_while_days_go(centre: Centre) -> None:
    here = purging(centre)
    (asked,) = here.seen(0)
    stop, sent, written = threading.Event(), count(100), threading.Semaphore(0)
    errors: list[Exception] = []

    rng = np.random.default_rng(5)

    def write() -> None:
        ages = (0, 1, 29, 30, 31, 40)
        batch = [
            received(make_sighting(rng, first_seen_ms=NOON_MS - age * DAY_MS), next(sent))
            for age in ages
        ]
        verdicts = centre.keeping.send(*batch)
        assert not [verdict for verdict in verdicts if verdict.refusal or verdict.duplicate]
        written.release()

    def search() -> None:
        centre.post("/search", {"by": {"sighting_id": str(asked)}, "limit": 50})
        centre.get("/sightings", limit=50)

    follower = IndexFollower(centre.engine, centre.services.index)
    following = threading.Thread(target=follower.run, args=(stop,))
    following.start()
    threads = [going(write, stop, errors), going(search, stop, errors), following]
    try:
        dones = []
        for _ in range(ROUNDS):
            assert written.acquire(timeout=LONG_S), errors
            assert written.acquire(timeout=LONG_S), errors
            dones.append(here.purge())
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []
    assert all("all the time" not in part.detail for done in dones for part in done.parts)
    while follower.step():
        pass
    last = here.purge()
    assert last.ok, last.parts
    assert max(here.days()) == 30
    assert centre.services.index.count() == centre.keeping.count("sightings")
