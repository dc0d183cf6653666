"""One channel: `source → motion gate`, on a thread of its own; the engine does the rest.

Threads meet in two places only: the engine's queues, and the supervisor that starts this one.
"""

from copy import deepcopy
from dataclasses import replace
from threading import Event

from edge_agent.counters import ChannelCounters, Stopwatch
from edge_agent.engine import Engine, Line, Pace
from edge_agent.gate.seam import Gate, gate_of
from edge_agent.reading import TrackletReader
from edge_agent.source import Source, SourceStats, open_source
from edge_agent.stages import ChannelParts, ChannelStages
from edge_agent.watching import source_options

__all__ = ["ChannelParts", "ChannelPipeline"]


class ChannelPipeline:
    """One channel from its source to its sightings. `counters` may be read from any thread."""

    def __init__(
        self, parts: ChannelParts, engine: Engine, counters: ChannelCounters | None = None
    ) -> None:
        self._parts = parts
        self._engine = engine
        self.counters = counters or ChannelCounters(parts.settings.name)
        self._before = deepcopy(self.counters)
        self._watch = Stopwatch(self.counters, parts.clock)
        self._reader = TrackletReader(parts.readers, self._unread)

    def run(self, stop: Event) -> None:
        """Work until the source ends or `stop` is set; then send what is still held.

        May be called again after it raised or returned: it begins anew.

        Raises:
            SourceError: the source cannot be opened, or broke off; it may come back.
            ConfigError: the crop rectangle is not inside the picture.
            ModelError: a network gave what no network may give.
            StorageError: `emit` could not keep a sighting.
        """
        self.counters.status = "starting"
        parts, settings = self._parts, self._parts.settings
        gate = gate_of(parts.gate, parts.tracklet)
        options = source_options(settings, parts.clock)
        options = replace(options, watcher=gate, packets=parts.packets)
        source = open_source(settings.watched, options)
        self._before = deepcopy(self.counters)
        stages = ChannelStages(parts, gate, self._engine.embed, self._reader, self._watch)
        pace = Pace(settings.fps, every=not (settings.realtime or settings.live))
        with self._engine.line(stages, pace) as line:
            try:
                self._hand_over(source, gate, line, stop)
            finally:
                self._note(source.stats)
                line.finish(stages.flush)
        self.counters.status = "ended"

    def _hand_over(self, source: Source, gate: Gate, line: Line, stop: Event) -> None:
        replaced = self.counters.replaced
        for frame in source.frames(stop):
            self.counters.status = "running"
            line.put(frame, look=gate.judge(frame).look)
            self._note(source.stats)
            self.counters.position_s = frame.position_s
            self.counters.replaced = replaced + line.replaced

    def _unread(self) -> None:
        self.counters.unread += 1

    def _note(self, stats: SourceStats) -> None:
        counters, before = self.counters, self._before
        counters.total_frames = stats.total
        counters.decoded = before.decoded + stats.decoded
        counters.damaged = before.damaged + stats.damaged
        counters.late = before.late + stats.late
        counters.blank = before.blank + stats.blank
        counters.stage_s["decode"] = before.stage_s["decode"] + stats.decode_s
