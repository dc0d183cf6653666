"""How often what a reader says of a crop is right, attribute by attribute.

Accuracy is the share of crops whose likeliest value is right, F1 the mean over the values that
occur of the harmonic mean of precision and recall, and `commonest` the accuracy of always saying
the commonest value. The calibration error is the mean over crops of how far the confidence of ten
equal bins lies from the share that is right in them (Guo et al., On Calibration of Modern Neural
Networks, ICML 2017).
"""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.evaluation.market_attributes import read_market_attributes
from models.evaluation.pictures import Tell, read_pictures, silent
from models.evaluation.reid_data import ReidSet
from models.roles import AttributeReader
from shared.attributes import ATTRIBUTES
from shared.classes import ObjectClass
from shared.errors import ConfigError

_BATCH = 64
_BINS = 10

Values = Mapping[str, str]
"""Attribute to value, as `shared.attributes` names them."""


class Told(NamedTuple):
    """Of one attribute of one crop: what is true, what was said, and how surely."""

    truth: str
    said: str
    confidence: float


@dataclass(frozen=True)
class AttributeFigures:
    """Percentages for one attribute over the crops whose value is known and was told."""

    accuracy: float
    f1: float
    commonest: float
    calibration_error: float
    crops: int


@dataclass(frozen=True)
class AttributesFigures:
    """Each attribute's figures, how many crops were read, and those that could not be."""

    attributes: Mapping[str, AttributeFigures]
    crops: int
    damaged: tuple[str, ...] = ()


def truth_of(crops: ReidSet, object_class: ObjectClass, marks: Path | None) -> list[Values]:
    """What is known of each crop.

    Of people that is what Market-1501's attributes say of the identity, of vehicles the type that
    the name begins with.

    Args:
        crops: as `read_reid` gives them.
        object_class: what the reader reads.
        marks: `market_attribute.mat`; only people need it.

    Raises:
        ConfigError: nothing is known of any crop, or the file is another.
        DependencyMissing: scipy is not installed.
    """
    if object_class is ObjectClass.PERSON:
        if marks is None:
            raise ConfigError("people need --marks: Market-1501's market_attribute.mat")
        known: Mapping[str, Values] = read_market_attributes(marks)
    else:
        types = ATTRIBUTES["vehicle_type"].values
        kinds = {crop.identity: crop.identity.partition("_")[0] for crop in crops.crops}
        known = {who: {"vehicle_type": kind} for who, kind in kinds.items() if kind in types}
    truth = [known.get(crop.identity, {}) for crop in crops.crops]
    if not any(truth):
        raise ConfigError(f"nothing is known of any of {len(truth)} crops; is it the right folder?")
    return truth


def evaluate_attributes(
    reader: AttributeReader, crops: ReidSet, truth: Sequence[Values], tell: Tell = silent
) -> AttributesFigures:
    """How often `reader` says what is true of `crops`.

    Raises:
        ConfigError: it tells nothing of which the truth is known.
        ModelError: the network gave what no network may give.
    """
    damaged: list[str] = []
    told: dict[str, list[Told]] = {}
    known = [place for place, values in enumerate(truth) if values]
    pictures = read_pictures([crops.crops[place].path for place in known], damaged)
    while batch := list(itertools.islice(pictures, _BATCH)):
        readings = reader.read([picture for _, picture in batch])
        for (place, _), reading in zip(batch, readings, strict=True):
            for name, value in truth[known[place]].items():
                if likelihoods := reading.get(name):
                    said = max(likelihoods, key=lambda each: likelihoods[each])
                    told.setdefault(name, []).append(Told(value, said, likelihoods[said]))
        tell(len(batch))
    if not told:
        raise ConfigError(f"{reader.describe()} tells nothing that is known of these crops")
    return AttributesFigures(
        {name: score_attribute(answers) for name, answers in sorted(told.items())},
        len(known) - len(damaged),
        tuple(damaged),
    )


def score_attribute(answers: Sequence[Told]) -> AttributeFigures:
    """The figures of one attribute, at least one answer."""
    right = np.array([answer.truth == answer.said for answer in answers])
    sure = np.array([answer.confidence for answer in answers])
    truths = Counter(answer.truth for answer in answers)
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    apart = [
        abs(float(np.sum(right[bins == one]) - np.sum(sure[bins == one])))
        for one in np.unique(bins)
    ]
    return AttributeFigures(
        accuracy=100.0 * float(np.mean(right)),
        f1=100.0 * float(np.mean([_f1(answers, value) for value in truths])),
        commonest=100.0 * max(truths.values()) / len(answers),
        calibration_error=100.0 * sum(apart) / len(answers),
        crops=len(answers),
    )


def _f1(answers: Sequence[Told], value: str) -> float:
    both = sum(answer.truth == answer.said == value for answer in answers)
    either = sum((answer.truth == value) + (answer.said == value) for answer in answers)
    return 2 * both / either
