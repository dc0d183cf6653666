"""The search: scope to camera ids, query to one vector, index, rows, in this order."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, func, literal, select

from central.cameras.selection import Selection, resolve
from central.db.tables import sightings
from central.errors import InputError
from central.index.port import IndexQuery
from central.search.finding import find
from central.search.kept import Sought
from central.search.model import (
    Candidate,
    Group,
    PictureQuery,
    QueryAnswer,
    ScopeAnswer,
    SearchAnswer,
    SearchOptions,
    SearchRequest,
)
from central.search.ranking import Aim, prepare
from central.services import Services
from central.sightings import repository
from central.sightings.attributes import AttributeFilter
from central.sightings.fleet import indexed_lag
from central.sightings.repository import Window
from shared.classes import ObjectClass
from shared.clock import Clock, to_ms
from shared.pictures import UPLOAD_CAPS, decode_picture
from shared.vectors import Vector, mean_direction

MAX_OTHER_SPACES = 1_000


class _Sought(NamedTuple):
    """The query as a vector. `of` are the sightings it came from."""

    space: str
    vector: Vector
    object_class: ObjectClass
    of: tuple[UUID, ...]
    picture: PictureQuery | None
    exclude: frozenset[UUID]


class _Steps:
    """Milliseconds of each step, on the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.took_ms: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = self._clock.monotonic()
        yield
        self.took_ms[name] = round((self._clock.monotonic() - start) * 1000, 1)


def by_sightings(services: Services, request: SearchRequest) -> SearchAnswer:
    """What looks like the sightings in `request.by`.

    Raises:
        NotFoundError: one of them is not there.
        InputError: they live in different embedding spaces, or the scope cannot be read.
        StorageError: the database or the index refused.
    """
    steps = _Steps(services.clock)
    with steps.step("query"):
        sought = _from_sightings(services.engine, request)
    return _search(services, request, sought, steps)


def by_picture(services: Services, data: bytes, options: SearchOptions) -> SearchAnswer:
    """What looks like the person (or `options.object_class`) in an uploaded picture.

    Raises:
        PictureError: too large, not a picture, or nothing in it to embed.
        DependencyMissing: the embedder's weights are not there.
        ConfigError: no embedder is configured for the class.
        InputError: the scope cannot be read.
        StorageError: the database or the index refused.
    """
    steps = _Steps(services.clock)
    with steps.step("query"):
        picture = decode_picture(data, UPLOAD_CAPS)
        object_class = options.object_class or ObjectClass.PERSON
        query = services.pictures.read(picture, object_class)
        height, width = picture.shape[:2]
        shown = PictureQuery(width=width, height=height, box=query.box)
        sought = _Sought(query.space, query.vector, object_class, (), shown, frozenset())
    return _search(services, options, sought, steps)


def _from_sightings(engine: Engine, request: SearchRequest) -> _Sought:
    ids = request.by.ids
    with engine.connect() as connection:
        found = repository.vectors(connection, ids)
    if absent := [identifier for identifier in ids if identifier not in found]:
        raise repository.missing(absent)
    spaces = sorted({stored.space for stored in found.values()})
    if len(spaces) > 1:
        raise InputError(
            f"the sightings live in different embedding spaces ({', '.join(spaces)}), whose "
            "vectors cannot be compared; search for those of one space at a time"
        )
    return _Sought(
        space=spaces[0],
        vector=mean_direction([found[identifier].vector for identifier in ids]),
        object_class=found[ids[0]].object_class,
        of=tuple(ids),
        picture=None,
        exclude=frozenset(ids) if request.exclude_query else frozenset(),
    )


def _search(
    services: Services, options: SearchOptions, sought: _Sought, steps: _Steps
) -> SearchAnswer:
    window = Window(options.from_, options.to).checked()
    with steps.step("scope"):
        chosen = None if options.cameras is None else resolve(services.engine, options.cameras)
    with steps.step("aim"):
        place = Sought(sought.space, sought.vector, sought.object_class, sought.of)
        aim = prepare(services.engine, place, options)
    with steps.step("index"):
        found = find(
            services.engine,
            services.index,
            _index_query(aim, sought, chosen),
            AttributeFilter(options.attributes, options.least_confidence).conditions(),
        )
    with steps.step("ladder"):
        candidates = aim.rank(found.hits)
    with steps.step("coverage"):
        other, lag = _coverage(services, options, sought, chosen)
    answer = SearchAnswer(
        query=QueryAnswer(space=sought.space, sighting_ids=list(sought.of), picture=sought.picture),
        scope=ScopeAnswer(
            cameras=None if chosen is None else len(chosen.ids),
            unknown_cameras=[] if chosen is None else chosen.unknown,
            from_=window.start,
            to=window.end,
            object_class=options.object_class,
            other_spaces=other,
        ),
        candidates=candidates,
        groups=_by_camera(candidates) if options.group_by == "camera" else None,
        indexed_lag=lag,
        source=found.source,
        exact=found.exact,
        note=found.note,
        took_ms=steps.took_ms,
    )
    _log(options, answer)
    return answer


def _index_query(aim: Aim, sought: _Sought, chosen: Selection | None) -> IndexQuery:
    options = aim.options
    return IndexQuery(
        space=sought.space,
        vector=aim.vector,
        cameras=None if chosen is None else frozenset(chosen.ids),
        from_ms=_ms(options.from_),
        to_ms=_ms(options.to),
        object_class=options.object_class,
        limit=aim.depth,
        exclude=sought.exclude | aim.judged,
    )


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def _coverage(
    services: Services, options: SearchOptions, sought: _Sought, chosen: Selection | None
) -> tuple[int, int]:
    """Sightings in scope that were not compared: of other spaces, and not indexed yet."""
    with services.engine.connect() as connection:
        spaces = connection.execute(
            select(func.min(sightings.c.space), func.max(sightings.c.space))
        ).one()
        # Nearly always all are of one space, which the ends of an index tell at once.
        others = set(spaces) - {sought.space, None}
        other = _other_spaces(connection, options, sought, chosen) if others else 0
        return other, indexed_lag(connection, services.index.index_id)


def _other_spaces(
    connection: Connection, options: SearchOptions, sought: _Sought, chosen: Selection | None
) -> int:
    query = (
        select(literal(1))
        .where(sightings.c.space != sought.space)
        .where(sightings.c.object_class == (options.object_class or sought.object_class))
        .where(*Window(options.from_, options.to).conditions())
        .limit(MAX_OTHER_SPACES)
    )
    if chosen is not None:
        query = query.where(sightings.c.camera == func.any(chosen.ids))
    return connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()


def _by_camera(candidates: list[Candidate]) -> list[Group]:
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.sighting.camera, []).append(candidate)
    return [Group(camera=camera, candidates=found) for camera, found in groups.items()]


def _log(options: SearchOptions, answer: SearchAnswer) -> None:
    """Who looked for whom, and why: until there are accounts, everyone is `loopback`."""
    structlog.get_logger().info(
        "search",
        who="loopback",
        purpose=options.purpose,
        sightings=[str(identifier) for identifier in answer.query.sighting_ids],
        picture=answer.query.picture is not None,
        cameras=answer.scope.cameras,
        window=[str(answer.scope.from_), str(answer.scope.to)],
        attributes=options.attributes,
        candidates=len(answer.candidates),
        source=answer.source,
    )
