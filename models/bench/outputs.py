"""What a model says of some pictures, as a program of its own: so that an emulator can run it.

echo '{"model": …}' | python -m models.bench.outputs OUT.npz
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.catalogue import RuntimeName
from models.errors import ModelError
from models.evaluation.pictures import read_pictures
from models.roles import LoadOptions, load_detector, load_embedder
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.errors import DongseonError, PictureError
from shared.pictures import Picture
from shared.settings import Settings

Rows = NDArray[np.float64]
"""Of one picture: an embedder's vector (1, D), or a detector's boxes (N, 6) x1 y1 x2 y2 class
score, in pixels of the picture, where class is its place in `ObjectClass`."""

_CLASSES = list(ObjectClass)


class Wanted(Settings):
    """Which model, how it is to run, and the pictures; see `LoadOptions`."""

    model: str
    store: Path
    pictures: tuple[Path, ...]
    runtime: RuntimeName | None = None
    precision: str | None = None
    exact: bool = False


def outputs_of(wanted: Wanted) -> tuple[str, list[Rows]]:
    """How the model says it runs, and what it says of each picture.

    Raises:
        ModelError: there is no such detector or embedder, or it cannot run so.
        PictureError: a picture cannot be read.
    """
    options = LoadOptions(
        store=ModelStore(wanted.store),
        runtime=wanted.runtime,
        precision=wanted.precision,
        exact=wanted.exact,
    )
    pictures = _read(wanted.pictures)
    entry = options.store.catalogue.entry(wanted.model)
    if entry.embedding is not None:
        embedder = load_embedder(wanted.model, options)
        # One by one: a batch would be computed by other kernels.
        vectors = [embedder.embed([picture]) for picture in pictures]
        return embedder.describe(), [np.asarray(rows, dtype=np.float64) for rows in vectors]
    if entry.detection is not None:
        detector = load_detector(wanted.model, options)
        found = [detector.detect(picture) for picture in pictures]
        return detector.describe(), [
            np.array(
                [[*each.rect, _CLASSES.index(each.object_class), each.confidence] for each in boxes]
            ).reshape(-1, 6)
            for boxes in found
        ]
    raise ModelError(f"{wanted.model} is for {entry.task}; a detector or embedder is needed here")


def save(path: Path, runs_as: str, rows: Sequence[Rows]) -> None:
    """Write what `outputs_of` gave."""
    np.savez(path, runs_as=runs_as, rows=np.concatenate(rows), counts=[len(each) for each in rows])


def load(path: Path) -> tuple[str, list[Rows]]:
    """What `save` wrote."""
    with np.load(path) as saved:
        ends = np.cumsum(saved["counts"])[:-1]
        return str(saved["runs_as"]), np.split(saved["rows"], ends)


def _read(paths: Sequence[Path]) -> list[Picture]:
    damaged: list[str] = []
    pictures = [picture for _, picture in read_pictures(paths, damaged)]
    if damaged:
        raise PictureError(damaged[0])
    return pictures


if __name__ == "__main__":
    try:
        save(Path(sys.argv[1]), *outputs_of(Wanted.model_validate_json(sys.stdin.read())))
    except DongseonError as error:
        sys.exit(f"error: {error}")
