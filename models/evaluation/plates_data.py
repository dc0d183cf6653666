"""A set of plates whose numbers are known: a folder of pictures and `labels.csv`, or file names."""

import csv
from pathlib import Path
from typing import NamedTuple

from models.evaluation.pictures import find_pictures
from models.plates.layouts import canonical
from shared.errors import ConfigError

LABELS = "labels.csv"


class LabelledPlate(NamedTuple):
    """A picture and the number on it, as `models.plates.layouts` writes it."""

    path: Path
    text: str


class PlateSet(NamedTuple):
    """What was found: `unknown` names what has no label, or one that no plate has."""

    plates: tuple[LabelledPlate, ...]
    unknown: tuple[str, ...]


def read_plates(folder: Path) -> PlateSet:
    """The plates in `folder`.

    With `labels.csv` (columns `file`, `text`; files below `folder`) those it lists; else every
    picture whose name is `PLATE_anything.jpg` or `PLATE.jpg`.

    Raises:
        ConfigError: no such folder, nothing in it, a list of another layout, or nothing usable.
    """
    listed = folder / LABELS
    named = _listed(listed) if listed.is_file() else _named(folder)
    plates, unknown = [], []
    for path, label in named:
        text = canonical(label)
        if text is None:
            unknown.append(f"{path}: {label[:32]!r} is on no plate known here")
        elif not path.is_file():
            unknown.append(f"{path}: is listed, but there is no such file")
        else:
            plates.append(LabelledPlate(path, text))
    if not plates:
        raise ConfigError(
            f"{folder} has no picture with the number of a plate; expected {LABELS} with columns "
            "file,text, or names like 12가3456_anything.jpg"
        )
    return PlateSet(tuple(plates), tuple(unknown))


def _listed(path: Path) -> list[tuple[Path, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if not {"file", "text"} <= set(rows.fieldnames or ()):
                raise ConfigError(f"{path}: the columns must be file,text, not {rows.fieldnames}")
            return [(path.parent / (row["file"] or ""), row["text"] or "") for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error


def _named(folder: Path) -> list[tuple[Path, str]]:
    return [(path, path.stem.partition("_")[0]) for path in find_pictures(folder)]
