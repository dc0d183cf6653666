"""One channel: `source → detector → tracker → tracklet → sighting`, in order, on one thread."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event

import structlog

from edge_agent.collecting import FrameKeeper, KeepsNone
from edge_agent.config import ChannelSettings, TrackletSettings
from edge_agent.counters import ChannelCounters, Stopwatch
from edge_agent.reading import Readers, TrackletReader
from edge_agent.sampling import Sampler
from edge_agent.sighting import SightingContext, build_sighting
from edge_agent.source import (
    CropRect,
    Frame,
    NoPackets,
    PacketSink,
    SourceOptions,
    SourceStats,
    open_source,
)
from edge_agent.tracker import Tracker
from edge_agent.tracklet import Revision, Tools, TrackletKeeper, TrackletPolicy
from models.roles import Detector, Embedder
from shared.classes import ObjectClass
from shared.clock import Clock
from shared.ids import uuid7
from shared.messages import ClockOffset, encode
from shared.pictures import Picture
from shared.topics import Lane
from shared.vectors import Vector

Emit = Callable[[Lane, bytes], object]
"""Keeps a payload durably; returning means it is kept."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ChannelParts:
    """What a channel works with. Detector and embedders may be shared between channels.

    Args:
        settings: the channel's.
        tracklet: the size rule and when to send.
        detector: finds objects.
        embedders: by object class; a class without one yields no sightings.
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
    readers: Readers = field(default_factory=Readers)
    clock_offset: Callable[[], ClockOffset | None] = lambda: None
    frames: FrameKeeper = field(default_factory=KeepsNone)
    packets: PacketSink = field(default_factory=NoPackets)


class ChannelPipeline:
    """One channel's stages. `counters` may be read from any thread."""

    def __init__(self, parts: ChannelParts, counters: ChannelCounters | None = None) -> None:
        self._parts = parts
        self.counters = counters or ChannelCounters(parts.settings.name)
        self._watch = Stopwatch(self.counters, parts.clock)
        self._log = _log.bind(channel=parts.settings.name)
        self._context = _context(parts)
        self._reader = TrackletReader(parts.readers, self._unread)

    def run(self, stop: Event) -> None:
        """Work until the source ends or `stop` is set; then send what is still held.

        May be called again after it raised or returned: it begins anew.

        Raises:
            SourceError: the source cannot be opened, or broke off; it may come back.
            ConfigError: the crop rectangle is not inside the picture.
            StorageError: `emit` could not keep a sighting.
        """
        tracker = Tracker()
        bounds = {kind: embedder.bounds for kind, embedder in self._parts.embedders.items()}
        tools = Tools(bounds, self._embed, uuid7)
        keeper = TrackletKeeper(
            TrackletPolicy.of(self._parts.tracklet, self._parts.readers.detailed), tools
        )
        self.counters.status = "starting"
        source = open_source(self._parts.settings.source, _source_options(self._parts))
        try:
            for frame in source.frames(stop):
                self.counters.status = "running"
                self._frame(frame, tracker, keeper)
                self._note(source.stats)
                self.counters.position_s = frame.position_s
                self._watch.frame()
        finally:
            self._note(source.stats)
            self._send(keeper.flush())
            self._parts.frames.flush()
        self.counters.status = "ended"

    def _frame(self, frame: Frame, tracker: Tracker, keeper: TrackletKeeper) -> None:
        if frame.cut:
            tracker.reset()
            self._send(keeper.flush())
        with self._watch.stage("detect"):
            detections = self._parts.detector.detect(frame.picture)
        self.counters.detections += len(detections)
        with self._watch.stage("track"):
            seen = tracker.update(detections, frame.position_s, frame.area)
        step = keeper.update(frame, seen)
        for track in step.joined:
            tracker.forget(track)
        self._send(step.due)
        self._count(seen.confirmed, len(step.joined))
        with self._watch.stage("collect"):
            self._parts.frames.offer(frame, detections)

    def _embed(self, object_class: ObjectClass, crops: Sequence[Picture]) -> Sequence[Vector]:
        with self._watch.stage("embed"):
            return list(self._parts.embedders[object_class].embed(crops))

    def _send(self, revisions: Sequence[Revision]) -> None:
        for revision in revisions:
            tracklet = revision.tracklet
            with self._watch.stage("read"):
                words = self._reader.read(tracklet.object_class, tracklet.shots)
            with self._watch.stage("encode"):
                payload = encode(build_sighting(revision, words, self._context))
            with self._watch.stage("outbox"):
                self._parts.emit(Lane.SIGHTING, payload)
            self.counters.sightings += revision.first
            self.counters.messages += 1
            self.counters.message_bytes += len(payload)

    def _unread(self) -> None:
        self.counters.unread += 1

    def _count(self, confirmed: Sequence[ObjectClass], joined: int) -> None:
        """Count the tracks `confirmed` in this frame, and those that went on as others."""
        self.counters.tracks += len(confirmed)
        self.counters.joined += joined
        missing = [kind for kind in confirmed if kind not in self._parts.embedders]
        if missing and not self.counters.no_embedder:
            self._log.info("no sightings of a class without embedder", object_class=missing[0])
        self.counters.no_embedder += len(missing)

    def _note(self, stats: SourceStats) -> None:
        counters = self.counters
        counters.decoded, counters.total_frames = stats.decoded, stats.total
        counters.damaged, counters.late = stats.damaged, stats.late
        counters.stage_s["decode"] = stats.decode_s


def _source_options(parts: ChannelParts) -> SourceOptions:
    settings, crop = parts.settings, parts.settings.crop
    return SourceOptions(
        name=settings.name,
        clock=parts.clock,
        sampler=Sampler(settings.fps),
        crop=CropRect(crop.left, crop.top, crop.right, crop.bottom) if crop else None,
        starts_at_ms=settings.starts_at_ms,
        realtime=settings.realtime,
        loop=settings.loop,
        fps=settings.fps,
        packets=parts.packets,
    )


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
