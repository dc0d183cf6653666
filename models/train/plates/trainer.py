"""`dongseon models train plate-reader`: from fonts and drawn plates to weights with their card."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from models.train.common.device import device_called, seed_everything
from models.train.common.loop import Recipe, Run
from models.train.common.options import TrainOptions, clock_of
from models.train.plates.network import PlateNet
from models.train.plates.publish import publish
from models.train.plates.scenes import Scene, Studio
from models.train.plates.sets import plates_of, studio_of, trained_studio
from models.train.plates.task import PlateTask
from shared.errors import StorageError
from shared.pictures import Picture

_JUDGED = 500
_JUDGED_SEEDS = (9_001, 9_002)
_RATE = 1.7e-3
_SHEET, _COLUMNS, _CELL = 96, 8, (160, 96)


def train(options: TrainOptions) -> None:
    """Draw plates, learn to read them, and write weights, entry and card into `out`.

    `options.data` is a folder with `plates/kr_glyphs_qjadud1994` and `reid_vehicle` (the layout of
    ../shared/data); without the one plates are drawn in fonts alone, without the other what is
    around them is drawn too. The fonts must be installed.

    Raises:
        ConfigError: there is no such device.
        DependencyMissing: a font is not installed.
        ModelError: the checkpoint is damaged, or training went wrong.
        StorageError: `out` cannot be written.
    """
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    random = seed_everything(options.seed)
    studio, missing = trained_studio(options.data)
    for path in missing:
        _say(f"{options.data / path} is not there: training goes on without it")
    if options.preview is not None:
        scenes = [studio.scene(random) for _ in range(_SHEET)]
        write_sheet([scene.picture for scene in scenes], options.preview)
        return
    network = PlateNet().to(device_called(options.device))
    task = PlateTask(network, studio, _held_out(studio, options.data))
    recipe = Recipe(minutes=options.minutes, rate=_RATE, seed=options.seed)
    run = Run(task, recipe, options.out, tell=_say, clock=clock_of(options))
    if options.resume and run.resume():
        _say("going on from the checkpoint")
    trained, _ = run.train()
    publish(trained, options)


def _held_out(studio: Studio, data: Path) -> dict[str, list[Scene]]:
    like, unseen = _JUDGED_SEEDS
    return {
        "like-training": plates_of(studio, like, _JUDGED),
        "unseen": plates_of(studio_of("unseen", data), unseen, _JUDGED),
    }


def write_sheet(pictures: Sequence[Picture], path: Path) -> None:
    """`pictures` in rows of eight, for a person to look at.

    Raises:
        StorageError: the file cannot be written.
    """
    cells = [cv2.resize(picture, _CELL) for picture in pictures]
    starts = range(0, len(cells), _COLUMNS)
    rows = [np.hstack(cells[start : start + _COLUMNS]) for start in starts]
    if not cv2.imwrite(str(path), np.vstack(rows)):
        raise StorageError(f"{path}: cannot be written; is it a .png or .webp?")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command says how it goes
