"""Plates in the database that fit what is asked: trigrams find candidates, matching judges them."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, or_, select

from central.db.tables import sightings
from central.plates.matching import PlateMatch, PlatePattern

MAX_PLATES = 2_000
"""Different plates that are looked at; the best of more would be no answer anyway."""


def find_plates(
    connection: Connection, pattern: PlatePattern, scope: Sequence[ColumnElement[bool]] = ()
) -> dict[str, PlateMatch]:
    """The plates that fit, as they were read, the best first, of the sightings in `scope`.

    One character that differs is always found, two where they stand close together: the index
    looks for plates that share 0.3 of their trigrams (pg_trgm's own threshold).
    """
    folded = func.fold_plate(sightings.c.plate)
    may_fit: ColumnElement[bool] = folded.like(pattern.like)
    if pattern.similar:
        may_fit = or_(may_fit, folded.op("%", is_comparison=True)(pattern.folded))
    query = (
        select(sightings.c.plate)
        .where(sightings.c.plate.is_not(None), may_fit, *scope)
        .distinct()
        .limit(MAX_PLATES)
    )
    return pattern.rank(connection.execute(query).scalars())
