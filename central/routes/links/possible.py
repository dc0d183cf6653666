"""Which trips can have been made: two vehicles may bear one plate, and a box may misread it."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection, text

from central.routes.links.learning import Trip
from central.search.reach import CLOCK_S, FASTER_THAN_TOLD, FASTEST_M_S, VIEW_M
from shared.classes import ObjectClass

_BETWEEN = text(
    "SELECT w.start, w.finish, ST_Distance(a.position, b.position) AS metres, t.seconds "
    "FROM unnest(CAST(:starts AS text[]), CAST(:ends AS text[])) AS w (start, finish) "
    "JOIN cameras a ON a.id = w.start JOIN cameras b ON b.id = w.finish "
    "LEFT JOIN travel_times t ON t.from_camera = w.start AND t.to_camera = w.finish "
    "AND t.mode = 'drive'"
)


def possible(connection: Connection, trips: Sequence[Trip]) -> list[Trip]:
    """Those of `trips` that are no faster than anybody drives, as `central.search.reach` has it.

    Between cameras whose places are not known any is.
    """
    if not trips:
        return []
    pairs = sorted({trip.pair[:2] for trip in trips})
    starts, ends = (list(each) for each in zip(*pairs, strict=True))
    found = connection.execute(_BETWEEN, {"starts": starts, "ends": ends})
    known = {(row.start, row.finish): (row.metres, row.seconds) for row in found}
    return [trip for trip in trips if _is_possible(trip, *known.get(trip.pair[:2], (None, None)))]


def _is_possible(trip: Trip, metres: float | None, network_s: float | None) -> bool:
    if metres is None:
        return True
    free = max(metres - 2 * VIEW_M, 0.0)
    needed = free / FASTEST_M_S[ObjectClass(trip.pair.object_class)]
    if network_s is not None and not np.isnan(network_s):
        needed = max(needed, network_s / FASTER_THAN_TOLD * free / max(metres, 1.0))
    return needed <= trip.seconds + CLOCK_S
