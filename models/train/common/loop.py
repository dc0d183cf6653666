"""The training loop, against the clock: what is trained is a `Task`, how long is a `Recipe`."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

from models.errors import ModelError
from models.train.common.average import WeightAverage
from models.train.common.checkpoint import read_checkpoint, write_checkpoint
from models.train.common.progress import Progress, Tell
from models.train.common.schedule import CosineSchedule

Batch = TypeVar("Batch")
Losses = Mapping[str, Tensor]
Clock = Callable[[], float]


class Task(Protocol[Batch]):
    """What is trained.

    Attributes:
        network: its weights are what the run changes.
    """

    network: nn.Module

    def batches(self, seed: int) -> Iterator[Batch]:
        """Batches without end; another `seed`, others."""

    def losses(self, batch: Batch, done: float) -> Losses:
        """The parts of the loss on `batch`, to be summed; `done` is how much of the run is over."""

    def judge(self, network: nn.Module) -> Mapping[str, float]:
        """Figures of `network` on what is held out; empty where there is nothing held out."""


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        minutes: of training by the clock, judging included; a run that goes on counts what it
            had before.
        rate: the highest learning rate (AdamW).
        decay: weight decay, of matrices and kernels only.
        average: decay of the weights' moving average, a step.
        clip: the gradient's greatest norm.
        seed: of the weights and the batches.
        judge_minutes: between two looks at what is held out.
        save_minutes: between two checkpoints.
        steps: end after that many, where that comes first.
    """

    minutes: float
    rate: float = 2e-3
    decay: float = 0.02
    average: float = 0.999
    clip: float = 10.0
    seed: int = 0
    judge_minutes: float = 5.0
    save_minutes: float = 3.0
    steps: int | None = None


@dataclass
class _State:
    """How far a run is: `elapsed` in seconds of training."""

    step: int = 0
    elapsed: float = 0.0
    figures: dict[str, float] = field(default_factory=dict)


class Run(Generic[Batch]):
    """One run of `task`, whose state is kept in `folder`."""

    def __init__(
        self,
        task: Task[Batch],
        recipe: Recipe,
        folder: Path,
        *,
        tell: Tell = print,
        clock: Clock = time.monotonic,
    ) -> None:
        self._task = task
        self._recipe = recipe
        self._folder = folder
        self._clock = clock
        self._progress = Progress(tell)
        self._schedule = CosineSchedule(recipe.rate)
        self._optimiser = torch.optim.AdamW(
            _groups(task.network, recipe.decay), lr=recipe.rate, fused=True
        )
        self._average = WeightAverage(task.network, recipe.average)
        self._state = _State()

    def resume(self) -> bool:
        """Go on from the folder's checkpoint; False when there is none.

        Raises:
            ModelError: the checkpoint is damaged, or of another network.
        """
        kept = read_checkpoint(self._folder)
        if kept is None:
            return False
        try:
            self._task.network.load_state_dict(kept["network"])
            self._average.network.load_state_dict(kept["average"])
            self._optimiser.load_state_dict(kept["optimiser"])
            self._state = _State(**kept["state"])
        except (KeyError, RuntimeError, ValueError, TypeError) as error:
            raise ModelError(
                f"{self._folder}: a checkpoint of another network ({error}); train into another "
                "folder, or without --resume"
            ) from error
        self._average.steps = self._state.step
        return True

    def train(self) -> tuple[nn.Module, dict[str, float]]:
        """Train until the time is over: the averaged network, and its figures on what is held out.

        Raises:
            ModelError: the loss is not finite any more.
        """
        recipe, state = self._recipe, self._state
        before, start = state.elapsed, self._clock()
        judged = saved = before
        batches = self._task.batches(recipe.seed + state.step)
        while state.elapsed < recipe.minutes * 60 and state.step != recipe.steps:
            self._step(next(batches))
            state.elapsed = before + self._clock() - start
            if state.elapsed - judged >= recipe.judge_minutes * 60:
                judged = state.elapsed
                self._judge()
            if state.elapsed - saved >= recipe.save_minutes * 60:
                saved = state.elapsed
                self._save()
        self._judge()
        self._save()
        return self._average.network, dict(state.figures)

    def _step(self, batch: Batch) -> None:
        recipe, state = self._recipe, self._state
        done = min(1.0, state.elapsed / (recipe.minutes * 60))
        rate = self._schedule.rate(done)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._task.network.train()
        losses = self._task.losses(batch, done)
        total = torch.stack(list(losses.values())).sum()
        if not math.isfinite(total.item()):
            raise ModelError(
                f"the loss is {total.item()} at step {state.step}; train with a lower rate, or "
                "go on from the last checkpoint with another seed"
            )
        self._optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._task.network.parameters(), recipe.clip)
        self._optimiser.step()
        self._average.update(self._task.network)
        state.step += 1
        self._progress.add({name: float(loss.detach()) for name, loss in losses.items()})
        self._progress.line(state.step, state.elapsed, recipe.minutes * 60, rate)

    def _judge(self) -> None:
        self._state.figures = dict(self._task.judge(self._average.network))
        self._progress.figures(self._state.step, self._state.figures)

    def _save(self) -> None:
        state: dict[str, Any] = {
            "network": self._task.network.state_dict(),
            "average": self._average.network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "state": vars(self._state),
        }
        write_checkpoint(self._folder, state)


def _groups(network: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Biases and the scales of normalisation are not decayed (arXiv 1706.05350)."""
    parameters = [one for one in network.parameters() if one.requires_grad]
    return [
        {"params": [one for one in parameters if one.ndim > 1], "weight_decay": decay},
        {"params": [one for one in parameters if one.ndim <= 1], "weight_decay": 0.0},
    ]


def averaged_network(network: nn.Module, folder: Path) -> nn.Module:
    """`network` with the averaged weights of the checkpoint in `folder`, for evaluation.

    Raises:
        ModelError: there is no checkpoint, or it is of another network.
    """
    kept = read_checkpoint(folder)
    if kept is None:
        raise ModelError(f"{folder} has no checkpoint; train into it first")
    try:
        network.load_state_dict(kept["average"])
    except (KeyError, RuntimeError) as error:
        raise ModelError(f"{folder}: a checkpoint of another network: {error}") from error
    return network.eval()
