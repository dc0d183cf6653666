"""What is asked of a search, and what it answers."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from central.cameras.selection import CameraScope
from central.search.bands import Band
from central.sightings.attributes import LeastConfidence, Wanted
from central.sightings.model import Sighting
from central.values import Instant, Line, Model
from shared.classes import ObjectClass

MAX_CANDIDATES = 1_000
MAX_QUERIES = 100
MAX_REJECTED = 1_000

_BY: JsonDict = {"sighting_id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b"}
_SCOPE: JsonDict = {
    "cameras": {"radius": {"center": {"lon": 127.0276, "lat": 37.4979}, "metres": 500}},
    "from": "2026-01-31T08:00:00.000Z",
    "to": "2026-01-31T09:00:00.000Z",
    "attributes": {"upper_colour": ["red", "pink"], "backpack": ["yes"]},
    "least_confidence": 0.5,
    "limit": 50,
    "purpose": "missing child, report 2026-0131",
}


class By(Model):
    """One sighting, or several of the same person or vehicle, whose mean is looked for."""

    sighting_id: UUID | None = None
    sighting_ids: Annotated[list[UUID] | None, Field(min_length=1, max_length=MAX_QUERIES)] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.sighting_id is None) == (self.sighting_ids is None):
            raise ValueError("give either sighting_id or sighting_ids")
        return self

    @property
    def ids(self) -> list[UUID]:
        """All of them, each once, in the order given."""
        named = [self.sighting_id] if self.sighting_id is not None else self.sighting_ids or []
        return list(dict.fromkeys(named))


class Ladder(Model):
    """Which rungs of the ladder are climbed, see docs/search.md; all of them measured best."""

    camera_mean: bool = True
    reach: bool = True
    attributes: bool = True
    recency: bool = True
    k_reciprocal: bool = True
    rounds: bool = True


class SearchOptions(Model):
    """Where and when to look. Only sightings in view at some time from `from` to `to` count."""

    cameras: Annotated[CameraScope | None, Field(description="null: all cameras")] = None
    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None
    object_class: ObjectClass | None = None
    attributes: Wanted = {}
    least_confidence: LeastConfidence = 0.0
    limit: Annotated[int, Field(ge=1, le=MAX_CANDIDATES)] = 50
    group_by: Literal["camera"] | None = None
    confirmed: Annotated[
        list[UUID],
        Field(max_length=MAX_QUERIES, description="right answers: more pictures, and stops"),
    ] = []
    rejected: Annotated[
        list[UUID],
        Field(max_length=MAX_REJECTED, description="wrong answers, never given again"),
    ] = []
    ladder: Ladder = Ladder()
    show_unreachable: Annotated[
        bool, Field(description="also those who cannot have been there in time, marked and last")
    ] = False
    purpose: Annotated[Line | None, Field(description="why; written to the log")] = None

    model_config = ConfigDict(json_schema_extra={"examples": [_SCOPE]})


class SearchRequest(SearchOptions):
    """A search for what looks like sightings that are already there."""

    by: By
    exclude_query: bool = True

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": _BY, **_SCOPE}]})


class PictureQuery(Model):
    """The uploaded picture. `box` is what was looked for in it, null: the whole picture."""

    width: int
    height: int
    box: tuple[float, float, float, float] | None


class QueryAnswer(Model):
    """What was looked for: sightings, or a picture."""

    space: str
    sighting_ids: list[UUID]
    picture: PictureQuery | None


class ScopeAnswer(Model):
    """Where was looked. `cameras` null: everywhere.

    `other_spaces` counts sightings in scope, of the class looked for, whose vectors come from
    another model and were not compared; up to 1,000.
    """

    cameras: int | None
    unknown_cameras: list[str]
    from_: Annotated[Instant | None, Field(alias="from")]
    to: Instant | None
    object_class: ObjectClass | None
    other_spaces: int

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)


class Minutes(Model):
    """From so many minutes to so many, as usual."""

    least: int
    most: int


class ReachAnswer(Model):
    """Whether the one seen at the stop `sighting_id` can be this one, and how.

    Of all stops it is the one that speaks most against it. `available_s` is the time between the
    two views, 0 where they overlap; `distance_m` is straight, null where a camera is not placed.
    """

    possible: bool
    sighting_id: UUID
    camera: str
    distance_m: float | None
    available_s: float
    on_foot: Minutes | None
    by_car: Minutes | None
    text: str


class Candidate(Model):
    """One answer, `rank` from 1.

    `band` says how likely it is the one looked for; null: the embedding space has no fitted curve.
    `score` is the cosine with what is looked for, -1 to 1, for programs: it means something else in
    each embedding space, candidates are not in its order, and people are shown the band.
    `reach` is null where nothing says where the one looked for was.
    """

    rank: int
    score: float
    band: Band | None
    reach: ReachAnswer | None
    sighting: Sighting


class Group(Model):
    """The candidates of one camera, best first."""

    camera: str
    candidates: list[Candidate]


class SearchAnswer(Model):
    """Candidates best first, and the same by camera when asked for.

    `source` is what was searched: the index, the database (slower), or both; `note` says why it was
    not the index alone. `exact`: the candidates are the best there are, none was passed over.
    `indexed_lag` is how many committed sightings the index has not seen yet; they were compared in
    the database. `took_ms` is milliseconds for each step.
    """

    query: QueryAnswer
    scope: ScopeAnswer
    candidates: list[Candidate]
    groups: list[Group] | None
    indexed_lag: int
    source: Literal["index", "database", "both"]
    exact: bool
    note: str | None
    took_ms: dict[str, float]
