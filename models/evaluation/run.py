"""One evaluation from the command line: load the model and the data, judge, write the report."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from models.evaluation.attributes import evaluate_attributes, truth_of
from models.evaluation.detection import SCORE, evaluate_detection
from models.evaluation.detection_data import read_numbering, read_yolo
from models.evaluation.plates import Read, evaluate_plates
from models.evaluation.plates_data import read_plates
from models.evaluation.progress import shown
from models.evaluation.reid import evaluate_reid
from models.evaluation.reid_data import Queries, read_reid
from models.roles import (
    LoadOptions,
    load_attributes,
    load_detector,
    load_embedder,
    load_network_plate_reader,
)
from shared.errors import StorageError

_NAMED = 5
"""Files named for each kind of trouble on the terminal; JSON has them all."""


@dataclass(frozen=True)
class Report:
    """What was judged, on what, and the figures; `troubles` are files that were left out."""

    task: str
    model: str
    runs_as: str
    data: Mapping[str, object]
    figures: Mapping[str, Any]
    troubles: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Plates:
    """What a set of plates shows: cuts, or whole vehicles, and then what finds plates on them."""

    vehicles: bool = False
    finder: str | None = None


@dataclass(frozen=True)
class Writing:
    """Where a report goes: JSON on standard output instead of a table, and JSON in a file."""

    as_json: bool = False
    out: Path | None = None


def judge_detector(model: str, data: Path, classes: str, options: LoadOptions) -> Report:
    """Average precision of `model` on the YOLO set in `data`, its classes as `read_numbering`.

    Without a score in `options` it is `SCORE`, not the catalogue's: AP wants the weak boxes too.
    Errors as `load_detector`, `read_yolo` and `evaluate_detection`.
    """
    pictures = read_yolo(data, read_numbering(classes))
    score = SCORE if options.score is None else options.score
    detector = load_detector(model, replace(options, score=score))
    with shown("detecting", len(pictures.pictures)) as tell:
        figures = asdict(evaluate_detection(detector, pictures, tell))
    troubles = {name: figures.pop(name) for name in ("damaged", "labels_alone", "pictures_alone")}
    told = {"folder": str(data), "classes": classes, "score": score}
    return Report("detection", model, detector.describe(), told, figures, troubles)


def judge_embedder(
    model: str, data: Path, part: tuple[str | None, Queries], options: LoadOptions
) -> Report:
    """How well `model` finds the identities in `data` again.

    `part` is the identities and the queries, as `read_reid` takes them. Errors as
    `load_embedder`, `read_reid` and `evaluate_reid`.
    """
    identities, queries = part
    crops = read_reid(data, identities, queries)
    embedder = load_embedder(model, options)
    with shown("embedding", len(crops.crops)) as tell:
        figures = asdict(evaluate_reid(embedder, crops, tell))
    troubles = {"damaged": figures.pop("damaged")}
    told = {"folder": str(data), "identities": identities or "all", "queries": queries}
    return Report("reid", model, embedder.describe(), told, figures, troubles)


def judge_attributes(
    model: str, data: Path, part: tuple[str | None, Path | None], options: LoadOptions
) -> Report:
    """How often `model` says what is true of the crops in `data`.

    `part` is the identities, as `read_reid` takes them, and Market-1501's file of attributes.
    Errors as `load_attributes`, `read_reid`, `truth_of` and `evaluate_attributes`.
    """
    identities, marks = part
    crops = read_reid(data, identities)
    reader = load_attributes(model, options)
    truth = truth_of(crops, reader.object_class, marks)
    with shown("reading", sum(map(bool, truth))) as tell:
        figures = asdict(evaluate_attributes(reader, crops, truth, tell))
    troubles = {"damaged": figures.pop("damaged")}
    told = {"folder": str(data), "identities": identities or "all"}
    return Report("attributes", model, reader.describe(), told, figures, troubles)


def judge_plate_reader(model: str, data: Path, plates: Plates, options: LoadOptions) -> Report:
    """How many plates in `data` are read without a fault by `model`.

    Errors as `load_plate_reader`, `read_plates` and `evaluate_plates`.
    """
    labelled = read_plates(data)
    reader = load_network_plate_reader(model, plates.finder, options)
    read: Read = reader.read_cuts
    if plates.vehicles:
        read = lambda pictures: [reader.read(picture) for picture in pictures]  # noqa: E731
    with shown("reading", len(labelled.plates)) as tell:
        figures = asdict(evaluate_plates(read, labelled, tell))
    troubles = {name: figures.pop(name) for name in ("damaged", "unknown")}
    told = {"folder": str(data), "vehicles": plates.vehicles, "finder": plates.finder}
    return Report("plates", model, reader.describe(), told, figures, troubles)


def write(report: Report, writing: Writing) -> None:
    """Show `report` on standard output, and write it to a file where one is asked for.

    Raises:
        StorageError: the file cannot be written.
    """
    text = json.dumps(_rounded(asdict(report)), indent=1, ensure_ascii=False)
    if writing.out is not None:
        try:
            writing.out.parent.mkdir(parents=True, exist_ok=True)
            writing.out.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise StorageError(f"{writing.out}: cannot be written: {error}") from error
    if writing.as_json:
        print(text)  # noqa: T201 - what was asked for
    else:
        _show(report)


def _show(report: Report) -> None:
    console = Console()
    console.print(report.runs_as, highlight=False, soft_wrap=True)
    table = Table("figure", "value")
    for name, value in _flat(_rounded(report.figures)).items():
        table.add_row(name, "-" if value is None else str(value))
    console.print(table)
    for kind, files in report.troubles.items():
        if files:
            console.print(f"[yellow]{kind.replace('_', ' ')}: {len(files)}[/]", highlight=False)
            for name in files[:_NAMED]:
                console.print(f"  {name}", highlight=False, markup=False, soft_wrap=True)


def _flat(figures: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Nested tables as one, with dotted names."""
    flat: dict[str, Any] = {}
    for name, value in figures.items():
        flat |= (
            _flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
        )
    return flat


def _rounded(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Figures to a hundredth: more digits would only pretend."""
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, Mapping):
        return {name: _rounded(each) for name, each in value.items()}
    return value
