"""One run of the benchmark: load what is here, then measure it in rounds."""

from pathlib import Path

from models.bench.cases import Loaded, Unavailable, Wish, cases_of, load
from models.bench.processor import read_processor
from models.bench.timing import Measured, measure
from models.evaluation.pictures import read_pictures
from models.evaluation.progress import shown
from models.store import ModelStore
from shared.errors import DependencyMissing, PictureError
from shared.pictures import Picture


def run_bench(store: ModelStore, wish: Wish, seconds: float) -> Measured:
    """Time what `wish` names, `seconds` for each case.

    Without names, models whose weights are not here are left out.

    Raises:
        DependencyMissing: the weights of a model that was named are not here, or of all.
        ModelError: a model named is not in the catalogue.
        PictureError: the picture cannot be read.
    """
    frame = None if wish.picture is None else _read(wish.picture)
    found: list[Loaded | Unavailable] = []
    cases = list(cases_of(store, wish))
    with shown("loading", len(cases)) as tell:
        for case in cases:
            try:
                found.append(load(case, store, frame))
            except DependencyMissing:
                if wish.models:
                    raise
            tell(1)
    if not found:
        raise DependencyMissing(
            "there is nothing to measure: no weights here, or no such precision or runtime; "
            "`dongseon models list` shows what there is"
        )
    return measure(found, seconds, read_processor())


def _read(path: Path) -> Picture:
    damaged: list[str] = []
    for _, picture in read_pictures([path], damaged):
        return picture
    raise PictureError(damaged[0])
