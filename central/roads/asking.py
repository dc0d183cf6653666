"""What pgRouting is asked: the edges it may use, as the text of a query."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from central.roads.model import Bounds, Mode
from central.roads.snapping import DEGREE_M, narrow
from central.roads.splitting import Piece
from central.roads.store import edges_table
from central.values import LonLat


class Streets(NamedTuple):
    """The part of a network that is asked about.

    `boxes`: edges that touch none of them are left out; none: the whole network. `slower`: by what
    the costs of which edges are multiplied.
    """

    network: int
    mode: Mode
    boxes: Sequence[Bounds] = ()
    slower: Mapping[int, float] = {}


def edges_query(streets: Streets, pieces: Sequence[Piece] = ()) -> str:
    """The edges and the pieces beside them, as pgRouting reads them."""
    along, against = f"{streets.mode.value}_s", f"{streets.mode.value}_back_s"
    where = [f"({along} >= 0 OR {against} >= 0)"]
    if streets.boxes:
        where.append("(" + " OR ".join(map(_touches, streets.boxes)) + ")")
    times, joined = "", ""
    if streets.slower:
        rows = ", ".join(f"({edge:d}, {times!r}::float8)" for edge, times in streets.slower.items())
        joined = f" LEFT JOIN (VALUES {rows}) AS slower (edge, times) ON slower.edge = id"
        times = " * coalesce(times, 1)"
    query = (
        f"SELECT id, source, target, {along}{times} AS cost, {against}{times} AS reverse_cost "  # noqa: S608 - numbers and words of our own
        f"FROM {edges_table(streets.network)}{joined} WHERE {' AND '.join(where)}"
    )
    return query + _as_rows(pieces, streets.slower)


def pairs_query(pairs: Sequence[tuple[int, int]]) -> str:
    """From which vertex to which, as pgRouting reads it."""
    rows = ", ".join(f"({start:d}, {end:d})" for start, end in pairs)
    return f"SELECT * FROM (VALUES {rows}) AS pair (source, target)"  # noqa: S608 - numbers


def around(places: Sequence[LonLat], margin_m: float) -> Bounds:
    """A box with all `places` at least `margin_m` inside."""
    lons, lats = [place.lon for place in places], [place.lat for place in places]
    high = margin_m / DEGREE_M
    wide = high / narrow(max(map(abs, lats)) + high)
    return Bounds(min(lons) - wide, min(lats) - high, max(lons) + wide, max(lats) + high)


def _touches(box: Bounds) -> str:
    corners = f"{box.west!r}, {box.south!r}, {box.east!r}, {box.north!r}"
    return f"geom && ST_MakeEnvelope({corners}, 4326)"


def _as_rows(pieces: Sequence[Piece], slower: Mapping[int, float]) -> str:
    if not pieces:
        return ""
    rows = ", ".join(
        f"({piece.id}, {piece.source}, {piece.target}, "
        f"{_times(piece.cost, slower.get(piece.edge, 1.0))}, "
        f"{_times(piece.reverse_cost, slower.get(piece.edge, 1.0))})"
        for piece in pieces
    )
    return f" UNION ALL SELECT * FROM (VALUES {rows}) AS piece"  # noqa: S608 - numbers


def _times(cost: float, factor: float) -> str:
    return f"{cost * factor!r}::float8"
