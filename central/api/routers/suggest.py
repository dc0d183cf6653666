"""What routes may have been, go on to, and have in common."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from central.api.common import PREFIX, TheServices
from central.routes.next import asking
from central.routes.next.model import NextAnswer, NextOfSighting, NextRequest
from central.routes.suggest import suggest
from central.routes.suggest.model import SuggestAnswer, SuggestRequest
from central.routes.together.companions import companions
from central.routes.together.meetings import meeting
from central.routes.together.model import (
    CompanionsAnswer,
    CompanionsRequest,
    Meeting,
    MeetingQuery,
)
from central.search.telling import failures_told

router = APIRouter(prefix=f"{PREFIX}/routes", tags=["routes"])


@router.post("/suggest")
def suggest_route(services: TheServices, request: SuggestRequest) -> SuggestAnswer:
    """The best routes through a search's candidates: by looks, reach, times and what lies between.

    Confirm or reject what `ask` names, in `search.confirmed` and `search.rejected`, and ask again:
    the rest is worked out anew. Nothing is kept; post the stops of a route to `/routes` for that.
    """
    with failures_told(request.search, "suggest"):
        return suggest.suggest(services, request)


@router.post("/next")
def next_of_sighting(services: TheServices, request: NextOfSighting) -> NextAnswer:
    """Where somebody can be by now who was last seen there, and which cameras to look at."""
    return asking.of_sighting(services, request)


@router.post("/{route}/next")
def next_of_route(services: TheServices, route: UUID, request: NextRequest) -> NextAnswer:
    """Where the target of a kept route can be by now, and which cameras are likely to see it next.

    Ask again while nothing turns up: cameras that should have seen the target by now fall behind.
    """
    return asking.of_route(services, route, request)


@router.post("/{route}/companions")
def list_companions(
    services: TheServices, route: UUID, request: CompanionsRequest
) -> CompanionsAnswer:
    """Who else was there at several stops of a route, by the same plate or by looks."""
    return companions(services, route, request)


@router.get("/{route}/meeting")
def get_meeting(
    services: TheServices, route: UUID, asked: Annotated[MeetingQuery, Query()]
) -> Meeting:
    """Whether two routes came near each other at the same time, and where and when."""
    return meeting(services, route, asked)
