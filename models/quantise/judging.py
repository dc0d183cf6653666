"""What quantising costs: the quantised network against the one it was made from."""

from dataclasses import dataclass, field
from typing import Protocol

from models.quantise.source import Candidate

FEW = 24
"""Pictures that layers are ranked by."""


@dataclass(frozen=True)
class Pair:
    """A figure of the network as it was and quantised; more is better."""

    full: float
    int8: float

    @property
    def lost(self) -> float:
        """Below zero where INT8 is better."""
        return self.full - self.int8


@dataclass(frozen=True)
class Judgement:
    """What was lost.

    `drop` is in points, the largest loss of `figures`, which are percentages. `cosine` is of the
    outputs with those of the network as it was, mean and least; `across` is the least between a
    processor without and one with VNNI, None where one figure for a picture is not to be had.
    """

    by: str
    figures: dict[str, Pair]
    cosine: tuple[float, float] | None = None
    across: float | None = None
    drop: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "drop", max(pair.lost for pair in self.figures.values()))


class Judge(Protocol):
    """Compares quantised networks with the one it was made with."""

    def judge(self, candidate: Candidate) -> Judgement:
        """What `candidate` loses.

        Raises:
            ModelError: it gives what no network may give, or does not run in INT8.
        """

    def distortion(self, candidate: Candidate) -> float:
        """How far `candidate` is off on a few pictures, computed exactly: 0 for not at all."""
