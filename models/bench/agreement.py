"""Whether a model says the same on another processor, or with integers that cannot overflow.

INT8 on x86 without VNNI adds pairs of products into 16 bits, which overflow; VNNI adds four into
32 bits (oneDNN, Nuances of int8 Computations). Three ways of running one file are compared with
how it runs here:

- `Haswell`: on an emulated processor with AVX2 and no VNNI;
- `exact`: rounded to the same integers but summed in f32, which is what VNNI gives, but for values
  that fall just between two integers;
- another file of the model, for what its own rounding costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.bench.emulation import HASWELL, emulated
from models.bench.outputs import Rows, Wanted, outputs_of
from models.catalogue import Entry
from models.errors import ModelError
from models.store import ModelStore
from shared.geometry import Rect

EXACT = "exact"

_SAME_IOU = 0.5
_SURER = 0.1
"""A box this much above the score must be found by the other too: at the score itself either may
just miss it."""


@dataclass(frozen=True)
class Agreement:
    """How much alike `what` and `against` are over some pictures, 1 for the same.

    For embedders the cosine of the vectors of one crop. For detectors the share of one's sure
    boxes that the other has too (class, IoU 0.5), both ways, in pictures with any. `greatest` is
    the greatest difference of one value of a vector, or of a box's confidence.
    """

    what: str
    against: str
    pictures: int
    mean: float
    least: float
    greatest: float


def compare(wanted: Wanted, others: Sequence[str]) -> list[Agreement]:
    """How what is `wanted` compares with each of `others`: `Haswell`, `exact`, or a precision.

    Raises:
        ModelError: the model cannot run so.
        DependencyMissing: the emulator or the weights are not here.
    """
    entry = ModelStore(wanted.store).catalogue.entry(wanted.model)
    runs_as, here = outputs_of(wanted)
    found = []
    for other in others:
        runs, there = _other(wanted, other)
        label = f"{runs} on {HASWELL}" if other == HASWELL else runs
        found.append(_agreement(entry, (runs_as, here), (label, there)))
    return found


def kinds(entry: Entry, precision: str | None) -> list[str]:
    """What `entry` at `precision` is worth being compared with."""
    chosen = precision or entry.precision
    integers = [EXACT] if "INT8" in chosen else []
    return [HASWELL, *integers, *(name for name in entry.variants if name != chosen)]


def _other(wanted: Wanted, other: str) -> tuple[str, list[Rows]]:
    if other == HASWELL:
        return emulated(wanted)
    if other == EXACT:
        return outputs_of(wanted.model_copy(update={"exact": True}))
    return outputs_of(wanted.model_copy(update={"precision": other}))


def _agreement(
    entry: Entry, one: tuple[str, Sequence[Rows]], other: tuple[str, Sequence[Rows]]
) -> Agreement:
    pairs = list(zip(one[1], other[1], strict=True))
    if entry.detection is None:
        alike = [float(np.sum(mine * yours)) for mine, yours in pairs]
        greatest = max(float(np.abs(mine - yours).max()) for mine, yours in pairs)
    else:
        sure = entry.detection.score + _SURER
        compared = [_boxes_alike(mine, yours, sure) for mine, yours in pairs]
        alike = [share for share, _ in compared if share is not None]
        greatest = max(difference for _, difference in compared)
    if not alike:
        raise ModelError(f"{entry.name} is sure of nothing in any picture; name others")
    return Agreement(
        one[0], other[0], len(alike), float(np.mean(alike)), float(np.min(alike)), greatest
    )


def _boxes_alike(one: Rows, other: Rows, sure: float) -> tuple[float | None, float]:
    """The share of sure boxes that both have, None without any; the greatest difference."""
    matches = [
        (box, _same(box, there))
        for here, there in ((one, other), (other, one))
        for box in here
        if box[5] >= sure
    ]
    if not matches:
        return None, 0.0
    both = [abs(float(box[5] - match[5])) for box, match in matches if match is not None]
    return len(both) / len(matches), max(both, default=0.0)


def _same(box: Rows, among: Rows) -> Rows | None:
    """The box of the same class that covers `box` best, where any covers it well."""
    alike = [(Rect(*box[:4]).iou(Rect(*each[:4])), each) for each in among if each[4] == box[4]]
    share, best = max(alike, key=lambda each: each[0], default=(0.0, None))
    return best if share >= _SAME_IOU else None
