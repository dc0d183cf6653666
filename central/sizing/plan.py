"""From a number of cameras to disks, cores and lines. Pure arithmetic; see `docs/scale.md`."""

import math
from dataclasses import dataclass

from central.sizing.costs import (
    CHANNELS_PER_BOX,
    FILES,
    FREE_SHARE,
    PEAK,
    WAL_HOURS,
    Costs,
)

SECONDS_PER_DAY = 86_400
MACHINE_CORES = 16
MACHINE_RAM = 128 * 2**30
MACHINE_DISK = 8 * 10**12
_SEARCH_S = 1.0
_CACHED_DAYS = 2
_BASE_RAM = 4 * 2**30
_MILLION = 1e6


@dataclass(frozen=True)
class Load:
    """What comes in: `objects` of one camera a day, kept for `days`."""

    cameras: int
    objects: int
    days: int

    @property
    def per_day(self) -> int:
        """Sightings a day."""
        return self.cameras * self.objects

    @property
    def kept(self) -> int:
        """Sightings there are at most: the days that are kept whole, and the one that fills up."""
        return self.per_day * (self.days + 1)


@dataclass(frozen=True)
class Plan:
    """What a load needs. Bytes, cores, bit/s; means over a day unless they say peak."""

    load: Load
    database_bytes: float
    crops_bytes: float
    index_bytes: float
    wal_bytes: float
    peak_messages_s: float
    ingest_cores: float
    search_cores: float
    cached_bytes: float
    uplink_bit_s: float
    peak_uplink_bit_s: float
    boxes: int

    @property
    def disk_bytes(self) -> float:
        """All of it, and what stays free."""
        used = self.database_bytes + self.crops_bytes + self.index_bytes + self.wal_bytes
        return used / (1 - FREE_SHARE)

    @property
    def cores(self) -> int:
        """Ingest at its peak, and one search a second over a day of the whole city."""
        return math.ceil(self.ingest_cores + self.search_cores)

    @property
    def ram_bytes(self) -> float:
        """The newest days of the index, in memory as searches touch them, and the programs."""
        return self.cached_bytes + _BASE_RAM

    @property
    def machines(self) -> int:
        """Of 16 cores, 128 GiB and 8 TB of NVMe: enough in each respect, without spares."""
        return math.ceil(
            max(
                self.cores / MACHINE_CORES,
                self.ram_bytes / MACHINE_RAM,
                self.disk_bytes / MACHINE_DISK,
            )
        )


def plan(load: Load, costs: Costs = FILES) -> Plan:
    """What `load` needs.

    - bytes = sightings kept x bytes of one, place by place; write-ahead log of `WAL_HOURS` at peak;
    - ingest cores = messages a second at peak / messages a second of a core. A revision costs like
      a sighting of its own;
    - search cores: an exact search over one day of all cameras ends within a second;
    - memory: the index of the two newest days, where most questions end.
    """
    peak_objects = load.per_day / SECONDS_PER_DAY * PEAK
    peak_messages = peak_objects * costs.messages_per_object
    uplink = load.per_day * costs.object_uplink_bytes * 8 / SECONDS_PER_DAY
    return Plan(
        load=load,
        database_bytes=load.kept * (costs.row_bytes + costs.row_index_bytes),
        crops_bytes=load.kept * costs.crop_bytes,
        index_bytes=load.kept * costs.point_bytes,
        wal_bytes=peak_messages * costs.wal_bytes * WAL_HOURS * 3_600,
        peak_messages_s=peak_messages,
        ingest_cores=peak_messages / costs.writes_per_core_s,
        search_cores=load.per_day / _MILLION * costs.scan_ms_per_million / 1000 / _SEARCH_S,
        cached_bytes=load.per_day * _CACHED_DAYS * costs.point_bytes,
        uplink_bit_s=uplink,
        peak_uplink_bit_s=uplink * PEAK,
        boxes=math.ceil(load.cameras / CHANNELS_PER_BOX),
    )
