"""Whether a detector is better than another by more than chance: AP50 on resampled hold-outs.

Both look at the same frames. Runs of frames are drawn with replacement a thousand times, and the
difference of AP50 is taken each time (paired bootstrap). Their spread, by Student's t for so few
runs, gives the interval in which the true difference lies with 95 %; better means that all of it is
above zero.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t

from models.detection import Detection
from models.evaluation.detection import Judged
from shared.classes import ObjectClass
from shared.errors import ConfigError
from shared.geometry import Rect

_OVERLAP = 0.5
_DRAWS = 1000
_BELOW = 0.975
"""The part of all cases below the interval's upper end."""

LEAST_UNITS = 5
"""Fewer runs of frames say nothing about chance."""

LEAST_OBJECTS = 10
"""A class with fewer objects in the hold-out does not count: one of them would be 10 points."""

_RECALLS = np.linspace(0.0, 1.0, 101)
"""Where COCO reads precision off."""

Array = NDArray[np.float64]


class Change(NamedTuple):
    """AP50 before and after, in percent, and the 95 % interval of the difference."""

    before: float
    after: float
    low: float
    high: float


@dataclass(frozen=True)
class Verdict:
    """What the comparison says: `mean` over the classes that count."""

    mean: Change
    classes: Mapping[str, Change]
    units: int

    @property
    def worse(self) -> list[str]:
        """Classes that are worse by more than chance."""
        return [name for name, change in self.classes.items() if change.high < 0]

    @property
    def better(self) -> bool:
        """Better by more than chance, and no class worse by more than chance."""
        return self.mean.low > 0 and not self.worse

    def reason(self) -> str:
        """Why it is or is not better, in words."""
        mean = self.mean
        said = (
            f"AP50 {mean.before:.1f} before, {mean.after:.1f} after: a difference of "
            f"{mean.low:+.1f} to {mean.high:+.1f} points with 95 % confidence"
        )
        if self.better:
            return said
        if self.worse:
            return f"{said}; {', '.join(self.worse)} became worse"
        return f"{said}, which may be chance"


class _Hits(NamedTuple):
    """One detector's boxes of one class on all frames, the surest first.

    `frames` and `right` are a value for each box, `objects` one for each frame.
    """

    frames: NDArray[np.intp]
    right: NDArray[np.bool_]
    objects: Array


def compare(
    seen: tuple[Sequence[Judged], Sequence[Judged]],
    units: Sequence[int],
    kinds: Sequence[ObjectClass],
    rng: np.random.Generator,
) -> Verdict:
    """Compare what two detectors found, before and after, on the same frames.

    Args:
        seen: each one's `Judged` of every frame.
        units: of each frame, see `models.site.frames.units`; at least two.
        kinds: the classes to compare, at least one.
        rng: draws the runs.
    """
    runs = sorted(set(units))
    hits = [[_hits(judged, kind) for kind in kinds] for judged in seen]
    drawn = np.array([_drawn(units, runs, rng) for _ in range(_DRAWS)])
    ones = np.ones(len(units))
    now = np.array([[ap50(one, ones) for one in per_class] for per_class in hits])
    tables = np.array([[[ap50(one, w) for one in per_class] for per_class in hits] for w in drawn])
    return Verdict(
        _change(now.mean(axis=1), tables.mean(axis=2), len(runs)),
        {str(kind): _change(now[:, i], tables[:, :, i], len(runs)) for i, kind in enumerate(kinds)},
        len(runs),
    )


def check_enough(
    truths: Sequence[Sequence[tuple[Rect, ObjectClass]]], units: Sequence[int]
) -> list[ObjectClass]:
    """The classes that count.

    Args:
        truths: the objects of each frame.
        units: the unit of each frame.

    Raises:
        ConfigError: none, or too few units, so that better cannot be told from worse.
    """
    shown = [kind for truth in truths for _, kind in truth]
    kinds = [kind for kind in ObjectClass if shown.count(kind) >= LEAST_OBJECTS]
    if len(set(units)) < LEAST_UNITS or not kinds:
        counts = ", ".join(f"{shown.count(kind)} {kind}" for kind in ObjectClass)
        raise ConfigError(
            f"the hold-out is too small to tell better from worse: {len(truths)} frames in "
            f"{len(set(units))} runs (at least {LEAST_UNITS}), objects: {counts} (at least "
            f"{LEAST_OBJECTS} of a class); collect for longer"
        )
    return kinds


def ap50(hits: _Hits, weights: Array) -> float:
    """Average precision in percent as COCO reads it, each frame counted `weights` times."""
    objects = float((hits.objects * weights).sum())
    if objects == 0:
        return 0.0
    counted = weights[hits.frames]
    right = np.cumsum(counted * hits.right)
    # Boxes of frames that were not drawn have no rank.
    seen = np.maximum(np.cumsum(counted), 1e-9)
    precision = np.maximum.accumulate((right / seen)[::-1])[::-1]
    places = np.searchsorted(right / objects, _RECALLS - 1e-12, side="left")
    return float(100 * np.append(precision, 0.0)[np.minimum(places, len(precision))].mean())


def without_ignored(
    found: Sequence[Detection], truth: Sequence[tuple[Rect, ObjectClass]], ignored: Sequence[Rect]
) -> list[Detection]:
    """`found` without what is no object of `truth` and lies where nothing is asked for."""
    return [
        one
        for one in found
        if any(kind is one.object_class and rect.iou(one.rect) >= _OVERLAP for rect, kind in truth)
        or not any(rect.intersection(one.rect) > _OVERLAP * one.rect.area for rect in ignored)
    ]


def _change(now: Array, tables: Array, runs: int) -> Change:
    """`now` (2,), `tables` (draws, 2): before and after."""
    spread = float((tables[:, 1] - tables[:, 0]).std()) * math.sqrt(runs / (runs - 1))
    half = float(student_t.ppf(_BELOW, runs - 1)) * spread
    before, after = (float(value) for value in now)
    return Change(before, after, after - before - half, after - before + half)


def _drawn(units: Sequence[int], runs: Sequence[int], rng: np.random.Generator) -> Array:
    """How often each frame is counted when as many runs are drawn as there are."""
    counts = np.bincount(rng.integers(len(runs), size=len(runs)), minlength=len(runs))
    times = dict(zip(runs, counts.tolist(), strict=True))
    return np.array([times[unit] for unit in units], dtype=np.float64)


def _hits(judged: Sequence[Judged], kind: ObjectClass) -> _Hits:
    frames: list[int] = []
    right: list[bool] = []
    scores: list[float] = []
    objects = np.zeros(len(judged))
    for number, picture in enumerate(judged):
        truth = [rect for rect, one in picture.truth if one is kind]
        objects[number] = len(truth)
        for confidence, hit in _matched(picture.found, truth, kind):
            frames.append(number)
            right.append(hit)
            scores.append(confidence)
    order = np.argsort(-np.array(scores), kind="stable")
    return _Hits(
        np.array(frames, dtype=np.intp)[order], np.array(right, dtype=bool)[order], objects
    )


def _matched(
    found: Sequence[Detection], truth: list[Rect], kind: ObjectClass
) -> list[tuple[float, bool]]:
    """Each box of the class, the surest first, and whether it found an object still free."""
    free = list(truth)
    hits = []
    for one in sorted(found, key=lambda one: -one.confidence):
        if one.object_class is not kind:
            continue
        best = max(free, key=one.rect.iou, default=None)
        hit = best is not None and one.rect.iou(best) >= _OVERLAP
        if best is not None and hit:
            free.remove(best)
        hits.append((one.confidence, hit))
    return hits
