"""`dongseon models train plate-finder`: from plates drawn on vehicles to weights and card."""

import cv2
import numpy as np
import torch

from models.train.common.device import device_called, seed_everything
from models.train.common.loop import Recipe, Run
from models.train.common.options import TrainOptions, clock_of
from models.train.plates.finder_network import FinderNet
from models.train.plates.finder_publish import publish
from models.train.plates.finder_task import FinderTask
from models.train.plates.scenes import TRAINED_VIEW
from models.train.plates.sets import VEHICLES, trained_faces
from models.train.plates.surroundings import Surroundings
from models.train.plates.trainer import write_sheet
from models.train.plates.vehicles import VehicleScene, VehicleStudio

_JUDGED, _JUDGED_SEED = 400, 9_003
_SHEET = 96


def train(options: TrainOptions) -> None:
    """Put drawn plates on vehicles, learn to find them, and write weights, entry and card.

    `options.data`, errors and the rest as for the plate reader.
    """
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    random = seed_everything(options.seed)
    surroundings = Surroundings.read(options.data / VEHICLES)
    studio = VehicleStudio(trained_faces(options.data), surroundings, TRAINED_VIEW)
    if options.preview is not None:
        write_sheet([_outlined(studio.scene(random)) for _ in range(_SHEET)], options.preview)
        return
    held_out = vehicles_of(studio, _JUDGED_SEED, _JUDGED)
    task = FinderTask(FinderNet().to(device_called(options.device)), studio, held_out)
    run = Run(
        task,
        Recipe(minutes=options.minutes, seed=options.seed),
        options.out,
        tell=_say,
        clock=clock_of(options),
    )
    if options.resume and run.resume():
        _say("going on from the checkpoint")
    trained, figures = run.train()
    publish(trained, figures, options)


def vehicles_of(studio: VehicleStudio, seed: int, count: int) -> list[VehicleScene]:
    """The first `count` scenes that `studio` makes from `seed`."""
    random = np.random.default_rng(seed)
    return [studio.scene(random) for _ in range(count)]


def _outlined(scene: VehicleScene) -> np.ndarray:
    picture = scene.picture.copy()
    if scene.plate is not None:
        left, top, right, bottom = (int(side) for side in scene.plate)
        cv2.rectangle(picture, (left, top), (right, bottom), (0, 0, 255), 1)
    return picture


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command says how it goes
