"""Which street network is in use."""

from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, select

from central.db.tables import road_networks
from central.errors import NotFoundError
from central.roads.model import Bounds, Joined, Mode, Network

_NEWEST = select(road_networks).order_by(road_networks.c.id.desc()).limit(1)


def current(connection: Connection) -> Network | None:
    """The network in use; None: none was imported."""
    row = connection.execute(_NEWEST).mappings().first()
    return None if row is None else _network(row)


def by_id(connection: Connection, identifier: int) -> Network:
    """The network of that id.

    Raises:
        NotFoundError: it is not kept any more.
    """
    query = select(road_networks).where(road_networks.c.id == identifier)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError(f"there is no street network {identifier}")
    return _network(row)


def ids(engine: Engine) -> list[int]:
    """Those that are kept, the one in use first."""
    with engine.connect() as connection:
        query = select(road_networks.c.id).order_by(road_networks.c.id.desc())
        return list(connection.execute(query).scalars())


def _network(row: RowMapping) -> Network:
    figures: dict[str, Any] = row["figures"]
    return Network(
        id=row["id"],
        name=row["name"],
        imported_at=row["imported_at"],
        bounds=Bounds(row["west"], row["south"], row["east"], row["north"]),
        nodes=figures["nodes"],
        edges=figures["edges"],
        metres=figures["metres"],
        stairs=figures["stairs"],
        tunnels=figures["tunnels"],
        joined={mode: Joined(**figures["joined"][mode]) for mode in Mode},
        fastest_m_s={
            Mode.WALK: row["fastest_walk_m_s"],
            Mode.DRIVE: row["fastest_drive_m_s"],
        },
        left_out=figures["left_out"],
    )
