"""One box put together: channels, outbox and uplink, from start to a clean end."""

import os
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from threading import Event

import structlog

from edge_agent.collecting import KeepsHard, KeepsNone, close_collector, open_collector
from edge_agent.commands import Footage
from edge_agent.config import ChannelSettings, EdgeSettings
from edge_agent.counters import ChannelCounters
from edge_agent.engine import Engine, EngineParts
from edge_agent.heart import Heart, NoHeart
from edge_agent.loading import BoxModels, workers_of
from edge_agent.outbox import Outbox
from edge_agent.pipeline import ChannelParts, ChannelPipeline
from edge_agent.posting import Posting
from edge_agent.status import (
    AgentStatus,
    ChannelStatus,
    outbox_status,
    stage_seconds,
    write_status,
)
from edge_agent.supervisor import Supervisor, Task
from edge_agent.uplink import Identity, Uplink
from shared.clock import Clock
from shared.errors import StorageError
from shared.messages import ChannelState, Gap, Telemetry
from shared.topics import Lane

_TICK_S = 1.0
_FLUSH_S = 15.0
_DRAIN_S = 5.0

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Agent:
    """A box's agent; `run` it once.

    Args:
        settings: the box's configuration.
        models: what its channels run.
        clock: wall time and stopwatch.
        source: randomness for back-offs.

    Raises:
        StorageError: another agent runs on the data folder, or the disk refuses.
        ConfigError: a certificate cannot be read.
    """

    def __init__(
        self, settings: EdgeSettings, models: BoxModels, clock: Clock, source: random.Random
    ) -> None:
        self._settings = settings
        self._models = models
        self._clock = clock
        self._source = source
        self._started_ms = clock.now_ms()
        self._counters = [ChannelCounters(channel.name) for channel in settings.channels]
        with ExitStack() as undo:
            self._outbox = undo.enter_context(
                Outbox(settings.box.data_dir, settings.box.outbox_max_bytes, clock)
            )
            crops_later = settings.uplink.profile == "vectors-first"
            self._posting = Posting(self._outbox, crops_later=crops_later)
            self._uplink = Uplink(
                self._identity(), settings.uplink, self._outbox, clock, source, self._telemetry
            )
            self._footage = Footage(settings, self._uplink, clock, source)
            self._collector = open_collector(settings, models, clock, source)
            self._engine = Engine(
                EngineParts(
                    models.detector,
                    models.embedders,
                    clock,
                    workers_of(settings),
                    settings.engine,
                )
            )
            undo.pop_all()

    def run(
        self,
        stop: Event,
        *,
        when_done: bool,
        show: Callable[[AgentStatus], None],
        heart: Heart | None = None,
    ) -> list[str]:
        """Work until `stop` is set; then flush the tracklets and send what can be sent quickly.

        Args:
            stop: ends it.
            when_done: end also when every clip has ended and the centre has everything.
            show: called each second with the counters.
            heart: is told each second that the agent lives.

        Returns:
            Names of the channels that failed for good.
        """
        heart = heart or NoHeart()
        channels = Supervisor(stop, self._clock, self._source)
        sending = Supervisor(Event(), self._clock, self._source)
        sending.start(Task("uplink", self._deliver, endless=True))
        self._footage.start()
        with self._engine:
            for channel, counters in zip(self._settings.channels, self._counters, strict=True):
                channels.start(self._task(channel, counters))
            heart.ready()
            try:
                while not stop.wait(_TICK_S):
                    heart.beat()
                    self._engine.tick()
                    if hang := self._engine.hang(self._settings.engine.hung_s):
                        heart.hung(hang)
                    channels.revive()
                    sending.revive()
                    self._footage.revive()
                    ended = channels.done
                    if self._empty_after(show) and ended and when_done:
                        break
            finally:
                heart.stopping()
                self._end(stop, channels, sending)
        close_collector(self._collector)
        self._empty_after(show)
        self._outbox.close()
        return sorted(channels.failed)

    def status(self) -> AgentStatus:
        """The counters of the moment.

        Raises:
            StorageError: the outbox cannot be read.
        """
        return AgentStatus(
            box=self._settings.box.name,
            pid=os.getpid(),
            written_ms=self._clock.now_ms(),
            started_ms=self._started_ms,
            channels=tuple(ChannelStatus.of(counters) for counters in self._counters),
            outbox=outbox_status(self._outbox.count()),
            uplink=self._uplink.status(),
            engine=self._engine.status(),
            recording=self._footage.status(),
            cpu_s=round(time.process_time(), 2),
            stage_s=stage_seconds(self._counters, self._engine.stage_s),
        )

    def _empty_after(self, show: Callable[[AgentStatus], None]) -> bool:
        """Write and show the counters; whether the centre has everything."""
        try:
            status = self.status()
            show(status)
            write_status(self._settings.box.data_dir, status)
        except StorageError as error:
            log.warning("no status this time", error=str(error))
            return False
        return status.outbox.rows == 0 and status.outbox.crops == 0

    def _deliver(self, ended: Event) -> None:
        self._uplink.run()
        ended.set()

    def _end(self, stop: Event, channels: Supervisor, sending: Supervisor) -> None:
        stop.set()
        if busy := channels.join(_FLUSH_S):
            log.error("channels do not end; what they held is not sent", channels=busy)
        self._footage.end(_FLUSH_S)
        self._uplink.stop(_DRAIN_S)
        if sending.join(_DRAIN_S * 3):
            log.error("the uplink does not end; its rows stay in the outbox")
        else:
            self._uplink.close()

    def _task(self, channel: ChannelSettings, counters: ChannelCounters) -> Task:
        collector = self._collector
        parts = ChannelParts(
            settings=channel,
            tracklet=self._settings.tracklet,
            detector=self._models.detector,
            embedders=self._models.embedders,
            gate=self._settings.gate,
            readers=self._models.readers,
            emit=self._emit,
            clock=self._clock,
            clock_offset=self._uplink.clock_offset,
            packets=self._footage.tap(channel.name),
            frames=KeepsHard(collector, channel.name, self._clock) if collector else KeepsNone(),
        )

        def failed(why: str) -> None:
            counters.fail(why, self._clock.now_ms())

        def restarted() -> None:
            counters.restarts += 1

        pipeline = ChannelPipeline(parts, self._engine, counters)
        return Task(channel.name, pipeline.run, channel.endless, failed, restarted)

    def _emit(self, lane: Lane, payload: bytes) -> None:
        """Keep `payload`. A disk that refuses loses it, counted and told: the channel goes on."""
        try:
            self._posting.keep(lane, payload)
        except StorageError as error:
            log.critical("a message could not be kept and is lost", lane=lane, error=str(error))

    def _telemetry(self, gaps: list[Gap]) -> Telemetry:
        status = self.status()
        return Telemetry(
            epoch=self._outbox.epoch,
            sent_ms=status.written_ms,
            outbox_rows=status.outbox.rows,
            outbox_bytes=status.outbox.bytes,
            evicted=status.outbox.evicted,
            unkept=status.outbox.failed,
            crops=status.outbox.crops,
            crops_evicted=status.outbox.crops_evicted,
            gaps=gaps,
            channels=[channel.telemetry() for channel in status.channels],
        )

    def _identity(self) -> Identity:
        described = self._models.described
        return Identity(
            box=self._settings.box.name,
            started_ms=self._started_ms,
            software=f"dongseon {version('dongseon')}",
            profile=self._settings.box.profile,
            channels=tuple(
                ChannelState(name=channel.name, camera=channel.camera)
                for channel in self._settings.channels
            ),
            models={role: text.partition(" ")[0] for role, text in described.items()},
            # What needs no network runs on none.
            runtimes={
                role: text.partition(" ")[2] for role, text in described.items() if " " in text
            },
        )
