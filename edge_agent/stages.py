"""What one channel does with what its frames show: `tracker → tracklet → sighting`, in order.

The engine calls one thing at a time, from any of its threads.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from edge_agent.collecting import FrameKeeper, KeepsNone
from edge_agent.config import ChannelSettings, GateSettings, TrackletSettings
from edge_agent.counters import ChannelCounters, Stopwatch
from edge_agent.engine import Errand
from edge_agent.gate.seam import Gate
from edge_agent.reading import Readers, TrackletReader
from edge_agent.sighting import SightingContext, build_sighting
from edge_agent.source import Frame, NoPackets, PacketSink
from edge_agent.tracker import Tracker
from edge_agent.tracklet import Revision, Tools, TrackletKeeper, TrackletPolicy
from edge_agent.tracklet.likeness import Embed
from models.detection import Detection
from models.roles import Detector, Embedder
from shared.classes import ObjectClass
from shared.clock import Clock
from shared.ids import uuid7
from shared.messages import ClockOffset, encode
from shared.topics import Lane

Emit = Callable[[Lane, bytes], object]
"""Keeps a payload durably; returning means it is kept."""

# How long a sighting may wait for a moment in which no frame does. An alert hangs on the first; of
# the last, whoever has just gone is searchable within 5 s, and the tracklet's own patience takes 4.
_EARLY_S = 0.1
_LATER_S = 0.5

EVERY_FRAME = GateSettings(on=False)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ChannelParts:
    """What a channel works with. All but the settings may be shared between channels.

    Args:
        settings: the channel's.
        tracklet: the size rule and when to send.
        detector: as it is named in sightings; the engine runs it.
        embedders: by object class, as the engine has them; a class without yields no sightings.
        gate: which frames are looked at: every one, unless told otherwise.
        readers: of attributes and plates.
        emit: where sightings go.
        clock: wall time and stopwatch.
        clock_offset: the box's clock offset as last measured.
        frames: keeps frames to learn from.
        packets: is shown the stream as it comes.
    """

    settings: ChannelSettings
    tracklet: TrackletSettings
    detector: Detector
    embedders: Mapping[ObjectClass, Embedder]
    emit: Emit
    clock: Clock
    gate: GateSettings = EVERY_FRAME
    readers: Readers = field(default_factory=Readers)
    clock_offset: Callable[[], ClockOffset | None] = lambda: None
    frames: FrameKeeper = field(default_factory=KeepsNone)
    packets: PacketSink = field(default_factory=NoPackets)


class ChannelStages:
    """A channel's stages from when it starts to when it ends; made anew when it starts again.

    Args:
        parts: the channel's.
        gate: is told what was found.
        embed: embeds crops at once.
        reader: of attributes and plates.
        watch: has the channel's counters.
    """

    def __init__(
        self,
        parts: ChannelParts,
        gate: Gate,
        embed: Embed,
        reader: TrackletReader,
        watch: Stopwatch,
    ) -> None:
        self._parts = parts
        self._gate = gate
        self._counters: ChannelCounters = watch.counters
        self._watch = watch
        self._reader = reader
        self._log = _log.bind(channel=parts.settings.name)
        self._context = _context(parts)
        self._tracker = Tracker()
        bounds = {kind: embedder.bounds for kind, embedder in parts.embedders.items()}
        self._keeper = TrackletKeeper(
            TrackletPolicy.of(parts.tracklet, parts.readers.detailed),
            Tools(bounds, embed, uuid7),
        )

    def seen(self, frame: Frame, detections: Sequence[Detection]) -> Sequence[Errand]:
        """Take in what `frame` shows; the sightings due because of it."""
        self._gate.saw(detections, frame.position_s)
        due = self._follow(frame, detections, still=False)
        self._counters.detections += len(detections)
        with self._watch.stage("collect"):
            self._parts.frames.offer(frame, detections)
        self._watch.frame()
        return due

    def still(self, frame: Frame) -> Sequence[Errand]:
        """The same where nothing has moved: what was found last still holds."""
        self._counters.still += 1
        return self._follow(frame, self._gate.held(), still=True)

    def _follow(
        self, frame: Frame, detections: Sequence[Detection], *, still: bool
    ) -> list[Errand]:
        due: list[Revision] = []
        if frame.cut:
            self._tracker.reset()
            due += self._keeper.flush()
        with self._watch.stage("track"):
            seen = self._tracker.update(detections, frame.position_s, frame.area)
            step = self._keeper.update(frame, seen, still=still)
            for track in step.joined:
                self._tracker.forget(track)
        self._count(seen.confirmed, len(step.joined))
        return [self._errand(revision) for revision in due + step.due]

    def flush(self) -> Sequence[Errand]:
        """The channel has ended: the sightings of all that is still followed."""
        due = self._keeper.flush()
        self._parts.frames.flush()
        return [self._errand(revision) for revision in due]

    def _errand(self, revision: Revision) -> Errand:
        wait_s = _EARLY_S if revision.first else _LATER_S
        return Errand(
            self._parts.clock.monotonic() + wait_s,
            revision.tracklet.object_class,
            revision.crops,
            partial(self._send, revision),
        )

    def _send(self, revision: Revision) -> None:
        tracklet = revision.tracklet
        with self._watch.stage("read"):
            words = self._reader.read(tracklet.object_class, tracklet.shots)
        with self._watch.stage("encode"):
            payload = encode(build_sighting(revision, words, self._context))
        with self._watch.stage("outbox"):
            self._parts.emit(Lane.SIGHTING, payload)
        self._counters.sightings += revision.first
        self._counters.messages += 1
        self._counters.message_bytes += len(payload)

    def _count(self, confirmed: Sequence[ObjectClass], joined: int) -> None:
        """Count the tracks `confirmed` in this frame, and those that went on as others."""
        self._counters.tracks += len(confirmed)
        self._counters.joined += joined
        missing = [kind for kind in confirmed if kind not in self._parts.embedders]
        if missing and not self._counters.no_embedder:
            self._log.info("no sightings of a class without embedder", object_class=missing[0])
        self._counters.no_embedder += len(missing)


def _context(parts: ChannelParts) -> SightingContext:
    embedders = parts.embedders
    return SightingContext(
        channel=parts.settings.name,
        camera=parts.settings.camera,
        spaces={kind: embedder.space for kind, embedder in embedders.items()},
        models={
            kind: {"detector": parts.detector.describe(), "embedder": embedder.describe()}
            for kind, embedder in embedders.items()
        },
        clock_offset=parts.clock_offset,
        webp_quality=parts.tracklet.webp_quality,
        max_crop_height=parts.tracklet.max_crop_height,
    )
