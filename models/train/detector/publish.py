"""The trained detector as others find it: ONNX file, catalogue entry, card."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import torch
from torch import nn

from models.train.common.agreement import check_agreement
from models.train.common.cards import Figure, Source, write_card, write_entry
from models.train.common.export import Interface, export_onnx
from models.train.common.options import TrainOptions
from models.train.common.publishing import FOLDER, Measured, Words, card_of, entry_of
from models.train.detector.judge import INPUT, OUTPUT
from models.train.detector.network import DetectorNetwork, count_gflop
from models.train.detector.sources import Sources, load_sources

NAME = "starter-detector"

CHECKED = 4
"""One in so many held-out frames is labelled and judged again by a test of the weights."""

HELD_OUT = "held-out parts of the clips, labelled by the teachers"
HELD_OUT_CHECKED = f"every {CHECKED}th held-out frame, labelled by the teachers"

_TOLERANCE = 0.04
"""The teachers' labels, the decoder of the clips and the runtimes may differ a little."""

Figures = Mapping[str, Mapping[str, float]]

_TEACHERS = (
    Source(
        name="person-vehicle-bike-detection-2003 and -2004, Intel Open Model Zoo",
        licence="Apache-2.0",
        for_what="teachers: labels of the frames",
    ),
    Source(name="YOLOX-nano, Megvii", licence="Apache-2.0", for_what="teacher, likewise"),
)

_ABOUT = (
    "Finds people, vehicles and two-wheelers on a CPU, with nothing to fetch. Dense 3x3 "
    "convolutions, ReLU, a small pyramid, YOLOX's head and decoding; input sides may be any "
    "multiples of 32."
)
_RECIPE = (
    "From scratch with `dongseon models train detector`. Frames of the clips are labelled by two "
    "families of public detectors: an object counts where both see it or one is sure, and what "
    "only one half-sees is neither asked for nor punished. People, vehicles and two-wheelers cut "
    "out of clips (by what the still camera sees without them) and of crops (by GrabCut), and "
    "drawn bicycles, are put in other colours and sizes on other backgrounds, alone and before "
    "each other, between drawn things that are none (poles, signs, fences, racks, letters), "
    "shadows, parts of people and vehicles and pieces of pictures. SimOTA, GIoU and cross entropy, "
    "the object's against how well its box fits; AdamW, cosine schedule by the processor's time, "
    "averaged weights; wide, tall and square batches. No background asks to share alike. Earlier "
    "weights were looked at on vtest.avi, an evaluation clip: its false people are why this recipe "
    "has more things that are nobody. No frame of it was trained on. What cameras write into their "
    "pictures was put on a third of them for the last third of the run, after the held-out ones "
    "had shown letters taken for people."
)
_LIMITS = (
    "Trained on few places and on made-up pictures: weaker than the public detectors, most of all "
    "in crowds, at night, on people below 25 pixels of the input and on what looks like none of "
    "the clips. A two-wheeler's box includes who rides it. For a city, pull the public detectors, "
    "or adapt this one to the site."
)


def publish(trained: nn.Module, figures: Figures, options: TrainOptions) -> Path:
    """Write file, entry and card of `trained` below `options.out`; the folder they are in.

    `figures` are by the data they were measured on.

    Raises:
        ModelError: a runtime reads the file as another network.
        StorageError: they cannot be written.
    """
    folder = options.out / FOLDER
    path = folder / f"{NAME}.onnx"
    network = trained.cpu().eval()
    assert isinstance(network, DetectorNetwork)  # noqa: S101 - for the type checker
    export_onnx(network, _interface(INPUT.height, INPUT.width), path)
    check_agreement(network, _interface(96, 160), path)
    now = datetime.now(tz=UTC)
    words = _words()
    gflop = round(count_gflop(network, INPUT.height, INPUT.width), 3)
    measured = Measured(gflop, tuple(_figures(figures, options)))
    write_entry(entry_of(words, path, INPUT, OUTPUT, now), folder)
    write_card(card_of(words, network, measured, options, now), folder)
    return folder


def _interface(height: int, width: int) -> Interface:
    noise = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))
    free = {0: "batch", 2: "height", 3: "width"}
    return Interface(noise * 255, INPUT.name, ("output",), free)


def _figures(figures: Figures, options: TrainOptions) -> Iterator[Figure]:
    command = (
        f"dongseon models train detector --minutes {options.minutes:g} "
        f"--seed {options.seed} --data DIR --out DIR"
    )
    for data, measured in figures.items():
        for name, value in measured.items():
            yield Figure(
                data=data,
                metric=name,
                value=round(value, 4),
                tolerance=_TOLERANCE,
                command=command,
            )


def _words() -> Words:
    return Words(
        name=NAME,
        shows="people, vehicles, two-wheelers",
        about=_ABOUT,
        recipe=_RECIPE,
        limits=_LIMITS,
        sources=(*_credits(load_sources()), *_TEACHERS),
    )


def _credits(sources: Sources) -> list[Source]:
    used = [(one.credit, one.licence, "frames and cut-outs") for one in sources.clips]
    used += [(one.credit, one.licence, "cut-outs") for one in sources.crops]
    used += [(one.credit, one.licence, "backgrounds") for one in sources.backgrounds]
    return [
        Source(name=name, licence=licence, for_what=use)
        for name, licence, use in dict.fromkeys(used)
    ]
