"""Quantised files put where models are loaded from."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.catalogue import ENTRY_FILE, PACKAGE, STARTER, Catalogue, Entry, Variant, WeightFile
from models.errors import ModelError
from models.quantise.report import RuntimeReport
from models.quantise.source import Candidate, Source
from models.store import LOCAL
from models.train.common.cards import CARD_FILE, Figure, read_card, write_card, write_entry
from shared.errors import StorageError
from shared.settings import load_toml

_SUFFIX = "int8"

_POINTS, _COSINE, _TIME = 1.0, 0.005, 0.25
"""By which figures measured again may differ: versions of a runtime round differently, and how
much time integers take depends on the processor."""


def local_name(entry: Entry) -> str:
    """What the quantised model is called beside its original."""
    return f"{entry.name}-{_SUFFIX}"


def publish_locally(
    source: Source, chosen: Sequence[tuple[Candidate, RuntimeReport]], folder: Path
) -> Entry:
    """Put the files and their entry into `folder`, a model of its own.

    Directly below the `local` folder of a store it is one of that store's models; elsewhere it is
    to be copied there under the folder's own name.

    Raises:
        StorageError: it cannot be written.
    """
    variants = {
        candidate.precision: _copied(candidate, folder, f"{LOCAL}/{folder.name}")
        for candidate, _ in chosen
    }
    fastest = min(chosen, key=lambda pair: pair[1].int8_ms)[0]
    runtimes = dict.fromkeys(candidate.runtime for candidate, _ in chosen)
    entry = source.entry.model_copy(
        update={
            "name": local_name(source.entry),
            "precision": fastest.precision,
            "runtimes": (fastest.runtime, *(name for name in runtimes if name != fastest.runtime)),
            "origin": f"{source.entry.origin}; quantised here from {source.precision}",
            "quality": None,
            "variants": variants,
        }
    )
    write_entry(Entry.model_validate(entry.model_dump()), folder)
    return entry


def publish_beside(
    source: Source, chosen: Sequence[tuple[Candidate, RuntimeReport]], root: Path | None = None
) -> Entry:
    """Put the files beside the weights they were made from, and into their entry and card.

    What is faster than before and within the limit becomes what the model runs at unless another
    precision is asked for.

    Raises:
        ModelError: the weights do not come with the project.
        StorageError: the folder cannot be written.
    """
    folder = (root or PACKAGE / STARTER) / source.entry.name
    if not (folder / ENTRY_FILE).is_file():
        raise ModelError(
            f"{source.entry.name} does not come with the project: leave out --publish, and "
            "it becomes a model of this machine"
        )
    (entry,) = load_toml(Catalogue, folder / ENTRY_FILE).models
    variants = {
        candidate.precision: _copied(candidate, folder, f"{STARTER}/{entry.name}")
        for candidate, _ in chosen
    }
    changed = _with(entry, variants, _default(source, chosen))
    write_entry(changed, folder)
    if (folder / CARD_FILE).is_file():
        _write_figures(folder, [report for _, report in chosen])
    return changed


def _with(entry: Entry, variants: Mapping[str, Variant], precision: str) -> Entry:
    return entry.model_copy(
        update={"variants": {**entry.variants, **variants}, "precision": precision}
    )


def _default(source: Source, chosen: Sequence[tuple[Candidate, RuntimeReport]]) -> str:
    """The precision for the entry's first runtime: INT8 where that is faster."""
    first = source.runtimes[0]
    for candidate, report in chosen:
        if candidate.runtime == first and report.ratio < 1.0:
            return candidate.precision
    return source.precision


def _copied(candidate: Candidate, folder: Path, name: str) -> Variant:
    """The candidate's files in `folder`, listed by their paths below `name`."""
    files = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, path in zip(
            candidate.variant(candidate.files[0].parent).files, candidate.files, strict=True
        ):
            part = folder / f".{path.name}.part"
            shutil.copyfile(path, part)
            part.replace(folder / path.name)
            files.append(
                WeightFile(path=f"{name}/{path.name}", bytes=file.bytes, sha256=file.sha256)
            )
    except OSError as error:
        raise StorageError(f"{folder}: cannot be written: {error}") from error
    return Variant(files=tuple(files), runtimes=(candidate.runtime,))


def _write_figures(folder: Path, reports: Sequence[RuntimeReport]) -> None:
    card = read_card(folder)
    ours = {report.precision for report in reports}
    kept = [figure for figure in card.figures if figure.precision not in ours]
    added = [figure for report in reports for figure in _figures(card.name, report)]
    write_card(card.model_copy(update={"figures": (*kept, *added)}), folder)


def _figures(name: str, report: RuntimeReport) -> list[Figure]:
    judgement = report.judgement
    told = [
        (f"{metric} (FP32 {pair.full:.2f})", round(pair.int8, 2), _POINTS)
        for metric, pair in judgement.figures.items()
    ]
    if judgement.cosine:
        told.append(("mean cosine with FP32", round(judgement.cosine[0], 4), _COSINE))
    if judgement.across is not None:
        told.append(("least cosine with and without VNNI", round(judgement.across, 4), _COSINE))
    told.append(("part of FP32's time, one core without VNNI", round(report.ratio, 2), _TIME))
    return [
        Figure(
            data=judgement.by,
            metric=metric,
            value=value,
            tolerance=tolerance,
            precision=report.precision,
            command=f"dongseon models quantize {name} --calibration DIR --held-out DIR --publish",
        )
        for metric, value, tolerance in told
    ]
