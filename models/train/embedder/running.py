"""One run from data to weights: the pool, a look at it, training, the exported file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch

from models.evaluation.reid_data import ReidSet
from models.roles import LoadOptions, load_embedder
from models.train.common.device import device_called, seed_everything
from models.train.common.loop import Recipe, Run
from models.train.common.options import TrainOptions
from models.train.embedder.batches import Draw, batches
from models.train.embedder.degrade import Strength
from models.train.embedder.identities import write_identities
from models.train.embedder.network import Shape
from models.train.embedder.pool import Pool, Sample, make_pool, read_pool, write_pool
from models.train.embedder.publish import Facts, publish
from models.train.embedder.task import EmbedderTask, Setting, Weights, embedder_of
from shared.errors import StorageError

POOL_FILE = "pool.npz"
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
    """

    shape: Shape
    draw: Draw
    strength: Strength
    weights: Weights
    teachers: tuple[str, ...]
    facts: Facts
    rate: float = 2e-3


def run(
    plan: Plan,
    options: TrainOptions,
    samples: Callable[[], Iterable[Sample]],
    held_out: ReidSet | None,
) -> None:
    """Train as `plan` says; weights, entry and card lie in `options.out`, below `weights/`.

    The pool is made once and kept in `options.out` too: another run takes it as it is. Who was held
    out is written there.

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
    pool = _pool(plan, options, samples)
    if options.preview is not None:
        _write_sheet(pool, plan, rng, options.preview)
        return
    setting = Setting(plan.shape, plan.draw, plan.strength, plan.weights, device)
    recipe = Recipe(
        minutes=options.minutes, rate=plan.rate, average=0.99, seed=options.seed, judge_minutes=2.0
    )
    training = Run(EmbedderTask(setting, pool, held_out), recipe, options.out)
    if options.resume:
        training.resume()
    network, figures = training.train()
    if held_out is not None:
        write_identities(held_out.identities, options.out / HELD_OUT_FILE)
    publish(embedder_of(network), plan.facts, figures, options)


def _pool(plan: Plan, options: TrainOptions, samples: Callable[[], Iterable[Sample]]) -> Pool:
    path = options.out / POOL_FILE
    if path.is_file():
        return read_pool(path)
    load = replace(LoadOptions(), threads=options.threads)
    pool = make_pool(samples(), [load_embedder(name, load) for name in plan.teachers])
    write_pool(pool, path)
    return pool


def _write_sheet(pool: Pool, plan: Plan, rng: np.random.Generator, path: Path) -> None:
    """Batches as the network would see them, a row for each."""
    drawn = batches(pool, plan.draw, plan.shape.input, plan.strength, rng)
    rows = [np.concatenate(list(seen[:24]), axis=1) for _, seen in islice(drawn, _SHEET)]
    _, data = cv2.imencode(".png", np.concatenate(rows))
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error}") from error
