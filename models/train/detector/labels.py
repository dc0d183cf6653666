"""Labels by teachers: what families of detectors agree on is there, what one half-sees ignored."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from models.detection import Detection
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.pictures import Picture

CLASSES = (ObjectClass.PERSON, ObjectClass.VEHICLE, ObjectClass.TWO_WHEELER)
"""In the order of the network's outputs."""

_SAME = 0.45
"""Least overlap of two detectors' boxes of one object."""

SURE = 0.6
"""A score at which one family is enough."""

AGREED = 0.3
"""A score at which two families are enough."""


class Label(NamedTuple):
    """A box in pixels of its picture: an object to find, or (not `sure`) a place to ignore."""

    rect: Rect
    object_class: ObjectClass
    sure: bool = True


class Teacher(Protocol):
    """Any detector."""

    def detect(self, picture: Picture) -> list[Detection]:
        """What `picture` shows."""


def labels_of(picture: Picture, families: Sequence[Sequence[Teacher]]) -> list[Label]:
    """What the teachers together say `picture` (H x W x 3, BGR, uint8) shows.

    Teachers of one family were trained on the same pictures and err together. An object is sure
    where two families give it `AGREED`, or one `SURE`; what else any teacher gives is ignored.
    """
    boxes = [
        (number, found)
        for number, family in enumerate(families)
        for teacher in family
        for found in teacher.detect(picture)
    ]
    return fuse(boxes)


def fuse(boxes: Iterable[tuple[int, Detection]]) -> list[Label]:
    """The objects behind `boxes`, each the number of a family and what one of it found."""
    groups: list[list[tuple[int, Detection]]] = []
    for number, found in sorted(boxes, key=lambda one: -one[1].confidence):
        group = next((group for group in groups if _same(group[0][1], found)), None)
        if group is None:
            groups.append([(number, found)])
        else:
            group.append((number, found))
    labels = [_label(group) for group in groups]
    sure = [label for label in labels if label.sure]
    return sure + [label for label in labels if not label.sure and not _covered(label, sure)]


def _same(one: Detection, other: Detection) -> bool:
    return one.object_class is other.object_class and one.rect.iou(other.rect) > _SAME


def _label(group: Sequence[tuple[int, Detection]]) -> Label:
    """The surest box's place: means of boxes fit nothing well."""
    best = group[0][1]
    agreeing = {number for number, found in group if found.confidence >= AGREED}
    return Label(best.rect, best.object_class, len(agreeing) > 1 or best.confidence >= SURE)


def _covered(label: Label, sure: Iterable[Label]) -> bool:
    return any(
        label.object_class is one.object_class and one.rect.iou(label.rect) > _SAME for one in sure
    )
