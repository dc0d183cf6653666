"""Where cameras stand on the street network: the table `camera_streets`."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import NamedTuple

from sqlalchemy import Connection, Engine, text

from central.roads.model import Mode, Network
from central.roads.snapping import Snap, snap
from central.roads.store import edges_table
from central.values import LonLat

_BATCH = 500

_STALE = text(
    """
    SELECT id, lon, lat FROM (
        SELECT id, ST_X(position::geometry) AS lon, ST_Y(position::geometry) AS lat
        FROM cameras WHERE position IS NOT NULL
    ) AS placed
    WHERE (
        SELECT count(*) FROM camera_streets AS street
        WHERE street.camera = placed.id AND street.network = :network
            AND street.lon = placed.lon AND street.lat = placed.lat
    ) < :modes
    ORDER BY id
    """
)
_UNPLACED = text(
    """
    WITH gone AS (
        DELETE FROM camera_streets USING cameras
        WHERE cameras.id = camera_streets.camera AND cameras.position IS NULL
        RETURNING camera
    )
    DELETE FROM travel_times
    WHERE from_camera IN (SELECT camera FROM gone) OR to_camera IN (SELECT camera FROM gone)
    """
)
# Of a camera that moved, nothing is better than what was true elsewhere; with a new network, what
# the old one said stays until there is something newer.
_MOVED = text(
    """
    WITH moved AS (
        SELECT DISTINCT street.camera
        FROM unnest(CAST(:cameras AS text[]), CAST(:lons AS float8[]), CAST(:lats AS float8[]))
            AS place (camera, lon, lat)
        JOIN camera_streets AS street ON street.camera = place.camera
            AND (street.lon, street.lat) <> (place.lon, place.lat)
    )
    DELETE FROM travel_times
    WHERE from_camera IN (SELECT camera FROM moved) OR to_camera IN (SELECT camera FROM moved)
    """
)
_KEEP = text(
    """
    INSERT INTO camera_streets (camera, mode, network, lon, lat, edge, along, metres, island)
    SELECT id, :mode, :network, lon, lat, edge, along, metres, island
    FROM unnest(
        CAST(:cameras AS text[]), CAST(:lons AS float8[]), CAST(:lats AS float8[]),
        CAST(:edges AS bigint[]), CAST(:alongs AS float8[]), CAST(:metres AS real[]),
        CAST(:islands AS boolean[])
    ) AS found (camera, lon, lat, edge, along, metres, island)
    -- One that was deleted meanwhile is not there.
    JOIN cameras ON cameras.id = found.camera
    ON CONFLICT (camera, mode) DO UPDATE SET network = excluded.network, lon = excluded.lon,
        lat = excluded.lat, edge = excluded.edge, along = excluded.along,
        metres = excluded.metres, island = excluded.island, timed = false
    """
)


def renew(engine: Engine, network: int) -> int:
    """Find the streets of cameras that are new, were moved, or stand on another network.

    Gives how many there were. A street is found for each mode; what is found is not timed yet.
    """
    with engine.begin() as connection:
        connection.execute(_UNPLACED)
        values = {"network": network, "modes": len(Mode)}
        stale = connection.execute(_STALE, values).all()
    for first in range(0, len(stale), _BATCH):
        batch = stale[first : first + _BATCH]
        places = [LonLat.model_construct(lon=lon, lat=lat) for _, lon, lat in batch]
        names = [camera for camera, _, _ in batch]
        with engine.begin() as connection:
            connection.execute(_MOVED, _columns(names, places))
            for mode in Mode:
                snaps = snap(connection, network, places, mode)
                connection.execute(_KEEP, _row(network, mode) | _columns(names, places, snaps))
    return len(stale)


def _row(network: int, mode: Mode) -> dict[str, object]:
    return {"network": network, "mode": mode.value}


def _columns(
    names: Sequence[str], places: Sequence[LonLat], snaps: Sequence[Snap | None] = ()
) -> dict[str, object]:
    columns: dict[str, object] = {
        "cameras": list(names),
        "lons": [place.lon for place in places],
        "lats": [place.lat for place in places],
    }
    if snaps:
        columns["edges"] = [found and found.edge for found in snaps]
        columns["alongs"] = [found and min(max(found.along, 0.0), 1.0) for found in snaps]
        columns["metres"] = [found and found.metres for found in snaps]
        columns["islands"] = [found is not None and not found.main for found in snaps]
    return columns


class Placed(NamedTuple):
    """A camera on the network. `fresh`: its travel times are still to be found."""

    camera: str
    snap: Snap
    fresh: bool


def placed(connection: Connection, network: int, mode: Mode) -> list[Placed]:
    """The cameras that stand near a street of `network`, by id."""
    query = _PLACED.format(mode=mode.value, table=edges_table(network))
    rows = connection.execute(text(query), {"network": network, "mode": mode.value})
    return [Placed(camera, Snap(*found), not timed) for camera, timed, *found in rows]


_PLACED = """
SELECT street.camera, street.timed, edge.id, edge.source, edge.target, edge.{mode}_s,
    edge.{mode}_back_s, edge.metres, edge.{mode}_main, street.along, street.metres
FROM camera_streets AS street
JOIN {table} AS edge ON edge.id = street.edge
WHERE street.network = :network AND street.mode = :mode
ORDER BY street.camera
"""


class OfMode(NamedTuple):
    """How cameras stand to the streets that a mode may use.

    `near`: that many have one within `SNAP_M`; `away`: have none; `island`: have one that is cut
    off from the largest part; `timed`: have their travel times. `median_m`, `farthest_m`: from
    camera to street.
    """

    near: int
    away: int
    island: int
    timed: int
    median_m: float
    farthest_m: float


class Figures(NamedTuple):
    """How the cameras stand to the network; `placed` have a position.

    `outside` lie outside the network's bounds. `away` names the first `NAMED` by id that have no
    street that one may walk near them.
    """

    placed: int
    outside: int
    of_mode: dict[Mode, OfMode]
    away: list[str]


NAMED = 100

_PLACED_AND_OUTSIDE = text(
    """
    SELECT count(*), count(*) FILTER (WHERE NOT ST_Covers(
        ST_MakeEnvelope(:west, :south, :east, :north, 4326), position::geometry
    ))
    FROM cameras WHERE position IS NOT NULL
    """
)
_OF_MODE = text(
    """
    SELECT count(edge), count(*) - count(edge), count(*) FILTER (WHERE island),
        count(*) FILTER (WHERE timed AND edge IS NOT NULL),
        coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY metres), 0), coalesce(max(metres), 0)
    FROM camera_streets WHERE network = :network AND mode = :mode
    """
)
_AWAY = text(
    """
    SELECT camera FROM camera_streets
    WHERE network = :network AND mode = :mode AND edge IS NULL ORDER BY camera LIMIT :limit
    """
)


def figures(connection: Connection, network: Network) -> Figures:
    """How the cameras stand to `network`, as far as their streets are found yet."""
    placed, outside = connection.execute(_PLACED_AND_OUTSIDE, asdict(network.bounds)).one()
    of_mode = {
        mode: OfMode(*connection.execute(_OF_MODE, _row(network.id, mode)).one()) for mode in Mode
    }
    values = {**_row(network.id, Mode.WALK), "limit": NAMED}
    away = list(connection.execute(_AWAY, values).scalars())
    return Figures(placed, outside, of_mode, away)
