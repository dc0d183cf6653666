"""One segment being written: packets in, fragmented MP4 out, nothing encoded."""

import os
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from shared.errors import StorageError

# A fragment for each second and key frame, and none of it needs what comes later.
_FRAGMENTED = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof",
    "frag_duration": "1000000",
}


class Template:
    """What a stream is like, kept beyond the stream.

    A stream is gone with its container, which its channel may close at any time; the copy lives
    in a container of its own that is never written.

    Raises:
        ValueError: MP4 holds no stream of this codec.
    """

    def __init__(self, stream: VideoStream) -> None:
        if stream.time_base is None:
            raise ValueError("the stream says nothing of its time base")
        self._home = _container(BytesIO())
        self.stream = self._home.add_stream_from_template(stream, opaque=True)
        self.time_base = stream.time_base


class SegmentFile:
    """The file at `path`, written packet by packet.

    Raises:
        StorageError: the disk refuses.
    """

    def __init__(self, path: Path, template: Template) -> None:
        self.path = path
        self._file = _Counted(path)
        self._container = _container(self._file)
        self._stream = self._container.add_stream_from_template(template.stream, opaque=True)

    @property
    def size(self) -> int:
        """Bytes on disk so far."""
        return self._file.size

    def write(self, packet: "Packet[VideoStream]") -> None:
        """Take the next packet, in decoding order, with its times in its own time base.

        Raises:
            StorageError: the disk refuses, or the packet fits into no MP4.
        """
        packet.stream = self._stream
        try:
            self._container.mux(packet)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._error(error) from error

    def finish(self) -> None:
        """Write what is left; when this returns it survives a loss of power.

        Raises:
            StorageError: the disk refuses.
        """
        try:
            self._container.close()
            self._file.sync()
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._error(error) from error
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Let go of the file and delete it, as far as the disk allows."""
        with suppress(av.FFmpegError, OSError, ValueError):
            self._container.close()
        self._file.close()
        with suppress(OSError):
            self.path.unlink()

    def _error(self, error: Exception) -> StorageError:
        return StorageError(f"{self.path}: {error}; check the disk's free space and health")


class _Counted:
    """A file without a buffer, as PyAV writes to one, that knows its size."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("xb", buffering=0)
        except OSError as error:
            raise StorageError(f"{path}: {error}; is [recording] folder writable?") from error
        self.size = 0

    def write(self, data: bytes) -> int:
        written = 0
        while written < len(data):
            written += self._file.write(data[written:])
        self.size += written
        return written

    def sync(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def _container(file: Any) -> OutputContainer:  # noqa: ANN401 - whatever has `write`
    return av.open(file, "w", format="mp4", container_options=_FRAGMENTED)
