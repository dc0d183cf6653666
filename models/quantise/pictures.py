"""What to quantise with and what to judge by: pictures that the box collected."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.catalogue import Entry
from models.evaluation.detection_data import YoloSet, read_numbering, read_yolo
from models.evaluation.pictures import find_pictures, read_pictures
from models.evaluation.plates_data import PlateSet, read_plates
from models.evaluation.reid_data import ReidSet, read_reid
from models.preparation import Size, prepare
from models.runtimes.port import Tensor
from shared.errors import ConfigError
from shared.pictures import Picture

LEAST = 8
"""Fewer pictures say nothing about the range of a layer's values."""

_HELD_OUT = 3
"""One part in so many is held out, where no other folder is named."""

_A_CAMERA = 4
"""Crops of an identity and camera that are judged by: more cost time and change little."""


Truth = ReidSet | YoloSet | PlateSet
"""Pictures with answers."""


@dataclass(frozen=True)
class Ask:
    """Where the pictures are and how many to take.

    Attributes:
        calibration: a folder of frames, or of crops for what looks at crops.
        held_out: one to judge by; a part of the calibration folder unless given.
        identities: those to judge by, as `read_reid` takes them; the other crops calibrate.
        classes: how labels number, as `read_numbering` takes it.
        most: pictures to calibrate on, and to compare outputs on.
        seed: which.
    """

    calibration: Path
    held_out: Path | None = None
    identities: str | None = None
    classes: str = "coco"
    most: int = 200
    seed: int = 0


@dataclass(frozen=True)
class Gathered:
    """Tensors to calibrate on (each 1 x C x H x W), and pictures to judge by with what they show.

    `truth` is a set with answers where the folder has them; `damaged` are files left out.
    """

    tensors: Sequence[Tensor]
    held_out: Sequence[Picture]
    truth: Truth | None
    damaged: tuple[str, ...]


class _Parts(NamedTuple):
    calibration: Sequence[Path]
    held_out: Sequence[Path]
    truth: Truth | None


def gather(entry: Entry, ask: Ask) -> Gathered:
    """The pictures for `entry`, prepared exactly as when it runs.

    Raises:
        ConfigError: no such folder, too few readable pictures, or wrong labels.
    """
    parts = _parts(entry, ask)
    damaged: list[str] = []
    rng = np.random.default_rng(ask.seed)
    size = Size(entry.input.width, entry.input.height)
    tensors = [
        prepare(picture, entry.input, size).tensor[None]
        for _, picture in read_pictures(_some(parts.calibration, ask.most, rng), damaged)
    ]
    held_out = [p for _, p in read_pictures(_some(parts.held_out, ask.most, rng), damaged)]
    for pictures, folder in ((tensors, ask.calibration), (held_out, ask.held_out)):
        if len(pictures) < LEAST:
            raise ConfigError(
                f"{folder or ask.calibration}: {len(pictures)} readable pictures, of "
                f"{len(damaged)} damaged; at least {LEAST} are needed to calibrate and as many to "
                "judge by"
            )
    return Gathered(tensors, held_out, parts.truth, tuple(damaged))


def _parts(entry: Entry, ask: Ask) -> _Parts:
    if ask.identities is not None:
        return _by_identity(ask.calibration, ask.held_out or ask.calibration, ask.identities)
    if ask.held_out is None:
        return _one_folder(entry, ask)
    truth = _truth(entry, ask.held_out, ask.classes)
    shown = _thinned(truth) if isinstance(truth, ReidSet) else truth
    return _Parts(_found(ask.calibration), _found(ask.held_out), shown)


def _one_folder(entry: Entry, ask: Ask) -> _Parts:
    """The last part of the calibration folder is held out: neighbours in time stay together."""
    found = _found(ask.calibration)
    known = _truth(entry, ask.calibration, ask.classes)
    cut = max(0, len(found) - max(LEAST, len(found) // _HELD_OUT))
    if isinstance(known, ReidSet) and len(known.identities) >= _HELD_OUT:
        first = len(known.identities) - len(known.identities) // _HELD_OUT
        return _by_identity(ask.calibration, ask.calibration, f"{first}:")
    if isinstance(known, YoloSet):
        found = [picture.path for picture in known.pictures]
        return _Parts(found[:cut], found[cut:], replace(known, pictures=known.pictures[cut:]))
    if isinstance(known, PlateSet):
        found = [plate.path for plate in known.plates]
        cut = max(0, len(found) - max(LEAST, len(found) // _HELD_OUT))
        return _Parts(found[:cut], found[cut:], known._replace(plates=known.plates[cut:]))
    return _Parts(found[:cut], found[cut:], None)


def _by_identity(calibration: Path, held_out: Path, identities: str) -> _Parts:
    """Judged by `identities` of one folder, calibrated on what shows others in the other."""
    truth = _thinned(read_reid(held_out, identities))
    judged = [crop.path for crop in truth.crops]
    if calibration != held_out:
        return _Parts(_found(calibration), judged, truth)
    known = {crop.path: crop.identity for crop in read_reid(calibration).crops}
    return _Parts([path for path in known if known[path] not in truth.identities], judged, truth)


def _thinned(crops: ReidSet) -> ReidSet:
    """At most `_A_CAMERA` crops of each identity and camera, all asking and answering."""
    kept, seen = [], dict[tuple[str, str], int]()
    for crop in crops.crops:
        seen[crop.identity, crop.camera] = seen.get((crop.identity, crop.camera), 0) + 1
        if seen[crop.identity, crop.camera] <= _A_CAMERA:
            kept.append(crop)
    everyone = tuple(range(len(kept)))
    return ReidSet(tuple(kept), everyone, everyone)


def _truth(entry: Entry, folder: Path, classes: str) -> Truth | None:
    """What the pictures of `folder` show, where that is known."""
    if entry.task == "detection" and (folder / "labels").is_dir():
        return read_yolo(folder, read_numbering(classes))
    try:
        if entry.task == "embedding":
            return read_reid(folder)
        if entry.task == "plate_reading":
            return read_plates(folder)
    except ConfigError:
        # A box's own crops have no names; the report says what was judged by.
        return None
    return None


def _found(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder; name one with pictures the box collected")
    return find_pictures(folder)


def _some(paths: Sequence[Path], most: int, rng: np.random.Generator) -> list[Path]:
    """At most `most` of `paths`, in their order."""
    if len(paths) <= most:
        return list(paths)
    return [paths[place] for place in sorted(rng.choice(len(paths), most, replace=False))]
