"""A site's frames for training, and those kept apart to judge by."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.evaluation.pictures import find_pictures
from models.site.layout import FRAMES, read_records
from shared.errors import ConfigError

_BLOCK = 8
"""Frames of a block: blocks are held out whole, as neighbours are nearly the same picture."""

_APART_MS = 5_000
"""A frame this near to a held-out one is not trained on."""

_STEP_MS = 10_000
"""What pictures with no known time are taken to be apart."""


class SiteFrame(NamedTuple):
    """A picture of a channel at a time (UTC milliseconds), and whether parts of it are masked."""

    path: Path
    channel: str
    captured_ms: int
    masked: bool


@dataclass(frozen=True)
class Split:
    """Frames to train on, and frames to judge by."""

    train: tuple[SiteFrame, ...]
    held_out: tuple[SiteFrame, ...]


def read_frames(folder: Path) -> list[SiteFrame]:
    """The frames of the album in `folder`, or else every picture below it as one channel's.

    Raises:
        ConfigError: there is no picture, or a side file is damaged.
        StorageError: it cannot be read.
    """
    if any((folder / FRAMES).glob("*.json")):
        frames = [
            SiteFrame(path, record.channel, record.captured_ms, record.mask != "none")
            for path, record in read_records(folder)
        ]
        if not frames:
            raise ConfigError(f"{folder}: side files but no pictures; collect again")
        return frames
    return [
        SiteFrame(path, folder.name, number * _STEP_MS, masked=False)
        for number, path in enumerate(find_pictures(folder))
    ]


def split(frames: Sequence[SiteFrame], share: float, rng: np.random.Generator) -> Split:
    """Hold out about `share` of each channel's time, in whole blocks.

    Raises:
        ConfigError: too few frames to hold any out.
    """
    held_out: list[SiteFrame] = []
    for channel in _channels(frames):
        blocks = cut(channel, max(2, math.ceil(len(channel) / _BLOCK)))
        count = min(len(blocks) - 1, max(1, round(share * len(blocks))))
        for place in rng.choice(len(blocks), count, replace=False):
            held_out += blocks[int(place)]
    apart = set(held_out)
    train = [one for one in frames if one not in apart and not _near_any(one, held_out)]
    if not train or not held_out:
        raise ConfigError(
            f"{len(frames)} frames are too few to train on some and judge by others; "
            "collect for longer, or name a labelled set with --held-out"
        )
    return Split(tuple(train), tuple(held_out))


def cut(frames: Sequence[SiteFrame], count: int) -> list[list[SiteFrame]]:
    """`frames` in `count` runs of about equal length, in their order; none of them empty."""
    edges = np.linspace(0, len(frames), min(count, len(frames)) + 1).round().astype(int)
    return [list(frames[start:end]) for start, end in pairwise(edges)]


def units(channels: Sequence[str]) -> list[int]:
    """The number of the unit to which each frame belongs when figures are resampled.

    Neighbouring frames err together, so runs of them are drawn, not frames: as many of each
    channel as the root of its frames (block bootstrap, Künsch, Annals of Statistics 17, 1989).

    Args:
        channels: of each frame, frames of a channel in the order of time.
    """
    counts = {channel: channels.count(channel) for channel in dict.fromkeys(channels)}
    first, seen = 0, dict.fromkeys(counts, 0)
    starts = {}
    for channel, count in counts.items():
        starts[channel] = first
        first += math.isqrt(count)
    found = []
    for channel in channels:
        run = seen[channel] * math.isqrt(counts[channel]) // counts[channel]
        found.append(starts[channel] + run)
        seen[channel] += 1
    return found


def _channels(frames: Iterable[SiteFrame]) -> list[list[SiteFrame]]:
    groups: dict[str, list[SiteFrame]] = {}
    for frame in sorted(frames, key=lambda one: one.captured_ms):
        groups.setdefault(frame.channel, []).append(frame)
    return [group for group in groups.values() if len(group) > 1]


def _near_any(frame: SiteFrame, others: Iterable[SiteFrame]) -> bool:
    return any(
        other.channel == frame.channel and abs(other.captured_ms - frame.captured_ms) < _APART_MS
        for other in others
    )
