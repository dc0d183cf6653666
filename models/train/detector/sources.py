"""Which clips, crops and pictures the detector is trained on: read from `sources.toml`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from shared.classes import ObjectClass
from shared.settings import Settings, load_toml

SOURCES = Path(__file__).with_name("sources.toml")

Span = tuple[int, int]


class _Credited(Settings):
    credit: str
    licence: str


class Clip(_Credited):
    """Frames of a video; `train` and `held_out` are spans of frame numbers."""

    file: str
    every: Annotated[int, Field(ge=1)]
    train: Span = (0, 0)
    held_out: Span = (0, 0)
    cut: bool = False

    @property
    def name(self) -> str:
        """Of the file, without its ending."""
        return Path(self.file).stem


class Crops(_Credited):
    """Pictures of one object each. `classes` by how a name begins; `shape` is height / width.

    `every`: one crop in so many is used.
    """

    pattern: str
    classes: dict[str, ObjectClass]
    shape: tuple[float, float]
    every: Annotated[int, Field(ge=1)] = 1

    def class_of(self, name: str) -> ObjectClass | None:
        """Of the crop called `name`; None of one that is not to be used."""
        return next((one for start, one in self.classes.items() if name.startswith(start)), None)


class Backgrounds(_Credited):
    """Pictures to put objects on."""

    pattern: str


class Sources(Settings):
    """Everything."""

    clips: tuple[Clip, ...] = ()
    crops: tuple[Crops, ...] = ()
    backgrounds: tuple[Backgrounds, ...] = ()


def load_sources(path: Path = SOURCES) -> Sources:
    """The sources in the file at `path`.

    Raises:
        ConfigError: it is missing or wrong.
    """
    return load_toml(Sources, path)
