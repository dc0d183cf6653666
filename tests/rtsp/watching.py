"""A channel's source under a supervisor, as the agent runs it, and when what happened to it."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event
from typing import NamedTuple, Self

import numpy as np

from edge_agent.sampling import Sampler
from edge_agent.source import SourceOptions, SourceStats, open_source
from edge_agent.supervisor import Patience, Supervisor, Task
from shared.clock import SystemClock
from shared.pictures import Picture
from tests.rtsp.camera import Camera
from tests.waiting import wait_until


class Seen(NamedTuple):
    """A frame: when it came (monotonic, seconds), and what it says of itself."""

    at_s: float
    position_s: float
    captured_ms: int
    arrived_ms: int
    size: tuple[int, int]
    picture: Picture
    cut: bool


class Failed(NamedTuple):
    """A failure: when (monotonic, seconds), and why."""

    at_s: float
    why: str


AS_IT_IS = SourceOptions("door", SystemClock(), Sampler(None))
# Two seconds stand for ten.
QUICK = replace(AS_IT_IS, silence_s=2.0, pictureless_s=3.0)
IMPATIENT = Patience(first_s=0.2, most_s=1.0, refused_s=1.0, refused_most_s=1.0)


@dataclass
class Watching:
    """Watches `url` until it is left."""

    url: str
    options: SourceOptions = AS_IT_IS
    patience: Patience = IMPATIENT
    seen: list[Seen] = field(default_factory=list)
    failures: list[Failed] = field(default_factory=list)
    stats: SourceStats = field(default_factory=SourceStats)
    restarts: int = 0
    tell: Callable[[str], object] = lambda _: None

    def __post_init__(self) -> None:
        self._stop = Event()
        self.has_ended = False
        self.supervisor = Supervisor(
            self._stop,
            SystemClock(),
            random.Random(7),  # noqa: S311 - waits are no secrets
            self.patience,
        )

    def __enter__(self) -> Self:
        self.supervisor.start(Task("door", self._run, True, self._fail, self._restart))
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.has_ended = not self.supervisor.join(30)

    def wait_frames(self, more: int, seconds: float = 30) -> None:
        """Until `more` frames have come from now on."""
        enough = len(self.seen) + more
        wait_until(lambda: len(self.seen) >= enough, seconds)

    def wait_failure(self, seconds: float = 30, before: int = 0) -> Failed:
        """Until there were more failures than `before`; the first after those."""
        wait_until(lambda: len(self.failures) > before, seconds)
        return self.failures[before]

    def seconds_until_frame(self, since_s: float, seconds: float) -> float:
        """How long after `since_s` the next frame comes."""
        had = len(self.seen)
        wait_until(lambda: len(self.seen) > had, seconds)
        return self.seen[had].at_s - since_s

    def _run(self, stop: Event) -> None:
        source = open_source(self.url, self.options)
        self.stats = source.stats
        for frame in source.frames(stop):
            height, width = frame.picture.shape[:2]
            now = time.monotonic()
            self.tell("frame")
            self.seen.append(
                Seen(
                    now,
                    frame.position_s,
                    frame.captured_ms,
                    time.time_ns() // 1_000_000,
                    (width, height),
                    frame.picture,
                    frame.cut,
                )
            )

    def _fail(self, why: str) -> None:
        self.tell(why)
        self.failures.append(Failed(time.monotonic(), why))

    def _restart(self) -> None:
        self.restarts += 1


def unlikeness(picture: Picture, truth: Picture) -> float:
    """Mean absolute difference of the pixels, 0 to 255; 255 of another size."""
    if picture.shape != truth.shape:
        return 255.0
    return float(np.abs(picture.astype(np.int16) - truth.astype(np.int16)).mean())


def nearest(picture: Picture, truths: list[Picture]) -> float:
    """How unlike `picture` is to the one it resembles most."""
    return min(unlikeness(picture, truth) for truth in truths)


def let_time_jump(camera: Camera, watching: Watching) -> None:
    """Time stamps go an hour and more than a year ahead, a little, and back each time."""
    watching.wait_frames(15)
    for shift_s in (3600.0, 0.0, 0.6, 0.0, 86_400.0 * 400, 0.0):
        camera.order(shift_s=shift_s)
        watching.wait_frames(10)


def put_clock_back(camera: Camera, watching: Watching) -> None:
    """Again and again, by less than a second."""
    watching.wait_frames(5)
    camera.order(shift_s=8.0)
    watching.wait_frames(5)
    for step in range(8):
        camera.order(shift_s=7.2 - 0.9 * step)
        watching.wait_frames(10)
