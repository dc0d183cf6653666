"""The tables of one network, as pgRouting reads them.

Each import has tables of its own, named by the network's id: `roads.nodes_ID` and
`roads.edges_ID`. Nobody reads them until `road_networks` names them, so they are filled in short
transactions (what follows the database's transactions waits for no long one), and readers never
see half a network.
"""

import struct
from collections.abc import Iterator

import psycopg
from psycopg import sql

from central.roads.connectivity import Parts
from central.roads.drawn import Drawn
from central.roads.model import Floats, Mode
from central.roads.reading import Progress

SCHEMA = "roads"
_BATCH = 20_000
_WGS84 = 4326
_LINE, _POINT, _HAS_SRID = 2, 1, 0x2000_0000

_NODES = """
CREATE TABLE {table} (
    id bigint NOT NULL,
    osm bigint NOT NULL,
    walk_part integer,
    drive_part integer,
    geom geometry(Point, 4326) NOT NULL
)
"""
_EDGES = """
CREATE TABLE {table} (
    id bigint NOT NULL,
    source bigint NOT NULL,
    target bigint NOT NULL,
    walk_s double precision NOT NULL,
    walk_back_s double precision NOT NULL,
    drive_s double precision NOT NULL,
    drive_back_s double precision NOT NULL,
    metres double precision NOT NULL,
    walk_main boolean NOT NULL,
    drive_main boolean NOT NULL,
    tunnel boolean NOT NULL,
    stairs boolean NOT NULL,
    osm bigint NOT NULL,
    kind text NOT NULL,
    name text,
    geom geometry(LineString, 4326) NOT NULL
)
"""
_FINISH = (
    ("indexes", "ALTER TABLE {nodes} ADD PRIMARY KEY (id)"),
    ("indexes", "ALTER TABLE {edges} ADD PRIMARY KEY (id)"),
    ("indexes", "CREATE INDEX ON {edges} USING gist (geom)"),
    ("indexes", "ANALYZE {nodes}"),
    ("indexes", "ANALYZE {edges}"),
)


def nodes_table(network: int) -> str:
    """Where a network's nodes are."""
    return f"{SCHEMA}.nodes_{network:d}"


def edges_table(network: int) -> str:
    """Where a network's edges are; costs are seconds, negative where one may not pass."""
    return f"{SCHEMA}.edges_{network:d}"


def fill(
    connection: "psycopg.Connection[tuple[object, ...]]",
    network: int,
    drawn: Drawn,
    parts: dict[Mode, Parts],
    progress: Progress,
) -> None:
    """Make the tables of `network` and fill them; `connection` commits each statement."""
    nodes, edges = _name("nodes", network), _name("edges", network)
    connection.execute(sql.SQL(_NODES).format(table=nodes))
    connection.execute(sql.SQL(_EDGES).format(table=edges))
    _copy(connection, nodes, _node_rows(drawn, parts), (len(drawn.osm_nodes), progress))
    _copy(connection, edges, _edge_rows(drawn, parts), (len(drawn), progress))
    for done, (what, statement) in enumerate(_FINISH, start=1):
        connection.execute(sql.SQL(statement).format(nodes=nodes, edges=edges))
        progress(what, done, len(_FINISH))


def drop(connection: "psycopg.Connection[tuple[object, ...]]", network: int) -> None:
    """Remove the tables of `network`, as far as they are there."""
    for kind in ("nodes", "edges"):
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(_name(kind, network)))


def _name(kind: str, network: int) -> sql.Identifier:
    return sql.Identifier(SCHEMA, f"{kind}_{network:d}")


def _copy(
    connection: "psycopg.Connection[tuple[object, ...]]",
    table: sql.Identifier,
    rows: Iterator[tuple[object, ...]],
    told: tuple[int, Progress],
) -> None:
    total, progress = told
    what = table.as_string(connection).strip('"').rpartition('"')[2].partition("_")[0]
    for done in range(0, total, _BATCH):
        with (
            connection.cursor() as cursor,
            cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy,
        ):
            for _, row in zip(range(_BATCH), rows, strict=False):
                copy.write_row(row)
        progress(f"{what} kept", min(done + _BATCH, total), total)


def _node_rows(drawn: Drawn, parts: dict[Mode, Parts]) -> Iterator[tuple[object, ...]]:
    walk, drive = (parts[mode].of_node.tolist() for mode in (Mode.WALK, Mode.DRIVE))
    for number, osm in enumerate(drawn.osm_nodes.tolist()):
        geom = struct.pack("<BIIdd", 1, _POINT | _HAS_SRID, _WGS84, *drawn.lon_lat[number]).hex()
        yield number, osm, _part(walk[number]), _part(drive[number]), geom


def _part(number: int) -> int | None:
    return None if number < 0 else number


def _edge_rows(drawn: Drawn, parts: dict[Mode, Parts]) -> Iterator[tuple[object, ...]]:
    walk, drive = drawn.walk_s.tolist(), drawn.drive_s.tolist()
    in_main = {
        mode: (parts[mode].of_node[drawn.ends] == 0).all(axis=1).tolist()
        for mode in (Mode.WALK, Mode.DRIVE)
    }
    metres, edges = drawn.metres.tolist(), drawn.edges
    for number, (source, target) in enumerate(edges.ends):
        street = edges.streets[number]
        yield (
            number,
            source,
            target,
            *walk[number],
            *drive[number],
            metres[number],
            in_main[Mode.WALK][number],
            in_main[Mode.DRIVE][number],
            street.tunnel,
            street.stairs,
            edges.ways[number],
            street.kind,
            _storable(street.name),
            _line(edges.lines[number]),
        )


def _storable(name: str | None) -> str | None:
    return name and name.replace("\x00", "")


def _line(places: Floats) -> str:
    head = struct.pack("<BIII", 1, _LINE | _HAS_SRID, _WGS84, len(places))
    return (head + places.astype("<f8").tobytes()).hex()
