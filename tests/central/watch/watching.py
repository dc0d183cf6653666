"""A watch list over a whole centre, and shorthand for what tests put on it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import httpx
import numpy as np
import pytest

from central.supervisor import Part
from central.watch import events
from central.watch.watcher import Watcher
from shared.vectors import Vector, normalised
from tests.central.asking import Centre
from tests.factories import unit_vector
from tests.waiting import LONG_S, wait_until

UNTIL = "2026-07-27T12:00:00.000Z"
"""A week after the factories' noon."""


@dataclass
class Watch:
    """The list of `centre`, compared when a test says so."""

    centre: Centre
    watcher: Watcher

    def enrol(self, *sightings: UUID, status: int = 201, **more: object) -> dict[str, Any]:
        """Put sightings on the list."""
        by = {"sighting_ids": [str(each) for each in sightings]}
        entry = {"name": "someone", "purpose": "report 1", "until": UNTIL, "by": by}
        return self.centre.post("/watch", entry | more, status)

    def compare(self) -> int:
        """Compare all that has come; gives how many sightings were."""
        total = 0
        while rows := self.watcher.step():
            total += rows
        return total

    def alerts(self, **wanted: object) -> list[dict[str, Any]]:
        """The alerts in the order of what they show."""
        found: list[dict[str, Any]] = self.centre.get("/watch/alerts", 200, **wanted)["items"]
        return sorted(found, key=lambda alert: (alert["first_at"], alert["camera"]))

    def told(self) -> list[str]:
        """The kinds of all events, in order."""
        return [event.kind for event in events.after(self.centre.engine, 0)]


@contextmanager
def running(part: Part) -> Iterator[None]:
    """A part of the centre in a thread of the test, until it works; ended at the end."""
    stop = threading.Event()
    thread = threading.Thread(target=part.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: part.health().ready)
        yield
    finally:
        stop.set()
        thread.join()


class Listening:
    """A subscriber that reads in a thread of its own."""

    def __init__(self, url: str, after: str | None = None, path: str = "") -> None:
        self.heard: list[dict[str, str]] = []
        self.comments: list[str] = []
        self._headers = {} if after is None else {"Last-Event-ID": after}
        self._url = f"{url}/api/v1/watch/events{path}"
        self._news = threading.Condition()
        self._open = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._answer: httpx.Response | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._open.wait(LONG_S)
        return self

    def __exit__(self, *_: object) -> None:
        if self._answer is not None:
            stream = self._answer.extensions["network_stream"]
            stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._thread.join(LONG_S)

    def wait_for(self, count: int, seconds: float = LONG_S) -> list[dict[str, str]]:
        """The first `count` events."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.heard) >= count, seconds), self.heard
        return self.heard[:count]

    def kinds(self, count: int) -> list[str]:
        """The kinds of the first `count` events."""
        return [event["event"] for event in self.wait_for(count)]

    def _read(self) -> None:
        with (
            suppress(httpx.TransportError),
            httpx.stream("GET", self._url, headers=self._headers, timeout=LONG_S) as answer,
        ):
            self._answer = answer
            assert answer.status_code == httpx.codes.OK, answer.read()
            event: dict[str, str] = {}
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if line:
                    event[name] = value
                elif "data" in event:
                    self._hear(event)
                    event = {}
                else:
                    # The first thing that is sent: from here on nothing is missed.
                    self.comments.append(event.get("", ""))
                    self._open.set()
                    event = {}

    def _hear(self, event: dict[str, str]) -> None:
        with self._news:
            self.heard.append(event)
            self._news.notify_all()


@pytest.fixture
def watch(centre: Centre) -> Watch:
    services = centre.services
    return Watch(centre, Watcher(services.engine, services.likeness, services.clock))


def near(vector: Vector, cosine: float, seed: int = 0) -> Vector:
    """A unit vector at `cosine` from the unit vector `vector`."""
    other = unit_vector(np.random.default_rng(seed))
    across = normalised(other - (other @ vector) * vector)
    return normalised(cosine * vector + np.sqrt(1 - cosine**2) * across)
