"""What a person asks of a trainer."""

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
    """

    data: Path
    out: Path
    minutes: float
    resume: bool = False
    device: str = "cpu"
    seed: int = 0
    threads: int = 1
    preview: Path | None = None
