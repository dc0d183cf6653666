"""Reading the streets of an OpenStreetMap file (.osm, .osm.pbf) with pyosmium."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium

from central.roads.drawn import Drawn, Edges, Ints, cut
from central.roads.errors import MapError
from central.roads.model import Floats
from central.roads.tags import Street, read_street

MAX_FILE_BYTES = 2 << 30
"""All of South Korea is 0.3 GiB as .osm.pbf."""
MAX_PLACES = 100_000_000
"""Of streets, each counted as often as it is passed: what fits into 8 GiB of memory."""

SUFFIXES = (".osm", ".osm.pbf")
_STEP = 2_000
_FEWEST_PLACES = 2

Progress = Callable[[str, int, int | None], None]
"""Told what is done, how far it is, and of how many where that is known."""


def _untold(_what: str, _done: int, _total: int | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class _Ways:
    """Ways as the file has them: their nodes are known by id only."""

    ids: list[int] = field(default_factory=list)
    streets: list[Street] = field(default_factory=list)
    refs: list[Ints] = field(default_factory=list)


def read_map(path: Path, progress: Progress = _untold) -> Drawn:
    """The streets of `path`, cut where they meet.

    Raises:
        MapError: there is no such file, it is too large, it is no map or only a part of one, or
            there are no streets in it.
    """
    _check(path)
    try:
        ways = _read_ways(path, progress)
        ids, lon_lat, outside = _read_places(path, ways, progress)
    except osmium.InvalidLocationError as error:
        raise MapError(f"{path}: a place lies outside the world: {error}") from error
    except (OSError, RuntimeError) as error:
        raise MapError(
            f"{path} cannot be read as a map: {error}; it is broken or not all there: fetch it "
            "again, and check it with `osmium fileinfo -e`"
        ) from error
    if outside and outside >= len(ids):
        raise MapError(
            f"{path}: {outside} nodes of its streets lie outside the world, {len(ids)} in it; are "
            "longitude and latitude swapped?"
        )
    drawn = _draw(ways, ids, lon_lat, outside)
    if not len(drawn):
        raise MapError(f"{path}: the nodes of its streets are not in it; fetch a whole extract")
    return drawn


def _check(path: Path) -> None:
    if not path.is_file():
        raise MapError(f"there is no file {path}")
    if not path.name.endswith(SUFFIXES):
        raise MapError(f"{path.name}: streets are read from {' and '.join(SUFFIXES)}")
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise MapError(
            f"{path} has {size / 2**30:.1f} GiB, more than {MAX_FILE_BYTES / 2**30:.0f}: cut the "
            "city out of it, as with `osmium extract`"
        )


def _read_ways(path: Path, progress: Progress) -> _Ways:
    ways, places, number = _Ways(), 0, 0
    read = osmium.FileProcessor(str(path), osmium.osm.WAY)
    for number, way in enumerate(read.with_filter(osmium.filter.KeyFilter("highway")), start=1):
        street = read_street(dict(way.tags))
        if street is not None and isinstance(way, osmium.osm.Way):
            refs = np.array([node.ref for node in way.nodes], dtype=np.int64)
            ways.ids.append(way.id)
            ways.streets.append(street)
            ways.refs.append(refs[np.append(True, refs[1:] != refs[:-1])] if refs.size else refs)
            places += len(refs)
        if places > MAX_PLACES:
            raise MapError(f"{path} has more than {MAX_PLACES} places of streets: cut it")
        if number % _STEP == 0:
            progress("ways", number, None)
    progress("ways", number, number)
    if not ways.ids:
        raise MapError(f"{path}: there are no streets in it (ways with the key `highway`)")
    return ways


def _read_places(path: Path, ways: _Ways, progress: Progress) -> tuple[Ints, Floats, int]:
    """Ids of nodes, ascending, their degrees (N, 2), and how many lie outside the world."""
    wanted = np.unique(np.concatenate(ways.refs))
    found, lon_lat = np.zeros(len(wanted), dtype=np.int64), np.zeros((len(wanted), 2))
    number, outside = 0, 0
    read = osmium.FileProcessor(str(path), osmium.osm.NODE)
    for node in read.with_filter(osmium.filter.IdFilter(wanted.tolist())):
        if not isinstance(node, osmium.osm.Node):
            continue
        if not node.location.valid():
            outside += 1
        elif number < len(wanted):
            found[number], lon_lat[number] = node.id, (node.location.lon, node.location.lat)
            number += 1
        if number % _STEP == 0:
            progress("nodes", number, len(wanted))
    progress("nodes", len(wanted), len(wanted))
    # Once each: a file of several extracts, one after the other, may have a node twice.
    ids, first = np.unique(found[:number], return_index=True)
    return ids, lon_lat[first], outside


def _draw(ways: _Ways, ids: Ints, lon_lat: Floats, outside: int) -> Drawn:
    """The ways, cut where they meet. Nodes that are not there are left out of them."""
    every = np.concatenate(ways.refs)
    places = np.searchsorted(ids, every)
    there = np.isin(every, ids)
    lacking = int((~there).sum()) - outside
    passed = np.bincount(places[there], minlength=len(ids))
    edges, start, short = Edges(), 0, 0
    for number, refs in enumerate(ways.refs):
        own = slice(start, start + len(refs))
        start += len(refs)
        way = places[own][there[own]]
        if len(way) < _FEWEST_PLACES:
            short += 1
            continue
        for part in cut(len(way), passed[way] > 1):
            piece = way[part]
            edges.ends.append((int(piece[0]), int(piece[-1])))
            edges.ways.append(ways.ids[number])
            edges.streets.append(ways.streets[number])
            edges.lines.append(lon_lat[piece])
    left_out = {"nodes outside the world": outside, "nodes not in the file": max(lacking, 0)}
    left_out["ways without a line"] = short
    return _ends_only(ids, lon_lat, edges, {why: n for why, n in left_out.items() if n})


def _ends_only(ids: Ints, lon_lat: Floats, edges: Edges, left_out: dict[str, int]) -> Drawn:
    """The network with only those nodes at which edges end, numbered anew."""
    used, numbers = np.unique(np.array(edges.ends, dtype=np.int64), return_inverse=True)
    ends = [(int(a), int(b)) for a, b in numbers.reshape(-1, 2)]
    renumbered = Edges(ends, edges.ways, edges.streets, edges.lines)
    return Drawn(ids[used], lon_lat[used], renumbered, left_out)
