"""What a source hands on, what it is told, and what it counts."""

from dataclasses import dataclass, field
from typing import NamedTuple

from edge_agent.sampling import Sampler
from edge_agent.source.attention import Watcher, WatchesAll
from edge_agent.source.image import FrameImage
from edge_agent.source.packets import NoPackets, PacketSink
from shared.clock import Clock
from shared.errors import ConfigError, DongseonError
from shared.geometry import Rect
from shared.pictures import Picture


class SourceError(DongseonError):
    """A source cannot be opened, gives no pictures, or broke off.

    The supervisor may try again: a camera comes back.
    """


class CropRect(NamedTuple):
    """The channel's part of the source picture, whole pixels; `right`, `bottom` exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def checked(self, width: int, height: int, name: str) -> "CropRect":
        """Itself, if it lies inside a source picture of `width` x `height`.

        Raises:
            ConfigError: it does not; the message names both sizes.
        """
        inside = 0 <= self.left < self.right <= width and 0 <= self.top < self.bottom <= height
        if not inside:
            raise ConfigError(
                f"{name}: the crop rectangle ({self.left}, {self.top}) to ({self.right}, "
                f"{self.bottom}) is not inside the picture of {width} x {height} pixels; "
                "give left < right and top < bottom within it"
            )
        return self


@dataclass(frozen=True, slots=True)
class Frame:
    """One chosen frame.

    `image` shows the channel's crop rectangle only; `left`, `top` is where it lies in the source
    picture of `width` x `height` pixels. `position_s` is the time since the source's first frame,
    rising strictly; `captured_ms` is UTC milliseconds.
    `cut` marks a frame that does not continue the one before (the clip began anew or changed
    size): whatever was followed has ended.
    """

    image: FrameImage
    captured_ms: int
    position_s: float
    width: int
    height: int
    left: int = 0
    top: int = 0
    cut: bool = False

    @property
    def picture(self) -> Picture:
        """All of `image` as BGR, H x W x 3, uint8: dear, see there."""
        return self.image.picture

    @property
    def area(self) -> Rect:
        """All of `image`, in its own pixels."""
        return Rect(0, 0, *self.image.size)


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How a source is read.

    Args:
        name: the channel, for messages.
        clock: wall time and stopwatch.
        sampler: chooses frames by time stamp.
        crop: part of the picture, source pixels; None for all of it.
        starts_at_ms: files and folders: wall time of the first frame; None for now.
        realtime: files and folders: not faster than they were filmed.
        loop: files and folders: begin anew at the end.
        fps: folders: pictures per second of their time.
        watcher: video: how closely it is watched.
        hardware: video: the kind of device that decodes, see `edge_agent.source.hardware`.
        packets: is shown the packets of a video.
        silence_s: cameras: how long one may send nothing, or take to answer.
        pictureless_s: cameras: how long what one sends may show nothing.
    """

    name: str
    clock: Clock
    sampler: Sampler
    crop: CropRect | None = None
    starts_at_ms: int | None = None
    realtime: bool = False
    loop: bool = False
    fps: float = 5.0
    watcher: Watcher = field(default_factory=WatchesAll)
    hardware: str = "none"
    packets: PacketSink = field(default_factory=NoPackets)
    silence_s: float = 10.0
    pictureless_s: float = 15.0


@dataclass(slots=True)
class SourceStats:
    """What a source has met so far.

    `decoded` counts pictures, chosen or not; `skipped` packets that nobody needed decoded;
    `damaged` packets or pictures that did not decode, or are built on such ones; `blank` pictures
    with nothing in them; `late` live frames left out because the
    channel had fallen behind; `total` the frames a file says it has, None where that is unknown.
    """

    decoded: int = 0
    skipped: int = 0
    damaged: int = 0
    blank: int = 0
    late: int = 0
    total: int | None = None
    decode_s: float = 0.0
