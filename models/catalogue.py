"""The catalogue: every model the project knows, as data.

A model of a kind known here (see `DetectionOutput.decode`) is added by an entry alone.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator

from models.errors import ModelError
from shared.classes import ObjectClass
from shared.ids import PLAIN_NAME
from shared.settings import Settings, load_toml
from shared.vectors import MAX_DIMENSIONS

CATALOGUE = Path(__file__).with_name("catalogue.toml")

RuntimeName = Literal["openvino", "onnxruntime"]
Name = Annotated[str, StringConstraints(pattern=PLAIN_NAME)]
Side = Annotated[int, Field(ge=1, le=4096)]
Channels = tuple[float, float, float]
PositiveChannels = tuple[
    Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]
]


class EmbeddingSpace(NamedTuple):
    """Vectors may be compared only within one space."""

    name: str
    dimensions: int


class WeightFile(Settings):
    """One file: where it lies below a mirror or a store, and what its bytes must be."""

    path: str
    bytes: Annotated[int, Field(gt=0, le=2**31)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    url: Annotated[str, StringConstraints(pattern=r"^https://")] | None = None

    @model_validator(mode="after")
    def _stays_inside(self) -> Self:
        path = PurePosixPath(self.path)
        if path.is_absolute() or ".." in path.parts or not path.name:
            raise ValueError(f"path {self.path!r} must stay below the store")
        return self


class Variant(Settings):
    """The same network at one precision. The runtime opens the first file."""

    files: Annotated[tuple[WeightFile, ...], Field(min_length=1)]


class ImageInput(Settings):
    """What the network wants to see: N x 3 x height x width float32.

    Each channel is (pixel 0..255 - mean) / std, in the order of `colour`. `stretch` scales a
    picture to the input regardless of its shape; `letterbox` keeps its shape, puts it in the top
    left corner and fills the rest with `pad`. Where `multiple` is given the network may be
    reshaped to any sides that are multiples of it.
    """

    name: str
    width: Side
    height: Side
    colour: Literal["bgr", "rgb"]
    mean: Channels = (0.0, 0.0, 0.0)
    std: PositiveChannels = (1.0, 1.0, 1.0)
    fit: Literal["stretch", "letterbox"]
    pad: Annotated[int, Field(ge=0, le=255)] = 0
    multiple: Side | None = None


class DetectionOutput(Settings):
    """How to read detections from the output, and which class numbers are ours.

    `boxes-labels`: `boxes` (N, 5) x1 y1 x2 y2 score in input pixels, `labels` (N,).
    `yolox`: (1, cells, 5 + classes), undecoded, strides 8, 16 and 32.
    """

    decode: Literal["boxes-labels", "yolox"]
    classes: Annotated[dict[int, ObjectClass], Field(min_length=1)]
    score: Annotated[float, Field(gt=0, lt=1)]


class EmbeddingOutput(Settings):
    """The vector: its output name, its space and the number of its dimensions."""

    output: str
    space: Name
    dimensions: Annotated[int, Field(ge=1, le=MAX_DIMENSIONS)]


class Entry(Settings):
    """One model."""

    name: Name
    version: Name
    task: Literal["detection", "embedding"]
    shows: str
    licence: str
    origin: str
    runtimes: Annotated[tuple[RuntimeName, ...], Field(min_length=1)]
    precision: Name
    input: ImageInput
    detection: DetectionOutput | None = None
    embedding: EmbeddingOutput | None = None
    variants: dict[Name, Variant]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.precision not in self.variants:
            raise ValueError(f"precision {self.precision!r} is not one of its variants")
        if getattr(self, self.task) is None:
            raise ValueError(f"a {self.task} model needs its [{self.task}] table")
        return self

    def variant(self, precision: str | None = None) -> Variant:
        """The files at `precision` (the entry's own choice unless given).

        Raises:
            ModelError: it does not exist at that precision.
        """
        wanted = precision or self.precision
        if wanted not in self.variants:
            raise ModelError(
                f"{self.name} has no precision {wanted!r}; there is {', '.join(self.variants)}"
            )
        return self.variants[wanted]

    @property
    def files(self) -> tuple[WeightFile, ...]:
        """The files of every variant."""
        return tuple(file for variant in self.variants.values() for file in variant.files)


class Catalogue(Settings):
    """All entries, names unique."""

    models: tuple[Entry, ...]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        if len(self.by_name) != len(self.models):
            raise ValueError("two models have the same name")
        return self

    @property
    def by_name(self) -> Mapping[str, Entry]:
        """The entries by their names."""
        return {entry.name: entry for entry in self.models}

    def entry(self, name: str) -> Entry:
        """The model called `name`.

        Raises:
            ModelError: the catalogue has none.
        """
        found = self.by_name.get(name)
        if found is None:
            raise ModelError(
                f"no model {name!r} in the catalogue; there is {', '.join(self.by_name)}"
            )
        return found

    def space(self, name: str) -> EmbeddingSpace:
        """The embedding space called `name`.

        Raises:
            ModelError: no embedder in the catalogue writes into it.
        """
        spaces = {
            entry.embedding.space: EmbeddingSpace(entry.embedding.space, entry.embedding.dimensions)
            for entry in self.models
            if entry.embedding is not None
        }
        if name not in spaces:
            raise ModelError(f"no embedding space {name[:64]!r}; there is {', '.join(spaces)}")
        return spaces[name]


@cache
def load_catalogue(path: Path = CATALOGUE) -> Catalogue:
    """The catalogue in the file at `path`, read once.

    Raises:
        ConfigError: the file is missing or wrong.
    """
    return load_toml(Catalogue, path)
