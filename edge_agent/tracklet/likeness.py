"""Who looks like whom: embeddings of tracklets and crops."""

from collections.abc import Callable, Sequence

import numpy as np

from edge_agent.tracklet.settings import TrackletPolicy
from edge_agent.tracklet.shots import Shot
from edge_agent.tracklet.tracklet import Tracklet
from shared.classes import ObjectClass
from shared.pictures import Picture
from shared.vectors import Vector, mean_direction, normalised

Embed = Callable[[ObjectClass, Sequence[Picture]], Sequence[Vector]]
"""Unit vectors of crops of one class."""


class Likeness:
    """Embeds each crop at most once, and compares.

    Args:
        policy: which crops are good.
        embed: called once for a batch.
    """

    def __init__(self, policy: TrackletPolicy, embed: Embed) -> None:
        self._policy = policy
        self._embed = embed

    def vector(self, tracklet: Tracklet) -> tuple[Vector, int]:
        """The mean embedding of a tracklet's good crops, and how many they are.

        Better crops count for more: with weights by quality the mean finds people again better
        than one by heads (`make bench-best-shot`).
        """
        shots = tracklet.shots.good(self._policy.good)
        self._fill(tracklet.object_class, shots)
        weighted = [shot.vector * shot.quality for shot in shots if shot.vector is not None]
        return normalised(np.sum(weighted, axis=0)), len(shots)

    def cosine(self, tracklet: Tracklet, shot: Shot) -> float:
        """How alike `tracklet` and a crop are, -1 to 1; by the crops embedded before, if any."""
        self._fill(tracklet.object_class, [shot])
        known = [kept.vector for kept in tracklet.shots if kept.vector is not None]
        own = mean_direction(known) if known else self.vector(tracklet)[0]
        return 0.0 if shot.vector is None else float(np.dot(own, shot.vector))

    def closest(self, tracklet: Tracklet, others: Sequence[Tracklet]) -> tuple[float, Tracklet]:
        """The most alike of `others` (at least one), and how alike it is."""
        own, _ = self.vector(tracklet)
        cosines = [float(np.dot(own, self.vector(other)[0])) for other in others]
        best = int(np.argmax(cosines))
        return cosines[best], others[best]

    def _fill(self, object_class: ObjectClass, shots: Sequence[Shot]) -> None:
        fresh = [shot for shot in shots if shot.vector is None]
        if fresh:
            vectors = self._embed(object_class, [shot.picture for shot in fresh])
            for shot, vector in zip(fresh, vectors, strict=True):
                shot.vector = vector
