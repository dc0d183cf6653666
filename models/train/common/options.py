"""What a person asks of a trainer."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainOptions:
    """What is asked of a trainer.

    Attributes:
        data: a folder with what to train on; each trainer says how it is laid out.
        out: a folder for checkpoints, the weights and their card.
        minutes: of training, by the clock.
        resume: go on from the checkpoint in `out`.
        device: `cpu` or `cuda`.
        seed: of weights and batches.
        threads: cores to use on the CPU.
        preview: write a sheet of training pictures there, and do not train.
        processor_time: whether `minutes` are the processor's: a run takes as many steps on a
            machine that has other things to do, and is longer for it.
    """

    data: Path
    out: Path
    minutes: float
    resume: bool = False
    device: str = "cpu"
    seed: int = 0
    threads: int = 1
    preview: Path | None = None
    processor_time: bool = False


def clock_of(options: TrainOptions) -> Callable[[], float]:
    """What `options.minutes` are counted by, in seconds."""
    if not options.processor_time:
        return time.monotonic
    return lambda: time.process_time() / options.threads
