"""Plates in the database that fit what is asked: trigrams find candidates, matching judges them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from central.db.tables import sightings
from central.plates.matching import PlateMatch, PlatePattern

MAX_PLATES = 2_000
"""Different plates that are looked at; the best of more would be no answer anyway."""


class FoundPlates(NamedTuple):
    """The plates that fit, as they were read, the best first. `cut`: there may be more."""

    plates: dict[str, PlateMatch]
    cut: bool


def find_plates(
    connection: Connection, pattern: PlatePattern, scope: Sequence[ColumnElement[bool]] = ()
) -> FoundPlates:
    """The plates of the sightings in `scope` that fit.

    Where more than `MAX_PLATES` may, those that fit whole are looked at before those of which it is
    a part, and these before similar ones, the nearest first. One character that differs is always
    found, two where they stand close together: the index looks for plates that share 0.3 of their
    trigrams (pg_trgm's own threshold).
    """
    folded = func.fold_plate(sightings.c.plate)
    near = func.similarity(folded, pattern.folded).desc()
    ways: list[tuple[ColumnElement[bool], list[ColumnElement[float]]]] = [
        (folded.like(pattern.like_whole), []),
        (folded.like(pattern.like), []),
    ]
    if pattern.similar:
        ways.append((folded.op("%", is_comparison=True)(pattern.folded), [near]))
    found: dict[str, None] = {}
    for fits, order in ways:
        query = (
            select(sightings.c.plate)
            .where(sightings.c.plate.is_not(None), fits, *scope)
            .where(sightings.c.plate != func.all(list(found)))
            .group_by(sightings.c.plate)
            .order_by(*order)
            .limit(MAX_PLATES + 1 - len(found))
        )
        found.update(dict.fromkeys(connection.execute(query).scalars()))
        if len(found) > MAX_PLATES:
            break
    return FoundPlates(pattern.rank(list(found)[:MAX_PLATES]), len(found) > MAX_PLATES)
