"""What the channels wait for, and what is done next. No threads here: the engine has the lock.

Frames go by start-time fair queueing on virtual deadlines (Golestani, A Self-Clocked Fair Queueing
Scheme, INFOCOM 1994): a frame's deadline is one period of its channel after the later of the
channel's last deadline and the engine's virtual time. While there is time for all that is the
order of real deadlines; when there is not, every channel gets the same share of the rate it asked
for, and none waits for ever. Of each channel one thing is done at a time, so results come back in
order.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from edge_agent.engine.errand import Errand
from edge_agent.source.frame import Frame
from models.detection import Detection


class Stages(Protocol):
    """What a channel does with what was found. Called by one thread at a time, in order."""

    def seen(self, frame: Frame, detections: Sequence[Detection]) -> Sequence[Errand]:
        """Take in what `frame` shows; what is to be done because of it when there is time."""

    def still(self, frame: Frame) -> Sequence[Errand]:
        """The same of a frame that no detector needs to see: nothing has moved."""


STILL: Hashable = None
"""Instead of a shape: no detector needs to see the frame."""


@dataclass(slots=True, eq=False)
class Queue:
    """What of one channel waits.

    `shape` is what frames of one call must have in common, or `STILL`. `busy` tells that one of
    the channel's things is being done; `last` is done when nothing else waits. `error` is what a
    thing raised. `moved` is told when something was taken, or is done.
    """

    stages: Stages
    period_s: float
    frame: Frame | None = None
    shape: Hashable = STILL
    deadline: float = 0.0
    errands: list[Errand] = field(default_factory=list)
    last: Callable[[], Sequence[Errand]] | None = None
    busy: bool = False
    error: Exception | None = None
    moved: Callable[[], None] = lambda: None

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.busy or self.errands or self.frame or self.last)


class Looking(NamedTuple):
    """Frames to detect in together, a channel each; or `still` ones, which need no detector."""

    frames: list[tuple[Queue, Frame]]
    still: bool


class Running(NamedTuple):
    """Errands whose crops are embedded together, those of a channel side by side."""

    errands: list[tuple[Queue, list[Errand]]]


class Ending(NamedTuple):
    """The last thing of a channel."""

    queue: Queue
    work: Callable[[], Sequence[Errand]]


Job = Looking | Running | Ending


class Schedule:
    """Picks jobs.

    Args:
        batch: frames in a call, at most.
        crops: crops that are embedded together; a few more where an errand brings several.
    """

    def __init__(self, batch: int, crops: int) -> None:
        self._batch = batch
        self._crops = crops
        self._virtual_s = 0.0
        self.queues: list[Queue] = []

    def offer(self, queue: Queue, frame: Frame, shape: Hashable) -> bool:
        """Let `frame` wait, in the place of one that waited; whether that one was to be seen."""
        if queue.frame is None:
            # A frame that takes another's place keeps its turn, or a fast channel would starve it.
            queue.deadline = max(queue.deadline, self._virtual_s) + queue.period_s
        replaced = queue.frame is not None and queue.shape is not STILL
        if replaced and shape is STILL:
            return False
        if queue.frame is not None and queue.frame.cut:
            # What begins anew with the frame that was replaced begins with this one.
            frame = replace(frame, cut=True)
        queue.frame, queue.shape = frame, shape
        return replaced

    def next(self, now_s: float) -> Job | None:
        """What to do now, taken from the queues, which are busy until they are `done`.

        First errands that are due, then frames, then errands that could wait.
        """
        free = [queue for queue in self.queues if not queue.busy]
        return (
            self._errands(free, now_s) or self._look(free) or self._errands(free) or _ending(free)
        )

    def done(self, queue: Queue, *, errands: Iterable[Errand] = ()) -> None:
        """One thing of `queue` was done, and `errands` came of it."""
        queue.busy = False
        queue.errands = sorted((*queue.errands, *errands), key=_due)

    def _look(self, free: Sequence[Queue]) -> Looking | None:
        waiting = sorted((q for q in free if q.frame is not None), key=lambda q: q.deadline)
        if not waiting:
            return None
        first = waiting[0]
        self._virtual_s = first.deadline
        alike = [queue for queue in waiting if queue.shape == first.shape]
        taken = []
        for queue in alike[: self._batch]:
            frame, queue.frame, queue.busy = queue.frame, None, True
            if frame is not None:
                taken.append((queue, frame))
            queue.moved()
        return Looking(taken, first.shape is STILL)

    def _errands(self, free: Sequence[Queue], due_s: float | None = None) -> Running | None:
        """The errands to run together: the first due, and what may go with it."""
        heads = [q for q in free if q.errands]
        if not heads:
            return None
        first = min(heads, key=lambda queue: queue.errands[0].due_s).errands[0]
        if due_s is not None and first.due_s > due_s:
            return None
        ordered = sorted(_errands_of(heads, first), key=lambda pair: _due(pair[1]))
        taken: dict[int, tuple[Queue, list[Errand]]] = {}
        crops = 0
        for queue, errand in ordered:
            if crops >= self._crops:
                break
            crops += max(1, errand.missing)
            taken.setdefault(id(queue), (queue, []))[1].append(errand)
        for queue, errands in taken.values():
            queue.busy = True
            queue.errands = [errand for errand in queue.errands if errand not in errands]
        return Running(list(taken.values()))


def _errands_of(queues: Iterable[Queue], first: Errand) -> Iterator[tuple[Queue, Errand]]:
    """Those that have the embedder in common with `first`."""
    for queue in queues:
        for errand in queue.errands:
            if errand.object_class is first.object_class:
                yield queue, errand


def _ending(free: Iterable[Queue]) -> Ending | None:
    for queue in free:
        if queue.last is not None:
            work, queue.last, queue.busy = queue.last, None, True
            return Ending(queue, work)
    return None


def _due(errand: Errand) -> float:
    return errand.due_s
