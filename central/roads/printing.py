"""The standing of the street network as a table."""

from rich.console import Console
from rich.table import Table

from central.roads.telling import CameraStreets, Connectivity, RoadNetwork, RoadsStanding
from central.values import iso


def print_standing(console: Console, told: RoadsStanding) -> None:
    """Print `told`, its notes last."""
    table = Table(show_header=False)
    if told.network is not None:
        _add_network(table, told.network)
    if told.cameras is not None:
        table.add_row("cameras on the map", f"{told.cameras.placed:,}")
        table.add_row("outside the bounds", f"{told.cameras.outside:,}")
        table.add_row("at streets, on foot", _cameras(told.cameras.walk))
        table.add_row("at streets, by car", _cameras(told.cameras.drive))
        if told.cameras.away:
            table.add_row("at no street", ", ".join(told.cameras.away))
    if table.row_count:
        console.print(table)
    for note in told.notes:
        console.print(f"- {note}", markup=False)


def _add_network(table: Table, network: RoadNetwork) -> None:
    bounds = network.bounds
    table.add_row("network", network.name)
    table.add_row("imported", iso(network.imported_at))
    table.add_row(
        "bounds (W S E N)",
        f"{bounds.west:.5f} {bounds.south:.5f} {bounds.east:.5f} {bounds.north:.5f}",
    )
    table.add_row("edges, nodes", f"{network.edges:,}, {network.nodes:,}")
    table.add_row("length", f"{network.metres / 1000:,.1f} km")
    table.add_row("stairs, tunnels", f"{network.stairs:,}, {network.tunnels:,}")
    table.add_row("connected, on foot", _joined(network.walk))
    table.add_row("connected, by car", _joined(network.drive))
    for why, count in network.left_out.items():
        table.add_row(f"left out: {why}", f"{count:,}")


def _joined(told: Connectivity) -> str:
    share = 100 * told.largest / max(told.nodes, 1)
    return f"{share:.1f} % of {told.nodes:,} nodes; {told.parts:,} parts"


def _cameras(told: CameraStreets) -> str:
    return (
        f"{told.near:,} (median {told.median_m:.0f} m, at most {told.farthest_m:.0f} m), "
        f"{told.away:,} away, {told.island:,} cut off, {told.timed:,} with times"
    )
