"""The whole of a calibration: look, load, measure, decide."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple

from edge_agent.calibrate.bench import Ready, Stopwatch, measure
from edge_agent.calibrate.candidates import candidates, chosen_roles
from edge_agent.calibrate.demand import DECODING, Demand
from edge_agent.calibrate.loading import Workshop
from edge_agent.calibrate.proposal import Candidate, Machine, Proposal, Shortfall, Timed, propose
from edge_agent.calibrate.scenes import Scene, look_at
from edge_agent.config import EdgeSettings
from edge_agent.loading import load_finder
from edge_agent.model_settings import ModelSettings, RoleName
from models.roles import LoadOptions
from models.store import ModelStore
from shared.clock import Clock
from shared.errors import DependencyMissing, DongseonError

_PICTURES = 4
"""Channels whose pictures detectors look at: a box has few kinds of channel."""

Tell = Callable[[str, float], None]
"""Told what is being done, and how much of it is over, 0 to 1."""


class Asked(NamedTuple):
    """What a calibration is asked: objects in a channel's picture, the machine, seconds."""

    people: float
    vehicles: float
    machine: Machine
    seconds: float


class Refused(NamedTuple):
    """A candidate that cannot run here, and why."""

    candidate: Candidate
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found."""

    scenes: Sequence[Scene]
    timings: Sequence[Timed]
    refused: Sequence[Refused]
    demand: Demand
    found: Proposal | Shortfall


def calibrate(settings: EdgeSettings, asked: Asked, clock: Clock, tell: Tell) -> Outcome:
    """Measure what is installed, and find the best set for the box's channels.

    Raises:
        DependencyMissing: for some role no model is here that can run.
        ModelError: a model of `settings` is not in the catalogue.
    """
    watch, store = Stopwatch(), ModelStore(settings.models.store)
    wanted = candidates(settings.models, store, asked.machine.cores)
    _check_roles(settings.models, wanted, {})
    scenes = []
    for number, channel in enumerate(settings.channels):
        tell("looking at the channels", number / len(settings.channels))
        scenes.append(look_at(channel, clock, watch.cpu))
    finder = load_finder(settings.models.roles, LoadOptions(store=store))
    workshop = Workshop(store, [scene.picture for scene in scenes[:_PICTURES]], finder)
    ready, refused = _loaded(wanted, workshop, tell)
    reasons = {one.candidate.role: one.reason for one in refused}
    _check_roles(settings.models, [one.candidate for one in ready], reasons)
    timings = measure(ready, asked.seconds, lambda over: tell("measuring", over), watch)
    demand = _demand(settings, asked, scenes)
    return Outcome(scenes, timings, refused, demand, propose(timings, demand, asked.machine))


def _loaded(
    wanted: Sequence[Candidate], workshop: Workshop, tell: Tell
) -> tuple[list[Ready], list[Refused]]:
    ready, refused = [], []
    for number, candidate in enumerate(wanted):
        tell("loading the models", number / len(wanted))
        try:
            ready.append(workshop.ready(candidate))
        except DongseonError as error:
            refused.append(Refused(candidate, str(error)))
    return ready, refused


def _check_roles(
    chosen: ModelSettings, there: Sequence[Candidate], reasons: Mapping[RoleName, str]
) -> None:
    played = {candidate.role for candidate in there}
    for role, now in chosen_roles(chosen).items():
        if role not in played:
            pull = f"its weights are not here: `dongseon models pull {now.name}`"
            raise DependencyMissing(f"nothing here can be {role}: {reasons.get(role, pull)}")


def _demand(settings: EdgeSettings, asked: Asked, scenes: Sequence[Scene]) -> Demand:
    measured = [scene.decoding for scene in scenes if scene.decoding is not None]
    return Demand(
        channels=len(settings.channels),
        fps=max(channel.fps for channel in settings.channels),
        people=asked.people,
        vehicles=asked.vehicles,
        decoding=fmean(measured) if measured else DECODING,
    )
