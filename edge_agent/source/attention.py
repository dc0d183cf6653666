"""How closely a channel is watched: what its decoder gets, and what can be told from packets alone.

Decoding costs most of what a quiet channel costs (1080p H.264, one thread: 4.9 ms a frame, against
0.2 ms where only one frame in 50 is a key frame and only those are decoded).
"""

from enum import Enum
from typing import NamedTuple, Protocol

from edge_agent.source.image import FrameImage


class Attention(Enum):
    """What the decoder of a channel gets.

    KEYFRAMES holds from the next key frame on. FULL holds at once and reaches back to the key frame
    before, so that what woke the channel is seen as if it had never slept.
    """

    FULL = "full"
    KEYFRAMES = "keyframes"


class PacketSeen(NamedTuple):
    """A packet before anything of it is decoded.

    `position_s` is about where its frame will lie, seconds of the source; `size` its bytes; `key`
    whether it begins anew.
    """

    position_s: float
    size: int
    key: bool


class Watcher(Protocol):
    """Decides how closely a channel is watched. The source asks on its own thread."""

    @property
    def attention(self) -> Attention:
        """What the decoder is to get from now on."""

    def packet(self, seen: PacketSeen) -> None:
        """Told of every packet, before `attention` is asked for it."""

    def stirs(self, image: FrameImage) -> bool:
        """Whether a key frame of a quiet channel differs, so that what led to it is to be seen."""


class WatchesAll:
    """Every frame, whatever the packets say."""

    attention = Attention.FULL

    def packet(self, seen: PacketSeen) -> None:
        """See `Watcher`."""

    def stirs(self, image: FrameImage) -> bool:  # noqa: ARG002 - the answer is always the same
        """See `Watcher`."""
        return True
