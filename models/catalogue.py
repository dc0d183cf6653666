"""The catalogue: every model the project knows, as data.

A model of a kind known here (see `DetectionOutput.decode`) is added by an entry alone.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from models.catalogue_outputs import (
    AttributesOutput,
    DetectionOutput,
    EmbeddingOutput,
    FaceDetectionOutput,
    Name,
    PlateDetectionOutput,
    PlateReadingOutput,
    Task,
)
from models.errors import ModelError
from shared.errors import ConfigError
from shared.settings import Settings, explain, load_toml

CATALOGUE = Path(__file__).with_name("catalogue.toml")
PACKAGE = CATALOGUE.parent
STARTER = "starter"
"""The folder of the package with the weights that come with the project."""

ENTRY_FILE = "entry.toml"
"""What an entry beside its own weights is called."""

RuntimeName = Literal["openvino", "onnxruntime"]
Side = Annotated[int, Field(ge=1, le=4096)]
Quality = Annotated[float, Field(ge=0, le=100)]
Channels = tuple[float, float, float]
PositiveChannels = tuple[
    Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]
]


class EmbeddingSpace(NamedTuple):
    """Vectors may be compared only within one space."""

    name: str
    dimensions: int


def is_quantised(precision: str) -> bool:
    """Whether a variant of that name is computed in INT8."""
    return "INT8" in precision


class WeightFile(Settings):
    """One file: where it lies below a mirror or a store, and what its bytes must be.

    A path below `starter/` is of a file that comes with the project.
    """

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

    @property
    def shipped(self) -> bool:
        """Whether it comes with the project."""
        return PurePosixPath(self.path).parts[0] == STARTER


class Variant(Settings):
    """The same network at one precision. The runtime opens the first file.

    `runtimes` are those that can, where they are not all of the entry's. `quality` is the entry's
    figure measured at this precision, on the processors where it is worst.
    """

    files: Annotated[tuple[WeightFile, ...], Field(min_length=1)]
    runtimes: Annotated[tuple[RuntimeName, ...], Field(min_length=1)] | None = None
    quality: Quality | None = None


class ImageInput(Settings):
    """What the network wants to see: N x `channels` x height x width float32.

    Each channel is (pixel 0..255 - mean) / std, in the order of `colour`. `stretch` scales a
    picture to the input regardless of its shape; `letterbox` keeps its shape, puts it in the top
    left corner and fills the rest with `pad`. Where `multiple` is given the network may be
    reshaped to any sides that are multiples of it.
    """

    name: str
    width: Side
    height: Side
    colour: Literal["bgr", "rgb", "grey"]
    mean: Channels = (0.0, 0.0, 0.0)
    std: PositiveChannels = (1.0, 1.0, 1.0)
    fit: Literal["stretch", "letterbox"]
    pad: Annotated[int, Field(ge=0, le=255)] = 0
    multiple: Side | None = None

    @property
    def channels(self) -> int:
        """3, or 1 of a network that wants grey (then the first of `mean` and `std` counts)."""
        return 1 if self.colour == "grey" else 3


class Entry(Settings):
    """One model.

    `quality` is the figure of docs/models.md by which a better model is told from a worse one of
    its task: AP50 of a detector, rank-1 of an embedder, in percent, at its own precision.
    """

    name: Name
    version: Name
    task: Task
    shows: str
    licence: str
    origin: str
    runtimes: Annotated[tuple[RuntimeName, ...], Field(min_length=1)]
    precision: Name
    input: ImageInput
    detection: DetectionOutput | None = None
    embedding: EmbeddingOutput | None = None
    attributes: AttributesOutput | None = None
    plate_detection: PlateDetectionOutput | None = None
    plate_reading: PlateReadingOutput | None = None
    face_detection: FaceDetectionOutput | None = None
    quality: Quality | None = None
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

    def quality_at(self, precision: str) -> float | None:
        """The model's figure at `precision`; None where nobody has measured it there.

        Floats have at least the figure of what was quantised from them.

        Raises:
            ModelError: it does not exist at that precision.
        """
        own = self.variant(precision).quality
        if own is None and (precision == self.precision or not is_quantised(precision)):
            return self.quality
        return own

    def resolve(
        self, runtime: RuntimeName | None, precision: str | None
    ) -> tuple[RuntimeName, str]:
        """What to run it on and at which precision, where one or neither is asked for.

        Without a precision it is the entry's own choice, or else the first that the runtime can.

        Raises:
            ModelError: there is no such runtime or precision, or they do not go together.
        """
        if runtime is not None and runtime not in self.runtimes:
            raise ModelError(
                f"{self.name} does not run on {runtime}; it runs on {', '.join(self.runtimes)}"
            )
        if precision is not None:
            self.variant(precision)
        precisions = (precision,) if precision else (self.precision, *self.variants)
        for name in precisions:
            for able in self.variants[name].runtimes or self.runtimes:
                if runtime in {None, able}:
                    return able, name
        raise ModelError(f"{self.name} at {precision or 'any precision'} does not run on {runtime}")

    @property
    def shipped(self) -> bool:
        """Whether its weights come with the project."""
        return all(file.shipped for file in self.files)

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

    def joined(self, folder: Path) -> "Catalogue":
        """This catalogue and the entries that lie beside their weights, `folder/NAME/entry.toml`.

        Raises:
            ConfigError: such a file is wrong, or names a model that is already here.
        """
        paths = sorted(folder.glob(f"*/{ENTRY_FILE}"))
        if not paths:
            return self
        added = [entry for path in paths for entry in load_toml(Catalogue, path).models]
        try:
            return Catalogue(models=(*self.models, *added))
        except ValidationError as error:
            raise ConfigError(f"the entries below {folder}: {explain(error)}") from error


@cache
def load_catalogue(path: Path = CATALOGUE) -> Catalogue:
    """The catalogue in the file at `path` with the starter models, read once.

    Raises:
        ConfigError: the file is missing or wrong.
    """
    return load_toml(Catalogue, path).joined(PACKAGE / STARTER)
