"""Average precision of a detector, by pycocotools.

AP is the mean over IoU .50 to .95, AP50 at .50 (COCO detection evaluation). Small objects are
below 32 x 32 pixels of the picture, large ones above 96 x 96. Classes with no object in the set
have no figure. AP counts boxes down to the lowest scores, so load the detector with a low score.
"""

import contextlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.detection import Detection
from models.evaluation.detection_data import YoloSet
from models.evaluation.pictures import Tell, read_pictures, silent
from models.preparation import Size
from models.roles import Detector
from shared.classes import ObjectClass
from shared.errors import ConfigError, DependencyMissing
from shared.geometry import Rect

SCORE = 0.01
"""What to load a detector with: lower changes AP by less than a tenth of a point."""

_NUMBERS = {object_class: number for number, object_class in enumerate(ObjectClass, 1)}
_NO_FIGURE = -1.0
_ALL_SIZES = 0
_MOST_BOXES = 2
"""Places in COCOeval's tables: of objects of every size, and of up to 100 boxes a picture."""


@dataclass(frozen=True)
class ClassFigures:
    """Percentages for one class, and how many objects of it the set has."""

    ap: float
    ap50: float
    objects: int


@dataclass(frozen=True)
class DetectionFigures:
    """Percentages; None where the set has no such object. AP by size is the mean of classes."""

    ap: float
    ap50: float
    ap_small: float | None
    ap_medium: float | None
    ap_large: float | None
    classes: Mapping[str, ClassFigures]
    pictures: int
    objects: int
    damaged: tuple[str, ...] = ()
    labels_alone: tuple[str, ...] = ()
    pictures_alone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """One picture: its size, what it shows, what the detector says, and where nothing counts."""

    size: Size
    truth: Sequence[tuple[Rect, ObjectClass]]
    found: Sequence[Detection]
    ignored: Sequence[Rect] = ()


def evaluate_detection(detector: Detector, data: YoloSet, tell: Tell = silent) -> DetectionFigures:
    """How well `detector` finds what `data` shows.

    Raises:
        ConfigError: no picture can be read, or none shows any of our classes.
        ModelError: the network gave what no network may give.
        DependencyMissing: pycocotools is not installed.
    """
    damaged: list[str] = []
    judged = []
    for place, picture in read_pictures([truth.path for truth in data.pictures], damaged):
        size, shown = Size(picture.shape[1], picture.shape[0]), data.pictures[place]
        truth = [(box.in_pixels(size), box.object_class) for box in shown.boxes]
        ignored = [box.in_pixels(size) for box in shown.ignored]
        judged.append(Judged(size, truth, detector.detect(picture), ignored))
        tell(1)
    figures = score_detections(judged)
    return DetectionFigures(
        **{
            **vars(figures),
            "damaged": tuple(damaged),
            "labels_alone": data.labels_alone,
            "pictures_alone": data.pictures_alone,
        }
    )


def score_detections(judged: Sequence[Judged]) -> DetectionFigures:
    """The figures of detections that were made before.

    Raises:
        ConfigError: nothing to find in any picture.
        DependencyMissing: pycocotools is not installed.
    """
    objects = [box for picture in judged for box in picture.truth]
    if not objects:
        raise ConfigError(
            f"none of {len(judged)} readable pictures shows any of {', '.join(ObjectClass)}; "
            "check the labels, and --classes"
        )
    evaluated = _evaluated(judged)
    # COCOeval.stats, in its order: AP, AP50, AP75, AP of small, medium and large.
    ap, ap50, _, small, medium, large = (_percent(value) for value in evaluated.stats[:6])
    return DetectionFigures(
        ap=ap or 0.0,
        ap50=ap50 or 0.0,
        ap_small=small,
        ap_medium=medium,
        ap_large=large,
        classes={
            str(name): figures
            for name in ObjectClass
            if (figures := _class_figures(evaluated, name, objects)).objects
        },
        pictures=len(judged),
        objects=len(objects),
    )


def _class_figures(
    evaluated: Any,  # noqa: ANN401 - untyped library
    name: ObjectClass,
    objects: Iterable[tuple[Rect, ObjectClass]],
) -> ClassFigures:
    # (IoU thresholds, recall steps, classes, sizes, most boxes a picture)
    table = evaluated.eval["precision"][:, :, _NUMBERS[name] - 1, _ALL_SIZES, _MOST_BOXES]
    return ClassFigures(
        ap=_percent(_mean(table)) or 0.0,
        ap50=_percent(_mean(table[0])) or 0.0,
        objects=sum(object_class is name for _, object_class in objects),
    )


def _mean(table: Any) -> float:  # noqa: ANN401 - untyped library
    counted = table[table > _NO_FIGURE]
    return float(counted.mean()) if counted.size else _NO_FIGURE


def _percent(value: float) -> float | None:
    return None if value == _NO_FIGURE else 100.0 * float(value)


def _evaluated(judged: Sequence[Judged]) -> Any:  # noqa: ANN401 - untyped library
    """A `COCOeval` of every picture, with its stats."""
    try:
        from pycocotools.coco import COCO  # noqa: PLC0415 - only this extra has it
        from pycocotools.cocoeval import COCOeval  # noqa: PLC0415
    except ImportError as error:
        raise DependencyMissing(
            f"average precision needs pycocotools ({error}); pip install dongseon[evaluate]"
        ) from error
    # It prints its steps and a table.
    with contextlib.redirect_stdout(io.StringIO()):
        truth, found = COCO(), COCO()
        truth.dataset = _dataset(judged, _truth_rows(judged))
        found.dataset = _dataset(judged, _found_rows(judged))
        truth.createIndex()
        found.createIndex()
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def _dataset(judged: Sequence[Judged], rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {
        "images": [
            {"id": number, "width": picture.size.width, "height": picture.size.height}
            for number, picture in enumerate(judged, 1)
        ],
        "categories": [{"id": number, "name": name} for name, number in _NUMBERS.items()],
        # COCOeval takes an object with the id 0 for one that is not there.
        "annotations": [{"id": number, **row} for number, row in enumerate(rows, 1)],
    }


def _truth_rows(judged: Sequence[Judged]) -> Iterable[dict[str, Any]]:
    for number, picture in enumerate(judged, 1):
        for rect, object_class in picture.truth:
            yield _row(number, rect, object_class)
        for rect in picture.ignored:
            # As crowds of COCO: what lies in one for the most part counts neither way.
            yield from ({**_row(number, rect, name), "iscrowd": 1} for name in ObjectClass)


def _found_rows(judged: Sequence[Judged]) -> Iterable[dict[str, Any]]:
    for number, picture in enumerate(judged, 1):
        for rect, object_class, confidence in picture.found:
            yield {**_row(number, rect, object_class), "score": confidence}


def _row(picture: int, rect: Rect, object_class: ObjectClass) -> dict[str, Any]:
    return {
        "image_id": picture,
        "category_id": _NUMBERS[object_class],
        "bbox": [rect.left, rect.top, rect.width, rect.height],
        "area": rect.area,
        "iscrowd": 0,
    }
