"""Reading links: page by page, on the map, and for whoever reckons with them."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
from geoalchemy2 import Geometry
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Row, Select, and_, case, cast, func, or_, select, tuple_

from central.db.tables import cameras, links, travel_times
from central.routes.links.model import Link
from central.routes.links.percentiles import TRUSTED, as_times, decayed, is_trusted
from central.routes.links.transit import Times, cold
from central.routes.network import Network, mode_of
from central.values import Page, cut_page, read_cursor
from shared.classes import ObjectClass

MAX_DRAWN = 5_000
"""Links on one map."""

_POINT = cast(cameras.c.position, Geometry("POINT", srid=4326))


class LinkFilter(NamedTuple):
    """Which links are shown: from or to `camera`, of a class."""

    camera: str | None = None
    object_class: ObjectClass | None = None


def page(
    engine: Engine, wanted: LinkFilter, now: datetime, limit: int, cursor: str | None
) -> Page[Link]:
    """Links by their cameras and class.

    Raises:
        InputError: `cursor` is not one of ours.
    """
    query = _select(wanted).limit(limit + 1)
    if cursor is not None:
        query = query.where(tuple_(*_KEY) > tuple_(*read_cursor(cursor, 3)))
    with engine.connect() as connection:
        found = [_link(row, now) for row in connection.execute(query)]
    return cut_page(found, limit, lambda link: f"{link.from_}|{link.to}|{link.object_class}")


def drawn(engine: Engine, wanted: LinkFilter, now: datetime) -> dict[str, Any]:
    """The links with the most trips as a GeoJSON FeatureCollection of straight lines.

    At most `MAX_DRAWN`, between cameras that are placed.
    """
    query = _select(wanted).order_by(None).order_by(links.c.samples.desc(), *_KEY)
    with engine.connect() as connection:
        found = [_link(row, now) for row in connection.execute(query.limit(MAX_DRAWN))]
        names = sorted({name for link in found for name in (link.from_, link.to)})
        query_places = select(cameras.c.id, func.ST_X(_POINT), func.ST_Y(_POINT))
        query_places = query_places.where(
            cameras.c.id == func.any(names), cameras.c.position.is_not(None)
        )
        places = {name: [lon, lat] for name, lon, lat in connection.execute(query_places)}
    features = [
        {
            "type": "Feature",
            "geometry": {
                "type": "LineString",
                "coordinates": [places[link.from_], places[link.to]],
            },
            "properties": link.model_dump(mode="json"),
        }
        for link in found
        if link.from_ in places and link.to in places
    ]
    return {"type": "FeatureCollection", "features": features}


def expected(
    connection: Connection, network: Network, shows: ObjectClass, now: datetime
) -> tuple[Times, NDArray[np.bool_]]:
    """How long it takes between the cameras of `network`, and where that was learnt, (C, C)."""
    times = cold(network.usual_s, network.metres, shows)
    place = {name: number for number, name in enumerate(network.cameras)}
    learnt: NDArray[np.bool_] = np.zeros(times.median_s.shape, dtype=bool)
    table = links.c
    query = select(links).where(
        table.object_class == shows.value,
        table.from_camera == func.any(network.cameras),
        table.to_camera == func.any(network.cameras),
    )
    rows = [
        row
        for row in connection.execute(query)
        if is_trusted(row.samples, row.weight, row.newest, now)
    ]
    if rows:
        at = (
            [place[row.from_camera] for row in rows],
            [place[row.to_camera] for row in rows],
        )
        values = (np.array([getattr(row, name) for row in rows]) for name in _PERCENTILES)
        found = as_times(*values)
        times.median_s[at], times.spread[at] = found.median_s, found.spread
        learnt[at] = True
    return times, learnt


_PERCENTILES = ("p05_s", "p50_s", "p95_s")
_KEY = (links.c.from_camera, links.c.to_camera, links.c.object_class)


def counts(
    connection: Connection, start: str, shows: ObjectClass, now: datetime
) -> dict[str, float]:
    """How many certain trips led from `start` to each camera next, by what is left of them."""
    query = select(links.c.to_camera, links.c.weight, links.c.newest).where(
        links.c.from_camera == start, links.c.object_class == shows.value
    )
    return {end: decayed(weight, newest, now) for end, weight, newest in connection.execute(query)}


def _select(wanted: LinkFilter) -> Select[Any]:
    modes = {shows.value: mode_of(shows).value for shows in ObjectClass}
    times = and_(
        travel_times.c.from_camera == links.c.from_camera,
        travel_times.c.to_camera == links.c.to_camera,
        travel_times.c.mode == case(modes, value=links.c.object_class),
    )
    query = select(links, travel_times.c.seconds.label("network_s"))
    query = query.select_from(links.outerjoin(travel_times, times)).order_by(*_KEY)
    if wanted.camera is not None:
        either = (links.c.from_camera == wanted.camera, links.c.to_camera == wanted.camera)
        query = query.where(or_(*either))
    if wanted.object_class is not None:
        query = query.where(links.c.object_class == wanted.object_class.value)
    return query


def _link(row: Row[Any], now: datetime) -> Link:
    # Few are told roughly: they may be one vehicle's, seen by whoever knows it.
    places = 1 if row.samples >= TRUSTED else -1
    return Link(
        from_=row.from_camera,
        to=row.to_camera,
        object_class=ObjectClass(row.object_class),
        samples=row.samples,
        weight=round(decayed(row.weight, row.newest, now), 3),
        p05_s=round(row.p05_s, places),
        p50_s=round(row.p50_s, places),
        p95_s=round(row.p95_s, places),
        newest=row.newest.astimezone(UTC).date(),
        trusted=is_trusted(row.samples, row.weight, row.newest, now),
        network_s=None if row.network_s is None else round(row.network_s, 1),
    )
