"""Who looks at which part of each way, and whether that camera worked then."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from central.cameras.views.along import Looked, looked_at_each
from central.db.tables import camera_places
from central.routes.lines import along
from central.routes.route import Known
from central.routes.silent import silent
from central.routes.verdicts import Option
from central.routes.views import ASSUMED_M, View
from central.routes.ways import Pair

_STEP_S = 300
"""Moments are rounded to so many seconds: the half hour around them is what is looked at."""


def looked(
    connection: Connection, pairs: Sequence[Pair], known: Sequence[list[Known]]
) -> list[list[Known]]:
    """The same ways with the views along them.

    As cameras stood then: in one query, and one more for each time that one of the route's own
    cameras was moved meanwhile.
    """
    found: list[list[Known]] = [[] for _ in pairs]
    for at, numbers in _standing(connection, pairs).items():
        lines = [each.line for number in numbers for each in known[number]]
        parts = iter(looked_at_each(connection, lines, ASSUMED_M, at=at) if lines else [])
        for number in numbers:
            found[number] = [_seen(each, next(parts)) for each in known[number]]
    return _told_silent(connection, pairs, found)


def _standing(connection: Connection, pairs: Sequence[Pair]) -> dict[datetime, list[int]]:
    """The pairs' numbers by a moment at which cameras stood as they did for them."""
    if not pairs:
        return {}
    names = {stop.camera for pair in pairs for stop in (pair.start, pair.end)}
    first, last = pairs[0].start.arrived, pairs[-1].end.arrived
    query = select(camera_places.c.from_at).distinct().order_by(camera_places.c.from_at)
    query = query.where(
        camera_places.c.camera.in_(names),
        camera_places.c.from_at > first,
        camera_places.c.from_at <= last,
    )
    moves = list(connection.execute(query).scalars())
    grouped: dict[int, list[int]] = defaultdict(list)
    for number, pair in enumerate(pairs):
        grouped[bisect(moves, pair.start.arrived)].append(number)
    return {pairs[numbers[0]].start.arrived: numbers for numbers in grouped.values()}


def _seen(known: Known, parts: Sequence[Looked]) -> Known:
    """`known` with its views; lines are measured in two ways, which are brought to one."""
    length = float(along(known.line)[-1])
    scale = known.option.metres / length if length else 0.0
    views = tuple(
        View(camera, start * scale, end * scale, assumed) for camera, start, end, assumed in parts
    )
    return replace(known, option=replace(known.option, views=views))


def _told_silent(
    connection: Connection, pairs: Sequence[Pair], known: Sequence[list[Known]]
) -> list[list[Known]]:
    """The same, those cameras marked that did not work."""
    asked = {
        (view.camera, _moment(pair, each.option, view))
        for pair, ways in zip(pairs, known, strict=True)
        for each in ways
        for view in _others(pair, each.option)
    }
    dead = silent(connection, asked)
    if not dead:
        return list(known)
    return [
        [_marked(pair, each, dead) for each in ways]
        for pair, ways in zip(pairs, known, strict=True)
    ]


def _marked(pair: Pair, known: Known, dead: set[tuple[str, datetime]]) -> Known:
    option, others = known.option, {view.camera for view in _others(pair, known.option)}
    views = tuple(
        view._replace(
            working=view.camera not in others
            or (view.camera, _moment(pair, option, view)) not in dead
        )
        for view in option.views
    )
    return replace(known, option=replace(option, views=views))


def _others(pair: Pair, option: Option) -> list[View]:
    """Views of other cameras than those at the ends, which did work: they saw somebody."""
    ends = (pair.start.camera, pair.end.camera)
    return [view for view in option.views if view.camera not in ends]


def _moment(pair: Pair, option: Option, view: View) -> datetime:
    """When the view was passed, about: the time between the stops is spread over the way."""
    share = view.from_m / option.metres if option.metres else 0.0
    at = pair.start.left + share * max(pair.end.arrived - pair.start.left, timedelta())
    return at - timedelta(seconds=at.timestamp() % _STEP_S)
