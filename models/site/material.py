"""What an adaptation works with: frames to train on, and hold-outs that it must not make worse."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.evaluation.detection_data import read_numbering
from models.site.frames import SiteFrame, read_frames, split
from models.site.holdout import (
    HoldOut,
    labelled_hold_out,
    replayed_hold_out,
    taught_hold_out,
    without_copies,
)
from models.site.teaching import LabelFile, Teachers, scenes_of, teach
from models.site.verdict import LEAST_OBJECTS
from models.site.wish import Wish
from models.train.common.progress import Tell
from models.train.detector.pack import Scene, read_pack
from shared.classes import ObjectClass
from shared.errors import ConfigError


@dataclass(frozen=True)
class Material:
    """`hold_out` is of the site; `guard`, of a pack, is what must not be forgotten.

    `kinds` are the classes that the site is judged by, `guarded` those only the pack shows.
    """

    scenes: tuple[Scene, ...]
    hold_out: HoldOut
    guard: HoldOut | None
    kinds: tuple[ObjectClass, ...]
    guarded: tuple[ObjectClass, ...]
    site_frames: int
    damaged: tuple[str, ...]


def gather(wish: Wish, teachers: Teachers, tell: Tell) -> Material:
    """Everything `wish` names, labelled where it has to be.

    Raises:
        ConfigError: nothing to train on, too little to judge by, or a class that is needed and
            that nothing shows.
        ModelError: the pack is damaged.
        StorageError: labels cannot be written.
    """
    rng = np.random.default_rng(wish.seed)
    train, held_out = _parts(wish, rng)
    known = LabelFile(wish.out, teachers)
    tell(f"labelling {len(train) + len(held_out)} frames by {', '.join(teachers.names)}")
    taught, damaged = teach(train, known, tell)
    if wish.held_out is not None:
        hold_out = labelled_hold_out(wish.held_out, read_numbering(wish.classes))
    else:
        judged, more = teach(held_out, known, tell)
        damaged += more
        hold_out = taught_hold_out(judged, ", ".join(teachers.names))
    for line in damaged:
        tell(f"left out: {line}")
    pack = [] if wish.replay is None else read_pack(wish.replay)
    guard = replayed_hold_out(pack) if any(one.use == "held_out" for one in pack) else None
    kinds = tuple(kind for kind in hold_out.classes if kind in wish.needed)
    guarded = _guarded(wish.needed, kinds, guard)
    tell(f"{len(taught)} frames to train on, {len(hold_out.held)} to judge by ({hold_out.by})")
    replayed = [one for one in pack if one.use != "held_out"]
    return Material(
        (*scenes_of(taught, rng), *replayed),
        hold_out,
        guard,
        kinds,
        guarded,
        len(taught),
        tuple(damaged),
    )


def _parts(wish: Wish, rng: np.random.Generator) -> tuple[Sequence[SiteFrame], Sequence[SiteFrame]]:
    """Frames to train on, and frames held out; none of these where there is a labelled set."""
    frames = read_frames(wish.frames)
    if wish.held_out is not None:
        _check_set(wish.held_out)
        return without_copies(frames, wish.held_out), ()
    apart = split(frames, wish.share, rng)
    return apart.train, apart.held_out


def _check_set(folder: Path) -> None:
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder; give one with images/ and labels/, or a share")


def _guarded(
    needed: Sequence[ObjectClass], kinds: Sequence[ObjectClass], guard: HoldOut | None
) -> tuple[ObjectClass, ...]:
    """The needed classes that the site's hold-out does not show, all of which the pack must."""
    missing = [kind for kind in needed if kind not in kinds]
    shown = guard.classes if guard is not None else []
    unseen = [kind for kind in missing if kind not in shown]
    if unseen:
        raise ConfigError(
            f"nothing held out shows {LEAST_OBJECTS} or more of {', '.join(unseen)}: taught "
            "without them a detector forgets them, and nobody would see it; collect where there "
            "are some, mix in a pack that has them with --replay, or name the classes this site "
            "needs with --needed"
        )
    return tuple(missing)
