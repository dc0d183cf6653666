"""A trained embedder as others find it: ONNX file, catalogue entry, card."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch
from torch import nn

from models.catalogue import STARTER, Entry, ImageInput, Variant
from models.catalogue_outputs import EmbeddingOutput
from models.train.common.agreement import check_agreement
from models.train.common.cards import Card, Figure, Source, weight_file, write_card, write_entry
from models.train.common.export import Interface, export_onnx
from models.train.common.options import TrainOptions
from models.train.embedder.network import EmbedderNetwork, Shape, gflop_of, parameters_of

FOLDER = "weights"
"""Below the folder of the run: what goes into `models/starter/`."""

INPUT, OUTPUT = "image", "embedding"
_TOLERANCE = 1.0
"""Points: one query of a small set more or less."""


@dataclass(frozen=True)
class Facts:
    """What the entry and the card of a model say that no measurement does.

    Attributes:
        name, shows, space: as in the catalogue.
        alike, unlike: what cosines mean in the space, by `make bench-likeness`.
        judged_on: the held-out data, and `command`, which measures there again.
    """

    name: str
    shows: str
    space: str
    alike: float
    unlike: float
    about: str
    recipe: str
    limits: str
    sources: tuple[Source, ...]
    judged_on: str
    command: str


def publish(
    network: EmbedderNetwork, facts: Facts, figures: Mapping[str, float], options: TrainOptions
) -> Path:
    """Write file, entry and card of `network` below `options.out`; the folder they are in.

    Raises:
        ModelError: a runtime reads the file as another network.
        StorageError: they cannot be written.
    """
    folder = options.out / FOLDER
    path = export(network, folder / f"{facts.name}.onnx")
    now = datetime.now(tz=UTC)
    entry = _entry(path, facts, network.shape, f"{now:%Y.%m.%d}")
    write_entry(entry, folder)
    card = Card(
        name=facts.name,
        about=facts.about,
        licence="Apache-2.0",
        made=now.date(),
        seed=options.seed,
        recipe=f"{facts.recipe} {options.minutes:g} minutes on {options.device}, one thread.",
        limits=facts.limits,
        parameters=parameters_of(network),
        gflop=float(f"{gflop_of(network.shape):.3g}"),
        sources=facts.sources,
        figures=tuple(
            Figure(
                data=facts.judged_on,
                metric=metric,
                value=round(value, 1),
                tolerance=_TOLERANCE,
                command=facts.command,
            )
            for metric, value in figures.items()
        ),
    )
    write_card(card, folder)
    return folder


def export(network: nn.Module, path: Path) -> Path:
    """Write `network` to `path`, and check that both runtimes read it as what it is.

    Raises:
        ModelError: they do not.
        StorageError: it cannot be written.
    """
    shape: Shape = network.shape  # type: ignore[assignment]
    generator = torch.Generator().manual_seed(0)
    size = (2, 3, shape.input.height, shape.input.width)
    interface = Interface(
        255 * torch.rand(size, generator=generator), INPUT, (OUTPUT,), {0: "batch"}
    )
    export_onnx(network, interface, path)
    check_agreement(network, interface, path)
    return path


def _entry(path: Path, facts: Facts, shape: Shape, version: str) -> Entry:
    file = weight_file(path, f"{STARTER}/{facts.name}/{path.name}")
    return Entry(
        name=facts.name,
        version=version,
        task="embedding",
        shows=facts.shows,
        licence="Apache-2.0",
        origin="Dongseon, see CARD.md beside it",
        runtimes=("openvino", "onnxruntime"),
        precision="FP32",
        input=ImageInput(
            name=INPUT,
            width=shape.input.width,
            height=shape.input.height,
            colour="bgr",
            fit="stretch",
        ),
        embedding=EmbeddingOutput(
            output=OUTPUT,
            space=facts.space,
            dimensions=shape.dimensions,
            alike=facts.alike,
            unlike=facts.unlike,
        ),
        variants={"FP32": Variant(files=(file,))},
    )
