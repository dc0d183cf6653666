"""The engine: worker threads that do what the schedule says is next."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Thread, current_thread
from typing import NamedTuple, Self, TypeVar

from edge_agent.engine.errand import Errand, unembedded
from edge_agent.engine.line import Line, Mailroom, Pace
from edge_agent.engine.one_by_one import as_frame_detector
from edge_agent.engine.overload import Overload
from edge_agent.engine.schedule import Ending, Job, Looking, Queue, Running, Schedule, Stages
from edge_agent.engine.status import EngineStatus
from edge_agent.engine_settings import EngineSettings
from edge_agent.source.frame import Frame
from models.detection import Detection
from models.roles import Detector, Embedder
from shared.classes import ObjectClass
from shared.clock import Clock
from shared.pictures import Picture
from shared.vectors import Vector

T = TypeVar("T")

_ENDS_S = 5.0
# A network is compiled for a shape when that comes for the first time: a while on some devices.
_COMPILING = "compiling a network"
_COMPILES_S = 60.0
_NAMES: dict[type[Job], str] = {
    Looking: "detection",
    Running: "sightings",
    Ending: "the end of a channel",
}


@dataclass(frozen=True, slots=True)
class EngineParts:
    """What an engine works with.

    Args:
        detector: finds objects; one that takes frames (`FrameDetector`) is asked for batches.
        embedders: by object class.
        clock: its stopwatch.
        workers: threads, that is calls of networks at a time.
        settings: `[engine]`.
    """

    detector: Detector
    embedders: Mapping[ObjectClass, Embedder]
    clock: Clock
    workers: int = 1
    settings: EngineSettings = field(default_factory=EngineSettings)


class Hang(NamedTuple):
    """A worker that has been at one piece of work for `seconds`."""

    worker: str
    doing: str
    seconds: float


class Engine:
    """All inference of a box. A context manager: workers live inside it."""

    def __init__(self, parts: EngineParts) -> None:
        settings = parts.settings
        self._detector = as_frame_detector(parts.detector)
        self._embedders = parts.embedders
        self._clock = parts.clock
        self._room = Mailroom(Schedule(min(settings.batch, self._detector.batch), settings.crops))
        self._doing: dict[str, tuple[float, str]] = {}
        self._called: set[tuple[Hashable, int]] = set()
        self._counts: Counter[str] = Counter()
        self._overload = Overload(
            parts.clock, lambda: (self._counts["frames"], self._room.replaced)
        )
        self.stage_s = {"detect": 0.0, "embed": 0.0}
        self._workers = [
            # Daemons: native code that hangs must not keep the program from ending.
            Thread(target=self._work, name=f"inference-{number}", daemon=True)
            for number in range(parts.workers)
        ]

    def __enter__(self) -> Self:
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._room.lock:
            self._room.closed = True
            self._room.work.notify_all()
            for queue in self._room.schedule.queues:
                queue.moved()
        until = self._clock.monotonic() + _ENDS_S
        for worker in self._workers:
            worker.join(max(0.0, until - self._clock.monotonic()))

    @contextmanager
    def line(self, stages: Stages, pace: Pace) -> Iterator[Line]:
        """A channel's way in, as long as the body runs."""
        queue = Queue(stages, 1 / pace.fps)
        line = Line(self._room, queue, pace, self._shape)
        with self._room.lock:
            self._room.schedule.queues.append(queue)
        try:
            yield line
        finally:
            with self._room.lock:
                self._room.schedule.queues.remove(queue)

    def embed(self, object_class: ObjectClass, crops: Sequence[Picture]) -> Sequence[Vector]:
        """Unit vectors of `crops`, at once: for stages that cannot go on without."""
        began = self._clock.monotonic()
        vectors = list(self._embedders[object_class].embed(crops))
        self._count(began, "embed", embedded=len(crops), embeddings=1)
        return vectors

    def hang(self, longest_s: float) -> Hang | None:
        """The worker that has been at one piece of work for the longest, if over `longest_s`.

        A network's first call with a shape may take longer, and others wait for it.
        """
        now = self._clock.monotonic()
        with self._room.lock:
            doing = [Hang(name, what, now - since) for name, (since, what) in self._doing.items()]
        if any(hang.doing == _COMPILING for hang in doing):
            longest_s = max(longest_s, _COMPILES_S)
        longest = max(doing, key=lambda hang: hang.seconds, default=None)
        return longest if longest and longest.seconds > longest_s else None

    def tick(self) -> None:
        """Say in the log when the engine begins to be too slow, and when it no longer is."""
        self._overload.check()

    def status(self) -> EngineStatus:
        """The counters of the moment."""
        now = self._clock.monotonic()
        with self._room.lock:
            busy_s = max((now - since for since, _ in self._doing.values()), default=0.0)
            return EngineStatus(
                workers=len(self._workers),
                replaced=self._room.replaced,
                slowed=self._overload.slowed,
                share=round(self._overload.share, 3),
                busy_s=round(busy_s, 3),
                **self._counts,
            )

    def _shape(self, frame: Frame) -> Hashable:
        return self._detector.view(frame.image.size).input

    def _work(self) -> None:
        while (job := self._next()) is not None:
            if isinstance(job, Looking):
                self._look(job)
            elif isinstance(job, Running):
                self._run(job)
            else:
                self._do(job.queue, job.work)

    def _next(self) -> Job | None:
        """Wait for the next job; None when the engine closes."""
        room, name = self._room, current_thread().name
        with room.lock:
            self._doing.pop(name, None)
            while not room.closed:
                now = self._clock.monotonic()
                job = room.schedule.next(now)
                if job is not None:
                    self._doing[name] = (now, _NAMES[type(job)])
                    return job
                room.work.wait()
            return None

    def _look(self, job: Looking) -> None:
        if job.still:
            for queue, frame in job.frames:
                self._do(queue, partial(queue.stages.still, frame))
            return
        for queue, frame, detections in self._detect(job.frames):
            self._do(queue, partial(queue.stages.seen, frame, detections))

    def _detect(
        self, frames: Sequence[tuple[Queue, Frame]]
    ) -> list[tuple[Queue, Frame, list[Detection]]]:
        """What the frames show; a channel whose own frame fails is done, and told."""
        found = _tried(partial(self._call, frames))
        if not isinstance(found, Exception):
            return [(*pair, detections) for pair, detections in zip(frames, found, strict=True)]
        if len(frames) > 1:
            # One of them is to blame: each alone.
            return [one for pair in frames for one in self._detect([pair])]
        queue = frames[0][0]
        self._blame(queue, found)
        self._done(queue)
        return []

    def _call(self, frames: Sequence[tuple[Queue, Frame]]) -> list[list[Detection]]:
        began, call = self._clock.monotonic(), (self._shape(frames[0][1]), len(frames))
        if call not in self._called:
            with self._room.lock:
                self._doing[current_thread().name] = (began, _COMPILING)
        found = self._detector.detect_all([frame.image for _, frame in frames])
        self._called.add(call)
        self._count(began, "detect", frames=len(frames), calls=1)
        return found

    def _run(self, job: Running) -> None:
        everybody = [errand for _, errands in job.errands for errand in errands]
        # A crop that no network takes is one sighting's failure: the others are tried alone.
        together = not isinstance(_tried(partial(self._fill, everybody)), Exception)
        for queue, errands in job.errands:
            for errand in errands:
                failed = None if together else _tried(partial(self._fill, [errand]))
                failed = failed or _tried(errand.then)
                if isinstance(failed, Exception):
                    self._blame(queue, failed)
            self._done(queue)

    def _fill(self, errands: Sequence[Errand]) -> None:
        """Embed what the errands, all of one class, still need."""
        if crops := unembedded(errands):
            vectors = self.embed(errands[0].object_class, [crop.picture for crop in crops])
            for crop, vector in zip(crops, vectors, strict=True):
                crop.vector = vector

    def _do(self, queue: Queue, work: Callable[[], Iterable[Errand]]) -> None:
        """Do `work` of one channel, and what comes of it later."""
        found = _tried(work)
        if isinstance(found, Exception):
            self._blame(queue, found)
            found = ()
        self._done(queue, found)

    def _blame(self, queue: Queue, error: Exception) -> None:
        """Let the channel's own thread raise `error`, and one sighting or frame be lost."""
        with self._room.lock:
            queue.error = error
            self._counts["failed"] += 1

    def _done(self, queue: Queue, errands: Iterable[Errand] = ()) -> None:
        with self._room.lock:
            self._room.schedule.done(queue, errands=errands)
            queue.moved()
            self._room.work.notify()

    def _count(self, began_s: float, stage: str, **more: int) -> None:
        took_s = self._clock.monotonic() - began_s
        with self._room.lock:
            self.stage_s[stage] += took_s
            self._counts.update(more)


def _tried(work: Callable[[], T]) -> T | Exception:
    """What `work` gives, or what it raises."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - a channel's supervisor sees it: `Line` raises it
        return error
