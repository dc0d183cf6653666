"""The recording's counters as one picture."""

from shared.settings import Settings


class RecordingStatus(Settings):
    """What is recorded, all channels together.

    `oldest_ms` is when the oldest segment begins, UTC milliseconds; None when there is none.
    `evicted` segments had to go since the agent started, `lost` packets found no room on their way
    to the disk, and `failed` counts how often the disk refused.
    """

    segments: int
    bytes: int
    oldest_ms: int | None
    evicted: int
    lost: int
    failed: int
