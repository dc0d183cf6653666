"""The stream as it came, for whoever keeps it: packets, before anything is made of them."""

from typing import Protocol

from av.packet import Packet
from av.video.stream import VideoStream


class PacketSink(Protocol):
    """Is shown every video packet of a channel, in decoding order, on the channel's thread.

    It must neither block nor raise: what it does with the packets is no matter of the channel.
    """

    def begin(self, stream: VideoStream) -> None:
        """A video was opened, or opened again; the packets that follow are `stream`'s."""

    def packet(self, packet: "Packet[VideoStream]") -> None:
        """The next packet. It is the decoder's too: the sink may keep it and must not change it."""

    def timed(self, pts: int, captured_ms: int) -> None:
        """The frame with that time stamp (in the stream's time base) was captured then, UTC."""

    def end(self) -> None:
        """No packet follows until the next `begin`."""


class NoPackets:
    """Keeps nothing: what a source does unless told otherwise."""

    def begin(self, stream: VideoStream) -> None:
        """See `PacketSink`."""

    def packet(self, packet: "Packet[VideoStream]") -> None:
        """See `PacketSink`."""

    def timed(self, pts: int, captured_ms: int) -> None:
        """See `PacketSink`."""

    def end(self) -> None:
        """See `PacketSink`."""
