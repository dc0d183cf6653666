"""A trained embedder as others find it: ONNX file, catalogue entry, card."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch
from torch import nn

from models.catalogue import ImageInput
from models.catalogue_outputs import EmbeddingOutput
from models.train.common.agreement import check_agreement
from models.train.common.cards import Figure, write_card, write_entry
from models.train.common.export import Interface, export_onnx
from models.train.common.options import TrainOptions
from models.train.common.publishing import FOLDER, Measured, Words, card_of, entry_of
from models.train.embedder.network import EmbedderNetwork, Shape, gflop_of

INPUT, OUTPUT = "image", "embedding"
JUDGED = ("rank1", "mAP")
"""The figures that `dongseon models evaluate reid` measures again."""

_TOLERANCE = 1.0
"""Points: one query of a small set more or less."""


@dataclass(frozen=True)
class Facts(Words):
    """What the entry and the card of an embedder say that no measurement of its training does.

    Attributes:
        space: as in the catalogue.
        alike, unlike: what cosines mean in the space, by `make bench-likeness`.
        judged_on: the held-out data, and `command`, which measures there again.
    """

    space: str
    alike: float
    unlike: float
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
    taken = network.shape.input
    image = ImageInput(
        name=INPUT, width=taken.width, height=taken.height, colour="bgr", fit="stretch"
    )
    output = EmbeddingOutput(
        output=OUTPUT,
        space=facts.space,
        dimensions=network.shape.dimensions,
        alike=facts.alike,
        unlike=facts.unlike,
    )
    gflop = float(f"{gflop_of(network.shape):.3g}")
    measured = Measured(gflop, tuple(_figures(facts, figures)))
    write_entry(entry_of(facts, path, image, output, now), folder)
    write_card(card_of(facts, network, measured, options, now), folder)
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


def _figures(facts: Facts, figures: Mapping[str, float]) -> Iterator[Figure]:
    for metric in JUDGED:
        yield Figure(
            data=facts.judged_on,
            metric=metric,
            value=round(figures[metric], 1),
            tolerance=_TOLERANCE,
            command=facts.command,
        )
