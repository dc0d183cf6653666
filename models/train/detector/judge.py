"""How well a detector does on held-out scenes: average precision, and how many claims are false."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from models.catalogue import ImageInput
from models.catalogue_outputs import DetectionOutput
from models.detection import Detection
from models.detectors.detector import NetworkDetector, Settings
from models.detectors.views import Look
from models.runtimes.port import Output, Tensor
from models.train.detector.labels import CLASSES, Label, Teacher
from models.train.detector.pack import Scene
from shared.classes import ObjectClass

_OVERLAP = 0.5
LEAST_SCORE = 0.02

_WHOLE = 0.9
_SCORES = (0.3, 0.5)

INPUT = ImageInput(name="image", width=448, height=256, colour="bgr", fit="stretch", multiple=32)
TALL = INPUT.model_copy(update={"width": 224, "height": 512})
OUTPUT = DetectionOutput(decode="yolox", classes=dict(enumerate(CLASSES)), score=0.35)


class _Torch:
    """A network of torch, where a compiled one is wanted."""

    runtime = "torch"
    device = "CPU"
    precision = "FP32"

    def __init__(self, network: nn.Module) -> None:
        self._network = network.eval()

    def infer(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Output]:
        """The network's one output."""
        device = next(self._network.parameters()).device
        with torch.no_grad():
            rows = self._network(torch.from_numpy(inputs[INPUT.name]).to(device))
        return {"output": rows.cpu().numpy()}


def detector_of(
    network: nn.Module, score: float = LEAST_SCORE, shape: ImageInput = INPUT
) -> Teacher:
    """`network` as a detector like any other, which sees pictures at `shape`."""
    compiled = _Torch(network)
    return NetworkDetector(
        shape, OUTPUT, lambda _batch, _size: compiled, Settings("torch", score, Look())
    )


def judge_all(network: nn.Module, scenes: Sequence[Scene]) -> dict[str, float]:
    """`judge` on `scenes`, and on upright thirds of them seen tall; empty without scenes."""
    if not scenes:
        return {}
    parts = [part for scene in scenes for part in thirds(scene)]
    tall = judge(detector_of(network, shape=TALL), parts)
    figures = judge(detector_of(network), scenes)
    return figures | {f"{name}, thirds": value for name, value in tall.items()}


def thirds(scene: Scene) -> list[Scene]:
    """The left, middle and right third of a scene; who is cut off is ignored."""
    height, width = scene.picture.shape[:2]
    return [
        replace(
            scene,
            picture=np.ascontiguousarray(scene.picture[:, left:right]),
            labels=tuple(
                _cut_off(label, left, right, height)
                for label in scene.labels
                if label.rect.left < right and label.rect.right > left
            ),
        )
        for left, right in pairwise(round(width * part / 3) for part in range(4))
    ]


def _cut_off(label: Label, left: int, right: int, height: int) -> Label:
    moved = label.rect.shifted(-left, 0)
    inside = moved.clipped(right - left, height)
    return Label(inside, label.object_class, label.sure and inside.area >= _WHOLE * moved.area)


def judge(detector: Teacher, scenes: Iterable[Scene]) -> dict[str, float]:
    """AP50 of each class that the scenes show, their mean, and of people precision and recall.

    What lies on an ignored label counts neither way.
    """
    seen = [(scene.labels, detector.detect(scene.picture)) for scene in scenes]
    figures = {}
    for kind in CLASSES:
        if any(label.sure and label.object_class is kind for labels, _ in seen for label in labels):
            figures[f"AP50 {kind}"] = average_precision(seen, kind)
    mean = sum(figures.values()) / len(figures) if figures else 0.0
    return figures | {"AP50": mean} | _people_at_scores(seen)


def _people_at_scores(
    seen: Sequence[tuple[Sequence[Label], Sequence[Detection]]],
) -> dict[str, float]:
    """Precision and recall of people at two scores: so that false ones are seen."""
    person = ObjectClass.PERSON
    count = sum(one.sure and one.object_class is person for labels, _ in seen for one in labels)
    hits = [hit for labels, found in seen for hit in _hits(labels, found, person)]
    figures = {}
    for score in _SCORES:
        right = sum(hit.right for hit in hits if hit.score >= score)
        claimed = sum(hit.score >= score for hit in hits)
        figures[f"precision person at {score}"] = right / max(1, claimed)
        figures[f"recall person at {score}"] = right / max(1, count)
    return figures


def average_precision(
    seen: Sequence[tuple[Sequence[Label], Sequence[Detection]]], kind: ObjectClass
) -> float:
    """The area below precision over recall, made monotonous, for `kind`."""
    count = sum(label.sure and label.object_class is kind for labels, _ in seen for label in labels)
    hits = sorted(
        (hit for labels, found in seen for hit in _hits(labels, found, kind)),
        key=lambda hit: -hit.score,
    )
    right = np.cumsum([hit.right for hit in hits])
    precision = right / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    recall = np.concatenate(([0.0], right / count))
    return float((np.diff(recall) * precision).sum())


class _Hit(NamedTuple):
    score: float
    right: bool


def _hits(labels: Sequence[Label], found: Sequence[Detection], kind: ObjectClass) -> list[_Hit]:
    open_ = [label.rect for label in labels if label.sure and label.object_class is kind]
    ignored = [label.rect for label in labels if not label.sure]
    hits = []
    for one in sorted(found, key=lambda one: -one.confidence):
        if one.object_class is not kind:
            continue
        best = max(open_, key=one.rect.iou, default=None)
        if best is not None and one.rect.iou(best) >= _OVERLAP:
            open_.remove(best)
            hits.append(_Hit(one.confidence, right=True))
        elif not any(rect.intersection(one.rect) > _OVERLAP * one.rect.area for rect in ignored):
            hits.append(_Hit(one.confidence, right=False))
    return hits
