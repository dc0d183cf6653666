"""What every published model says in the same way, in its catalogue entry and on its card."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from torch import nn

from models.catalogue import STARTER, Entry, ImageInput, Variant
from models.catalogue_outputs import (
    DetectionOutput,
    EmbeddingOutput,
    PlateDetectionOutput,
    PlateReadingOutput,
    Task,
)
from models.train.common.cards import Card, Figure, Source, weight_file
from models.train.common.options import TrainOptions

FOLDER = "weights"
"""Below the folder of the run: what goes into `models/starter/`."""

_LICENCE = "Apache-2.0"

Output = DetectionOutput | EmbeddingOutput | PlateDetectionOutput | PlateReadingOutput

_TASKS: dict[type[Output], Task] = {
    DetectionOutput: "detection",
    EmbeddingOutput: "embedding",
    PlateDetectionOutput: "plate_detection",
    PlateReadingOutput: "plate_reading",
}


@dataclass(frozen=True)
class Words:
    """What entry and card of a model say that no measurement does."""

    name: str
    shows: str
    about: str
    recipe: str
    limits: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Measured:
    """What was measured of a model: `gflop` a picture at the native input, and its figures."""

    gflop: float
    figures: tuple[Figure, ...]


def entry_of(words: Words, path: Path, image: ImageInput, output: Output, now: datetime) -> Entry:
    """The catalogue's entry of the file at `path`, as it lies in `models/starter/`.

    Raises:
        StorageError: the file cannot be read.
    """
    task = _TASKS[type(output)]
    entry = {
        "name": words.name,
        "version": f"{now:%Y.%m.%d}",
        "task": task,
        "shows": words.shows,
        "licence": _LICENCE,
        "origin": "Dongseon, see CARD.md beside it",
        "runtimes": ("openvino", "onnxruntime"),
        "precision": "FP32",
        "input": image,
        task: output,
        "variants": {
            "FP32": Variant(files=(weight_file(path, f"{STARTER}/{words.name}/{path.name}"),))
        },
    }
    return Entry.model_validate(entry)


def card_of(
    words: Words, network: nn.Module, measured: Measured, options: TrainOptions, now: datetime
) -> Card:
    """The card of `network`, trained as `options` say."""
    return Card(
        name=words.name,
        about=words.about,
        licence=_LICENCE,
        made=now.date(),
        seed=options.seed,
        recipe=f"{words.recipe} {options.minutes:g} minutes on {options.device}, one thread.",
        limits=words.limits,
        parameters=parameters_of(network),
        gflop=measured.gflop,
        sources=words.sources,
        figures=measured.figures,
    )


def parameters_of(network: nn.Module) -> int:
    """How many numbers it has learnt, before normalisation is folded in."""
    return sum(parameter.numel() for parameter in network.parameters())
