"""The tracker's knobs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """What turning each knob does.

    Args:
        high: detections from here up are matched first and may start tracks. Lower finds more,
            ghosts included.
        low: detections from here to `high` only continue tracks (ByteTrack's second stage).
        start: an unmatched detection needs this much to start a track.
        confirm_hits: detections of `high` before a track counts, and their mean confidence must
            reach `high` as well; more delays tracks and drops short walks.
        confirm_s: how old a track must be before it counts. At many frames a second a flicker
            has hits enough at once.
        tentative_s: how long an unconfirmed track may go without a detection of `high`.
        lost_s: the same for a confirmed track. Longer bridges longer occlusions and risks taking
            over somebody else.
        buffers: how much each box is grown on every side, in box sizes, in the cascade's rounds.
        min_overlap: the least likeness (overlap of grown boxes times agreement in height) that
            may match a detection of `high`.
        low_overlap: the same for lower detections, whose boxes are not grown. Less lets tracks
            slip off to things nearby that a little look like people.
        direction: what walking on the same way is worth beside overlap.
        doubt: how much less a detection that the detector is not sure of is liked; the sure one
            of two on the same person should be the one that is followed.
        forget_rate: how fast a track that is not seen loses against one that is, per second.
        covered: an unconfirmed track whose box lies this much inside a confirmed one's is taken
            for a second box on the same object.
    """

    high: float = 0.4
    low: float = 0.2
    start: float = 0.45
    confirm_hits: int = 3
    confirm_s: float = 0.3
    tentative_s: float = 0.5
    lost_s: float = 2.0
    buffers: tuple[float, ...] = (0.2, 0.4)
    min_overlap: float = 0.3
    low_overlap: float = 0.4
    direction: float = 0.1
    doubt: float = 0.3
    forget_rate: float = 0.5
    covered: float = 0.8
