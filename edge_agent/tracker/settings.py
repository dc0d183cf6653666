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
        confirm_hits: detections before a track counts; more delays it and drops short walks.
        tentative_s: how long an unconfirmed track may go unseen.
        lost_s: how long a confirmed track is looked for after it was last seen. Longer bridges
            longer occlusions and risks taking over somebody else.
        buffers: how much each box is grown on every side, in box sizes, in the cascade's rounds.
        min_overlap: the least overlap of grown boxes that may match.
        covered: an unconfirmed track whose box lies this much inside a confirmed one's is taken
            for a second box on the same object.
    """

    high: float = 0.4
    low: float = 0.15
    start: float = 0.45
    confirm_hits: int = 3
    tentative_s: float = 0.5
    lost_s: float = 2.0
    buffers: tuple[float, ...] = (0.3, 0.5)
    min_overlap: float = 0.2
    covered: float = 0.8
