"""The table of cameras."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from geoalchemy2 import Geometry
from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    RowMapping,
    Select,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from central.cameras.model import Camera, CameraChange, NewCamera
from central.cameras.views import keeping, places
from central.cameras.views.model import STORED, View
from central.db.tables import cameras, sightings
from central.errors import ConflictError, NotFoundError
from central.values import LonLat, Page, cut_page, read_cursor

_POINT = cast(cameras.c.position, Geometry("POINT", srid=4326))
_PLAIN = tuple(
    column
    for column in cameras.c
    if column.name not in {"position", "coverage", "created_at", "updated_at"}
)
_STREAM = 1_000


Check = Callable[[Camera], None]


def _any(_camera: Camera) -> None:
    """Refuse nothing."""


class CameraFilter(NamedTuple):
    """Which cameras a list shows. `placed` is whether they have a position."""

    box: str | None = None
    placed: bool | None = None


class Upserted(NamedTuple):
    """How many of the given cameras were new, and how many of the known ones changed.

    `refused` says by id why some were left as they are.
    """

    created: int
    updated: int
    refused: dict[str, str]


def page(engine: Engine, wanted: CameraFilter, limit: int, cursor: str | None) -> Page[Camera]:
    """Cameras by id.

    Raises:
        InputError: `cursor` is not one of ours.
    """
    query = _select().order_by(cameras.c.id).limit(limit + 1)
    if cursor is not None:
        query = query.where(cameras.c.id > read_cursor(cursor, 1)[0])
    if wanted.box is not None:
        query = query.where(cameras.c.box == wanted.box)
    if wanted.placed is not None:
        empty = cameras.c.position.is_(None)
        query = query.where(~empty if wanted.placed else empty)
    with engine.connect() as connection:
        found = [to_camera(row) for row in connection.execute(query).mappings()]
    return cut_page(found, limit, lambda camera: camera.id)


def every(engine: Engine) -> Iterator[Camera]:
    """All cameras by id, read as they are consumed."""
    with engine.connect().execution_options(yield_per=_STREAM) as connection:
        for row in connection.execute(_select().order_by(cameras.c.id)).mappings():
            yield to_camera(row)


def by_ids(connection: Connection, ids: Sequence[str]) -> dict[str, Camera]:
    """The cameras of `ids` that there are, by id."""
    query = _select().where(cameras.c.id == func.any(list(ids)))
    return {row["id"]: to_camera(row) for row in connection.execute(query).mappings()}


def get(engine: Engine, camera: str) -> Camera:
    """One camera, with the number of its sightings.

    Raises:
        NotFoundError: there is none of that id.
    """
    counted = select(func.count()).where(sightings.c.camera == camera)
    with engine.connect() as connection:
        found = one(connection, camera)
        return found.model_copy(update={"sightings": connection.execute(counted).scalar_one()})


def create(engine: Engine, new: NewCamera) -> Camera:
    """Register `new`.

    Raises:
        ConflictError: its id is taken.
        InputError: its view cannot be, see `central.cameras.views.derive.areas`.
    """
    with engine.begin() as connection:
        (coverage,) = keeping.areas_of(connection, [new])
        values = {**to_values(new), "coverage": coverage}
        statement = insert(cameras).values(values).on_conflict_do_nothing()
        if connection.execute(statement.returning(cameras.c.id)).first() is None:
            raise ConflictError(
                f"there is a camera {new.id} already; change it, or take another id"
            )
        return one(connection, new.id)


def change(engine: Engine, camera: str, wanted: CameraChange, check: Check = _any) -> Camera:
    """Change or move a camera; `check` may refuse by what is there.

    Raises:
        NotFoundError: there is none of that id.
        InputError: its view cannot be, or belongs to the place that it leaves, or `valid_from`
            says nothing or is still to come.
    """
    keys = wanted.model_fields_set - {"valid_from"}
    values: dict[str, Any] = {key: getattr(wanted, key) for key in keys}
    with engine.begin() as connection:
        before = one(connection, camera, lock=True)
        check(before)
        after = before.model_copy(update=values)
        keeping.check_change(before, after, wanted)
        if not values:
            return before
        row = {key: value for key, value in to_values(after).items() if key in keys}
        row["updated_at"] = func.now()
        moved = [camera] if keeping.places(before, after, wanted) else []
        if moved:
            (row["coverage"],) = keeping.areas_of(connection, [after])
        places.begin(connection, moved)
        connection.execute(update(cameras).where(cameras.c.id == camera).values(row))
        places.follow(connection, moved, wanted.valid_from)
        return one(connection, camera)


def remove(engine: Engine, camera: str, check: Check = _any) -> None:
    """Delete a camera that has no sightings; `check` may refuse by what is there.

    Raises:
        NotFoundError: there is none of that id.
        ConflictError: it has sightings.
    """
    try:
        with engine.begin() as connection:
            check(one(connection, camera, lock=True))
            connection.execute(delete(cameras).where(cameras.c.id == camera))
    except IntegrityError as error:
        raise ConflictError(
            f"camera {camera} has sightings; it can be deleted once they have expired"
        ) from error


def upsert(connection: Connection, batch: Sequence[NewCamera]) -> Upserted:
    """Register or update `batch`, whose ids must differ.

    What a camera of the batch leaves out (null) stays as it is; properties are merged. A camera
    that is already so is not touched. One whose view cannot be, or belongs to the place that it
    would leave, is refused.
    """
    if not batch:
        return Upserted(0, 0, {})
    known = _locked(connection, [camera.id for camera in batch])
    merged = {camera.id: _merged(known.get(camera.id), camera) for camera in batch}
    refused = keeping.refused(connection, [(known.get(name), merged[name]) for name in merged])
    taken = [camera for camera in batch if camera.id not in refused]
    moved = [
        name
        for name, camera in known.items()
        if keeping.standing(camera) != keeping.standing(merged[name]) and name not in refused
    ]
    places.begin(connection, moved)
    created = _write(connection, taken)
    _write_coverage(connection, [merged[name] for name in {*created, *moved}])
    places.follow(connection, moved)
    return Upserted(sum(created.values()), len(created) - sum(created.values()), refused)


def to_values(camera: NewCamera) -> dict[str, Any]:
    """`camera` as a row."""
    view = camera.view and camera.view.model_dump(mode="json", exclude_none=True)
    plain = camera.model_dump(exclude={"position", "view", "sightings"})
    return {**plain, "view": view, "position": to_ewkt(camera.position)}


def to_ewkt(position: LonLat | None) -> str | None:
    """`position` as extended well-known text."""
    return None if position is None else f"SRID=4326;POINT({position.lon!r} {position.lat!r})"


def to_camera(row: RowMapping) -> Camera:
    """A row of `_select` as a camera."""
    values = dict(row)
    lon, lat, view = values.pop("lon"), values.pop("lat"), values.pop("view")
    # What is stored was checked on its way in, or by ingest; reading must not fail on it.
    return Camera.model_construct(
        **values,
        position=None if lon is None else LonLat.model_construct(lon=lon, lat=lat),
        view=None if view is None else View.model_validate(view, context=STORED),
    )


def _select() -> Select[Any]:
    return select(*_PLAIN, func.ST_X(_POINT).label("lon"), func.ST_Y(_POINT).label("lat"))


def one(connection: Connection, camera: str, *, lock: bool = False) -> Camera:
    """One camera; with `lock` nobody changes it before the transaction ends.

    Raises:
        NotFoundError: there is none of that id.
    """
    query = _select().where(cameras.c.id == camera)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise _missing(camera)
    return to_camera(row)


def _missing(camera: str) -> NotFoundError:
    return NotFoundError(f"there is no camera {camera}")


def _locked(connection: Connection, ids: Sequence[str]) -> dict[str, Camera]:
    query = _select().where(cameras.c.id == func.any(list(ids))).order_by(cameras.c.id)
    rows = connection.execute(query.with_for_update()).mappings()
    return {row["id"]: to_camera(row) for row in rows}


def _merged(known: Camera | None, new: NewCamera) -> NewCamera:
    """`new`, with what it does not say of its place as it is known."""
    if known is None:
        return new
    kept = {
        name: getattr(known, name)
        for name in ("position", "azimuth_deg", "view")
        if getattr(new, name) is None
    }
    return new.model_copy(update=kept)


def _write(connection: Connection, batch: Sequence[NewCamera]) -> dict[str, bool]:
    """Insert or update; whether a camera is new, for those of which anything is."""
    if not batch:
        return {}
    statement = insert(cameras)
    new = statement.excluded
    merged: dict[str, Any] = {
        name: func.coalesce(new[name], cameras.c[name])
        for name in ("box", "position", "height_m", "azimuth_deg", "purpose", "address", "view")
    }
    merged["name"] = new.name
    merged["properties"] = cameras.c.properties.op("||")(new.properties)
    differs = or_(*(cameras.c[name].is_distinct_from(value) for name, value in merged.items()))
    result: CursorResult[Any] = connection.execute(
        statement.on_conflict_do_update(
            index_elements=[cameras.c.id],
            set_={**merged, "updated_at": func.now()},
            where=differs,
            # A row that this statement inserted has not been locked or replaced by anyone: xmax 0.
        ).returning(cameras.c.id, literal_column("(cameras.xmax = 0)").label("created")),
        [to_values(camera) for camera in batch],
    )
    return {row.id: row.created for row in result}


def _write_coverage(connection: Connection, changed: Sequence[NewCamera]) -> None:
    viewed = [camera for camera in changed if camera.view is not None]
    areas = keeping.areas_of(connection, viewed)
    rows = [{"camera": each.id, "area": area} for each, area in zip(viewed, areas, strict=True)]
    if rows:
        mine = cameras.c.id == bindparam("camera")
        connection.execute(update(cameras).where(mine).values(coverage=bindparam("area")), rows)
