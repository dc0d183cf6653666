"""What a detector is judged by: frames that were never trained on, and what they show."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.evaluation.detection import Judged
from models.evaluation.detection_data import Numbering, read_yolo
from models.evaluation.pictures import read_pictures
from models.preparation import Size
from models.roles import Detector
from models.site.frames import SiteFrame, units
from models.site.teaching import Taught
from models.site.verdict import check_enough, without_ignored
from models.train.detector.labels import Label
from models.train.detector.pack import Scene
from shared.classes import ObjectClass
from shared.errors import ConfigError
from shared.geometry import Rect
from shared.pictures import Picture

Truth = tuple[tuple[Rect, ObjectClass], ...]


@dataclass(frozen=True)
class Held:
    """A picture, the objects in it, and places where nothing is asked for."""

    picture: Picture
    truth: Truth
    ignored: tuple[Rect, ...] = ()


@dataclass(frozen=True)
class HoldOut:
    """What is held out; `units` as of `models.site.frames.units`; `by` whom it was labelled."""

    held: tuple[Held, ...]
    units: tuple[int, ...]
    by: str

    @property
    def classes(self) -> list[ObjectClass]:
        """Those of which it has enough to judge by.

        Raises:
            ConfigError: none, or it is too small as a whole.
        """
        return check_enough([one.truth for one in self.held], self.units)

    def judged(self, detector: Detector) -> list[Judged]:
        """What `detector` says of each picture beside the truth.

        Raises:
            ModelError: the network gave what no network may give.
        """
        return [_judged(one, detector) for one in self.held]


def taught_hold_out(taught: Sequence[Taught], by: str) -> HoldOut:
    """Frames labelled by teachers; what only half of them see is not asked for."""
    ordered = sorted(taught, key=lambda one: (one.frame.channel, one.frame.captured_ms))
    held = [_held(one.picture, one.labels) for one in ordered]
    runs = units([one.frame.channel for one in ordered])
    return HoldOut(tuple(held), tuple(runs), f"labelled by {by}: agreement with it, not truth")


def labelled_hold_out(folder: Path, numbering: Numbering) -> HoldOut:
    """A set that people labelled, in YOLO's layout.

    Raises:
        ConfigError: as `read_yolo`, or no picture can be read.
    """
    data = read_yolo(folder, numbering)
    damaged: list[str] = []
    held = []
    for place, picture in read_pictures([one.path for one in data.pictures], damaged):
        size = Size(picture.shape[1], picture.shape[0])
        boxes = data.pictures[place].boxes
        held.append(Held(picture, tuple((box.in_pixels(size), box.object_class) for box in boxes)))
    if not held:
        raise ConfigError(f"{folder}: no picture can be read; first: {damaged[0]}")
    return HoldOut(tuple(held), tuple(units([folder.name] * len(held))), f"labelled in {folder}")


def replayed_hold_out(scenes: Sequence[Scene]) -> HoldOut:
    """The held-out scenes of a trainer's pack: what must not be forgotten."""
    kept = sorted((one for one in scenes if one.use == "held_out"), key=lambda one: one.source)
    held = [_held(one.picture, one.labels) for one in kept]
    return HoldOut(tuple(held), tuple(units([one.source for one in kept])), "held out of the pack")


def without_copies(frames: Sequence[SiteFrame], folder: Path) -> list[SiteFrame]:
    """`frames` without those whose file lies below `folder` too.

    Raises:
        ConfigError: nothing is left to train on.
    """
    known = {_mark(path) for path in folder.rglob("*") if path.is_file()}
    others = [frame for frame in frames if _mark(frame.path) not in known]
    if not others:
        raise ConfigError(f"every frame is in the hold-out {folder}: nothing is left to train on")
    return others


def _held(picture: Picture, labels: Sequence[Label]) -> Held:
    return Held(
        picture,
        tuple((label.rect, label.object_class) for label in labels if label.sure),
        tuple(label.rect for label in labels if not label.sure),
    )


def _mark(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def _judged(held: Held, detector: Detector) -> Judged:
    size = Size(held.picture.shape[1], held.picture.shape[0])
    found = without_ignored(detector.detect(held.picture), held.truth, held.ignored)
    return Judged(size, held.truth, found)
