"""A box that is told what to do, and the line it answers on."""

import random
from pathlib import Path
from uuid import uuid4

from edge_agent.commands.maker import Maker
from edge_agent.commands.service import CommandParts, Commands
from edge_agent.commands.spool import Spool
from edge_agent.commands.upload import Uploader
from edge_agent.recording import ChannelTap, Recorder, RecordingSettings
from edge_agent.uplink.pace import BackOff
from shared.clock import ManualClock
from shared.messages import ClipCommand, Reply, SnapshotCommand, Upload, decode
from tests.edge_agent.commands.tus import TinyUploads
from tests.edge_agent.recording.streams import STARTS_AT_MS, play, write_all

TOKEN = "a-token-of-this-upload"  # noqa: S105 - a test's


class TestLine:
    """An uplink that has time when a test says so, and keeps the replies."""

    __test__ = False

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.wait_s = 0.0
        self.asked: list[int] = []

    def reply(self, payload: bytes) -> None:
        self.replies.append(decode(Reply, payload))

    def spare(self, size: int) -> float:
        self.asked.append(size)
        return self.wait_s


class LookedAtClock(ManualClock):
    """Goes on by a millisecond whenever somebody looks, as any that runs does."""

    def monotonic(self) -> float:
        self.advance(0.001)
        return super().monotonic()


class Box:
    """A box that recorded seven seconds of its channel `gate`, and does one thing at a time."""

    def __init__(
        self, folder: Path, *, recording: bool = True, kbit_per_s: float | None = None
    ) -> None:
        self.clock = LookedAtClock(STARTS_AT_MS)
        self.recorder = (
            Recorder(folder / "ring", RecordingSettings(segment_s=2), self.clock)
            if recording
            else None
        )
        self.tap = ChannelTap("gate", self.recorder)
        self.line = TestLine()
        self.spool = Spool(folder / "uploads")
        self.uploader = Uploader(None)
        self.commands = Commands(
            CommandParts(
                maker=Maker({"gate": self.tap}, self.recorder, self.spool, self.clock),
                spool=self.spool,
                uploader=self.uploader,
                line=self.line,
                clock=self.clock,
                back_off=lambda: BackOff(1.0, 60.0, random.Random(1)),  # noqa: S311
                kbit_per_s=kbit_per_s,
            )
        )

    def film(self, source: Path) -> None:
        play(self.tap, source)
        if self.recorder:
            write_all(self.recorder)

    def work(self, turns: int = 100) -> None:
        """Do things until there is nothing to do, at most so many."""
        while turns > 0 and self.commands._turn() == 0:
            turns -= 1


def clip(uploads: TinyUploads, **more: object) -> ClipCommand:
    fields: dict[str, object] = {
        "id": uuid4(),
        "channel": "gate",
        "from_ms": STARTS_AT_MS + 1_000,
        "to_ms": STARTS_AT_MS + 5_000,
        "upload": upload_to(uploads, "clip"),
    }
    return ClipCommand.model_validate(fields | more)


def snapshot(uploads: TinyUploads, channel: str = "gate") -> SnapshotCommand:
    return SnapshotCommand(id=uuid4(), channel=channel, upload=upload_to(uploads, "snapshot"))


def upload_to(uploads: TinyUploads, name: str, max_bytes: int = 10_000_000) -> Upload:
    return Upload(url=uploads.url(name), token=TOKEN, max_bytes=max_bytes)
