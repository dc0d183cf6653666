"""A search that is not by looks: by plate, attributes, cameras and time alone."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ARRAY, REAL, ColumnElement, Engine, Text, cast, func, literal, select

from central.cameras.selection import Selection
from central.db.tables import sightings
from central.search.asking import Narrowed, scope
from central.search.model import Candidate, SearchRequest
from central.sightings.repository import COLUMNS, read


def browse(
    engine: Engine, request: SearchRequest, chosen: Selection | None, narrowed: Narrowed
) -> list[Candidate]:
    """The first `request.limit` that fit: by plate, by sure attributes, or the newest."""
    query = (
        select(*COLUMNS)
        .where(*scope(request, chosen), *narrowed.conditions)
        .order_by(*_order(request, narrowed), sightings.c.day.desc(), sightings.c.id.desc())
        .limit(request.limit)
    )
    with engine.connect() as connection:
        found = list(read(connection, query).values())
    return [
        Candidate(
            rank=rank,
            score=None,
            band=None,
            reach=None,
            sighting=each,
            plate=narrowed.fit_of(each.plate),
        )
        for rank, each in enumerate(found, start=1)
    ]


def _order(request: SearchRequest, narrowed: Narrowed) -> list[ColumnElement[Any]]:
    if narrowed.plates:
        return [_place(narrowed.plates)]
    if request.order == "confidence" and request.attributes:
        return [_confidence(request.attributes).desc()]
    return []


def _place(plates: Mapping[str, object]) -> ColumnElement[Any]:
    """The place of a sighting's plate among those that fit, the best first."""
    return func.array_position(
        cast(literal(list(plates), ARRAY(Text)), ARRAY(Text)), sightings.c.plate
    )


def _confidence(names: Collection[str]) -> ColumnElement[Any]:
    """The chance that all attributes are right, if one says nothing of another."""
    chance: ColumnElement[Any] = literal(1.0)
    for name in names:
        chance = chance * cast(sightings.c.attributes[name]["confidence"].astext, REAL)
    return chance
