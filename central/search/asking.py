"""What is asked, for index and database: looks as one vector, the rest as SQL."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, false, func

from central.asking import pictures
from central.asking.pictures import Pictured
from central.cameras.selection import Selection
from central.db.tables import sightings
from central.errors import InputError
from central.plates.finding import MAX_PLATES, find_plates
from central.plates.matching import PlateMatch, PlatePattern
from central.search.model import By, PictureObject, PictureQuery, PlateFit, SearchOptions
from central.sightings import repository
from central.sightings.attributes import AttributeFilter
from central.sightings.repository import StoredVector, Window
from shared.classes import ObjectClass
from shared.vectors import Vector, mean_direction

MANY_PLATES = (
    f"More than {MAX_PLATES:,} plates may fit: those nearest to what is asked were looked at; name "
    "more of its characters, a window or cameras."
)


class Sought(NamedTuple):
    """The looks as one vector. `of` and `objects` are what it came from.

    `seen_in_pictures`: those that no camera of ours saw.
    """

    space: str
    vector: Vector
    object_class: ObjectClass
    of: tuple[UUID, ...] = ()
    objects: tuple[PictureObject, ...] = ()
    picture: PictureQuery | None = None
    exclude: frozenset[UUID] = frozenset()
    seen_in_pictures: tuple[Pictured, ...] = ()


class Narrowed(NamedTuple):
    """What must hold besides looks, window, cameras and class.

    `plates` are those that fit, the best first; None: none was asked for. `note` says what was not
    looked at.
    """

    conditions: list[ColumnElement[bool]]
    plates: Mapping[str, PlateMatch] | None
    note: str | None = None

    def fit_of(self, plate: str | None) -> PlateFit | None:
        """How the plate of a sighting fits."""
        match = None if self.plates is None or plate is None else self.plates.get(plate)
        return None if match is None else PlateFit(how=match.how, edits=match.edits)


def looks(engine: Engine, by: By, now: datetime, *, exclude: bool) -> Sought:
    """The mean of what `by` names at `now`; `exclude`: its sightings are no answers.

    Raises:
        NotFoundError: one of them is not there.
        InputError: they live in different embedding spaces.
    """
    with engine.connect() as connection:
        uploaded = pictures.pictured(connection, by.objects, now)
        found = [*_sightings(connection, by.ids), *(each.stored for each in uploaded)]
    spaces = sorted({stored.space for stored in found})
    if len(spaces) > 1:
        raise InputError(
            f"what is looked for lives in different embedding spaces ({', '.join(spaces)}), whose "
            "vectors cannot be compared; search for those of one space at a time"
        )
    return Sought(
        space=spaces[0],
        vector=mean_direction([stored.vector for stored in found]),
        object_class=found[0].object_class,
        of=tuple(by.ids),
        objects=tuple(by.objects),
        exclude=frozenset(by.ids) if exclude else frozenset(),
        seen_in_pictures=tuple(uploaded),
    )


def narrow(engine: Engine, options: SearchOptions, chosen: Selection | None, zone: str) -> Narrowed:
    """The filters of `options` as conditions over `sightings`; hours by the clock of `zone`."""
    conditions = AttributeFilter(options.attributes, options.least_confidence).conditions()
    if options.hours is not None:
        conditions.append(options.hours.condition(zone))
    if options.plate is None:
        return Narrowed(conditions, None)
    pattern = PlatePattern(options.plate, similar=options.similar_plates)
    with engine.connect() as connection:
        plates, cut = find_plates(connection, pattern, scope(options, chosen))
    conditions.append(_one_of(plates))
    return Narrowed(conditions, plates, MANY_PLATES if cut else None)


def scope(options: SearchOptions, chosen: Selection | None) -> list[ColumnElement[bool]]:
    """Window, cameras and class as conditions over `sightings`."""
    conditions = Window(options.from_, options.to).conditions()
    if chosen is not None:
        conditions.append(sightings.c.camera == func.any(chosen.ids))
    if options.object_class is not None:
        conditions.append(sightings.c.object_class == options.object_class)
    return conditions


def _one_of(plates: Collection[str]) -> ColumnElement[bool]:
    return sightings.c.plate == func.any(list(plates)) if plates else false()


def _sightings(connection: Connection, ids: list[UUID]) -> list[StoredVector]:
    found = repository.vectors(connection, ids)
    if absent := [identifier for identifier in ids if identifier not in found]:
        raise repository.missing(absent)
    return [found[identifier] for identifier in ids]
