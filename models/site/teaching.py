"""A strong teacher's labels of a site's frames, kept so that a run that was cut off has them."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from pydantic import TypeAdapter, ValidationError

from models.roles import Detector, LoadOptions, load_detector
from models.site.frames import SiteFrame
from models.site.masking import obscure
from models.store import ModelStore
from models.train.common.progress import Tell
from models.train.detector.labels import CLASSES, Label, labels_of
from models.train.detector.pack import Scene
from shared.errors import ConfigError, PictureError, StorageError
from shared.geometry import Rect
from shared.pictures import UPLOAD_CAPS, Picture, decode_picture

_LEAST_SCORE = 0.15
TEACHER_PIXELS = 864 * 480
"""What teachers that can be reshaped look at: four times what the starter detector does."""

_WIDEST = 960
"""Frames are kept in memory at most this wide: training sees parts of them, 288 wide."""

_TELL_EVERY = 50
_DECOYS = 5

_ROWS = TypeAdapter(list[tuple[float, float, float, float, int, bool]])


@dataclass(frozen=True)
class Teachers:
    """Detectors that label, by family: those of one origin err together.

    `names` says which they are, for the card.
    """

    families: Sequence[Sequence[Detector]]
    names: tuple[str, ...]

    @property
    def mark(self) -> str:
        """Another for other teachers."""
        text = "\n".join(one.describe() for family in self.families for one in family)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Taught:
    """A readable frame, at most 960 wide, and what its teachers say is there."""

    frame: SiteFrame
    picture: Picture
    labels: tuple[Label, ...]


def load_site_teachers(
    names: Sequence[str], store: ModelStore, pixels: int = TEACHER_PIXELS, threads: int = 1
) -> Teachers:
    """The detectors called `names`, those that can be reshaped at `pixels`.

    Raises:
        DependencyMissing: weights are not here; `dongseon models pull` brings them.
        ModelError: no such detector.
    """
    families: dict[str, list[Detector]] = {}
    for name in names:
        entry = store.catalogue.entry(name)
        own = entry.input.width * entry.input.height
        options = LoadOptions(
            store,
            score=_LEAST_SCORE,
            threads=threads,
            input_pixels=max(pixels, own) if entry.input.multiple else None,
        )
        families.setdefault(entry.origin, []).append(load_detector(name, options))
    return Teachers(list(families.values()), tuple(names))


class LabelFile:
    """Labels of frames on disk, a line of JSON each; a damaged last line is made again.

    Raises:
        StorageError: it cannot be read or made.
    """

    def __init__(self, folder: Path, teachers: Teachers) -> None:
        self._teachers = teachers
        self._path = folder / f"labels-{teachers.mark}.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            text = self._path.read_text(encoding="utf-8") if self._path.is_file() else ""
        except (OSError, UnicodeDecodeError) as error:
            raise StorageError(f"{self._path}: cannot be read: {error}") from error
        self._known = dict(_read(text))

    def of(self, frame: SiteFrame, picture: Picture) -> tuple[Label, ...]:
        """The labels of `frame`, made now if they were not before.

        Raises:
            StorageError: they cannot be written.
        """
        key = f"{frame.path}:{frame.path.stat().st_size}"
        if key not in self._known:
            labels = tuple(labels_of(picture, self._teachers.families))
            self._write(key, labels)
            self._known[key] = labels
        return self._known[key]

    def _write(self, key: str, labels: Sequence[Label]) -> None:
        rows = [(*one.rect, CLASSES.index(one.object_class), one.sure) for one in labels]
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, rows]) + "\n")
        except OSError as error:
            raise StorageError(f"{self._path}: cannot be written: {error}") from error


def teach(
    frames: Sequence[SiteFrame], known: LabelFile, tell: Tell
) -> tuple[list[Taught], list[str]]:
    """What the teachers say of each readable frame, and what is wrong with the others.

    Raises:
        ConfigError: none can be read.
        StorageError: the labels cannot be written.
    """
    taught, damaged = [], []
    for number, frame in enumerate(frames, 1):
        try:
            picture = _narrowed(decode_picture(frame.path.read_bytes(), UPLOAD_CAPS))
        except (OSError, PictureError) as error:
            damaged.append(f"{frame.path}: {error}")
            continue
        taught.append(Taught(frame, picture, known.of(frame, picture)))
        if number % _TELL_EVERY == 0:
            tell(f"{number} of {len(frames)} frames labelled")
    if not taught:
        raise ConfigError(f"none of {len(frames)} frames can be read; first: {damaged[0]}")
    return taught, damaged


def scenes_of(taught: Sequence[Taught], rng: np.random.Generator) -> list[Scene]:
    """Frames to train on. In masked ones other places are masked too.

    Else the detector would learn that whoever has a masked head is a person.
    """
    return [
        Scene(
            _with_decoys(one, rng) if one.frame.masked else one.picture,
            one.labels,
            one.frame.channel,
            "train",
        )
        for one in taught
    ]


def _with_decoys(taught: Taught, rng: np.random.Generator) -> Picture:
    picture = taught.picture.copy()
    rows, columns = picture.shape[:2]
    sides = [one.rect.height for one in taught.labels] or [rows / 4]
    for _ in range(int(rng.integers(1, _DECOYS + 1))):
        height = max(4.0, 0.28 * float(rng.choice(sides)))
        width = height * float(rng.uniform(0.8, 2.0))
        left, top = rng.uniform(-width / 2, columns), rng.uniform(-height / 2, rows)
        decoy = Rect(left, top, left + width, top + height).clipped(columns, rows)
        if decoy.area > 0 and not any(decoy.intersection(one.rect) for one in taught.labels):
            obscure(picture, decoy)
    return picture


def _narrowed(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    if width <= _WIDEST:
        return picture
    size = (_WIDEST, max(1, round(height * _WIDEST / width)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _read(text: str) -> Iterator[tuple[str, tuple[Label, ...]]]:
    for line in text.splitlines():
        try:
            key, rows = json.loads(line)
            labels = tuple(
                Label(Rect(*row[:4]), CLASSES[row[4]], row[5])
                for row in _ROWS.validate_python(rows)
            )
        except (ValueError, TypeError, IndexError, ValidationError):
            # Cut off in the middle of being written.
            continue
        yield str(key), labels
