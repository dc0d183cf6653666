"""Clips, crops and photos made into a pack: labelled by teachers, cut out, scaled."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import av
import cv2
import numpy as np

from models.roles import LoadOptions, load_detector
from models.store import ModelStore
from models.train.common.progress import Tell
from models.train.detector.cutouts import cut_by_difference, cut_by_grabcut
from models.train.detector.labels import Label, Teacher, labels_of
from models.train.detector.pack import Cutout, Scene, Use
from models.train.detector.sources import Backgrounds, Clip, Crops, Sources
from shared.classes import ObjectClass
from shared.errors import ConfigError
from shared.geometry import Rect
from shared.pictures import Picture

_WIDEST = 640
"""Frames and photos are kept at most this wide: the network sees 448."""

_SMALL = 400
"""Frames narrower than this are shown to the teachers at twice their size."""

_TEACHER_PIXELS = 864 * 480
_LEAST_SCORE = 0.15
_STILLS = 60
"""Frames a still camera's background is the median of."""

_TALLEST_CUTOUT = 256

_ON = 0.3
"""Part of a rider or a two-wheeler that lies on the other."""

_EDGE = 3.0
"""Pixels: what comes nearer to the frame's edge may be cut off there."""


def load_teachers(store: ModelStore, threads: int = 1) -> list[list[Teacher]]:
    """The two families of detectors that label pictures, the larger of the first reshaped.

    Raises:
        DependencyMissing: weights are not here; `dongseon models pull --all` brings them.
    """
    far = LoadOptions(store, score=_LEAST_SCORE, threads=threads, input_pixels=_TEACHER_PIXELS)
    near = LoadOptions(store, precision="FP16", score=_LEAST_SCORE, threads=threads)
    other = LoadOptions(store, score=_LEAST_SCORE, threads=threads)
    return [
        [
            load_detector("person-vehicle-bike-detection-2003", far),
            load_detector("person-vehicle-bike-detection-2004", near),
        ],
        [load_detector("yolox-nano-416", other)],
    ]


def prepare(
    sources: Sources, data: Path, families: Sequence[Sequence[Teacher]], tell: Tell
) -> list[Scene]:
    """Everything that `sources` names below `data`.

    Raises:
        ConfigError: none of it is there.
    """
    scenes: list[Scene] = []
    for clip in sources.clips:
        scenes += _told(tell, clip.file, _clip(clip, data, families))
    for crops in sources.crops:
        scenes += _told(tell, crops.pattern, _crops(crops, data))
    for photos in sources.backgrounds:
        scenes += _told(tell, photos.pattern, _backgrounds(photos, data, families))
    if not scenes:
        raise ConfigError(f"{data}: none of the clips and crops of the sources are below it")
    return scenes


def _told(tell: Tell, name: str, scenes: Iterable[Scene]) -> list[Scene]:
    made = list(scenes)
    uses = [scene.use for scene in made]
    counts = ", ".join(f"{uses.count(use)} {use}" for use in sorted(set(uses)))
    tell(f"{name}: {counts or 'not there'}")
    return made


def held_out_scenes(
    sources: Sources, data: Path, families: Sequence[Sequence[Teacher]], every: int = 1
) -> list[Scene]:
    """One in `every` of the held-out frames of the clips that are below `data`, labelled."""
    frames = [
        (clip.name, frame)
        for clip in sources.clips
        if clip.held_out[1] and (data / clip.file).is_file()
        for number, frame in enumerate(_frames(data / clip.file))
        if number % clip.every == 0 and _use(clip, number) == "held_out"
    ]
    chosen = [(name, _narrowed(frame)) for name, frame in frames[::every]]
    return [Scene(frame, tuple(_seen(frame, families)), name, "held_out") for name, frame in chosen]


def _clip(clip: Clip, data: Path, families: Sequence[Sequence[Teacher]]) -> Iterator[Scene]:
    path = data / clip.file
    if not path.is_file():
        return
    frames = [_narrowed(frame) for frame in _frames(path)]
    step = max(1, len(frames) // _STILLS)
    still = np.median(np.stack(frames[::step]), axis=0).astype(np.uint8)
    if clip.cut and clip.train[1]:
        yield Scene(still, tuple(_seen(still, families)), clip.name, "background")
    for number in range(0, len(frames), clip.every):
        use = _use(clip, number)
        if use is None:
            continue
        labels = tuple(_seen(frames[number], families))
        yield Scene(frames[number], labels, clip.name, use)
        if clip.cut and use == "train":
            yield from _cut_from(frames[number], still, labels, clip.name)


def _use(clip: Clip, number: int) -> Use | None:
    if clip.train[0] <= number < clip.train[1]:
        return "train"
    return "held_out" if clip.held_out[0] <= number < clip.held_out[1] else None


def _frames(path: Path) -> Iterator[Picture]:
    with av.open(str(path)) as opened:
        for frame in opened.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)


def _narrowed(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    if width <= _WIDEST:
        return picture
    size = (_WIDEST, round(height * _WIDEST / width))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _seen(picture: Picture, families: Sequence[Sequence[Teacher]]) -> list[Label]:
    """The labels of `picture`, in its pixels, whatever size the teachers see it at."""
    scale = 2.0 if picture.shape[1] < _SMALL else 1.0
    shown = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return [
        label._replace(rect=Rect(*(side / scale for side in label.rect)))
        for label in labels_of(np.asarray(shown, dtype=np.uint8), families)
    ]


def _cut_from(
    frame: Picture, still: Picture, labels: Sequence[Label], source: str
) -> Iterator[Scene]:
    for label in labels:
        if not label.sure or _at_edge(label.rect, frame):
            continue
        riders = [other for other in labels if _rides(other, label)]
        whole = _around([label, *riders])
        others = [other for other in labels if other is not label and other not in riders]
        if any(whole.iou(other.rect) > 0 for other in others):
            continue
        cutout = cut_by_difference(frame, still, whole)
        if cutout is not None:
            yield _cutout(cutout, label.object_class, source)


def _at_edge(rect: Rect, frame: Picture) -> bool:
    height, width = frame.shape[:2]
    inner = Rect(_EDGE, _EDGE, width - _EDGE, height - _EDGE)
    return rect.intersection(inner) < rect.area


def _rides(other: Label, label: Label) -> bool:
    """Whether the one is somebody on the two-wheeler that the other is."""
    if label.object_class is not ObjectClass.TWO_WHEELER or other is label:
        return False
    return other.rect.intersection(label.rect) > _ON * min(other.rect.area, label.rect.area)


def _around(labels: Sequence[Label]) -> Rect:
    left, top, right, bottom = zip(*(label.rect for label in labels), strict=True)
    return Rect(min(left), min(top), max(right), max(bottom))


def _cutout(cutout: Cutout, object_class: ObjectClass, source: str) -> Scene:
    height, width = cutout.shape[:2]
    if height > _TALLEST_CUTOUT:
        size = (max(1, round(width * _TALLEST_CUTOUT / height)), _TALLEST_CUTOUT)
        resized = cv2.resize(cutout, size, interpolation=cv2.INTER_AREA)
        cutout = np.asarray(resized, dtype=np.uint8)
    whole = Rect(0.0, 0.0, float(cutout.shape[1]), float(cutout.shape[0]))
    return Scene(cutout, (Label(whole, object_class),), source, "cutout")


def _crops(crops: Crops, data: Path) -> Iterator[Scene]:
    for path in sorted(data.glob(crops.pattern))[:: crops.every]:
        object_class = crops.class_of(path.name)
        picture = cv2.imread(str(path))
        if object_class is None or picture is None:
            continue
        cutout = cut_by_grabcut(np.asarray(picture, dtype=np.uint8), object_class)
        if cutout is None:
            continue
        if crops.shape[0] <= cutout.shape[0] / cutout.shape[1] <= crops.shape[1]:
            yield _cutout(cutout, object_class, path.parent.name)


def _backgrounds(
    photos: Backgrounds, data: Path, families: Sequence[Sequence[Teacher]]
) -> Iterator[Scene]:
    for path in sorted(data.glob(photos.pattern)):
        picture = cv2.imread(str(path))
        if picture is not None:
            small = _narrowed(np.asarray(picture, dtype=np.uint8))
            yield Scene(small, tuple(_seen(small, families)), path.stem, "background")
