"""From the index's hits to candidates: the rungs of the ladder, with what the database has.

`prepare` comes before the index is asked, because the vectors it is asked for are means of all that
is confirmed, one of them centred; `Aim.rank` comes after.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, Engine

from central.errors import InputError
from central.index.port import IndexHit
from central.search import bands
from central.search.asking import Narrowed, Sought
from central.search.kept import Kept, read_kept, with_pictures
from central.search.ladder.camera_mean import centred
from central.search.ladder.climb import Found, Question, Rungs, climb, middle
from central.search.model import Candidate, SearchOptions
from central.search.reach import Floats, Reach
from central.search.reach_words import in_words
from central.search.stops import InView, Roads, reached, roads
from central.sightings import repository
from shared.classes import ObjectClass
from shared.vectors import Vector

DEPTH = 1_000
"""How many of the index's best are looked at again: centring moves some up from far down."""


CLASHING = "Confirmed sightings clash: those that do say nothing of who can be reached."
GONE = "Confirmed sightings that are not kept any more were left out: {}."

_NO_RUNGS = Rungs(**dict.fromkeys(Rungs.__dataclass_fields__, False))


FILTERED_DEPTH = 200
"""The same where few may fit the filters: to find a thousand, the database would be searched."""


DEEPER = 10
"""How many times more are looked at once, where many of the best cannot have been there in time."""


class Ranked(NamedTuple):
    """The candidates, best first, and how many were left out since they cannot be reached."""

    candidates: list[Candidate]
    unreachable: int


class Weighed(NamedTuple):
    """Hits as the ladder has them: `order` are their rows, best first, all else is by row.

    `chances` are None where the embedding space has no fitted curve. `known`: what `reach` is by.
    """

    kept: Kept
    known: Roads
    reach: Reach
    order: list[int]
    chances: list[float | None]


@dataclass(frozen=True)
class Aim:
    """One search's ladder.

    `vectors` (D,) are what the index is asked for: centred, and plain where that is another one.
    `stops` are all that is confirmed. `anchors` those of them that can be one with all others: only
    they say who can be reached, so that one wrong confirmation hides nobody. `note` says what of
    the request was left out.
    """

    engine: Engine
    sought: Sought
    options: SearchOptions
    asked: Question
    stops: list[InView]
    anchors: list[InView]
    vectors: list[Vector]
    note: str | None = None

    @property
    def depth(self) -> int:
        """How many hits `rank` wants."""
        return max(self.options.limit, FILTERED_DEPTH if self.options.attributes else DEPTH)

    @property
    def judged(self) -> frozenset[UUID]:
        """Who is not to be found again: confirmed or rejected before."""
        return frozenset((*self.options.confirmed, *self.options.rejected))

    def lacks(self, ranked: Ranked, hits: Sequence[IndexHit]) -> bool:
        """Whether the mask left too few of `hits`, of which the index may have more."""
        few = len(ranked.candidates) < self.options.limit
        return few and ranked.unreachable > 0 and len(hits) >= self.depth

    def rank(self, hits: Sequence[IndexHit], narrowed: Narrowed, depth: int) -> Ranked:
        """The candidates of `hits`, best first, up to the options' limit.

        One that expired a moment ago is none. `narrowed` tells how their plates fit; `depth` is
        how many hits were asked for.
        """
        with self.engine.connect() as connection:
            kept, known, reach, climbed, chances = self.weigh(connection, hits, depth)
            order = [row for row in climbed if self._shown(reach, row)]
            unreachable = len(kept.views) - len(order)
            order = order[: self.options.limit]
            shown = repository.by_ids(connection, [kept.views[row].id for row in order])
            words = in_words(connection, reach, order, self.anchors, kept.views, known.stands)
        cosines = kept.sights.vectors @ middle(self.asked.positives, _NO_RUNGS)
        rows = [row for row in order if kept.views[row].id in shown]
        candidates = [
            Candidate(
                rank=rank,
                score=round(float(cosines[row]), 6),
                band=bands.band(chances[row]),
                reach=words.get(row),
                sighting=shown[kept.views[row].id],
                plate=narrowed.fit_of(shown[kept.views[row].id].plate),
            )
            for rank, row in enumerate(rows, start=1)
        ]
        return Ranked(candidates, unreachable)

    def weigh(
        self,
        connection: Connection,
        hits: Sequence[IndexHit],
        depth: int,
    ) -> Weighed:
        """Those of `hits` that are still there, in the ladder's order; `depth` as for `rank`."""
        kept = read_kept(connection, [hit.id for hit in hits], self.sought)
        # Of stops that clash, suggestions still want to know where they stood.
        known = roads(connection, self.anchors, [*self.stops, *kept.views])
        reach = reached(self.anchors, kept.views, known, self.sought.object_class)
        found = self._climb(kept, reach)
        chances = bands.chances(
            self.sought.space,
            self.sought.object_class,
            replace(found, cosines=self._cosines(kept)),
            _among(hits, depth),
        )
        return Weighed(kept, known, reach, found.order.tolist(), chances)

    def _cosines(self, kept: Kept) -> Floats:
        """For the bands, whose curves are of cosines: what was steered is none."""
        sights, rungs = kept.sights, rungs_of(self.options)
        rows = centred(sights.vectors, sights.means) if rungs.camera_mean else sights.vectors
        return np.asarray(rows @ middle(self.asked.positives, rungs), dtype=np.float64)

    def _climb(self, kept: Kept, reach: Reach) -> Found:
        gaps = reach.gap_s.min(axis=0, initial=np.inf)
        possible = np.asarray(reach.possible.all(axis=0))
        return climb(self.asked, kept.sights, rungs_of(self.options), possible, gaps)

    def _shown(self, reach: Reach, row: int) -> bool:
        masks = self.options.ladder.reach and not self.options.show_unreachable
        return not masks or bool(reach.possible[:, row].all())


def prepare(engine: Engine, sought: Sought, options: SearchOptions) -> Aim:
    """What to ask the index for, and how to rank what it gives.

    Raises:
        NotFoundError: a sighting that is looked for is not there any more.
        InputError: a confirmed or rejected one lives in another embedding space.
    """
    with engine.connect() as connection:
        positives, gone = _judged(connection, [*sought.of, *options.confirmed], sought)
        if lost := set(gone) & set(sought.of):
            raise repository.missing(lost)
        # Of rejected ones that are gone there is nothing left to be answered again.
        negatives, _ = _judged(connection, options.rejected, sought)
        stops = positives.views
        anchors = _agreeing(connection, stops, sought.object_class)
        if sought.seen_in_pictures:
            positives = with_pictures(connection, sought, positives)
    asked = Question(positives.sights, negatives.sights)
    vectors = [middle(asked.positives, rungs_of(options))]
    if options.ladder.camera_mean and asked.positives.means.any():
        vectors.append(middle(asked.positives, _NO_RUNGS))
    notes = [GONE.format(len(gone))] if gone else []
    notes += [CLASHING] if options.ladder.reach and len(anchors) < len(stops) else []
    return Aim(engine, sought, options, asked, stops, anchors, vectors, " ".join(notes) or None)


def _agreeing(connection: Connection, stops: list[InView], shows: ObjectClass) -> list[InView]:
    if len(stops) <= 1:
        return stops
    found = reached(stops, stops, roads(connection, stops, stops), shows)
    return [stops[row] for row in np.flatnonzero(found.possible.all(axis=1)).tolist()]


def rungs_of(options: SearchOptions) -> Rungs:
    """The switches of a request as the ladder takes them."""
    return Rungs(**options.ladder.model_dump())


def _among(hits: Sequence[IndexHit], depth: int) -> int:
    """How many were compared: as many as came, where fewer came than were asked for."""
    return len(hits) if len(hits) < depth else max(bands.AMONG, DEPTH, depth)


def _judged(connection: Connection, ids: Sequence[UUID], sought: Sought) -> tuple[Kept, list[UUID]]:
    """Sightings that somebody named, each of which must be comparable; and those that are gone."""
    kept = read_kept(connection, ids, sought)
    found = {view.id for view in kept.views}
    absent = [each for each in dict.fromkeys(ids) if each not in found]
    for each, known in repository.vectors(connection, absent).items():
        raise InputError(
            f"sighting {each} lives in the embedding space {known.space}, the "
            f"search in {sought.space}, and they cannot be compared; leave it out"
        )
    return kept, absent
