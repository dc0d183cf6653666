"""What one sighting costs. Every figure of `docs/scale.md` comes from here.

Machine: two x86 cores with AVX2 (no VNNI). `make bench-storage`, `bench-ingest`, `bench-search`
and `bench-edge` measure again; whoever does writes the figures here.
"""

from typing import NamedTuple


class Costs(NamedTuple):
    """Bytes, seconds and rates of one sighting."""

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
    """Sightings a second that one core takes from the broker to disk and index.

    Broker, PostgreSQL, ingest and all that follows in `serve` took 1.2 ms of CPU for each."""

    scan_ms_per_million: float
    """One exact search over a million vectors on one core."""

    object_uplink_bytes: float
    """All revisions and the picture of one object, as a box sends them (normal profile)."""

    messages_per_object: float
    """An early and a final revision."""


FILES = Costs(
    row_bytes=1_024,
    row_index_bytes=248,
    crop_bytes=2_381,
    point_bytes=310,
    wal_bytes=2_146,
    writes_per_core_s=830,
    scan_ms_per_million=38,
    object_uplink_bytes=6_036,
    messages_per_object=2,
)
"""With vectors in the index of files, the default: one node."""

SERVER = FILES._replace(point_bytes=1_749, scan_ms_per_million=80)
"""With vectors in a Qdrant server. Its two figures are not measured: they are those of Qdrant Edge,
the same engine inside a process (float32 and int8), with a million sightings by `bench-search`."""

UNMEASURED = {"point_bytes", "scan_ms_per_million"}
"""What of `SERVER` no benchmark has measured."""

PEAK = 3.0
"""The busiest hour against the day's mean. Assumed: a city knows its own rush hour better."""

CHANNELS_PER_BOX = 4
"""Assumed, and what boxes are measured with."""

FREE_SHARE = 0.2
"""Left free on every disk: merging segments, VACUUM, copies of a partition being thinned."""

WAL_HOURS = 1.0
"""Write-ahead log that is kept, e.g. for a replica that was away."""
