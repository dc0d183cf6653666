"""Whether a new track is one that broke off a moment ago."""

from collections.abc import Iterable

from edge_agent.tracklet.settings import TrackletPolicy
from edge_agent.tracklet.tracklet import Tracklet, distance

# A detector's box jitters by part of a height even on somebody who stands still.
_SLACK_HEIGHTS = 0.5
_MAX_HEIGHT_RATIO = 1.8


def plausible(old: Tracklet, new: Tracklet, settings: TrackletPolicy) -> bool:
    """Whether time, place and size allow `new` to go on where `old` was last seen."""
    gap_s = new.first.position_s - old.last.position_s
    inside = not old.last.cut and not new.first.cut
    longest_s = settings.join_s if inside else settings.hold_s
    if old.object_class != new.object_class or not 0 < gap_s <= longest_s:
        return False
    before, after = old.last.rect, new.first.rect
    tall, short = max(before.height, after.height), min(before.height, after.height)
    reach = (_SLACK_HEIGHTS + settings.join_speed * gap_s) * tall
    return tall <= _MAX_HEIGHT_RATIO * short and distance(before, after) <= reach


def candidates(olds: Iterable[Tracklet], new: Tracklet, settings: TrackletPolicy) -> list[Tracklet]:
    """Those of `olds` that may go on as `new`."""
    return [old for old in olds if old is not new and plausible(old, new, settings)]
