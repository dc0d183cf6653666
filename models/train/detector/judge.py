"""How well a detector does on held-out scenes: average precision at an overlap of one half."""

from collections.abc import Iterable, Mapping, Sequence
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

INPUT = ImageInput(name="image", width=448, height=256, colour="bgr", fit="stretch", multiple=32)
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


def detector_of(network: nn.Module, score: float = LEAST_SCORE) -> Teacher:
    """`network` as a detector like any other."""
    compiled = _Torch(network)
    return NetworkDetector(INPUT, OUTPUT, lambda _size: compiled, Settings("torch", score, Look()))


def judge(detector: Teacher, scenes: Iterable[Scene]) -> dict[str, float]:
    """AP50 of each class that the scenes show, and their mean.

    What lies on an ignored label counts neither way.
    """
    seen = [(scene.labels, detector.detect(scene.picture)) for scene in scenes]
    figures = {}
    for kind in CLASSES:
        if any(label.sure and label.object_class is kind for labels, _ in seen for label in labels):
            figures[f"AP50 {kind}"] = average_precision(seen, kind)
    mean = sum(figures.values()) / len(figures) if figures else 0.0
    return figures | {"AP50": mean}


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
