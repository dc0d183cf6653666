"""What to measure: every model with each of its files, runtimes and arithmetics."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from models.bench.pictures import CROP, FRAME, PLATE, made_picture
from models.catalogue import Entry, RuntimeName
from models.catalogue_outputs import Task
from models.errors import ModelError, WrongWeights
from models.roles import (
    LoadOptions,
    load_attributes,
    load_detector,
    load_embedder,
    load_network_plate_reader,
)
from models.runtimes.port import INT8, Arithmetic
from models.store import ModelStore
from shared.pictures import Picture

FLOATS: tuple[Arithmetic, ...] = ("f32", "bf16")
PRECISIONS = (*FLOATS, INT8)


@dataclass(frozen=True)
class Wish:
    """What to measure; nothing named means all there is.

    Attributes:
        models: by name.
        runtimes: of those each model can.
        precisions: what is computed in: of `PRECISIONS`.
        threads: cores of a call.
        batches: crops or plates in a call; a detector always looks at one picture.
        picture: a file that detectors look at; readers of crops see it cut to the shape of a
            person, readers of plates a made-up one.
    """

    models: Sequence[str] = ()
    runtimes: Sequence[RuntimeName] = ()
    precisions: Sequence[str] = ()
    threads: Sequence[int] = (1,)
    batches: Sequence[int] = (1,)
    picture: Path | None = None


class Case(NamedTuple):
    """One thing to measure. `variant` is the file's precision, `arithmetic` of what is not INT8."""

    entry: Entry
    runtime: RuntimeName
    variant: str
    arithmetic: Arithmetic
    threads: int
    batch: int

    @property
    def precision(self) -> str:
        """What it is to compute in."""
        return INT8 if "INT8" in self.variant else self.arithmetic


_Prepared = tuple[Callable[[], object], str]
"""A call to measure, and how the model says it runs."""


@dataclass(frozen=True)
class Loaded:
    """A case that can be measured: one call of it, and how it says it runs."""

    case: Case
    call: Callable[[], object]
    runs_as: str


@dataclass(frozen=True)
class Unavailable:
    """A case that this machine cannot do, and why."""

    case: Case
    reason: str


def cases_of(store: ModelStore, wish: Wish) -> Iterator[Case]:
    """Everything in `wish` that the catalogue has, whether or not this machine can do it.

    Raises:
        ModelError: a model named is not in the catalogue.
    """
    entries = [store.catalogue.entry(name) for name in wish.models] or [
        entry for entry in store.catalogue.models if entry.task in _PREPARED
    ]
    for entry in entries:
        if entry.task not in _PREPARED:
            raise ModelError(
                f"{entry.name} is for {entry.task}; only {', '.join(_PREPARED)} are timed"
            )
        batches = (1,) if entry.detection is not None else wish.batches
        for kind in _kinds(entry, wish):
            for threads, batch in itertools.product(wish.threads, batches):
                yield Case(entry, *kind, threads, batch)


def load(case: Case, store: ModelStore, frame: Picture | None) -> Loaded | Unavailable:
    """The case ready to be measured.

    Raises:
        DependencyMissing: its weights are not here.
        WrongWeights: they are damaged.
    """
    options = LoadOptions(
        store=store,
        runtime=case.runtime,
        precision=case.variant,
        arithmetic=case.arithmetic,
        threads=case.threads,
    )
    try:
        call, runs_as = _PREPARED[case.entry.task](case, options, frame)
        call()
    except WrongWeights:
        raise
    except ModelError as error:
        return Unavailable(case, str(error))
    return Loaded(case, call, runs_as)


def _detecting(case: Case, options: LoadOptions, frame: Picture | None) -> _Prepared:
    detector = load_detector(case.entry.name, options)
    picture = made_picture(FRAME) if frame is None else frame
    return lambda: detector.detect(picture), detector.describe()


def _embedding(case: Case, options: LoadOptions, frame: Picture | None) -> _Prepared:
    embedder = load_embedder(case.entry.name, options)
    crops = [made_picture(CROP) if frame is None else _cut(frame)] * case.batch
    return lambda: embedder.embed(crops), embedder.describe()


def _reading_attributes(case: Case, options: LoadOptions, frame: Picture | None) -> _Prepared:
    reader = load_attributes(case.entry.name, options)
    crops = [made_picture(CROP) if frame is None else _cut(frame)] * case.batch
    return lambda: reader.read(crops), reader.describe()


def _reading_plates(case: Case, options: LoadOptions, _frame: Picture | None) -> _Prepared:
    reader = load_network_plate_reader(case.entry.name, None, options)
    cuts = [made_picture(PLATE)] * case.batch
    return lambda: reader.read_cuts(cuts), reader.describe()


_PREPARED: dict[Task, Callable[[Case, LoadOptions, Picture | None], _Prepared]] = {
    "detection": _detecting,
    "embedding": _embedding,
    "attributes": _reading_attributes,
    "plate_reading": _reading_plates,
}


def _kinds(entry: Entry, wish: Wish) -> Iterator[tuple[RuntimeName, str, Arithmetic]]:
    for variant, files in entry.variants.items():
        for runtime in files.runtimes or entry.runtimes:
            floats = FLOATS if runtime == "openvino" else FLOATS[:1]
            for arithmetic in floats if "INT8" not in variant else FLOATS[:1]:
                precision = INT8 if "INT8" in variant else arithmetic
                if runtime in (wish.runtimes or [runtime]) and precision in (
                    wish.precisions or PRECISIONS
                ):
                    yield runtime, variant, arithmetic


def _cut(frame: Picture) -> Picture:
    """The middle of `frame` in the shape of someone standing."""
    height, width = frame.shape[:2]
    side = max(1, min(width, height * CROP.width // CROP.height))
    left = (width - side) // 2
    return frame[:, left : left + side]
