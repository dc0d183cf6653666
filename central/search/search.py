"""The search: scope to camera ids, query to one vector, index, rows, in this order."""

from datetime import datetime

from central.asking.pictures import Pictured
from central.audit import audit
from central.cameras.selection import Selection, resolve
from central.index.port import IndexQuery
from central.search.asking import Sought, looks, narrow
from central.search.browsing import browse
from central.search.coverage import other_spaces
from central.search.finding import find_any
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
from central.search.patience import in_time
from central.search.ranking import DEEPER, Aim, prepare
from central.search.steps import Steps
from central.search.telling import told
from central.services import Services
from central.sightings.fleet import indexed_lag
from central.sightings.repository import StoredVector, Window
from shared.classes import ObjectClass
from shared.clock import to_datetime, to_ms
from shared.pictures import UPLOAD_CAPS, decode_picture


def ask(services: Services, request: SearchRequest) -> SearchAnswer:
    """What fits `request`, the best first: by looks where it names any.

    Raises:
        NotFoundError: a sighting, a picture or a group of cameras is not there.
        InputError: what is looked for lives in different embedding spaces, or the scope cannot
            be read, or is so wide that it took too long.
        StorageError: the database or the index refused.
    """
    steps = Steps(services.clock)
    with in_time(services.settings.search_timeout_s):
        if request.by is None:
            return _without_looks(services, request, steps)
        with steps.step("query"):
            now = to_datetime(services.clock.now_ms())
            sought = looks(services.searching, request.by, now, exclude=request.exclude_query)
        return _search(services, request, sought, steps)


def by_picture(services: Services, data: bytes, options: SearchOptions) -> SearchAnswer:
    """What looks like the person (or `options.object_class`) in an uploaded picture.

    Raises:
        PictureError: too large, not a picture, or nothing in it to embed.
        DependencyMissing: the embedder's weights are not there.
        ConfigError: no embedder is configured for the class.
        InputError: the scope cannot be read, or is so wide that it took too long.
        StorageError: the database or the index refused.
    """
    steps = Steps(services.clock)
    with steps.step("query"):
        picture = decode_picture(data, UPLOAD_CAPS)
        object_class = options.object_class or ObjectClass.PERSON
        query = services.pictures.read(picture, object_class)
        height, width = picture.shape[:2]
        shown = PictureQuery(width=width, height=height, box=query.box)
        sought = Sought(
            query.space,
            query.vector,
            object_class,
            picture=shown,
            seen_in_pictures=(Pictured(StoredVector(query.space, object_class, query.vector)),),
        )
    with in_time(services.settings.search_timeout_s):
        return _search(services, options, sought, steps)


def _search(
    services: Services, options: SearchOptions, sought: Sought, steps: Steps
) -> SearchAnswer:
    Window(options.from_, options.to).checked()
    with steps.step("scope"):
        chosen = None if options.cameras is None else resolve(services.searching, options.cameras)
        narrowed = narrow(services.searching, options, chosen, services.settings.zone)
    with steps.step("aim"):
        aim = prepare(services.searching, sought, options)
    for depth in (aim.depth, aim.depth * DEEPER):
        with steps.step("index"):
            queries = index_queries(aim, chosen, depth)
            found = find_any(services.searching, services.index, queries, narrowed.conditions)
        with steps.step("ladder"):
            ranked = aim.rank(found.hits, narrowed, depth)
        if not aim.lacks(ranked, found.hits):
            break
    with steps.step("coverage"):
        other, lag = _coverage(services, options, sought, chosen)
    answer = SearchAnswer(
        query=QueryAnswer(
            space=sought.space,
            sighting_ids=list(sought.of),
            pictures=list(sought.objects),
            picture=sought.picture,
        ),
        scope=_scope_answer(options, chosen, other),
        candidates=ranked.candidates,
        groups=_by_camera(ranked.candidates) if options.group_by == "camera" else None,
        indexed_lag=lag,
        unreachable=ranked.unreachable,
        source=found.source,
        exact=found.exact,
        note=_notes(aim.note, narrowed.note, found.note),
        took_ms=steps.took_ms,
    )
    _log(options, answer)
    return answer


def _without_looks(services: Services, request: SearchRequest, steps: Steps) -> SearchAnswer:
    """From the database alone, which knows of every sighting there is."""
    Window(request.from_, request.to).checked()
    with steps.step("scope"):
        chosen = None if request.cameras is None else resolve(services.searching, request.cameras)
        narrowed = narrow(services.searching, request, chosen, services.settings.zone)
    with steps.step("rows"):
        candidates = browse(services.searching, request, chosen, narrowed)
    answer = SearchAnswer(
        query=QueryAnswer(space=None, sighting_ids=[], picture=None),
        scope=_scope_answer(request, chosen, 0),
        candidates=candidates,
        groups=_by_camera(candidates) if request.group_by == "camera" else None,
        indexed_lag=0,
        source="database",
        exact=True,
        note=narrowed.note,
        took_ms=steps.took_ms,
    )
    _log(request, answer)
    return answer


def _scope_answer(
    options: SearchOptions, chosen: Selection | None, other_spaces: int
) -> ScopeAnswer:
    return ScopeAnswer(
        cameras=None if chosen is None else len(chosen.ids),
        unknown_cameras=[] if chosen is None else chosen.unknown,
        from_=options.from_,
        to=options.to,
        object_class=options.object_class,
        other_spaces=other_spaces,
    )


def _notes(*notes: str | None) -> str | None:
    return " ".join(note for note in notes if note) or None


def index_queries(aim: Aim, chosen: Selection | None, depth: int) -> list[IndexQuery]:
    """What to ask the index for, for so many of the best in the cameras chosen."""
    options, sought = aim.options, aim.sought
    query = IndexQuery(
        space=sought.space,
        vector=aim.vectors[0],
        cameras=None if chosen is None else frozenset(chosen.ids),
        from_ms=_ms(options.from_),
        to_ms=_ms(options.to),
        object_class=options.object_class,
        limit=depth,
        exclude=sought.exclude | aim.judged,
    )
    return [query._replace(vector=vector) for vector in aim.vectors]


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def _coverage(
    services: Services, options: SearchOptions, sought: Sought, chosen: Selection | None
) -> tuple[int, int]:
    """Sightings in scope that were not compared: of other spaces, and not indexed yet."""
    with services.searching.connect() as connection:
        other = other_spaces(connection, options, sought, chosen)
        return other, indexed_lag(connection, services.index.index_id)


def _by_camera(candidates: list[Candidate]) -> list[Group]:
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.sighting.camera, []).append(candidate)
    return [Group(camera=camera, candidates=found) for camera, found in groups.items()]


def _log(options: SearchOptions, answer: SearchAnswer) -> None:
    """Who looked for whom, where, and why."""
    audit(
        "search",
        **told(options),
        sightings=[str(identifier) for identifier in answer.query.sighting_ids],
        picture=answer.query.picture is not None,
        pictures=[f"{each.picture}/{each.object}" for each in answer.query.pictures],
        cameras=answer.scope.cameras,
        candidates=len(answer.candidates),
        source=answer.source,
    )
