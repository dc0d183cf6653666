"""From a message published to the event received: real broker, real centre, real subscriber."""

import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np

from central.db.migrate import migrate
from deploy.local.stack import LocalStack
from shared.clock import SystemClock
from shared.messages import Embedding, Sighting, encode
from shared.vectors import Vector, quantise
from tests.central.box import TestBox
from tests.central.serving import Centre, environment, running_centre
from tests.factories import SPACE, make_sighting, unit_vector

LISTS = (1, 100, 1_000)
"""Entries on the list; the first is whom the probes show."""

LOADS = (0, 100)
"""Other sightings a second, meanwhile."""

_PROBES = 60
_PROBES_A_S = 5.0
_LONGEST_S = 60.0
_CLOCK = SystemClock()


def measure(home: Path) -> list[dict[str, Any]]:
    """A row for each length of the list and each load."""
    with LocalStack(home / "stack") as stack:
        url = stack.database.create("bench")
        migrate(url)
        settings = environment(url, stack.broker, home / "data")
        with running_centre(settings) as centre, TestBox(stack.broker, "box-0") as box:
            return list(_rows(stack, centre, box))


def _rows(stack: LocalStack, centre: Centre, box: TestBox) -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng(3)
    seqs = itertools.count(1)
    someone = unit_vector(rng)
    entries = 0
    for length in LISTS:
        new = [_sighting(rng, None if entries + n else someone) for n in range(length - entries)]
        _enrol(centre, box, seqs, new)
        entries = length
        for load in LOADS:
            with _load(stack, load):
                taken = _probe(centre, box, seqs, someone)
            yield {
                "entries": length,
                "other_sightings_a_s": load,
                "probes": len(taken),
                "lost": _PROBES - len(taken),
                "p50_ms": round(float(np.percentile(taken, 50))),
                "p95_ms": round(float(np.percentile(taken, 95))),
                "max_ms": round(max(taken)),
            }


def _probe(
    centre: Centre, box: TestBox, seqs: "itertools.count[int]", someone: Vector
) -> list[float]:
    """Publish probes, each at a camera of its own; milliseconds until each was heard of."""
    rng = np.random.default_rng(next(seqs))
    heard: dict[UUID, float] = {}
    sent: dict[UUID, float] = {}
    done, begun = threading.Event(), threading.Event()

    def listen() -> None:
        with httpx.stream("GET", f"{centre.url}/api/v1/watch/events", timeout=_LONGEST_S) as answer:
            for line in answer.iter_lines():
                begun.set()
                if line.startswith("data: "):
                    at = time.perf_counter()
                    heard.setdefault(UUID(json.loads(line[6:])["data"]["sighting"]), at)
                if len(heard) == _PROBES:
                    break
        done.set()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    if not begun.wait(_LONGEST_S):
        raise SystemExit("the centre does not stream")
    pause = threading.Event()
    for number in range(_PROBES):
        sighting = _sighting(rng, someone, camera=f"probe-{next(seqs)}-{number}")
        sent[sighting.id] = time.perf_counter()
        box.send(sighting, next(seqs))
        pause.wait(1 / _PROBES_A_S)
    done.wait(_LONGEST_S)
    return [1000 * (heard[each] - at) for each, at in sent.items() if each in heard]


def _enrol(
    centre: Centre, box: TestBox, seqs: "itertools.count[int]", sightings: list[Sighting]
) -> None:
    sent = [next(seqs) for _ in sightings]
    for seq, sighting in zip(sent, sightings, strict=True):
        box.send(sighting, seq)
    if not box.wait_for(sent, _LONGEST_S):
        raise SystemExit("the centre does not acknowledge")
    until = datetime.now(UTC) + timedelta(days=1)
    with httpx.Client(base_url=centre.url, timeout=_LONGEST_S) as client:
        for sighting in sightings:
            entry = {
                "name": "bench",
                "purpose": "bench",
                "until": until.isoformat(timespec="milliseconds"),
                "by": {"sighting_ids": [str(sighting.id)]},
            }
            client.post("/api/v1/watch", json=entry).raise_for_status()


def _sighting(rng: np.random.Generator, vector: Vector | None, **fields: object) -> Sighting:
    now = _CLOCK.now_ms()
    times = {"first_seen_ms": now - 500, "shot_ms": now - 200, "last_seen_ms": now}
    early = {"revision": 0, "ended": False}
    if vector is not None:
        noisy = vector + rng.normal(0, 0.01, vector.shape).astype(np.float32)
        values, scale = quantise(noisy)
        fields["embedding"] = Embedding(space=SPACE, values=values, scale=scale)
    return make_sighting(rng, **{**times, **early, **fields})


@contextmanager
def _load(stack: LocalStack, a_second: int) -> Iterator[None]:
    """Strangers pass other cameras, at their own pace."""
    if not a_second:
        yield
        return
    stop = threading.Event()

    def send() -> None:
        rng = np.random.default_rng(9)
        with TestBox(stack.broker, f"box-{a_second}", UUID(int=_CLOCK.now_ms())) as box:
            for seq in itertools.count(1):
                camera = f"cam-{seq % 64}"
                box.send(encode(_sighting(rng, None, camera=camera)), seq)
                if stop.wait(1 / a_second):
                    return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
