"""Importing a street network: beside the one in use, which goes on being used until it is there."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np
import psycopg
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from central.db import locks
from central.db.tables import road_networks
from central.roads import standing, store
from central.roads.alone import alone
from central.roads.connectivity import Parts, parts
from central.roads.drawn import Drawn
from central.roads.model import Floats, Joined, Mode, Network
from central.roads.reading import Progress, read_map
from shared.clock import Clock, to_datetime
from shared.errors import StorageError

KEPT = 2
"""Networks whose tables stay: the one in use, and the one before it for whoever reads it yet."""

_LONGEST_NAME = 200
_PATIENCE = "5s"

_Raw = psycopg.Connection[tuple[object, ...]]


def import_map(engine: Engine, path: Path, clock: Clock, progress: Progress) -> Network:
    """Read `path` and put its streets in the place of those in use, at once and whole.

    What goes wrong leaves the network in use as it is.

    Raises:
        MapError: `path` is no street network, or not all of one.
        ConflictError: another import is running.
        StorageError: the database refuses.
    """
    drawn = read_map(path, progress)
    return keep(engine, drawn, path.name, clock, progress)


def keep(engine: Engine, drawn: Drawn, name: str, clock: Clock, progress: Progress) -> Network:
    """Put `drawn` in the place of the streets in use; raises as `import_map` does."""
    held = _held(drawn)
    try:
        with alone(engine, locks.STREETS, "an import of streets") as held_by:
            connection = cast("_Raw", held_by.connection.driver_connection)
            _drop_all_but(connection, standing.ids(engine)[:KEPT])
            network = _next_id(connection)
            try:
                store.fill(connection, network, drawn, held, progress)
                _begin_to_use(engine, network, _row(drawn, name, held, clock))
            except BaseException:
                # Unless it is in use all the same, and only the answer was lost.
                _drop_all_but(connection, standing.ids(engine)[:KEPT])
                raise
            _drop_all_but(connection, standing.ids(engine)[:KEPT])
    except psycopg.Error as error:
        raise StorageError(f"the street network cannot be kept: {error}") from error
    except DBAPIError as error:
        raise StorageError(f"the street network cannot be kept: {error.orig}") from error
    with engine.connect() as connected:
        return standing.by_id(connected, network)


def _held(drawn: Drawn) -> dict[Mode, Parts]:
    return {
        mode: parts(len(drawn.osm_nodes), drawn.ends, seconds)
        for mode, seconds in ((Mode.WALK, drawn.walk_s), (Mode.DRIVE, drawn.drive_s))
    }


def _row(drawn: Drawn, name: str, held: dict[Mode, Parts], clock: Clock) -> dict[str, Any]:
    west, south, east, north = drawn.bounds
    joined = {
        mode: Joined(int(each.sizes.sum()), len(each.sizes), int(each.sizes[:1].sum()))
        for mode, each in held.items()
    }
    figures = {
        "nodes": len(drawn.osm_nodes),
        "edges": len(drawn),
        "metres": round(float(drawn.metres.sum()), 1),
        "stairs": sum(street.stairs for street in drawn.edges.streets),
        "tunnels": sum(street.tunnel for street in drawn.edges.streets),
        "joined": {mode: asdict(each) for mode, each in joined.items()},
        "left_out": drawn.left_out,
    }
    return {
        # A file's name may be no text.
        "name": name[:_LONGEST_NAME].encode(errors="replace").decode(),
        "imported_at": to_datetime(clock.now_ms()),
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "fastest_walk_m_s": _fastest(drawn.metres, drawn.walk_s),
        "fastest_drive_m_s": _fastest(drawn.metres, drawn.drive_s),
        "figures": figures,
    }


def _fastest(metres: Floats, seconds: Floats) -> float:
    passable = seconds > 0
    speeds = np.broadcast_to(metres[:, None], seconds.shape)[passable] / seconds[passable]
    return float(speeds.max(initial=0.0))


def _next_id(connection: _Raw) -> int:
    found = connection.execute(
        "SELECT nextval(pg_get_serial_sequence('road_networks', 'id'))"
    ).fetchone()
    return int(str(found[0])) if found else 0


def _begin_to_use(engine: Engine, network: int, row: dict[str, Any]) -> None:
    with engine.begin() as connection:
        connection.execute(insert(road_networks).values(id=network, **row))


def _drop_all_but(connection: _Raw, kept: list[int]) -> None:
    """Remove tables of earlier networks, and of imports that were killed.

    One that somebody has been reading since two imports ago is left for the next time.
    """
    connection.execute("DELETE FROM road_networks WHERE NOT id = ANY(%s)", (kept,))
    found = connection.execute(
        "SELECT DISTINCT split_part(tablename, '_', 2)::integer FROM pg_tables "
        "WHERE schemaname = %s AND tablename ~ '^(nodes|edges)_[0-9]+$'",
        (store.SCHEMA,),
    ).fetchall()
    connection.execute(f"SET lock_timeout = '{_PATIENCE}'")
    for (number,) in found:
        if number not in kept:
            try:
                store.drop(connection, int(str(number)))
            except psycopg.errors.LockNotAvailable:
                continue
    connection.execute("RESET lock_timeout")
