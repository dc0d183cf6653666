"""Suggested routes: the search's candidates, the best ways through them, and the words."""

from uuid import UUID

import numpy as np
from sqlalchemy import Connection

from central.audit import audit
from central.cameras.selection import resolve
from central.errors import InputError
from central.index.port import IndexHit
from central.routes.suggest.gathering import Gathered, gather, ids_of
from central.routes.suggest.model import SuggestAnswer, SuggestRequest
from central.routes.suggest.solving import Solved, doubtful, solve
from central.routes.suggest.telling import clashes_of, path_of
from central.search.asking import Sought, looks, narrow
from central.search.finding import find_any
from central.search.model import By, SearchRequest
from central.search.patience import in_time
from central.search.ranking import Aim, prepare
from central.search.search import index_queries
from central.search.steps import Steps
from central.search.telling import told
from central.services import Services
from central.sightings import repository
from central.sightings.repository import Window, day_of_id
from shared.clock import to_datetime

ASKED = 3
"""How many doubtful ones are named at a time."""

NO_CURVE = "How likely looks are is not known for this embedding space: only their order counts."
CLASHING = "Routes are not held to confirmed sightings that clash."
NO_NETWORK = "No street network: times are of straight lines."


def suggest(services: Services, request: SuggestRequest) -> SuggestAnswer:
    """The `request.k` best routes through the candidates.

    Raises:
        NotFoundError: a sighting, a picture or a group of cameras is not there.
        InputError: what is looked for lives in different embedding spaces, is confirmed and
            rejected at once, or the scope is so wide that it took too long.
        StorageError: the database or the index refused.
    """
    steps = Steps(services.clock)
    options = _checked(request.search)
    now = to_datetime(services.clock.now_ms())
    with in_time(services.settings.search_timeout_s):
        with steps.step("query"):
            sought = looks(services.searching, _by(options), now, exclude=True)
            aim = prepare(services.searching, sought, options)
        # It connects by itself: whoever held a connection meanwhile could wait for its own.
        with steps.step("hits"):
            hits, depth, note = _hits(services, request, aim)
        with services.searching.connect() as connection:
            with steps.step("candidates"):
                weighed = aim.weigh(connection, hits, depth)
            with steps.step("between"):
                gathered = gather(
                    connection, aim.stops, weighed, sought.object_class, request.most, now
                )
            with steps.step("ways"):
                solved = solve(gathered.problem, request.k)
            with steps.step("rows"):
                answer = _answer(connection, gathered, solved)
    notes = (
        aim.note,
        note,
        NO_CURVE if None in weighed.chances else None,
        NO_NETWORK if _lacks_streets(gathered) else None,
        CLASHING if solved.clashes else None,
    )
    told_of = " ".join(each for each in notes if each) or None
    found = answer.model_copy(update={"note": told_of, "took_ms": steps.took_ms})
    _log(options, sought, found)
    return found


def _checked(options: SearchRequest) -> SearchRequest:
    Window(options.from_, options.to).checked()
    if both := set(options.confirmed) & set(options.rejected):
        raise InputError(f"sighting {min(both)} is confirmed and rejected at once")
    return options


def _by(options: SearchRequest) -> By:
    return options.by or By(sighting_ids=options.confirmed)


def _hits(
    services: Services, request: SuggestRequest, aim: Aim
) -> tuple[list[IndexHit], int, str | None]:
    """The candidates, how many were asked for, and what of the request was not looked at."""
    options = request.search
    if request.candidates is not None:
        wanted = {each: day_of_id(each) for each in request.candidates}
        judged = aim.judged | aim.sought.exclude
        hits = [
            IndexHit(each, day, 0.0)
            for each, day in wanted.items()
            if day is not None and each not in judged
        ]
        return hits, len(hits) + 1, None
    chosen = None if options.cameras is None else resolve(services.searching, options.cameras)
    narrowed = narrow(services.searching, options, chosen, services.settings.zone)
    queries = index_queries(aim, chosen, aim.depth)
    found = find_any(services.searching, services.index, queries, narrowed.conditions)
    notes = " ".join(each for each in (narrowed.note, found.note) if each) or None
    return found.hits, aim.depth, notes


def _answer(connection: Connection, gathered: Gathered, solved: Solved) -> SuggestAnswer:
    named: set[UUID] = {each for way in solved.ways for each in ids_of(gathered, way.nodes)}
    shown = repository.by_ids(connection, named)
    if absent := named - set(shown):
        raise repository.missing(absent)
    paths = [path_of(rank, solved, gathered, shown) for rank in range(1, len(solved.ways) + 1)]
    return SuggestAnswer(
        paths=paths,
        clashes=clashes_of(solved, gathered),
        ask=ids_of(gathered, doubtful(solved, gathered.problem, ASKED)),
        candidates=len(gathered.views),
        unreachable=gathered.unreachable,
        note=None,
        took_ms={},
    )


def _lacks_streets(gathered: Gathered) -> bool:
    usual = gathered.network.usual_s
    return len(usual) > 1 and int(np.isfinite(usual).sum()) == len(usual)


def _log(options: SearchRequest, sought: Sought, answer: SuggestAnswer) -> None:
    shown = dict.fromkeys(str(stop.sighting.id) for path in answer.paths for stop in path.stops)
    audit(
        "suggest",
        **told(options),
        sightings=[str(each) for each in sought.of],
        pictures=[f"{each.picture}/{each.object}" for each in sought.objects],
        candidates=answer.candidates,
        paths=len(answer.paths),
        shown=list(shown),
    )
