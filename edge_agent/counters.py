"""What a channel has done so far, for the live view, status and telemetry."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from shared.clock import Clock

STAGES = ("decode", "detect", "track", "embed", "read", "encode", "outbox", "collect")

Status = Literal["starting", "running", "ended", "failed"]

_RATE_WINDOW_S = 2.0


@dataclass(slots=True)
class ChannelCounters:
    """Each field is written by one thread at a time; any may read single fields at any time.

    `frames` are those chosen and looked at, of `total_frames` decoded ones a file announces;
    `still` are chosen ones in which nothing had moved, `decoded` is all of them, `replaced` those
    that a newer one replaced before inference had time for them. `sightings` counts objects,
    `messages` every revision sent, `joined` tracks that went on under an earlier one's id.
    `no_embedder` counts tracks of a class that nothing can embed; `unread` sightings whose
    attributes or plate a model failed to read, and which went without. `restarts` belongs to the
    supervisor, and so does why the channel last failed, and since when it shows nothing.
    `stage_s` is seconds spent.
    """

    name: str
    status: Status = "starting"
    frames: int = 0
    decoded: int = 0
    total_frames: int | None = None
    position_s: float = 0.0
    damaged: int = 0
    blank: int = 0
    late: int = 0
    replaced: int = 0
    still: int = 0
    detections: int = 0
    tracks: int = 0
    joined: int = 0
    no_embedder: int = 0
    unread: int = 0
    sightings: int = 0
    messages: int = 0
    message_bytes: int = 0
    frames_per_s: float = 0.0
    restarts: int = 0
    why: str = ""
    down_since_ms: int | None = None
    stage_s: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    _frames_before: int = 0

    def fail(self, why: str, now_ms: int) -> None:
        """It has failed, now; `why` is the error's message."""
        if self.down_since_ms is None or self.frames > self._frames_before:
            self.down_since_ms = now_ms
        self.status, self.why, self.frames_per_s = "failed", why, 0.0
        self._frames_before = self.frames


class Stopwatch:
    """Adds the time spent in a stage to `stage_s`, and keeps the frame rate."""

    def __init__(self, counters: ChannelCounters, clock: Clock) -> None:
        self.counters = counters
        self._clock = clock
        self._since_s = clock.monotonic()
        self._frames = counters.frames

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the body as stage `name`."""
        began = self._clock.monotonic()
        try:
            yield
        finally:
            self.counters.stage_s[name] += self._clock.monotonic() - began

    def frame(self) -> None:
        """Another frame is done."""
        self.counters.frames += 1
        now = self._clock.monotonic()
        if now - self._since_s >= _RATE_WINDOW_S:
            frames = self.counters.frames - self._frames
            self.counters.frames_per_s = frames / (now - self._since_s)
            self._since_s, self._frames = now, self.counters.frames
