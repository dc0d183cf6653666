"""A clip followed as a box would: detector, tracker, joins; nothing is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event

from edge_agent.sampling import Sampler
from edge_agent.source import Frame, SourceOptions, open_source
from edge_agent.trace.trace import Placed, Trace
from edge_agent.tracker import Tracker
from edge_agent.tracklet import Tools, TrackletKeeper, TrackletPolicy
from models.roles import Detector, Embedder
from shared.classes import ObjectClass
from shared.clock import Clock
from shared.ids import uuid7
from shared.pictures import Picture
from shared.vectors import Vector

Tell = Callable[[int, int | None], None]
"""Told how many frames are done, and of how many if that is known."""


@dataclass(frozen=True, slots=True)
class Follower:
    """What follows. `embedders` name the classes; each is asked only about joins and doubts.

    `fps` is how many frames a second are looked at, `policy` the box's.
    """

    detector: Detector
    embedders: Mapping[ObjectClass, Embedder]
    fps: float
    policy: TrackletPolicy

    def follow(self, source: str, clock: Clock, tell: Tell) -> list[Placed]:
        """Where each object was in each frame of the clip or folder of pictures `source`.

        Raises:
            SourceError: it cannot be read.
        """
        keeper = TrackletKeeper(self.policy, self._tools())
        tracker, trace, sampler = Tracker(), Trace(keeper), Sampler(self.fps)
        reader = open_source(source, every_frame(clock))
        for number, frame in enumerate(reader.frames(Event()), start=1):
            trace.passed(frame.position_s)
            if frame.cut:
                tracker.reset()
                keeper.flush()
            if sampler.wants(frame.position_s):
                self._look(frame, tracker, keeper, trace)
            tell(number, reader.stats.total)
        return trace.places()

    def _look(self, frame: Frame, tracker: Tracker, keeper: TrackletKeeper, trace: Trace) -> None:
        step = tracker.update(self.detector.detect(frame.picture), frame.position_s, frame.area)
        for track in keeper.update(frame, step).joined:
            tracker.forget(track)
        trace.note(frame, step)

    def _tools(self) -> Tools:
        def embed(kind: ObjectClass, crops: Sequence[Picture]) -> list[Vector]:
            return list(self.embedders[kind].embed(crops))

        bounds = {kind: embedder.bounds for kind, embedder in self.embedders.items()}
        return Tools(bounds, embed, uuid7)


def every_frame(clock: Clock) -> SourceOptions:
    """How a clip is read here: each of its own frames has a number."""
    return SourceOptions("clip", clock, Sampler(None))
