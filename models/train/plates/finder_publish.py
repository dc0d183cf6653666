"""The trained plate finder as others find it: ONNX file, catalogue entry, card."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import torch
from torch import nn

from models.catalogue_outputs import PlateDetectionOutput
from models.train.common.agreement import check_agreement
from models.train.common.cards import Figure, write_card, write_entry
from models.train.common.export import Interface, export_onnx
from models.train.common.options import TrainOptions
from models.train.common.publishing import FOLDER, Measured, Words, card_of, entry_of
from models.train.plates.finder_network import HEIGHT, WIDTH
from models.train.plates.finder_task import INPUT
from models.train.plates.network import count_gflop
from models.train.plates.publish import SOURCES

NAME = "starter-plate-finder"
OUTPUT = PlateDetectionOutput(decode="rows", output="plates", score=0.3)

_TOLERATED = 0.02
_ABOUT = (
    "Finds Korean number plates on crops of vehicles, for the plate reader to read. It takes a "
    "grey crop and gives a score and a box for each cell of a grid."
)
_RECIPE = (
    "From scratch with `dongseon models train plate-finder`: the reader's drawn plates on crops of "
    "vehicles and on drawn bodywork, lit, blurred and compressed together. Cross-entropy with hard "
    "cells in front, generalised IoU, AdamW, cosine schedule by the clock, averaged weights. Where "
    "it is certain of a plate that was not drawn it is not told otherwise, as vehicles bear their "
    "own."
)
_LIMITS = (
    "No real picture of a Korean vehicle was at hand, neither to train on nor to judge. Plates "
    "narrower than an eighth of the crop are not looked for. One plate a crop is expected."
)

_WORDS = Words(
    name=NAME,
    shows="Korean number plates on vehicles",
    about=_ABOUT,
    recipe=_RECIPE,
    limits=_LIMITS,
    sources=SOURCES,
)


def publish(trained: nn.Module, figures: Mapping[str, float], options: TrainOptions) -> Path:
    """Write file, entry and card of `trained` below `options.out`; the folder they are in.

    `figures` are those on the held-out scenes.

    Raises:
        ModelError: a runtime reads the file as another network.
        StorageError: they cannot be written.
    """
    folder = options.out / FOLDER
    path = folder / f"{NAME}.onnx"
    network = trained.cpu().eval()
    sample = torch.rand(1, 1, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(0)) * 255
    interface = Interface(sample, INPUT.name, (OUTPUT.output,), {0: "batch"})
    export_onnx(network, interface, path)
    check_agreement(network, interface, path, _TOLERATED)
    now = datetime.now(tz=UTC)
    measured = Measured(round(count_gflop(network, HEIGHT, WIDTH), 3), tuple(_figures(figures)))
    write_entry(entry_of(_WORDS, path, INPUT, OUTPUT, now), folder)
    write_card(card_of(_WORDS, network, measured, options, now), folder)
    return folder


def _figures(figures: Mapping[str, float]) -> Iterator[Figure]:
    for name, value in figures.items():
        yield Figure(
            data="400 drawn scenes as in training, other seeds",
            metric=f"share {name} (surest box, IoU >= 0.5)",
            value=round(value, 4),
            tolerance=0.03,
            command="dongseon models train plate-finder --data ../shared/data --out DIR",
        )
