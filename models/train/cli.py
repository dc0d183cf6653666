"""`dongseon models train`: makes the project's own models."""

import importlib
from pathlib import Path
from typing import Annotated, Protocol, cast

import typer

from models.train.common.options import TrainOptions
from shared.errors import ConfigError, DependencyMissing

_EXTRAS = {"torch", "onnx", "tomlkit", "av", "scipy", "pycocotools", "nncf"}


class Trainer(Protocol):
    """A module `models.train.<role>.trainer` has one of these, called `train`."""

    def __call__(self, options: TrainOptions) -> None:
        """Train as `options` say, or write the preview they ask for."""


TRAINERS = {
    "detector": "models.train.detector.trainer",
    "person-embedder": "models.train.embedder.person",
    "vehicle-embedder": "models.train.embedder.vehicle",
    "plate-reader": "models.train.plates.trainer",
    "plate-finder": "models.train.plates.finder_trainer",
}
"""Which module trains what: imported only when it is asked for."""


def trainer_of(role: str) -> Trainer:
    """What trains `role`.

    Raises:
        ConfigError: there is no such role.
        DependencyMissing: a library for training is not installed.
    """
    if role not in TRAINERS:
        raise ConfigError(f"no trainer for {role!r}; there is {', '.join(TRAINERS)}")
    try:
        module = importlib.import_module(TRAINERS[role])
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRAS:
            raise
        raise DependencyMissing(
            f"training needs {error.name}, which is not installed: pip install dongseon[train]"
        ) from error
    return cast("Trainer", module.train)


def train(  # noqa: PLR0913 - a command's options
    role: Annotated[str, typer.Argument(help=f"What to train: {', '.join(TRAINERS)}.")],
    data: Annotated[Path, typer.Option(help="A folder with what to train on.")],
    out: Annotated[Path, typer.Option(help="A folder for checkpoints and weights.")],
    *,
    minutes: Annotated[float, typer.Option(min=0, help="Of training.")] = 60.0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where it was cut off.")] = False,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    seed: Annotated[int, typer.Option(help="Of weights and batches.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="Cores to use.")] = 1,
    processor_time: Annotated[
        bool,
        typer.Option("--processor-time", help="Count the processor's minutes, not the wall's."),
    ] = False,
    preview: Annotated[
        Path | None, typer.Option(help="Write a sheet of training pictures, and do not train.")
    ] = None,
) -> None:
    """Train one of the project's own models."""
    trainer_of(role)(
        TrainOptions(
            data=data,
            out=out,
            minutes=minutes,
            resume=resume,
            device=device,
            seed=seed,
            threads=threads,
            preview=preview,
            processor_time=processor_time,
        )
    )
