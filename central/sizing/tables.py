"""Plans as tables: for people, and for `docs/scale.md`."""

from collections.abc import Callable, Sequence

from central.sizing.costs import FILES, SERVER, UNMEASURED
from central.sizing.plan import Load, Plan, plan

_OBJECTS = 5_000
_DAYS = 30
CITIES = (
    ("files", 2_700, FILES),
    ("Qdrant", 2_700, SERVER),
    ("Qdrant", 20_000, SERVER),
    ("Qdrant", 200_000, SERVER),
)
"""Where the vectors are, how many cameras, and what that costs."""
_ROWS: dict[str, Callable[[Plan], str]] = {
    "sightings a day": lambda p: f"{p.load.per_day / 1e6:,.1f} M",
    "sightings kept": lambda p: f"{p.load.kept / 1e6:,.0f} M",
    "messages a second, peak": lambda p: f"{p.peak_messages_s:,.0f}",
    "database": lambda p: size(p.database_bytes),
    "crops": lambda p: size(p.crops_bytes),
    "index": lambda p: size(p.index_bytes),
    "write-ahead log": lambda p: size(p.wal_bytes),
    "disk, a fifth of it free": lambda p: size(p.disk_bytes),
    "cores for ingest, peak": lambda p: f"{p.ingest_cores:,.1f}",
    "cores for a city day in 1 s": lambda p: f"{p.search_cores:,.1f}",
    "memory": lambda p: size(p.ram_bytes),
    "uplink, mean / peak": lambda p: f"{rate(p.uplink_bit_s)} / {rate(p.peak_uplink_bit_s)}",
    "boxes = broker connections": lambda p: f"{p.boxes:,}",
    "machines (16 cores, 128 GiB, 8 TB)": lambda p: f"{p.machines:,}",
}


def costs_table() -> str:
    """What one sighting costs, as Markdown."""
    lines = [_line(["one sighting", "index of files", "Qdrant server", "by"]), _line(["---"] * 4)]
    lines += [_cost(*row) for row in _COSTS]
    return "\n".join(lines)


_COSTS = [
    ("row in PostgreSQL, heap and TOAST", "row_bytes", "{:,.0f} B", "bench-storage"),
    ("its indexes", "row_index_bytes", "{:,.0f} B", "bench-storage"),
    ("picture in the crop store", "crop_bytes", "{:,.0f} B", "bench-storage"),
    ("vector in the index", "point_bytes", "{:,.0f} B", "bench-storage"),
    ("write-ahead log", "wal_bytes", "{:,.0f} B", "bench-storage"),
    ("taken by one core in a second", "writes_per_core_s", "{:,.0f}", "bench-ingest"),
    (
        "exact search over a million, one core",
        "scan_ms_per_million",
        "{:,.0f} ms",
        "bench-search",
    ),
    ("uplink, all revisions", "object_uplink_bytes", "{:,.0f} B", "bench-edge"),
]


def _cost(name: str, field: str, shown: str, bench: str) -> str:
    files, server = (shown.format(getattr(costs, field)) for costs in (FILES, SERVER))
    if field in UNMEASURED:
        server += ", not measured"
    return _line([name, files, server, f"`make {bench}`"])


def scale_table() -> str:
    """What three cities need, as Markdown."""
    plans = [plan(Load(cameras, _OBJECTS, _DAYS), costs) for _, cameras, costs in CITIES]
    head = [f"{cameras:,} cameras, {where}" for where, cameras, _ in CITIES]
    lines = [_line([f"{_OBJECTS:,} objects, {_DAYS} days", *head])]
    lines.append(_line(["---"] * (len(plans) + 1)))
    lines += [_line([name, *map(show, plans)]) for name, show in _ROWS.items()]
    return "\n".join(lines)


def lines_of(one: Plan) -> list[tuple[str, str]]:
    """One plan, line by line."""
    return [(name, show(one)) for name, show in _ROWS.items()]


def size(count: float) -> str:
    """Bytes as people say them: GB or TB of 10^9 and 10^12."""
    return f"{count / 1e12:,.1f} TB" if count >= 1e12 else f"{count / 1e9:,.1f} GB"  # noqa: PLR2004


def rate(bits: float) -> str:
    """Bits a second as people say them."""
    return f"{bits / 1e9:,.1f} Gbit/s" if bits >= 1e9 else f"{bits / 1e6:,.0f} Mbit/s"  # noqa: PLR2004


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
