"""What one sighting costs, as measured. Every figure of `docs/scale.md` comes from here.

Machine: two x86 cores with AVX2 (no VNNI). `make bench-storage`, `bench-ingest`, `bench-search`
and `bench-edge` measure again; whoever does writes the figures here.
"""

from typing import NamedTuple


class Costs(NamedTuple):
    """Bytes, seconds and rates of one sighting; what is no measurement says so."""

    row_bytes: float
    """Heap and TOAST of PostgreSQL."""

    row_index_bytes: float
    """Indexes of PostgreSQL."""

    crop_bytes: float
    """The picture in the crop store."""

    point_bytes: float
    """The vector in the index, with what a search is narrowed by."""

    wal_bytes: float
    """Write-ahead log."""

    writes_per_core_s: float
    """Sightings a second that one core takes from the broker to disk, PostgreSQL's share in it."""

    scan_ms_per_million: float
    """One exact search over a million vectors on one core."""

    object_uplink_bytes: float
    """All revisions and the picture of one object, as a box sends them (normal profile)."""

    messages_per_object: float
    """An early and a final revision."""


MEASURED = Costs(
    row_bytes=1_024,
    row_index_bytes=247,
    crop_bytes=2_522,
    point_bytes=2_371,
    wal_bytes=2_180,
    writes_per_core_s=1_000,
    scan_ms_per_million=35,
    object_uplink_bytes=6_036,
    messages_per_object=2,
)

PEAK = 3.0
"""The busiest hour against the day's mean. Assumed: a city knows its own rush hour better."""

CHANNELS_PER_BOX = 4
"""Assumed, and what boxes are measured with."""

FREE_SHARE = 0.2
"""Left free on every disk: merging segments, VACUUM, copies of a partition being thinned."""

WAL_HOURS = 1.0
"""Write-ahead log that is kept, e.g. for a replica that was away."""
