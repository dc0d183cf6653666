"""Companions: others who were at several stops of a route at the same time as the target."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, Row, text

from central.audit import audit, failing
from central.routes import repository as routes_table
from central.routes.links.plates import is_whole
from central.routes.model import Stop
from central.routes.together.grouping import Bools, Floats, Group, by_looks, by_plate
from central.routes.together.model import (
    Companion,
    CompanionsAnswer,
    CompanionsRequest,
    SharedStop,
)
from central.search import bands
from central.search.asking import Sought
from central.search.kept import read_kept
from central.search.ladder.camera_mean import centred
from central.search.patience import in_time
from central.services import Services
from central.sightings import repository as sightings_table
from shared.classes import ObjectClass

MOST_STOPS = 100
"""Of a longer route the last ones are looked at."""

MOST_NEAR = 1_500
"""So many others are compared, an equal part at each stop."""

CUT = "Not all others near the target were looked at: those nearest in time at each stop."
LONG = f"Only the last {MOST_STOPS} stops were looked at."
NO_CURVE = "Some live in an embedding space without a fitted curve: they are told by plates alone."

_NEAR = text(
    "SELECT near.* FROM unnest(CAST(:numbers AS int[]), CAST(:ids AS uuid[]), "
    "CAST(:cameras AS text[]), CAST(:arrived AS timestamptz[]), CAST(:gone AS timestamptz[])) "
    "AS stop (number, id, camera, arrived, gone) CROSS JOIN LATERAL ("
    "SELECT stop.number, s.id, s.camera, s.object_class, s.space, s.plate, s.first_seen, "
    "s.last_seen FROM sightings s WHERE s.camera = stop.camera "
    "AND s.first_seen BETWEEN stop.arrived - interval '1 hour' AND stop.gone + :within "
    "AND s.day BETWEEN ((stop.arrived - interval '1 hour') AT TIME ZONE 'UTC')::date "
    "AND ((stop.gone + :within) AT TIME ZONE 'UTC')::date "
    "AND s.last_seen >= stop.arrived - :within AND s.id <> ALL(CAST(:ids AS uuid[])) "
    "ORDER BY abs(extract(epoch FROM s.first_seen - stop.arrived)), s.id LIMIT :most) near "
    "ORDER BY near.number, near.first_seen, near.id"
)


class _Near(NamedTuple):
    """Others near the target, and the notes on who is not among them."""

    rows: Sequence[Row[Any]]
    stops: dict[int, Stop]
    notes: list[str]


def companions(services: Services, route: UUID, request: CompanionsRequest) -> CompanionsAnswer:
    """Those who were with the target at `request.least_stops` stops or more.

    Raises:
        NotFoundError: there is no such route.
        InputError: it took too long.
    """
    facts = {"purpose": request.purpose, "route": str(route), "within_s": request.within_s}
    with failing("companions", **facts), in_time(services.settings.search_timeout_s):
        answer = _answer(services, route, request)
    shown = [str(stop.sighting.id) for each in answer.companions for stop in each.stops]
    audit("companions", **facts, companions=len(answer.companions), sightings=shown)
    return answer


def _answer(services: Services, route: UUID, request: CompanionsRequest) -> CompanionsAnswer:
    stops = routes_table.get(services.engine, route).stops
    with services.searching.connect() as connection:
        near = _near(connection, stops, request)
        grouped = _grouped(connection, near, request.least_stops)
        best = sorted(grouped.groups, key=_rank)[: request.most]
        ids = [near.rows[row].id for group in best for row in group.rows]
        shown = sightings_table.by_ids(connection, ids)
    found = [_companion(group, near, shown) for group in best]
    return CompanionsAnswer(
        companions=[each for each in found if len(each.stops) >= request.least_stops],
        looked_at=len(near.rows),
        like_target=grouped.like_target,
        stops=len(near.stops),
        note=" ".join([*near.notes, *grouped.notes]) or None,
    )


def _near(connection: Connection, stops: Sequence[Stop], request: CompanionsRequest) -> _Near:
    chosen = stops[-MOST_STOPS:]
    most = max(1, MOST_NEAR // len(chosen))
    values = {
        "numbers": [stop.number for stop in chosen],
        "ids": [stop.sighting_id for stop in chosen],
        "cameras": [stop.camera for stop in chosen],
        # Others at its camera are of the same box, and kept by that box's own clock.
        "arrived": [stop.box_arrived for stop in chosen],
        "gone": [stop.box_left for stop in chosen],
        "within": timedelta(seconds=request.within_s),
        "most": most,
    }
    rows = connection.execute(_NEAR, values).all()
    _, counts = np.unique([row.number for row in rows], return_counts=True)
    notes = [LONG] if len(stops) > len(chosen) else []
    if (counts == most).any():
        notes.append(CUT)
    return _Near(rows, {stop.number: stop for stop in chosen}, notes)


class _Grouped(NamedTuple):
    """Groups, how many were taken for the target itself, and the notes on who was not looked at."""

    groups: list[Group]
    like_target: int
    notes: list[str]


def _grouped(connection: Connection, near: _Near, least: int) -> _Grouped:
    """By plates, and by looks in each embedding space of those whose plate does not tell."""
    numbers = np.array([row.number for row in near.rows], dtype=np.int64)
    targets = {stop.plate for stop in near.stops.values()} - {None}
    plates = [
        row.plate if row.plate and row.plate not in targets and is_whole(row.plate) else None
        for row in near.rows
    ]
    found = list(by_plate(plates, numbers, least))
    told = {row for group in found for row in group.rows}
    kinds: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(near.rows):
        if place not in told and row.plate not in targets:
            kinds.setdefault((row.space, row.object_class), []).append(place)
    like_target, notes = 0, list[str]()
    for (space, shows), places in kinds.items():
        alike = _alike(connection, near, places, (space, ObjectClass(shows)))
        if alike is None:
            notes = [NO_CURVE]
            continue
        others = np.flatnonzero(~alike.is_target)
        like_target += len(places) - len(others)
        rows = np.array(places, dtype=np.int64)[others]
        found += [
            Group([int(rows[row]) for row in group.rows], group.likely)
            for group in by_looks(alike.same[np.ix_(others, others)], numbers[rows], least)
        ]
    return _Grouped(found, like_target, notes)


class _Alike(NamedTuple):
    """How probable each two are one, (N, N), and whether each is the target itself, (N,)."""

    same: Floats
    is_target: Bools


def _alike(
    connection: Connection, near: _Near, places: list[int], kind: tuple[str, ObjectClass]
) -> _Alike | None:
    """Of some of those near the target; None: the space has no fitted curve."""
    ids = [near.rows[place].id for place in places]
    own = [stop.sighting_id for stop in near.stops.values()]
    one = sightings_table.vectors(connection, ids[:1])
    if not one:
        return None
    kept = read_kept(connection, [*ids, *own], Sought(kind[0], one[ids[0]].vector, kind[1]))
    known = bool(kept.sights.means.any())
    curve = bands.curve_of(*kind, centred=known)
    number = {view.id: row for row, view in enumerate(kept.views)}
    if curve is None or any(each not in number for each in ids):
        return None
    rows = centred(kept.sights.vectors, kept.sights.means) if known else kept.sights.vectors
    cosines = np.clip((rows @ rows.T).astype(np.float64), curve.lowest, curve.highest)
    # One of those at the other stops, at most, is the same.
    prior = np.log(1 / max(1.0, len(ids) - 1))
    same = np.asarray(1 / (1 + np.exp(-(curve.intercept + curve.slope * cosines) - prior)))
    others = [number[each] for each in ids]
    targets = [number[each] for each in own if each in number]
    like = same[np.ix_(others, targets)].max(axis=1, initial=0.0) >= bands.LIKELY
    return _Alike(same[np.ix_(others, others)], np.asarray(like))


def _rank(group: Group) -> tuple[int, bool, float]:
    return -len(group.rows), group.likely is not None, -(group.likely or 1.0)


def _companion(group: Group, near: _Near, shown: dict[UUID, Any]) -> Companion:
    rows = [near.rows[row] for row in group.rows if near.rows[row].id in shown]
    return Companion(
        object_class=ObjectClass(near.rows[group.rows[0]].object_class),
        plate=near.rows[group.rows[0]].plate if group.likely is None else None,
        likely=None if group.likely is None else round(group.likely, 3),
        stops=[
            SharedStop(
                number=row.number,
                apart_s=_apart(row, near.stops[row.number]),
                sighting=shown[row.id],
            )
            for row in rows
        ],
    )


def _apart(other: Row[Any], stop: Stop) -> float:
    """Seconds after the target that the other was in the middle of the view."""
    seen = _middle(other.first_seen, other.last_seen)
    return round((seen - _middle(stop.box_arrived, stop.box_left)).total_seconds(), 1)


def _middle(first: datetime, last: datetime) -> datetime:
    return first + (last - first) / 2
