"""Candidates as a problem: from the search's ladder and the database, in order of time."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import Connection

from central.routes.links.repository import expected
from central.routes.network import Network, between
from central.routes.suggest.paths import Bools, Floats
from central.routes.suggest.solving import Problem, in_order
from central.routes.suggest.weights import Between, Seen
from central.search import bands
from central.search.ranking import Weighed
from central.search.stops import InView, Stood, places_of, stood
from shared.classes import ObjectClass

MOST_CAMERAS = 150
"""Beside those of candidates so many are looked at for having seen nobody."""


class Gathered(NamedTuple):
    """The problem, its rows' sightings, and where links were learnt, (C, C)."""

    problem: Problem
    views: list[InView]
    network: Network
    learnt: Bools
    unreachable: int


def gather(
    connection: Connection,
    stops: Sequence[InView],
    weighed: Weighed,
    shows: ObjectClass,
    most: int,
    now: datetime,
) -> Gathered:
    """The `stops` and up to `most` candidates with them, those that can be reached."""
    views = weighed.kept.views
    possible = np.asarray(weighed.reach.possible.all(axis=0))
    looks = in_order(_probable(weighed), np.array(weighed.order, dtype=np.int64))
    own = {stop.id for stop in stops}
    chosen = [row for row in weighed.order if possible[row] and views[row].id not in own]
    rows = [*stops, *(views[row] for row in chosen[: max(0, most - len(stops))])]
    alike = np.concatenate([np.ones(len(stops)), looks[chosen[: max(0, most - len(stops))]]])
    order = np.argsort([(each.first_s + each.last_s) / 2 for each in rows], kind="stable")
    found = [rows[row] for row in order]
    others = [views[row] for row in weighed.order]
    stands = weighed.known.stands
    cameras, near = stood(stands, found), stood(stands, others)
    names = _cameras(cameras.names, near.names)
    places = _places(cameras) | _places(near)
    network = between(connection, names, shows, places)
    times, learnt = expected(connection, network, shows, now)
    works = np.ones(len(names), dtype=bool)
    problem = Problem(
        _seen(found, cameras, network),
        alike[order],
        order < len(stops),
        Between(times, network.fastest_s, works),
        shows,
    )
    return Gathered(problem, found, network, learnt, int((~possible).sum()))


def _cameras(own: Sequence[str], others: Sequence[str]) -> list[str]:
    """Those of the candidates, and more that saw somebody of the class: they work, too."""
    mine = set(own)
    more = dict.fromkeys(name for name in others if name not in mine)
    return sorted(mine) + list(more)[: max(0, MOST_CAMERAS - len(mine))]


def _places(cameras: Stood) -> dict[str, tuple[float, float]]:
    named = zip(cameras.names, cameras.lon_lat.tolist(), strict=True)
    return {name: (lon, lat) for name, (lon, lat) in named}


def _probable(weighed: Weighed) -> Floats:
    """How probable each is by looks; where no curve was fitted, by how many are expected."""
    if None not in weighed.chances:
        return np.array(weighed.chances, dtype=np.float64)
    places = np.empty(len(weighed.order))
    places[weighed.order] = np.arange(len(weighed.order))
    return np.asarray(1 / (1 + ((places + 0.5) / bands.EXPECTED) ** 2))


def _seen(rows: Sequence[InView], cameras: Stood, network: Network) -> Seen:
    number = {name: place for place, name in enumerate(network.cameras)}
    camera = np.array([number[name] for name in cameras.names], dtype=np.int64)
    return Seen(places_of(rows, cameras), camera)


def ids_of(gathered: Gathered, rows: Sequence[int]) -> list[UUID]:
    """The sightings of some rows."""
    return [gathered.views[row].id for row in rows]
