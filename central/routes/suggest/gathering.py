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
from central.search.ranking import Aim, Weighed
from central.search.reach import Places
from central.search.stops import InView, reached, roads
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


def agreeing(connection: Connection, aim: Aim) -> list[InView]:
    """The confirmed ones that can be one with all others: only they say who can be reached.

    No way is held to those that clash, so they must not take its candidates away either.
    """
    stops = aim.stops
    streets = roads(connection, stops, stops)
    found = reached(stops, stops, streets, aim.sought.object_class)
    return [stops[row] for row in np.flatnonzero(found.possible.all(axis=1)).tolist()]


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
    names = _cameras(rows, [views[row] for row in weighed.order])
    network = between(connection, names, shows)
    times, learnt = expected(connection, network, shows, now)
    works = np.ones(len(names), dtype=bool)
    problem = Problem(
        _seen(found, network),
        alike[order],
        order < len(stops),
        Between(times, network.fastest_s, works),
        shows,
    )
    return Gathered(problem, found, network, learnt, int((~possible).sum()))


def _cameras(rows: Sequence[InView], others: Sequence[InView]) -> list[str]:
    """Those of the candidates, and more that saw somebody of the class: they work, too."""
    own = {each.camera for each in rows}
    more = dict.fromkeys(each.camera for each in others if each.camera not in own)
    return sorted(own) + list(more)[: max(0, MOST_CAMERAS - len(own))]


def _probable(weighed: Weighed) -> Floats:
    """How probable each is by looks; where no curve was fitted, by how many are expected."""
    if None not in weighed.chances:
        return np.array(weighed.chances, dtype=np.float64)
    places = np.empty(len(weighed.order))
    places[weighed.order] = np.arange(len(weighed.order))
    return np.asarray(1 / (1 + ((places + 0.5) / bands.EXPECTED) ** 2))


def _seen(rows: Sequence[InView], network: Network) -> Seen:
    number = {name: place for place, name in enumerate(network.cameras)}
    camera = np.array([number[each.camera] for each in rows], dtype=np.int64)
    places = Places(
        network.lon_lat[camera],
        np.array([each.first_s for each in rows]),
        np.array([each.last_s for each in rows]),
        np.array([each.clock_s for each in rows]),
    )
    return Seen(places, camera)


def ids_of(gathered: Gathered, rows: Sequence[int]) -> list[UUID]:
    """The sightings of some rows."""
    return [gathered.views[row].id for row in rows]
