"""Where a channel's packets branch off: to the recorder, and into the latest picture."""

from functools import partial
from typing import cast

import structlog
from av.packet import Packet
from av.video.stream import VideoStream

from edge_agent.recording.file import Template
from edge_agent.recording.recorder import EACH_BYTES, Recorder
from edge_agent.recording.snapshot import LatestPicture

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class ChannelTap:
    """A `PacketSink`. Without a recorder it keeps the latest key frame and nothing else.

    `latest` may be asked from any thread; `lost` counts packets there was no room for.
    """

    def __init__(self, name: str, recorder: Recorder | None) -> None:
        self.latest = LatestPicture(name)
        self.lost = 0
        self._name = name
        self._backlog = recorder.backlog if recorder else None
        self._writer = recorder.writer(name) if recorder else None
        self._broken = False

    def begin(self, stream: VideoStream) -> None:
        """See `PacketSink`."""
        self.latest.begin(stream)
        if self._backlog and self._writer:
            self._broken = False
            self._backlog.put(0, partial(self._writer.begin, self._template(stream)))

    def packet(self, packet: "Packet[VideoStream]") -> None:
        """See `PacketSink`."""
        if packet.size == 0:
            return  # the demuxer's last word
        self.latest.packet(packet)
        if self._backlog is None or self._writer is None:
            return
        if self._broken and not packet.is_keyframe:
            self.lost += 1
            return
        work = partial(self._writer.packet, _own(packet))
        taken = self._backlog.put(packet.size + EACH_BYTES, work)
        if not taken and not self._broken:
            self._backlog.put(0, self._writer.end)
            log.warning("the disk does not keep up; packets are not recorded", channel=self._name)
        self._broken = not taken
        self.lost += not taken

    def timed(self, pts: int, captured_ms: int) -> None:
        """See `PacketSink`."""
        self.latest.timed(pts, captured_ms)
        if self._backlog and self._writer:
            self._backlog.put(EACH_BYTES, partial(self._writer.timed, pts, captured_ms))

    def end(self) -> None:
        """See `PacketSink`."""
        if self._backlog and self._writer:
            self._backlog.put(0, self._writer.end)

    def _template(self, stream: VideoStream) -> Template | None:
        try:
            return Template(stream)
        except ValueError as error:
            log.warning("this channel cannot be recorded", channel=self._name, reason=str(error))
            return None


def _own(packet: "Packet[VideoStream]") -> "Packet[VideoStream]":
    """A packet of the same bytes, none of them copied, whose times may be changed."""
    own = cast("Packet[VideoStream]", Packet(packet))  # type: ignore[arg-type]  # any buffer will do
    own.pts, own.dts, own.duration = packet.pts, packet.dts, packet.duration
    own.time_base, own.is_keyframe = packet.time_base, packet.is_keyframe
    return own
