"""The tracklet policy's knobs."""

from dataclasses import dataclass

from edge_agent.config import TrackletSettings
from shared.classes import ObjectClass


@dataclass(frozen=True, slots=True)
class TrackletPolicy:
    """What turning each knob does. How alike is alike enough is the embedder's to say.

    Args:
        min_width: the size rule, source pixels; smaller boxes give no crop. Of vehicles and
            two-wheelers it is the shorter side, whichever that is.
        min_height: the same for the height, or the longer side.
        early: send revision 0 at the first good crop; a thrifty profile waits for the end.
        renew_s: a track that goes on is sent anew after this long.
        crops: how many crops make the embedding, at most.
        spread_s: two kept crops lie at least this far apart, so that they show different poses.
        good: crops of this quality (0 to 1) may make the embedding, or the one best crop.
        patience_s: how long revision 0 waits for a good crop once there is any.
        certain: a track of this mean confidence is believed; one below must have moved.
        moved: how far, in own heights: posts and signs that look like people stand still.
        hold_s: how long after it was last seen a track's last revision waits for it to go on.
            Who left by the edge of the picture and is back within this never left.
        join_s: how long somebody hidden inside the picture may stay so, at the price of one more
            revision after `hold_s`. Longer joins more, rightly and wrongly.
        check_s: how often a track is looked at, whether it still looks like itself; each look
            costs one embedding.
        doubt_s: a track not seen for this long is looked at at once.
        join_speed: how fast the object may have moved meanwhile, own heights a second.
        detailed: classes of which a larger crop is kept beside the one that is sent, to be read.
    """

    min_width: int = 64
    min_height: int = 128
    early: bool = True
    renew_s: float = 30.0
    crops: int = 5
    spread_s: float = 0.5
    good: float = 0.2
    patience_s: float = 1.0
    certain: float = 0.5
    moved: float = 0.25
    hold_s: float = 4.0
    join_s: float = 15.0
    check_s: float = 1.0
    doubt_s: float = 0.5
    join_speed: float = 1.2
    detailed: frozenset[ObjectClass] = frozenset()

    @classmethod
    def of(
        cls, settings: TrackletSettings, detailed: frozenset[ObjectClass] = frozenset()
    ) -> "TrackletPolicy":
        """The policy with what `[tracklet]` says."""
        return cls(
            min_width=settings.min_width,
            min_height=settings.min_height,
            early=settings.early,
            renew_s=settings.renew_s,
            crops=settings.crops,
            detailed=detailed,
        )
