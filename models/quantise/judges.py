"""Judges by what a model is for: vectors that find again, boxes that are there."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.catalogue import RuntimeName
from models.detection import Detection
from models.embedders.embedder import Vectors
from models.evaluation.detection import SCORE, Judged, evaluate_detection, score_detections
from models.evaluation.detection_data import YoloSet
from models.evaluation.reid import embed_set, score_vectors
from models.evaluation.reid_data import ReidSet
from models.preparation import Size
from models.quantise.judging import FEW, Judge, Judgement, Pair
from models.quantise.other_judges import OutputsJudge, PlateJudge
from models.quantise.pictures import Gathered
from models.quantise.source import Candidate, Source
from models.roles import Detector, Embedder, LoadOptions, load_detector, load_embedder


def make_judge(source: Source, runtime: RuntimeName, seen: Gathered) -> Judge:
    """The judge for the task of `source`."""
    full = source.options(runtime)
    if source.entry.task == "embedding":
        return EmbedderJudge(source, load_embedder(source.entry.name, full), seen)
    if source.entry.task == "detection":
        return DetectorJudge(source, full, seen)
    if source.entry.task == "plate_reading":
        return PlateJudge(source, runtime, seen)
    return OutputsJudge(source, runtime, seen)


class EmbedderJudge:
    """By identities where they are known, else by how near the vectors stay.

    Of identities it asks twice: quantised vectors among quantised ones, and vectors of the network
    as it was, as the centre makes of an uploaded picture, among quantised ones of a box.
    """

    def __init__(self, source: Source, full: Embedder, seen: Gathered) -> None:
        self._entry = source.entry
        self._crops = seen.held_out
        self._truth = seen.truth if isinstance(seen.truth, ReidSet) else None
        self._vectors = full.embed(self._crops)
        if self._truth:
            self._known, _ = embed_set(full, self._truth)
            self._full = score_vectors(self._known, self._truth)

    def judge(self, candidate: Candidate) -> Judgement:
        """See `Judge.judge`."""
        embedder = self._load(candidate.options(self._entry))
        vectors = embedder.embed(self._crops)
        exact = self._load(candidate.exact(self._entry)).embed(self._crops[:FEW])
        near = _cosines(self._vectors, vectors)
        cosine = (float(near.mean()), float(near.min()))
        across = float(_cosines(exact, vectors[:FEW]).min())
        if self._truth is None:
            figures = {"mean cosine": Pair(100.0, 100.0 * cosine[0])}
            return Judgement(f"vectors of {len(near)} crops", figures, cosine, across)
        by = f"{len(self._truth.identities)} identities, {len(self._truth.crops)} crops"
        return Judgement(by, self._figures(embedder, self._truth), cosine, across)

    def distortion(self, candidate: Candidate) -> float:
        """See `Judge.distortion`: one minus the mean cosine."""
        vectors = self._load(candidate.exact(self._entry)).embed(self._crops[:FEW])
        return 1.0 - float(_cosines(self._vectors[:FEW], vectors).mean())

    def _figures(self, embedder: Embedder, truth: ReidSet) -> dict[str, Pair]:
        vectors, _ = embed_set(embedder, truth)
        alone = score_vectors(vectors, truth)
        mixed = score_vectors(np.concatenate((self._known, vectors)), _asked_by_others(truth))
        full = self._full
        return {
            "rank-1": Pair(full.rank1, alone.rank1),
            "mAP": Pair(full.mean_ap, alone.mean_ap),
            "rank-1 of full precision's queries": Pair(full.rank1, mixed.rank1),
        }

    def _load(self, options: LoadOptions) -> Embedder:
        return load_embedder(self._entry.name, options)


def _asked_by_others(crops: ReidSet) -> ReidSet:
    """Every crop twice: the first ones ask as in `crops`, the second ones answer."""
    answering = tuple(len(crops.crops) + place for place in crops.gallery)
    return ReidSet(crops.crops * 2, crops.queries, answering)


class DetectorJudge:
    """By labels where there are some, else by what the network said before."""

    def __init__(self, source: Source, full: LoadOptions, seen: Gathered) -> None:
        self._entry = source.entry
        self._pictures = seen.held_out
        self._truth = seen.truth if isinstance(seen.truth, YoloSet) else None
        detector = _detector(self._entry.name, full)
        self._said = [detector.detect(picture) for picture in self._pictures]
        self._full = evaluate_detection(detector, self._truth).ap50 if self._truth else 100.0

    def judge(self, candidate: Candidate) -> Judgement:
        """See `Judge.judge`."""
        detector = _detector(self._entry.name, candidate.options(self._entry))
        if self._truth is not None:
            figures = evaluate_detection(detector, self._truth)
            by = f"{figures.objects} labelled objects in {figures.pictures} pictures"
            return Judgement(by, {"AP50": Pair(self._full, figures.ap50)})
        found = [
            Judged(
                Size(picture.shape[1], picture.shape[0]),
                [(one.rect, one.object_class) for one in self._sure(said)],
                detector.detect(picture),
            )
            for picture, said in zip(self._pictures, self._said, strict=True)
        ]
        by = f"what it said before on {len(found)} pictures"
        return Judgement(by, {"AP50": Pair(100.0, score_detections(found).ap50)})

    def distortion(self, candidate: Candidate) -> float:
        """See `Judge.distortion`: the part of what was said before that is not said again.

        A detection of confidence c counts c; it is said again as far as the nearest one of its
        class covers it (IoU) with no less confidence.
        """
        detector = _detector(self._entry.name, candidate.exact(self._entry))
        missed = weight = 0.0
        for picture, said in zip(self._pictures[:FEW], self._said, strict=False):
            found = detector.detect(picture)
            for one in self._sure(said):
                weight += one.confidence
                missed += one.confidence - max((_again(one, other) for other in found), default=0.0)
        return missed / weight if weight else 0.0

    def _sure(self, said: Sequence[Detection]) -> list[Detection]:
        least = self._entry.detection.score if self._entry.detection else 0.0
        return [one for one in said if one.confidence >= least]


def _detector(name: str, options: LoadOptions) -> Detector:
    return load_detector(name, replace(options, score=SCORE))


def _again(one: Detection, other: Detection) -> float:
    if other.object_class is not one.object_class:
        return 0.0
    return one.rect.iou(other.rect) * min(one.confidence, other.confidence)


def _cosines(one: Vectors, other: Vectors) -> NDArray[np.float64]:
    """Of unit rows."""
    products = one.astype(np.float64) * other
    return np.asarray(products.sum(axis=1))
