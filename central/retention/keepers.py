"""The places a purge visits, and what it counts there."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol

from sqlalchemy import Engine

from central.clips.store import ClipStore
from central.crops.store import CropStore
from central.index.port import VectorIndex
from central.retention.policy import Rule
from shared.errors import DongseonError

PAGE = 5_000


class Stopped(DongseonError):  # noqa: N818 - reads as the statement it is
    """The process is to end; the next purge does the rest."""


@dataclass(frozen=True)
class Stores:
    """Everything that holds sightings or parts of them.

    `index` is None where it cannot be had, and `no_index` says why. `spaces`: the length of the
    vectors of each embedding space. `quarantine_rows`: refused payloads kept of one box.
    """

    engine: Engine
    crops: CropStore
    clips: ClipStore
    index: VectorIndex | None
    data_dir: Path
    index_dir: Path
    spaces: Mapping[str, int]
    quarantine_rows: int
    no_index: str = ""


@dataclass
class Run:
    """A purge at work: its rule, its pauses, and what has gone so far, by part and kind.

    `wait` pauses for that many seconds, or less when the process is to end, and then gives True.
    """

    rule: Rule
    wait: Callable[[float], object]
    removed: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def check(self) -> None:
        """Go on, page by page, only while the process does.

        Raises:
            Stopped: it is to end.
        """
        if self.wait(0):
            raise Stopped("the purge was stopped before it had ended; the next one does the rest")

    def count(self, part: str, **kinds: int) -> None:
        """Note what went from `part`."""
        self.removed[part].update(kinds)


class DayCount(NamedTuple):
    """Of a day that is over for some cameras: its rows, those with a picture, those to go."""

    rows: int
    pictures: int
    outlived: int


Census = Mapping[date, DayCount]
"""The days that are over for some cameras or for all, and have a table."""


class Look(NamedTuple):
    """What is in a place: how much must not be there, the oldest day, and what is wrong."""

    outlived: int
    oldest: date | None
    detail: str = ""


class Keeper(Protocol):
    """One place. Both methods raise StorageError or DBAPIError where it refuses.

    `remove` asks `Run.check` before each page, so it may raise Stopped.
    """

    name: str

    def remove(self, run: Run) -> None:
        """Delete what must go, and count it. What a crash leaves is found by the next one."""

    def look(self, rule: Rule, census: Census) -> Look:
        """What is there now, by looking."""
