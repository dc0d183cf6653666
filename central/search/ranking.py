"""From the index's hits to candidates: the rungs of the ladder, with what the database has.

`prepare` comes before the index is asked, because the vector it is asked for is centred, and is the
mean of all that is confirmed; `Aim.rank` comes after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, Engine

from central.errors import InputError
from central.index.port import IndexHit
from central.search import bands
from central.search.asking import Narrowed, Sought
from central.search.kept import Kept, read_kept, with_pictures
from central.search.ladder.climb import Found, Question, Rungs, climb, middle
from central.search.model import Candidate, SearchOptions
from central.search.reach import Reach
from central.search.stops import InView, in_words, reached, roads
from central.sightings import repository
from shared.vectors import Vector

DEPTH = 1_000
"""How many of the index's best are looked at again: centring moves some up from far down."""


_NO_RUNGS = Rungs(**dict.fromkeys(Rungs.__dataclass_fields__, False))


FILTERED_DEPTH = 200
"""The same where few may fit the filters: to find a thousand, the database would be searched."""


@dataclass(frozen=True)
class Aim:
    """One search's ladder. `vector` (D,) is what the index is asked for."""

    engine: Engine
    sought: Sought
    options: SearchOptions
    asked: Question
    stops: list[InView]
    vector: Vector

    @property
    def depth(self) -> int:
        """How many hits `rank` wants."""
        return max(self.options.limit, FILTERED_DEPTH if self.options.attributes else DEPTH)

    @property
    def judged(self) -> frozenset[UUID]:
        """Who is not to be found again: confirmed or rejected before."""
        return frozenset((*self.options.confirmed, *self.options.rejected))

    def rank(self, hits: Sequence[IndexHit], narrowed: Narrowed) -> list[Candidate]:
        """The candidates of `hits`, best first, up to the options' limit.

        One that expired a moment ago is none. `narrowed` tells how their plates fit.
        """
        with self.engine.connect() as connection:
            kept = read_kept(connection, [hit.id for hit in hits], self.sought)
            known = roads(connection, self.stops, kept.views)
            reach = reached(self.stops, kept.views, known, self.sought.object_class)
            found = self._climb(kept, reach)
            order = [row for row in found.order.tolist() if self._shown(reach, row)]
            order = order[: self.options.limit]
            shown = repository.by_ids(connection, [kept.views[row].id for row in order])
        chances = bands.chances(
            self.sought.space, self.sought.object_class, found, self._among(hits)
        )
        cosines = kept.sights.vectors @ middle(self.asked.positives, _NO_RUNGS)
        rows = [row for row in order if kept.views[row].id in shown]
        return [
            Candidate(
                rank=rank,
                score=round(float(cosines[row]), 6),
                band=bands.band(chances[row]),
                reach=in_words(reach, row, self.stops) if self.stops else None,
                sighting=shown[kept.views[row].id],
                plate=narrowed.fit_of(shown[kept.views[row].id].plate),
            )
            for rank, row in enumerate(rows, start=1)
        ]

    def _climb(self, kept: Kept, reach: Reach) -> Found:
        gaps = reach.gap_s.min(axis=0, initial=np.inf)
        possible = np.asarray(reach.possible.all(axis=0))
        return climb(self.asked, kept.sights, rungs_of(self.options), possible, gaps)

    def _shown(self, reach: Reach, row: int) -> bool:
        masks = self.options.ladder.reach and not self.options.show_unreachable
        return not masks or bool(reach.possible[:, row].all())

    def _among(self, hits: Sequence[IndexHit]) -> int:
        """How many were compared: as many as came, where fewer came than were asked for."""
        return len(hits) if len(hits) < self.depth else max(bands.AMONG, DEPTH)


def prepare(engine: Engine, sought: Sought, options: SearchOptions) -> Aim:
    """What to ask the index for, and how to rank what it gives.

    Raises:
        NotFoundError: a confirmed or rejected sighting is not there.
        InputError: one of them lives in another embedding space.
    """
    with engine.connect() as connection:
        positives = _judged(connection, [*sought.of, *options.confirmed], sought)
        negatives = _judged(connection, options.rejected, sought)
        stops = positives.views
        if sought.seen_in_pictures:
            positives = with_pictures(connection, sought, positives)
    asked = Question(positives.sights, negatives.sights)
    vector = middle(asked.positives, rungs_of(options))
    return Aim(engine, sought, options, asked, stops, vector)


def rungs_of(options: SearchOptions) -> Rungs:
    """The switches of a request as the ladder takes them."""
    return Rungs(**options.ladder.model_dump())


def _judged(connection: Connection, ids: Sequence[UUID], sought: Sought) -> Kept:
    """Sightings that somebody named; each must be there, and comparable."""
    kept = read_kept(connection, ids, sought)
    found = {view.id for view in kept.views}
    if absent := [each for each in ids if each not in found]:
        known = repository.vectors(connection, absent)
        if unknown := [each for each in absent if each not in known]:
            raise repository.missing(unknown)
        raise InputError(
            f"sighting {absent[0]} lives in the embedding space {known[absent[0]].space}, the "
            f"search in {sought.space}, and they cannot be compared; leave it out"
        )
    return kept
