"""From a command to a file to upload, or the reason why there is none."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from edge_agent.commands.spool import MAX_BYTES, Job, Spool, digest_of
from edge_agent.recording import ChannelTap, ClipError, Recorder, Span, cut_clip
from shared.clock import Clock, to_datetime
from shared.errors import DongseonError, StorageError
from shared.messages import ClipCommand, SnapshotCommand

_MIB = 1024 * 1024
# Left free beside what is made: sightings matter more.
_MIN_FREE_BYTES = 512 * _MIB


class CommandRefused(DongseonError):  # noqa: N818 - reads as the statement it is
    """A command cannot be done here; the message goes to the centre."""


REFUSALS = (CommandRefused, ClipError)


class Maker:
    """Makes what commands ask for, into `spool`.

    Args:
        taps: of the box's channels, by name.
        recorder: None where nothing is recorded.
        spool: where the files wait.
        clock: wall time.
    """

    def __init__(
        self,
        taps: Mapping[str, ChannelTap],
        recorder: Recorder | None,
        spool: Spool,
        clock: Clock,
    ) -> None:
        self._taps = taps
        self._recorder = recorder
        self._spool = spool
        self._clock = clock

    def is_coming(self, command: ClipCommand) -> bool:
        """Whether some of the clip is still being written."""
        ring = self._recorder.ring if self._recorder else None
        return ring is not None and ring.coming(command.channel, command.to_ms)

    def clip(self, command: ClipCommand) -> Job:
        """Cut the clip.

        Raises:
            CommandRefused, ClipError: it is not recorded, or too large.
            StorageError: the disk refuses.
        """
        self._tap(command.channel)
        if self._recorder is None:
            raise CommandRefused("this box records nothing: its box.toml has no [recording]")
        ring, span = self._recorder.ring, Span(command.from_ms, command.to_ms)
        segments = ring.find(command.channel, span)
        if not segments:
            raise CommandRefused(_not_there(command.channel, span, ring.span(command.channel)))
        out = self._spool.file(command.id)
        self._check_room(out, sum(segment.size for segment in segments))
        clip = cut_clip(segments, span, out, command.upload.max_bytes)
        return self._job(command, Span(clip.start_ms, clip.end_ms))

    def snapshot(self, command: SnapshotCommand) -> Job:
        """Take the picture.

        Raises:
            CommandRefused, PictureError: there is none, or it is too large.
            StorageError: the disk refuses.
        """
        data, captured_ms = self._tap(command.channel).latest.snapshot()
        if len(data) > command.upload.max_bytes:
            raise CommandRefused(f"the picture is over {command.upload.max_bytes} bytes")
        out = self._spool.file(command.id)
        self._check_room(out, len(data))
        with _disk(out):
            out.write_bytes(data)
        at_ms = self._clock.now_ms() if captured_ms is None else captured_ms
        return self._job(command, Span(at_ms, at_ms))

    def _tap(self, channel: str) -> ChannelTap:
        try:
            return self._taps[channel]
        except KeyError:
            raise CommandRefused(f"this box has no channel {channel}") from None

    def _job(self, command: ClipCommand | SnapshotCommand, span: Span) -> Job:
        out = self._spool.file(command.id)
        with _disk(out):
            size = out.stat().st_size
        return Job(
            id=command.id,
            upload=command.upload,
            size=size,
            digest=digest_of(out),
            made_ms=self._clock.now_ms(),
            start_ms=span.start_ms,
            end_ms=span.end_ms,
        )

    def _check_room(self, out: Path, size: int) -> None:
        if self._spool.waiting_bytes + size > MAX_BYTES:
            raise CommandRefused(
                f"{self._spool.waiting_bytes // _MIB} MiB wait to be uploaded; ask again later"
            )
        with _disk(out):
            free = shutil.disk_usage(out.parent).free
        if free < size + _MIN_FREE_BYTES:
            raise CommandRefused("the disk of the box is too full to make a clip on it")


@contextmanager
def _disk(out: Path) -> Iterator[None]:
    """Turn a disk's refusal into one that the centre is told."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{out}: {error}") from error


def _not_there(channel: str, span: Span, held: Span | None) -> str:
    if held is None:
        return f"nothing of channel {channel} is recorded yet"
    return (
        f"channel {channel} has no recording from {_shown(span)}; "
        f"it is recorded from {_shown(held)}"
    )


def _shown(span: Span) -> str:
    start, end = to_datetime(span.start_ms), to_datetime(span.end_ms)
    return f"{start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC"
