"""One run from data to weights: the pool, a look at it, training, the exported file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch

from models.evaluation.reid_data import ReidSet
from models.roles import Embedder, LoadOptions, load_embedder
from models.train.common.device import device_called, seed_everything
from models.train.common.loop import Recipe, Run
from models.train.common.options import TrainOptions, clock_of
from models.train.embedder.batches import Draw, batches
from models.train.embedder.degrade import Strength
from models.train.embedder.identities import write_identities
from models.train.embedder.mirrored import Mirrored
from models.train.embedder.network import Shape
from models.train.embedder.parts import Samples, part_at, together
from models.train.embedder.pool import Pool
from models.train.embedder.publish import Facts, publish
from models.train.embedder.task import EmbedderTask, Setting, Weights, embedder_of
from shared.errors import StorageError

POOL = "pool"
UNSEEN = 999
"""The number of the part that is only judged on."""

HELD_OUT_FILE = "held-out.txt"
_SHEET = 8
"""Batches on a sheet."""


@dataclass(frozen=True)
class Plan:
    """What tells one embedder's training from another's.

    Attributes:
        shape: of the network.
        draw: what a batch is made of.
        strength: how badly crops are treated.
        weights: of the parts of the loss.
        teachers: models of the catalogue whose vectors are learnt from, none where empty.
        facts: for the entry and the card.
        rate: the highest learning rate.
        average: decay of the weights' moving average, a step.
        coarse: see `Setting`.
        judge_minutes: between two looks at what is held out.
        parts: that the pool is made in.
        mirrored: whether teachers see each crop turned left to right too.
        unseen: whether there are samples for part `UNSEEN`, to see how like the teacher it is.
    """

    shape: Shape
    draw: Draw
    strength: Strength
    weights: Weights
    teachers: tuple[str, ...]
    facts: Facts
    rate: float = 2e-3
    average: float = 0.99
    coarse: float = 0.6
    judge_minutes: float = 2.0
    parts: int = 1
    mirrored: bool = False
    unseen: bool = False


def run(
    plan: Plan,
    options: TrainOptions,
    samples: Samples,
    held_out: ReidSet | None,
) -> None:
    """Train as `plan` says; weights, entry and card lie in `options.out`, below `weights/`.

    The pool is made once, part by part, and kept in `options.out` too: another run takes it as it
    is, or goes on with it. Who was held out is written there.

    Raises:
        ConfigError: the data is wrong, or the device is not here.
        DependencyMissing: a teacher's weights are not here.
        ModelError: a file in `options.out` is damaged, or training diverged.
        StorageError: `options.out` cannot be written.
    """
    device = device_called(options.device)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    rng = seed_everything(options.seed)
    pool, unseen = _pools(plan, options, samples)
    if options.preview is not None:
        _write_sheet(pool, plan, rng, options.preview)
        return
    setting = Setting(plan.shape, plan.draw, plan.strength, plan.weights, device, plan.coarse)
    task = EmbedderTask(setting, pool, held_out, unseen)
    training = Run(task, _recipe(plan, options), options.out, clock=clock_of(options))
    if options.resume:
        training.resume()
    network, figures = training.train()
    if held_out is not None:
        write_identities(held_out.identities, options.out / HELD_OUT_FILE)
    publish(embedder_of(network), plan.facts, figures, options)


def _recipe(plan: Plan, options: TrainOptions) -> Recipe:
    return Recipe(
        minutes=options.minutes,
        rate=plan.rate,
        average=plan.average,
        seed=options.seed,
        judge_minutes=plan.judge_minutes,
    )


def _pools(plan: Plan, options: TrainOptions, samples: Samples) -> tuple[Pool, Pool | None]:
    """What is learnt from, and what is only judged on."""
    folder, load = options.out / POOL, replace(LoadOptions(), threads=options.threads)

    @cache
    def teachers() -> Sequence[Embedder]:
        loaded = [load_embedder(name, load) for name in plan.teachers]
        return [Mirrored(one) for one in loaded] if plan.mirrored else loaded

    unseen = part_at(folder, UNSEEN, samples, teachers) if plan.unseen else None
    parts = [part_at(folder, number, samples, teachers) for number in range(plan.parts)]
    return together(parts), unseen


def _write_sheet(pool: Pool, plan: Plan, rng: np.random.Generator, path: Path) -> None:
    """Batches as the network would see them, a row for each."""
    drawn = batches(pool, plan.draw, plan.shape.input, plan.strength, rng)
    rows = [np.concatenate(list(seen[:24]), axis=1) for _, seen in islice(drawn, _SHEET)]
    _, data = cv2.imencode(".png", np.concatenate(rows))
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error}") from error
