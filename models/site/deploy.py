"""A detector made on a site, put where its box finds it: `<store>/local/NAME/`."""

import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import torch

from models.catalogue import Entry, Variant
from models.site.verdict import Verdict
from models.store import LOCAL, ModelStore
from models.train.common.agreement import check_agreement
from models.train.common.cards import Card, Figure, Source, weight_file, write_card, write_entry
from models.train.common.export import Interface, export_onnx
from models.train.detector.network import DetectorNetwork, count_gflop
from shared.classes import ObjectClass
from shared.errors import ConfigError, StorageError

_TOLERANCE = 1.0
_ROUNDING = 0.02
"""What 16-bit weights may change: more than of a network trained from scratch, whose weight decay
keeps them small for longer."""


@dataclass(frozen=True)
class Origin:
    """Where an adapted detector comes from, for its card."""

    base: Entry
    teachers: tuple[str, ...]
    frames: int
    minutes: float
    seed: int
    made: date


def export_adapted(
    network: DetectorNetwork,
    base: Entry,
    name: str,
    folder: Path,
    needed: Collection[ObjectClass] = tuple(ObjectClass),
) -> Entry:
    """Write `network` as `folder/NAME.onnx`; its entry, as `local/NAME/` will have it.

    Of the classes that `base` knows it gives those that are `needed`: the others may be forgotten.

    Raises:
        ModelError: a runtime reads the file as another network.
        StorageError: it cannot be written.
    """
    path = folder / f"{name}.onnx"
    export_onnx(network, _interface(base, 256, 448), path)
    check_agreement(network, _interface(base, 96, 160), path, _ROUNDING)
    file = weight_file(path, f"{LOCAL}/{name}/{path.name}")
    assert base.detection is not None  # noqa: S101 - a detector
    classes = {at: kind for at, kind in base.detection.classes.items() if kind in needed}
    return base.model_copy(
        update={
            "detection": base.detection.model_copy(update={"classes": classes}),
            "name": name,
            "version": file.sha256[:8],
            "origin": f"made here from {base.name}@{base.version}",
            "precision": "FP32",
            "quality": None,
            "variants": {"FP32": Variant(files=(file,))},
        }
    )


def check_name(store: ModelStore, name: str) -> None:
    """Refuse a name that a model has already.

    Raises:
        ConfigError: it is taken.
    """
    if name in store.catalogue.by_name:
        raise ConfigError(
            f"there is a model called {name} already; name another with --name, or delete "
            f"{store.root / LOCAL / name} first if it was made here"
        )


def deploy(folder: Path, entry: Entry, card: Card, store: ModelStore) -> Path:
    """Put the weights in `folder` with `entry` and `card` into `store`, whole or not at all.

    Raises:
        StorageError: the store cannot be written, or has such a folder already.
    """
    target = store.root / LOCAL / entry.name
    part = store.root / f".{LOCAL}-{entry.name}.part"
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for file in entry.files:
            shutil.copy2(folder / Path(file.path).name, part)
        write_card(card, part)
        write_entry(entry, part)
        target.parent.mkdir(parents=True, exist_ok=True)
        part.rename(target)
    except OSError as error:
        raise StorageError(f"{target}: cannot be written: {error}") from error
    return target


def card_of(network: DetectorNetwork, entry: Entry, origin: Origin, verdict: Verdict) -> Card:
    """What is known of an adapted detector."""
    base = origin.base
    return Card(
        name=entry.name,
        about=f"{base.name}@{base.version}, trained further on {origin.frames} frames of one site.",
        licence=base.licence,
        made=origin.made,
        seed=origin.seed,
        recipe=(
            f"`dongseon models adapt`, {origin.minutes:g} minutes, labels by "
            f"{', '.join(origin.teachers)}."
        ),
        limits=(
            "For the site it was made on. Where its figures are on a teacher's labels they say how "
            "far it agrees with the teacher, faults included."
        ),
        parameters=sum(one.numel() for one in network.parameters()),
        gflop=round(count_gflop(network, base.input.height, base.input.width), 3),
        sources=(
            Source(
                name="frames of the site", licence="the operator's", for_what="training, judging"
            ),
            *(Source(name=one, licence="see there", for_what="teacher") for one in origin.teachers),
        ),
        figures=tuple(_figures(verdict)),
    )


def _figures(verdict: Verdict) -> Iterable[Figure]:
    for name, change in {"mean": verdict.mean, **verdict.classes}.items():
        for when, value in (("before", change.before), ("after", change.after)):
            yield Figure(
                data="hold-out of the site",
                metric=f"AP50 {name} {when}",
                value=round(value, 2),
                tolerance=_TOLERANCE,
            )


def _interface(base: Entry, height: int, width: int) -> Interface:
    noise = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))
    free = {0: "batch", 2: "height", 3: "width"}
    return Interface(noise * 255, base.input.name, ("output",), free)
