"""Which source a channel's `source` line names."""

import re
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Protocol

from edge_agent.source.folder import FolderSource
from edge_agent.source.frame import Frame, SourceError, SourceOptions, SourceStats
from edge_agent.source.reason import without_secrets
from edge_agent.source.video import VideoInput, VideoSource

_USB = re.compile(r"usb:(\d{1,3})")
_NETWORK = ("rtsp://", "rtsps://")


class Source(Protocol):
    """Frames, chosen and stamped."""

    finite: bool
    stats: SourceStats

    def frames(self, stop: Event) -> Iterator[Frame]:
        """The chosen frames, until the source ends or `stop` is set.

        Raises:
            SourceError: cannot be opened, nothing decodes, or a live stream broke off.
            ConfigError: the crop rectangle is not inside the picture.
        """


def open_source(source: str, options: SourceOptions) -> Source:
    """The source that `source` names; it is opened when its frames are asked for.

    Args:
        source: `rtsp://…`, `usb:0`, or the path of a video file or of a folder of pictures.
        options: how to read it.

    Raises:
        SourceError: a path that is not there.
    """
    if source.startswith(_NETWORK):
        return VideoSource(_network(source, options.silence_s), options)
    if usb := _USB.fullmatch(source):
        return VideoSource(
            VideoInput(f"/dev/video{usb[1]}", True, "v4l2", timeout_s=options.silence_s), options
        )
    path = Path(source)
    if path.is_dir():
        return FolderSource(path, options)
    if not path.is_file():
        raise SourceError(
            f"{options.name}: source {without_secrets(source)!r} is neither a file nor a folder; "
            "give a path, rtsp://host/path or usb:0"
        )
    return VideoSource(VideoInput(str(path), live=False), options)


def _network(url: str, timeout_s: float) -> VideoInput:
    # TCP: with UDP a lost packet smears the picture until the next key frame.
    # `timeout` is the RTSP demuxer's own, in microseconds.
    # Of audio nothing is asked for: else its packets would hide that the video has stopped.
    # The frame rate is not waited for: that took 2 s more of a stream of 10 frames/s.
    demuxer = {
        "rtsp_transport": "tcp",
        "fpsprobesize": "0",
        "allowed_media_types": "video",
        "timeout": str(round(timeout_s * 1e6)),
    }
    return VideoInput(url, live=True, options=demuxer, timeout_s=timeout_s)
