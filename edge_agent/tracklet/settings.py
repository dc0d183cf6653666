"""The tracklet policy's knobs."""

from dataclasses import dataclass

from edge_agent.config import TrackletSettings


@dataclass(frozen=True, slots=True)
class TrackletPolicy:
    """What turning each knob does.

    Args:
        min_width: the size rule, source pixels; smaller boxes give no crop.
        min_height: the same for the height.
        early: send revision 0 at the first good crop; a thrifty profile waits for the end.
        renew_s: a track that goes on is sent anew after this long.
        crops: how many crops make the embedding, at most.
        spread_s: two kept crops lie at least this far apart, so that they show different poses.
        good: crops of this quality (0 to 1) may make the embedding, or the one best crop.
        patience_s: how long revision 0 waits for a good crop once there is any.
        join_s: how long after it was last seen a track may go on as another track. Longer joins
            more and sends final revisions later.
        join_cosine: how alike the embeddings of the two must be at least.
        join_speed: how fast the object may have moved meanwhile, own heights a second.
    """

    min_width: int = 64
    min_height: int = 128
    early: bool = True
    renew_s: float = 30.0
    crops: int = 5
    spread_s: float = 0.5
    good: float = 0.2
    patience_s: float = 1.0
    join_s: float = 5.0
    join_cosine: float = 0.6
    join_speed: float = 1.2

    @classmethod
    def of(cls, settings: TrackletSettings) -> "TrackletPolicy":
        """The policy with what `[tracklet]` says."""
        return cls(
            min_width=settings.min_width,
            min_height=settings.min_height,
            early=settings.early,
            renew_s=settings.renew_s,
            crops=settings.crops,
        )
