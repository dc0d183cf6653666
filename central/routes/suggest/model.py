"""What is asked of a suggestion, and what it answers."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from central.routes.suggest.leaving import Why
from central.search.model import SearchRequest
from central.sightings.model import Sighting
from central.values import Model

MAX_CANDIDATES = 400
MAX_PATHS = 10
MAX_LEFT_OUT = 50

_SEARCH: JsonDict = {
    "by": {"sighting_id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b"},
    "cameras": {"radius": {"center": {"lon": 127.0276, "lat": 37.4979}, "metres": 800}},
    "from": "2026-01-31T08:00:00.000Z",
    "to": "2026-01-31T09:00:00.000Z",
    "confirmed": ["019c1a2c-0000-7abc-9def-0123456789ab"],
    "purpose": "missing child, report 2026-0131",
}


class SuggestRequest(Model):
    """What to put a route together from.

    `search` says whom to look for, where and when, and what was confirmed and rejected: all that
    is confirmed is a stop, as is what is looked like. `candidates` are looked at instead of all in
    scope; without it the `most` best of the search are.
    """

    search: SearchRequest
    candidates: Annotated[list[UUID] | None, Field(min_length=1, max_length=MAX_CANDIDATES)] = None
    most: Annotated[int, Field(ge=1, le=MAX_CANDIDATES, description="candidates")] = MAX_CANDIDATES
    k: Annotated[int, Field(ge=1, le=MAX_PATHS, description="how many routes")] = 3

    model_config = ConfigDict(json_schema_extra={"examples": [{"search": _SEARCH, "k": 3}]})

    @model_validator(mode="after")
    def _by_looks(self) -> Self:
        if self.search.by is None and not self.search.confirmed:
            raise ValueError("name somebody: search.by, or sightings in search.confirmed")
        return self


class SuggestedStop(Model):
    """A sighting on a suggested route, `number` from 1 in order of time.

    `chance`: how probable it is that the target was there, all ways considered, 0 to 1; `looks`:
    the same by looks alone, null for one that was confirmed.
    """

    number: int
    confirmed: bool
    chance: float
    looks: float | None
    sighting: Sighting


class SuggestedLeg(Model):
    """From a stop to the next: how long it took, and what is usual.

    `seconds` from the middle of one view to that of the next; `usual_s` from the 5th to the 95th
    percentile, null where nothing is known of the two cameras; `learnt`: from confirmed routes and
    plates, else from the street network or a straight line. `passed` is how many cameras lie on the
    usual way that have nobody on this route, up to three.
    """

    from_: Annotated[int, Field(alias="from")]
    to: int
    seconds: float
    usual_s: tuple[float, float] | None
    learnt: bool
    passed: int

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)


class LeftOut(Model):
    """A candidate that is not on the route, and what speaks against it most.

    `stop`: the number of the stop that it does not fit. `loses`: by how much the route's score
    would fall with it, null where it cannot be on it.
    """

    sighting_id: UUID
    camera: str
    looks: float
    chance: float
    why: Why
    stop: int | None
    loses: float | None
    text: str


class SuggestedPath(Model):
    """One route, `rank` from 1.

    `score` is the log of its odds, comparable within one answer; `share` its share of all ways
    through the candidates, by which many that differ in one doubtful stop share what they have.
    `adds` and `drops` are what it has besides, and lacks of, the first one; `differs` says so in
    words. `left_out` are the likeliest candidates that are not on it, `left_out_more` how many more
    there are.
    """

    rank: int
    score: float
    share: float
    stops: list[SuggestedStop]
    legs: list[SuggestedLeg]
    adds: list[UUID]
    drops: list[UUID]
    differs: str | None
    left_out: list[LeftOut]
    left_out_more: int


class Clash(Model):
    """Two confirmed sightings that cannot be one and the same; routes are held to neither."""

    first: UUID
    second: UUID
    text: str


class SuggestAnswer(Model):
    """Suggested routes, the best first.

    `ask` are the candidates whose judgement would tell most, the most doubtful first: confirm or
    reject them and ask again. `note` says what of the request was left out and what was not known.
    """

    paths: list[SuggestedPath]
    clashes: list[Clash]
    ask: list[UUID]
    candidates: int
    unreachable: int
    note: str | None
    took_ms: dict[str, float]
