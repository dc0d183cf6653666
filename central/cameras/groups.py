"""Named groups of cameras: what a search may name, and what may be kept for longer or shorter."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict
from sqlalchemy import Connection, Engine, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from central.cameras.selection import MAX_IDS
from central.db.tables import camera_group_members, camera_groups, cameras
from central.errors import ConflictError, InputError, NotFoundError
from central.values import Instant, Model, Page, cut_page, read_cursor
from shared.ids import PLAIN_NAME, CameraId

MAX_GROUPS = 10_000
MAX_MEMBERS = MAX_IDS
_NAMED = 5

GroupName = Annotated[str, StringConstraints(pattern=PLAIN_NAME)]
RetentionDays = Annotated[
    int,
    Field(ge=1, le=3650, description="null: as the centre is set, or another group says"),
]
Members = Annotated[list[CameraId], Field(max_length=MAX_MEMBERS)]

_EXAMPLE: JsonDict = {"name": "schools", "retention_days": 60, "cameras": ["gangnam-017"]}
_CHANGE: JsonDict = {"retention_days": None, "add": ["gangnam-018"], "remove": ["gangnam-017"]}


class NewGroup(Model):
    """A group to make. A camera may be in several."""

    name: GroupName
    retention_days: RetentionDays | None = None
    cameras: Members = []

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


class GroupChange(Model):
    """What to change; a key that is not there stays as it is.

    `cameras` replaces the members; `add` and `remove` change them, `remove` last.
    """

    name: GroupName | None = None
    retention_days: RetentionDays | None = None
    cameras: Members | None = None
    add: Members = []
    remove: Members = []

    model_config = ConfigDict(json_schema_extra={"examples": [_CHANGE]})

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.cameras is not None and (self.add or self.remove):
            raise ValueError("give either cameras, or add and remove")
        if "name" in self.model_fields_set and self.name is None:
            raise ValueError("name cannot be null")
        return self


class GroupSummary(Model):
    """A group in a list. `cameras` is how many it has."""

    name: str
    retention_days: int | None
    created_at: Instant
    cameras: int


class Group(Model):
    """A group and its cameras, sorted."""

    name: str
    retention_days: int | None
    created_at: Instant
    cameras: list[str]


Check = Callable[[Group], None]


def _any(_group: Group) -> None:
    """Refuse nothing."""


def page(engine: Engine, limit: int, cursor: str | None) -> Page[GroupSummary]:
    """Groups by name.

    Raises:
        InputError: `cursor` is not one of ours.
    """
    counted = (
        select(func.count())
        .where(camera_group_members.c.group_name == camera_groups.c.name)
        .scalar_subquery()
    )
    query = select(camera_groups, counted.label("cameras")).order_by(camera_groups.c.name)
    if cursor is not None:
        query = query.where(camera_groups.c.name > read_cursor(cursor, 1)[0])
    with engine.connect() as connection:
        rows = connection.execute(query.limit(limit + 1)).mappings()
        found = [GroupSummary.model_validate(dict(row)) for row in rows]
    return cut_page(found, limit, lambda group: group.name)


def get(engine: Engine, name: str) -> Group:
    """One group.

    Raises:
        NotFoundError: there is none of that name.
    """
    with engine.connect() as connection:
        return _one(connection, name)


def create(engine: Engine, new: NewGroup) -> Group:
    """Make a group.

    Raises:
        ConflictError: its name is taken, or there are `MAX_GROUPS` already.
        InputError: a camera of it is not registered.
    """
    values = {"name": new.name, "retention_days": new.retention_days}
    made = insert(camera_groups).values(values).on_conflict_do_nothing()
    with engine.begin() as connection:
        count = select(func.count()).select_from(camera_groups)
        if connection.execute(count).scalar_one() >= MAX_GROUPS:
            raise ConflictError(f"there are {MAX_GROUPS} groups already; delete some first")
        if connection.execute(made.returning(camera_groups.c.name)).first() is None:
            raise _taken(new.name)
        _add(connection, new.name, new.cameras)
        return _one(connection, new.name)


def change(engine: Engine, name: str, wanted: GroupChange, check: Check = _any) -> Group:
    """Change a group's name, days or members; `check` may refuse by what is there.

    Raises:
        NotFoundError: there is none of that name.
        ConflictError: the new name is taken.
        InputError: a camera is not registered, or the group would have over `MAX_MEMBERS`.
    """
    keys = wanted.model_fields_set & {"name", "retention_days"}
    values: dict[str, Any] = {key: getattr(wanted, key) for key in keys}
    with engine.begin() as connection:
        check(_locked(connection, name))
        new_name = values.get("name", name)
        if new_name != name and connection.execute(_named(new_name)).first() is not None:
            raise _taken(new_name)
        if values:
            mine = camera_groups.c.name == name
            connection.execute(update(camera_groups).where(mine).values(values))
        if wanted.cameras is not None:
            _remove(connection, new_name, None)
        _add(connection, new_name, [*(wanted.cameras or ()), *wanted.add])
        _remove(connection, new_name, wanted.remove)
        return _one(connection, new_name)


def remove(engine: Engine, name: str, check: Check = _any) -> None:
    """Delete a group; its cameras stay. `check` may refuse by what is there.

    Raises:
        NotFoundError: there is none of that name.
    """
    with engine.begin() as connection:
        check(_locked(connection, name))
        connection.execute(delete(camera_groups).where(camera_groups.c.name == name))


def _named(name: str) -> Select[tuple[Any, ...]]:
    return select(camera_groups).where(camera_groups.c.name == name)


def _locked(connection: Connection, name: str) -> Group:
    connection.execute(_named(name).with_for_update())
    return _one(connection, name)


def _one(connection: Connection, name: str) -> Group:
    row = connection.execute(_named(name)).mappings().first()
    if row is None:
        raise _missing(name)
    table = camera_group_members
    query = select(table.c.camera).where(table.c.group_name == name).order_by(table.c.camera)
    return Group.model_validate({**row, "cameras": list(connection.execute(query).scalars())})


def _add(connection: Connection, name: str, ids: Sequence[str]) -> None:
    if not ids:
        return
    wanted = sorted(set(ids))
    # Held until the end of the transaction: a camera that is deleted now would be one too few.
    known = select(cameras.c.id).where(cameras.c.id == func.any(wanted)).with_for_update(read=True)
    unknown = sorted(set(wanted).difference(connection.execute(known).scalars()))
    if unknown:
        shown = ", ".join(unknown[:_NAMED])
        raise InputError(f"{len(unknown)} of the cameras are not registered: {shown}")
    rows = [{"group_name": name, "camera": camera} for camera in wanted]
    connection.execute(insert(camera_group_members).on_conflict_do_nothing(), rows)
    count = select(func.count()).where(camera_group_members.c.group_name == name)
    if connection.execute(count).scalar_one() > MAX_MEMBERS:
        raise InputError(f"group {name} would have over {MAX_MEMBERS} cameras; make a second one")


def _remove(connection: Connection, name: str, ids: Sequence[str] | None) -> None:
    gone = delete(camera_group_members).where(camera_group_members.c.group_name == name)
    if ids is not None:
        gone = gone.where(camera_group_members.c.camera == func.any(list(ids)))
    connection.execute(gone)


def _taken(name: str) -> ConflictError:
    return ConflictError(f"there is a group {name} already; change it, or take another name")


def _missing(name: str) -> NotFoundError:
    return NotFoundError(f"there is no group {name}")
