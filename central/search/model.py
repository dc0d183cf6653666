"""What is asked of a search, and what it answers."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from central.cameras.selection import CameraScope
from central.plates.matching import AskedPlate, How
from central.search.bands import Band
from central.sightings.attributes import LeastConfidence, Wanted
from central.sightings.hours import Hours
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


class PictureObject(Model):
    """One of the objects that the centre found in an uploaded picture, see `/pictures`."""

    picture: UUID
    object: Annotated[int, Field(ge=0, lt=1_000)] = 0


class By(Model):
    """Looks: sightings and objects of uploaded pictures, all of the same person or vehicle.

    The mean of them is looked for.
    """

    sighting_id: UUID | None = None
    sighting_ids: Annotated[list[UUID] | None, Field(min_length=1, max_length=MAX_QUERIES)] = None
    pictures: Annotated[list[PictureObject] | None, Field(min_length=1, max_length=MAX_QUERIES)] = (
        None
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.sighting_id is not None and self.sighting_ids is not None:
            raise ValueError("give either sighting_id or sighting_ids")
        if not self.ids and self.pictures is None:
            raise ValueError("give sighting_id, sighting_ids or pictures; no `by`: not by looks")
        return self

    @property
    def ids(self) -> list[UUID]:
        """All of them, each once, in the order given."""
        named = [self.sighting_id] if self.sighting_id is not None else self.sighting_ids or []
        return list(dict.fromkeys(named))

    @property
    def objects(self) -> list[PictureObject]:
        """All objects of pictures, each once, in the order given."""
        return list({(each.picture, each.object): each for each in self.pictures or []}.values())


class Ladder(Model):
    """Which rungs of the ladder are climbed, see docs/search.md; all of them measured best."""

    camera_mean: bool = True
    whitening: bool = True
    reach: bool = True
    attributes: bool = True
    recency: bool = True
    k_reciprocal: bool = True
    rounds: bool = True


class SearchOptions(Model):
    """Where and when to look, and for what. Everything that is given must fit.

    Only sightings in view at some time from `from` to `to` count, and of `hours` within.
    """

    cameras: Annotated[CameraScope | None, Field(description="null: all cameras")] = None
    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None
    hours: Annotated[Hours | None, Field(description="that repeat; null: at all hours")] = None
    object_class: ObjectClass | None = None
    attributes: Wanted = {}
    least_confidence: LeastConfidence = 0.0
    plate: AskedPlate | None = None
    similar_plates: Annotated[
        bool, Field(description="plates with one or two other characters, after those that fit")
    ] = True
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
    """A search, by looks where `by` is given; the most alike come first.

    Without looks those whose plate fits best come first, or, where none is asked for, those of
    `order`: the newest, or those whose attributes are surest.
    """

    by: By | None = None
    exclude_query: bool = True
    order: Annotated[
        Literal["newest", "confidence"], Field(description="where neither looks nor a plate order")
    ] = "newest"

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": _BY, **_SCOPE}]})


class PictureQuery(Model):
    """The uploaded picture. `box` is what was looked for in it, null: the whole picture."""

    width: int
    height: int
    box: tuple[float, float, float, float] | None


class QueryAnswer(Model):
    """What was looked for by looks: sightings, a picture. `space` null: not by looks."""

    space: str | None
    sighting_ids: list[UUID]
    pictures: list[PictureObject] = []
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


class PlateFit(Model):
    """How a plate fits the one asked for. `edits`: characters that differ of a similar one.

    A half for each digit that our reader takes for the other, as 5 for 6.
    """

    how: How
    edits: float


class Minutes(Model):
    """From so many minutes to so many, as usual."""

    least: int
    most: int


class ReachAnswer(Model):
    """Whether the one seen at the stop `sighting_id` can be this one, and how.

    Of all stops it is the one that speaks most against it. `available_s` is the time between the
    two views, 0 where they overlap; `distance_m` is straight, null where a camera is not placed.
    `streets_s` is the least it takes by the streets where their times decide, null where the
    straight line does. `on_foot` and `by_car` go by the streets where they are known.
    """

    possible: bool
    sighting_id: UUID
    camera: str
    distance_m: float | None
    available_s: float
    streets_s: float | None = None
    on_foot: Minutes | None
    by_car: Minutes | None
    text: str


class Candidate(Model):
    """One answer, `rank` from 1.

    `band` says how likely it is the one looked for; null: the embedding space has no fitted curve,
    or nothing was asked by looks. `score` is the cosine with what is looked for, -1 to 1, for
    programs: it means something else in each embedding space, candidates are not in its order, and
    people are shown the band. `reach` is null where nothing says where the one looked for was.
    `plate` is how the plate fits; null: none was asked for.
    """

    rank: int
    score: float | None
    band: Band | None
    reach: ReachAnswer | None
    sighting: Sighting
    plate: PlateFit | None = None


class Group(Model):
    """The candidates of one camera, best first."""

    camera: str
    candidates: list[Candidate]


class SearchAnswer(Model):
    """Candidates best first, and the same by camera when asked for.

    `source` is what was searched: the index, the database (slower), or both; `note` says why a
    search for looks was not the index alone, and what of the request was left out. `exact` speaks
    of the first stage: of all in scope, the most alike by cosine were found and none was passed
    over; these, a thousand or so, are what the ladder put in order. `indexed_lag` is how many
    committed sightings the index has not seen yet; they were compared in the database.
    `unreachable` is how many of the most alike were left out because they cannot have been there
    in time. `took_ms` is milliseconds for each step.
    """

    query: QueryAnswer
    scope: ScopeAnswer
    candidates: list[Candidate]
    groups: list[Group] | None
    indexed_lag: int
    unreachable: int = 0
    source: Literal["index", "database", "both"]
    exact: bool
    note: str | None
    took_ms: dict[str, float]
