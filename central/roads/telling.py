"""What is told of the street network: over the API and by the command."""

from sqlalchemy import Connection

from central.roads import camera_streets, standing
from central.roads.camera_streets import Figures
from central.roads.model import Bounds, Joined, Mode, Network
from central.roads.snapping import ISLAND_M, SNAP_M
from central.values import Instant, Model

STRAIGHT = "no street network is imported: distances are straight lines"


class Extent(Model):
    """Degrees of longitude and latitude."""

    west: float
    south: float
    east: float
    north: float


class Connectivity(Model):
    """How the streets hold together for one mode.

    Of `nodes` that it can use, `largest` are in the largest of `parts`; within a part each can be
    reached from each other one.
    """

    nodes: int
    parts: int
    largest: int


class CameraStreets(Model):
    """How cameras stand to the streets that one mode may use.

    `near` have one within 200 m, `away` have none, `island` have one that is cut off from the
    largest part; `timed` have their travel times. `median_m` and `farthest_m` are from camera to
    street.
    """

    near: int
    away: int
    island: int
    timed: int
    median_m: float
    farthest_m: float


class RoadsCameras(Model):
    """How the cameras stand to the network.

    `placed` have a position, `outside` of them lie outside its bounds. `away` names up to 100 that
    have no street that one may walk near them: their ways are straight lines.
    """

    placed: int
    outside: int
    walk: CameraStreets
    drive: CameraStreets
    away: list[str]


class RoadNetwork(Model):
    """The street network in use. `metres` is the length of all its edges."""

    name: str
    imported_at: Instant
    bounds: Extent
    nodes: int
    edges: int
    metres: float
    stairs: int
    tunnels: int
    walk: Connectivity
    drive: Connectivity
    left_out: dict[str, int]


class RoadsStanding(Model):
    """What is known of streets; null: none were imported. `notes` say what to mind."""

    network: RoadNetwork | None
    cameras: RoadsCameras | None
    notes: list[str]


def tell(connection: Connection) -> RoadsStanding:
    """The network in use, and how the cameras stand to it."""
    network = standing.current(connection)
    if network is None:
        return RoadsStanding(network=None, cameras=None, notes=[STRAIGHT])
    found = camera_streets.figures(connection, network)
    return RoadsStanding(
        network=_network(network), cameras=_cameras(found), notes=_notes(network, found)
    )


def _network(network: Network) -> RoadNetwork:
    return RoadNetwork(
        name=network.name,
        imported_at=network.imported_at,
        bounds=_extent(network.bounds),
        nodes=network.nodes,
        edges=network.edges,
        metres=network.metres,
        stairs=network.stairs,
        tunnels=network.tunnels,
        walk=_connectivity(network.joined[Mode.WALK]),
        drive=_connectivity(network.joined[Mode.DRIVE]),
        left_out=network.left_out,
    )


def _extent(bounds: Bounds) -> Extent:
    return Extent(west=bounds.west, south=bounds.south, east=bounds.east, north=bounds.north)


def _connectivity(joined: Joined) -> Connectivity:
    return Connectivity(nodes=joined.nodes, parts=joined.parts, largest=joined.largest)


def _cameras(found: Figures) -> RoadsCameras:
    walk, drive = (
        CameraStreets(
            **{
                name: round(value, 1) if name.endswith("_m") else value
                for name, value in found.of_mode[mode]._asdict().items()
            }
        )
        for mode in (Mode.WALK, Mode.DRIVE)
    )
    return RoadsCameras(
        placed=found.placed, outside=found.outside, walk=walk, drive=drive, away=found.away
    )


def _notes(network: Network, found: Figures) -> list[str]:
    notes = []
    if found.placed and found.outside == found.placed:
        notes.append(
            "no camera lies within the network's bounds: is it another city's, or are longitude "
            "and latitude swapped in one of the two?"
        )
    elif found.outside:
        notes.append(f"{found.outside} cameras lie outside the network's bounds")
    for mode, of_mode in found.of_mode.items():
        joined = network.joined[mode]
        if joined.parts > 1:
            cut_off = joined.nodes - joined.largest
            notes.append(
                f"{mode.value}: {cut_off} of {joined.nodes} nodes are cut off from the largest "
                f"part, in {joined.parts - 1} others"
            )
        if of_mode.away:
            notes.append(
                f"{mode.value}: {of_mode.away} cameras have no street within {SNAP_M:.0f} m"
            )
        if of_mode.island:
            notes.append(
                f"{mode.value}: {of_mode.island} cameras stand at streets that are cut off, the "
                f"largest part being more than {ISLAND_M:.0f} m farther"
            )
    return notes
