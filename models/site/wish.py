"""What a person asks of an adaptation."""

from dataclasses import dataclass
from pathlib import Path

from shared.classes import ObjectClass

RATE = 5e-4
"""A quarter of the rate from scratch: the network has no normalisation left to forgive more."""

KEEP = 0.5
"""The part of the old weights that is kept (see `models.site.weights.mixed`).

Measured: 136 steps on a motorway took vehicles there from AP50 80.6 to 85.8, half-way back it was
85.6; people in a hall, of whom the motorway had none, fell from 67.4 to 2.0, half-way back to 40.3.
"""


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Attributes:
        frames: an album, or any folder of pictures.
        out: where the run keeps labels, checkpoint and report; a run that was cut off goes on
            from there with `resume`.
        base: the detector to go on from, a starter detector or one made from it.
        name: of the new model.
        minutes: of training, by the clock.
        rate: the highest learning rate.
        keep: the part of the old weights that is kept, 0 to 1.
        needed: classes the site needs; the new model gives no others.
        held_out: a labelled set in YOLO's layout; without it `share` of the frames' time is held
            out and labelled by the teachers.
        share: see `held_out`.
        classes: how a labelled set numbers its classes, as for `models evaluate detection`.
        replay: a pack of the trainer's, mixed in and judged by so that nothing is forgotten.
        seed: of split, batches and resampling.
        device: `cpu` or `cuda`.
        threads: cores to use.
        resume: go on from the checkpoint in `out`.
    """

    frames: Path
    out: Path
    base: str
    name: str
    minutes: float
    rate: float = RATE
    keep: float = KEEP
    needed: tuple[ObjectClass, ...] = tuple(ObjectClass)
    held_out: Path | None = None
    share: float = 0.25
    classes: str = "dongseon"
    replay: Path | None = None
    seed: int = 0
    device: str = "cpu"
    threads: int = 1
    resume: bool = False
