"""Which layers to quantise: as many as gain speed and cost no more than is allowed."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from models.errors import ModelError
from models.quantise.backend import PLANS, Backend, Keep, Layer
from models.quantise.judging import Judge, Judgement, Pair
from models.quantise.source import Candidate

Prefer = Literal["speed", "accuracy"]

_BLOCKS = 24
"""Neighbouring layers are kept or quantised together where there are more than this."""

_MOST_KEPT = 0.5
"""Of the layers: with more of them kept, INT8 gains nothing."""

Tell = Callable[[str], None]
Time = Callable[[Sequence[Candidate]], tuple[float, list[float]]]
"""Milliseconds of the network as it was, and of each candidate, measured in turns."""


@dataclass(frozen=True)
class Limits:
    """What is wanted: points that may be lost, and what to go for among what is within them."""

    max_drop: float = 1.0
    prefer: Prefer = "speed"


@dataclass(frozen=True)
class Tried:
    """One way of quantising, and what it gave. `judgement` is None where it was not judged."""

    keep: Keep
    candidate: Candidate
    full_ms: float
    int8_ms: float
    judgement: Judgement | None = None
    distortion: float | None = None

    @property
    def ratio(self) -> float:
        """INT8's time over that of the network as it was."""
        return self.int8_ms / self.full_ms


@dataclass(frozen=True)
class Outcome:
    """What was chosen; `chosen` is None where nothing is within the limit.

    `costs` says of each layer kept for its cost what it distorts when it alone is quantised, with
    its neighbours where there are many layers (`Judge.distortion`). `tried` are all ways in turn.
    """

    chosen: Tried | None
    tried: Sequence[Tried]
    costs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Search:
    """Looks for the best way to quantise with `backend`."""

    backend: Backend
    judge: Judge
    time: Time
    limits: Limits
    tell: Tell

    def run(self) -> Outcome:
        """Try the plans, the preferred first; keep layers of that one where it costs too much.

        Where still nothing is within the limit, keep layers of the plan that leaves the most.
        """
        tried: list[Tried] = []
        within = self._first_within(plans := self._plans(), tried)
        costs: dict[str, float] = {}
        if not within or within[0].keep != plans[0].keep:
            costs = self._costs()
            within += self._keeping(plans[0], costs, tried)
        if not within:
            within = self._keeping(max(plans, key=lambda one: one.keep.width), costs, tried)
        if not within:
            return Outcome(None, tried)
        chosen = min(within, key=self._rank)
        return Outcome(chosen, tried, {name: costs[name] for name in chosen.keep.layers})

    def _first_within(self, plans: Sequence[Tried], tried: list[Tried]) -> list[Tried]:
        """The first of `plans` within the limit: the ones after it are worse."""
        for plan in plans:
            judged = replace(plan, judgement=self._judgement(plan.candidate))
            self._say(judged)
            tried.append(judged)
            if self._is_within(judged):
                return [judged]
        return []

    def _plans(self) -> list[Tried]:
        """Every plan, timed, the preferred first."""
        kinds = {layer.grouped for layer in self.backend.layers}
        plans = [keep for keep in PLANS if not keep.grouped or kinds == {True, False}]
        candidates = [self._quantised(keep) for keep in plans]
        full, times = self.time(candidates)
        timed = [
            Tried(keep, candidate, full, ms)
            for keep, candidate, ms in zip(plans, candidates, times, strict=True)
        ]
        if self.limits.prefer == "accuracy":
            timed = [replace(one, distortion=self._distortion(one.candidate)) for one in timed]
        return sorted(timed, key=self._rank)

    def _rank(self, tried: Tried) -> float:
        """Less is better."""
        if self.limits.prefer == "speed":
            return tried.ratio
        return tried.judgement.drop if tried.judgement else (tried.distortion or 0.0)

    def _costs(self) -> dict[str, float]:
        """Of each layer: how much is distorted where only its block is quantised.

        Not how much less where only its block is kept: two layers that each spoil everything would
        both seem to cost nothing.
        """
        costs: dict[str, float] = {}
        alone = Keep(elementwise=True)
        blocks = _blocks(self.backend.layers)
        for number, block in enumerate(blocks, 1):
            self.tell(f"{self.backend.runtime}: what layers cost, {number} of {len(blocks)}")
            names = [layer.name for layer in block]
            others = {layer.name for layer in self.backend.layers} - {*names}
            cost = self._distortion(self.backend.roughly(alone.also(others)))
            costs |= dict.fromkeys(names, cost)
        return costs

    def _keeping(self, plan: Tried, costs: Mapping[str, float], tried: list[Tried]) -> list[Tried]:
        """`plan` with the fewest of the costly layers kept that bring it within the limit."""
        able = [one for one in self.backend.layers if not (one.grouped and plan.keep.grouped)]
        ordered = sorted((layer.name for layer in able), key=lambda name: -costs[name])
        most = math.ceil(len(ordered) * _MOST_KEPT)
        count = math.ceil(len(costs) / _BLOCKS)
        while count <= most:
            keep = plan.keep.also(ordered[:count])
            candidate = self._quantised(keep)
            full, (ms,) = self.time([candidate])
            one = Tried(keep, candidate, full, ms, self._judgement(candidate))
            self._say(one)
            tried.append(one)
            if self._is_within(one):
                return [one]
            count *= 2
        return []

    def _judgement(self, candidate: Candidate) -> Judgement:
        """What it loses: everything, where it gives what no network may give."""
        try:
            return self.judge.judge(candidate)
        except ModelError as error:
            return Judgement(f"nothing: {error}", {"usable": Pair(100.0, 0.0)})

    def _distortion(self, candidate: Candidate) -> float:
        try:
            return self.judge.distortion(candidate)
        except ModelError:
            return 1.0

    def _quantised(self, keep: Keep) -> Candidate:
        named = f" and {len(keep.layers)} layers" if keep.layers else ""
        self.tell(f"{self.backend.runtime}: quantising {keep.plan}{named}")
        return self.backend.quantise(keep)

    def _is_within(self, tried: Tried) -> bool:
        return tried.judgement is not None and tried.judgement.drop <= self.limits.max_drop

    def _say(self, tried: Tried) -> None:
        drop = tried.judgement.drop if tried.judgement else 0.0
        self.tell(
            f"{self.backend.runtime}: {tried.keep.plan}, {len(tried.keep.layers)} layers kept: "
            f"{drop:.2f} points lost, {tried.ratio:.2f} of the time"
        )


def _blocks(layers: Sequence[Layer]) -> list[Sequence[Layer]]:
    """Neighbours together, at most `_BLOCKS`."""
    size = max(1, math.ceil(len(layers) / _BLOCKS))
    return [layers[start : start + size] for start in range(0, len(layers), size)]
