"""Which decoded frames show what the camera saw.

A decoder that lacks what a frame was predicted from goes on all the same: it fills in grey or
green, or the picture before, and each later frame drags that along until a key frame comes. FFmpeg
marks only the first of them as corrupt.
"""

from av.video.frame import VideoFrame

from edge_agent.source.image import FrameImage
from models.preparation import Size

# Streams that are refreshed bit by bit have no key frames: after as many frames without damage
# (10 s of 25 a second) the picture has been renewed.
_HEALED = 250
_SMALL = Size(32, 18)
# Luma, 0 to 255: its standard deviation, and the values of planes that were filled with 128 (grey)
# or left at 0 (green) as swscale gives them, limited range or full (measured: 128 to 131, 0 to 1).
_EVEN = 1.5
_GREY = (124.0, 134.0)
_UNWRITTEN = 2.0


class Soundness:
    """Follows one decoder's frames."""

    def __init__(self) -> None:
        # A stream joined between key frames begins with what cannot be decoded.
        self._distrusted = _HEALED
        self._since: int | None = None

    def damage(self, pts: int | None) -> None:
        """What has that presentation time did not decode: what follows is not to be trusted."""
        self._distrusted, self._since = _HEALED, pts

    def admits(self, frame: VideoFrame) -> bool:
        """Whether `frame`, the next in order of presentation, may be shown."""
        if frame.is_corrupt:
            self.damage(frame.pts)
            return False
        renewed = frame.key_frame and self._after_damage(frame.pts)
        self._distrusted = 0 if renewed else max(0, self._distrusted - 1)
        return not self._distrusted

    def _after_damage(self, pts: int | None) -> bool:
        """Not so of a key frame that was decoded before the damage, and only shown after it."""
        return pts is None or self._since is None or pts > self._since


def is_blank(image: FrameImage) -> bool:
    """Whether there is nothing but a decoder's own grey, its green, or black."""
    luma = image.luma(_SMALL)
    level = float(luma.mean())
    return float(luma.std()) < _EVEN and (_GREY[0] < level < _GREY[1] or level < _UNWRITTEN)
