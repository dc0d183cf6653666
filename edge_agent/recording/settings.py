"""What a person may choose of recording: `[recording]` of `box.toml`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from shared.clock import MS_PER_DAY
from shared.settings import Settings

_GB = 1_000_000_000
_MIB = 1024 * 1024
_SEGMENT_BYTES = 256 * _MIB
# Cameras that save bandwidth send key frames half a minute apart, some only when asked.
_SEGMENT_MOST_S = 60.0
_SEGMENTS_LATE = 6

Gigabytes = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]


class RecordingSettings(Settings):
    """`[recording]`: keep the streams as they came, for a while. Nothing is recorded without it.

    `quota_gb` (1 GB = 10^9 bytes) caps all channels together, `channel_quota_gb` each of them;
    what is older than `days` goes, and at a cap the oldest goes first. `min_free_mib` is what is
    left free on the disk whatever the quota says, for what matters more. `folder` is where it is
    kept: `recording` in the box's data folder unless set. A recording is cut at the first key
    frame after `segment_s` seconds.
    """

    quota_gb: Gigabytes = 20.0
    channel_quota_gb: Gigabytes | None = None
    days: Annotated[float, Field(gt=0, le=365, allow_inf_nan=False)] = 7.0
    min_free_mib: Annotated[int, Field(ge=0, le=1024 * 1024 * 1024)] = 512
    folder: Path | None = None
    segment_s: Annotated[float, Field(ge=1, le=60, allow_inf_nan=False)] = 10.0

    @property
    def quota_bytes(self) -> int:
        """The cap of all channels, in bytes."""
        return round(self.quota_gb * _GB)

    @property
    def channel_quota_bytes(self) -> int:
        """The cap of one channel, in bytes."""
        return round((self.channel_quota_gb or self.quota_gb) * _GB)

    @property
    def segment_bytes(self) -> int:
        """The most that one segment may have: without key frames it would take the whole disk."""
        return min(_SEGMENT_BYTES, self.channel_quota_bytes // 2)

    @property
    def segment_most_s(self) -> float:
        """The longest that a segment may last where no key frame comes to end it."""
        return max(_SEGMENT_MOST_S, _SEGMENTS_LATE * self.segment_s)

    @property
    def keep_ms(self) -> int:
        """`days` in milliseconds."""
        return round(self.days * MS_PER_DAY)

    @property
    def min_free_bytes(self) -> int:
        """What is left free, in bytes."""
        return self.min_free_mib * _MIB
