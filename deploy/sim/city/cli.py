"""`dongseon sim city`."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from deploy.sim.city.level import LevelName
from deploy.sim.city.streets import Streets, made_grid


def city(
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    *,
    roads: Annotated[
        Path | None,
        typer.Option(help="A map: .osm or .osm.pbf, of a district. Without it a grid is made."),
    ] = None,
    level: Annotated[LevelName, typer.Option(help="How hard it is to search.")] = LevelName.HARD,
    seed: Annotated[int, typer.Option(help="The same seed gives the same city.", min=0)] = 0,
) -> None:
    """Make up a city: cameras, who passes them, and what boxes would send."""
    # Here, because the other commands need neither maps nor sparse graphs.
    from deploy.sim.city.saving import save  # noqa: PLC0415
    from deploy.sim.city.world import make_city  # noqa: PLC0415

    streets = _streets(roads, seed)
    made = make_city(streets, level, seed)
    files = save(made, out)
    found = made.sightings
    on = int(made.cameras.on.sum())
    Console().print(
        f"{streets.name}: {on} of {len(made.cameras.on)} cameras on, "
        f"{len(made.plates)} people and vehicles, {len(found.actor)} sightings"
    )
    for file in files:
        Console().print(str(file), soft_wrap=True)


def _streets(roads: Path | None, seed: int) -> Streets:
    if roads is None:
        return made_grid(np.random.default_rng(seed))
    from deploy.sim.city.osm import read_streets  # noqa: PLC0415 - only where there is a map

    return read_streets(roads)
