"""What lies beside trained weights: the catalogue's entry, and a card that says what they are."""

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import tomlkit
from pydantic import Field

from models.catalogue import ENTRY_FILE, Catalogue, Entry, WeightFile
from shared.errors import StorageError
from shared.settings import Settings, load_toml

CARD_FILE = "card.toml"
PAGE_FILE = "CARD.md"


class Figure(Settings):
    """Something measured: `metric` of the weights at `precision` on `data`.

    A test that measures it again may find another value by `tolerance` at most.
    """

    data: str
    metric: str
    value: float
    tolerance: Annotated[float, Field(ge=0)]
    precision: str = "FP32"
    command: str = ""


class Source(Settings):
    """Something the weights were trained on or taught by; `for_what` says which."""

    name: str
    licence: str
    for_what: str


class Card(Settings):
    """What a model is: for people as `CARD.md`, for tests as `card.toml`.

    `parameters` are counted; `gflop` is 2 x multiply-adds at the native input.
    """

    name: str
    about: str
    licence: str
    made: date
    seed: int
    recipe: str
    limits: str
    parameters: Annotated[int, Field(gt=0)]
    gflop: Annotated[float, Field(gt=0)]
    sources: tuple[Source, ...]
    figures: tuple[Figure, ...] = ()

    def page(self) -> str:
        """The card as Markdown."""
        figures = [
            (f.data, f.metric, f.precision, f"{f.value:g} (± {f.tolerance:g})", f"`{f.command}`")
            for f in self.figures
        ]
        sources = [(s.name, s.licence, s.for_what) for s in self.sources]
        return "\n\n".join(
            (
                f"# {self.name}",
                self.about,
                self._facts(),
                f"## Trained on\n\n{_table(('source', 'licence', 'used as'), sources)}",
                f"## Recipe\n\n{self.recipe}",
                "## Figures\n\n"
                + _table(("data", "metric", "precision", "value", "command"), figures),
                f"## Limits\n\n{self.limits}\n",
            )
        )

    def _facts(self) -> str:
        return (
            f"Licence {self.licence}. {self.parameters:,} parameters, {self.gflop:.2f} GFLOP a "
            f"picture at the native input. Made {self.made} with seed {self.seed}."
        )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def weight_file(path: Path, name: str) -> WeightFile:
    """The file at `path` as the catalogue lists it, called `name` there.

    Raises:
        StorageError: it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error}") from error
    return WeightFile(path=name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def write_entry(entry: Entry, folder: Path) -> None:
    """Put `entry` into `folder`, beside its weights.

    Raises:
        StorageError: it cannot be written.
    """
    _write(folder / ENTRY_FILE, {"models": [_plain(entry)]})


def read_entry(folder: Path) -> Entry:
    """The entry in `folder`.

    Raises:
        ConfigError: there is none, or it is wrong.
    """
    return load_toml(Catalogue, folder / ENTRY_FILE).models[0]


def write_card(card: Card, folder: Path) -> None:
    """Put `card` into `folder`, for people and for tests.

    Raises:
        StorageError: it cannot be written.
    """
    _write(folder / CARD_FILE, _plain(card))
    _put(folder / PAGE_FILE, card.page())


def read_card(folder: Path) -> Card:
    """The card in `folder`.

    Raises:
        ConfigError: there is none, or it is wrong.
    """
    return load_toml(Card, folder / CARD_FILE)


def _plain(settings: Settings) -> dict[str, Any]:
    """`settings` without what is as it would be anyway, keys as TOML has them."""
    plain = settings.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return {key: _keyed(value) for key, value in plain.items()}


def _keyed(value: Any) -> Any:  # noqa: ANN401 - any TOML value
    if isinstance(value, dict):
        return {str(key): _keyed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_keyed(one) for one in value]
    return value


def _write(path: Path, values: dict[str, Any]) -> None:
    _put(path, tomlkit.dumps(values))


def _put(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error}") from error
