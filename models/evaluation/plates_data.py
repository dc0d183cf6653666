"""A set of plates whose numbers are known: a folder of pictures and `labels.csv`, or file names."""

import csv
import math
from pathlib import Path
from typing import NamedTuple

from models.evaluation.pictures import find_pictures
from models.plates.layouts import canonical
from shared.errors import ConfigError

LABELS = "labels.csv"

LEGIBILITY = "legibility"
"""The column that `dongseon models synth plates` adds: how much of the worst character is left."""


class LabelledPlate(NamedTuple):
    """A picture and the number on it, as `models.plates.layouts` writes it.

    `legibility`, 0 to 1, is known of drawn plates only, see `models.train.plates.legibility`.
    """

    path: Path
    text: str
    legibility: float | None = None


class PlateSet(NamedTuple):
    """What was found: `unknown` names what has no label, or one that no plate has."""

    plates: tuple[LabelledPlate, ...]
    unknown: tuple[str, ...]


def read_plates(folder: Path) -> PlateSet:
    """The plates in `folder`.

    With `labels.csv` (columns `file`, `text`, and `legibility` where it is known; files below
    `folder`) those it lists; else every picture whose name is `PLATE_anything.jpg` or `PLATE.jpg`.

    Raises:
        ConfigError: no such folder, nothing in it, a list of another layout, or nothing usable.
    """
    listed = folder / LABELS
    named = _listed(listed) if listed.is_file() else _named(folder)
    plates, unknown = [], []
    for path, label, legibility in named:
        text = canonical(label)
        if text is None:
            unknown.append(f"{path}: {label[:32]!r} is on no plate known here")
        elif not path.is_file():
            unknown.append(f"{path}: is listed, but there is no such file")
        else:
            plates.append(LabelledPlate(path, text, legibility))
    if not plates:
        raise ConfigError(
            f"{folder} has no picture with the number of a plate; expected {LABELS} with columns "
            "file,text, or names like 12가3456_anything.jpg"
        )
    return PlateSet(tuple(plates), tuple(unknown))


def _listed(path: Path) -> list[LabelledPlate]:
    """What the list says, whatever that is."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if not {"file", "text"} <= set(rows.fieldnames or ()):
                raise ConfigError(f"{path}: the columns must be file,text, not {rows.fieldnames}")
            return [
                LabelledPlate(
                    path.parent / (row["file"] or ""),
                    row["text"] or "",
                    _part(path, row.get(LEGIBILITY)),
                )
                for row in rows
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error


def _part(path: Path, value: str | None) -> float | None:
    if not value:
        return None
    try:
        part = float(value)
    except ValueError:
        part = math.nan
    if not 0 <= part <= 1:
        raise ConfigError(f"{path}: a {LEGIBILITY} of {value!r}; it is a number from 0 to 1")
    return part


def _named(folder: Path) -> list[LabelledPlate]:
    return [LabelledPlate(path, path.stem.partition("_")[0]) for path in find_pictures(folder)]
