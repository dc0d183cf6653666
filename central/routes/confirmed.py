"""The confirmed sightings of a route, in order of time by the centre's clock."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from central.cameras.views import ground, places
from central.cameras.views.places import Place
from central.cameras.views.stands import Stand, of_cameras
from central.db.tables import sightings
from central.routes.ends import End
from central.routes.model import Ground, Stop, seconds
from central.search.reach import CLOCK_S, UNMEASURED_S
from central.search.stops import seen_m
from central.sightings.repository import named
from central.sightings.times import correction
from central.values import LonLat
from shared.classes import ObjectClass

GROUND_M = 5.0
"""How far off the place of a sighting may be that a calibrated camera gives: it is where somebody
stood in one picture, and who comes into view or leaves it is elsewhere by some steps."""

_STEP_MS = -1
"""Corrections are rounded to 10 ms: what a box measures over a network is no finer."""


class Confirmed(NamedTuple):
    """A confirmed sighting. Times are the box's own; `clock_offset_ms` is not added to them."""

    id: UUID
    camera: str
    box: str
    object_class: ObjectClass
    first_seen: datetime
    shot: datetime
    last_seen: datetime
    clock_offset_ms: float | None
    plate: str | None

    @property
    def correction(self) -> timedelta:
        """What is to be added to the times."""
        return correction(round(self.clock_offset_ms or 0.0, _STEP_MS))


def confirmed(connection: Connection, ids: Collection[UUID]) -> list[Confirmed]:
    """Those of `ids` that there are, in no order."""
    columns = (sightings.c[name] for name in Confirmed._fields)
    rows = connection.execute(select(*columns).where(*named(ids)))
    return [Confirmed(*row)._replace(object_class=ObjectClass(row.object_class)) for row in rows]


def in_order(stops: Sequence[Stop]) -> list[Stop]:
    """`stops` by time of the centre's clock, numbered from 1; those of one time by id."""
    ordered = sorted(stops, key=lambda stop: (stop.arrived, stop.sighting_id))
    return [
        stop.model_copy(update={"number": number}) for number, stop in enumerate(ordered, start=1)
    ]


def end_of(stop: Stop, place: LonLat | None) -> End:
    """`stop` as an end of a leg that begins or ends at `place`."""
    return End(
        camera=stop.camera,
        box=stop.box,
        first_s=stop.arrived.timestamp(),
        last_s=stop.left.timestamp(),
        measured=stop.clock_offset_s is not None,
        view_m=GROUND_M if place is not None and place in _measured(stop) else stop.view_m,
        plate=stop.plate,
    )


def _measured(stop: Stop) -> tuple[LonLat | None, ...]:
    """Where it came into view and left, as calibrated; in between it may have been anywhere."""
    return (stop.ground.first, stop.ground.last) if stop.ground else ()


def stops_of(connection: Connection, found: Sequence[Confirmed]) -> list[Stop]:
    """The stops that they are, not numbered yet; cameras as they stood then."""
    asked = [(each.camera, each.shot + each.correction) for each in found]
    stood = places.at(connection, asked)
    stands = of_cameras(connection, {each.camera for each in found})
    grounds = ground.of_sightings(connection, [each.id for each in found])
    return [
        _stop(each, place, grounds.get(each.id), stands.at(each.camera, at.timestamp()))
        # Every sighting's camera is there: a foreign key says so.
        for each, place, (_, at) in zip(found, stood, asked, strict=True)
        if place is not None
    ]


def _stop(seen: Confirmed, place: Place, stood: ground.Ground | None, stand: Stand | None) -> Stop:
    offset = seen.clock_offset_ms
    return Stop(
        number=0,
        sighting_id=seen.id,
        camera=seen.camera,
        camera_name=place.name,
        position=place.position,
        ground=stood and Ground(**stood._asdict()),
        view_m=seen_m(stand),
        arrived=seen.first_seen + seen.correction,
        shot=seen.shot + seen.correction,
        left=seen.last_seen + seen.correction,
        dwell_s=seconds(seen.first_seen, seen.last_seen),
        box=seen.box,
        box_arrived=seen.first_seen,
        box_left=seen.last_seen,
        clock_offset_s=None if offset is None else round(offset / 1000, 3),
        clock_s=UNMEASURED_S if offset is None else CLOCK_S,
        object_class=seen.object_class,
        plate=seen.plate,
    )
