"""Recording and commands put together, for the agent to start and to end."""

import random
from threading import Event

import structlog

from edge_agent.commands.maker import Maker
from edge_agent.commands.service import CommandParts, Commands
from edge_agent.commands.spool import Spool
from edge_agent.commands.upload import Uploader
from edge_agent.config import EdgeSettings
from edge_agent.recording import ChannelTap, Recorder, RecordingStatus
from edge_agent.supervisor import Supervisor, Task
from edge_agent.uplink import Uplink
from edge_agent.uplink.pace import BackOff
from shared.clock import Clock
from shared.errors import StorageError
from shared.messages.command import CLIP, SNAPSHOT

_FIRST_BACK_OFF_S = 1.0
_FOLDER = "recording"
_SPOOL = "uploads"

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Footage:
    """The box's recordings, and clips and snapshots of its channels for whoever asks.

    Args:
        settings: the box's configuration.
        uplink: brings commands, takes replies, and says when the line has time.
        clock: wall time and stopwatch.
        source: randomness for back-offs.

    Raises:
        StorageError: the data folder refuses.
        ConfigError: a certificate cannot be read.
    """

    def __init__(
        self, settings: EdgeSettings, uplink: Uplink, clock: Clock, source: random.Random
    ) -> None:
        self._recorder = _open_recorder(settings, clock)
        self._taps = {
            channel.name: ChannelTap(channel.name, self._recorder) for channel in settings.channels
        }
        self._uploader = Uploader(settings.uplink.tls)
        spool = Spool(settings.box.data_dir / _SPOOL)
        self._commands = Commands(
            CommandParts(
                maker=Maker(self._taps, self._recorder, spool, clock),
                spool=spool,
                uploader=self._uploader,
                line=uplink,
                clock=clock,
                back_off=lambda: BackOff(
                    _FIRST_BACK_OFF_S, settings.uplink.reconnect_max_s, source
                ),
                kbit_per_s=settings.uplink.kbit_per_s,
            )
        )
        if self._recorder is not None:
            self._recorder.ring.on_change(self._commands.wake)
        uplink.on_command(CLIP, self._commands.clip)
        uplink.on_command(SNAPSHOT, self._commands.snapshot)
        self._stop = Event()
        self._work = Supervisor(self._stop, clock, source)

    def tap(self, channel: str) -> ChannelTap:
        """What the source of `channel` shows its packets to."""
        return self._taps[channel]

    def status(self) -> RecordingStatus | None:
        """The recording's counters; None where nothing is recorded."""
        if self._recorder is None:
            return None
        return RecordingStatus(
            **self._recorder.ring.count()._asdict(),
            lost=sum(tap.lost for tap in self._taps.values()),
            failed=self._recorder.failed,
        )

    def start(self) -> None:
        """Begin to record, and to do what the centre asks for."""
        if self._recorder is not None:
            self._work.start(Task("recorder", self._recorder.run, endless=True))
        self._work.start(Task("commands", self._commands.run, endless=True))

    def revive(self) -> None:
        """Replace threads that died. To be called from time to time."""
        self._work.revive()

    def end(self, seconds: float) -> None:
        """Write what the channels have left, `seconds` at most; they have ended."""
        self._stop.set()
        self._commands.wake()
        if self._recorder is not None:
            self._recorder.wake()
        if busy := self._work.join(seconds):
            log.error("recordings or uploads do not end", tasks=busy)
        else:
            self._uploader.close()


def _open_recorder(settings: EdgeSettings, clock: Clock) -> Recorder | None:
    """What `[recording]` asks for; None without it, or where its folder cannot be used."""
    if settings.recording is None:
        return None
    try:
        folder = settings.recording.folder or settings.box.data_dir / _FOLDER
        return Recorder(folder, settings.recording, clock)
    except StorageError as error:
        log.critical("nothing is recorded", error=str(error))
        return None
