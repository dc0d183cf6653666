"""A calibration as a table, as sentences and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from edge_agent.calibrate.calibration import Asked, Outcome
from edge_agent.calibrate.proposal import Proposal, Timed
from edge_agent.calibrated import CalibratedSettings, RoleFigures
from models.bench.processor import read_processor
from shared.clock import Clock, to_datetime

_BUSY = 1.5


def table(outcome: Outcome) -> Table:
    """Every candidate with its figures; the set that is proposed is marked."""
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    drawn.add_column("")
    drawn.add_column("role", no_wrap=True)
    drawn.add_column("model", overflow="fold")
    for name in ("precision", "runtime"):
        drawn.add_column(name, no_wrap=True)
    for name in ("threads", "ms", "p90", "CPU ms", "quality"):
        drawn.add_column(name, justify="right", no_wrap=True)
    for timed in sorted(outcome.timings, key=_place):
        chosen = timed in outcome.found.choice
        drawn.add_row("*" if chosen else "", *_cells(timed), style="bold green" if chosen else "")
    return drawn


def _place(timed: Timed) -> tuple[str, float]:
    return timed.candidate.role, timed.cpu_ms


def _cells(timed: Timed) -> list[str]:
    role, settings, quality = timed.candidate
    return [
        role,
        settings.name,
        settings.precision or "",
        settings.runtime or "",
        str(settings.threads or 1),
        f"{timed.wall_ms:.1f}",
        f"{timed.p90_ms:.1f}",
        f"{timed.cpu_ms:.1f}",
        "" if quality is None else f"{quality:.1f}",
    ]


def sentences(outcome: Outcome, asked: Asked) -> Iterator[str]:
    """What was looked at, what was refused, and what came out."""
    for scene in outcome.scenes:
        if scene.trouble is not None:
            yield f"{scene.channel}: not opened, measured on a test picture: {scene.trouble}"
    for refused in outcome.refused:
        settings = refused.candidate.settings
        yield f"{settings.name} {settings.precision} {settings.runtime}: {refused.reason}"
    if (times := _waiting(outcome.timings)) > _BUSY:
        yield (
            f"Calls took {times:.1f} times their work: something else uses this box. End it and "
            "calibrate again, or this is how much of it there is."
        )
    yield from _verdict(outcome, asked)


def _waiting(timings: Sequence[Timed]) -> float:
    """How much longer calls on one thread took than their work."""
    alone = [one for one in timings if one.candidate.settings.threads == 1 and one.cpu_ms > 0]
    return median(one.wall_ms / one.cpu_ms for one in alone) if alone else 1.0


def _verdict(outcome: Outcome, asked: Asked) -> Iterator[str]:
    demand, found, share = outcome.demand, outcome.found, asked.machine.share
    wanted = (
        f"{_channels(demand.channels)} at {demand.fps:g} frames/s with {demand.people:g} people "
        f"and {demand.vehicles:g} vehicles in each"
    )
    if isinstance(found, Proposal):
        yield f"{wanted}: the set marked * takes {found.load:.0%} of the box, of {share:.0%}."
        return
    yield f"{wanted}: nothing fits into {share:.0%}; the cheapest set would take {found.load:.0%}."
    carried = []
    if found.channels is not None:
        carried.append(f"{_channels(found.channels)} at {demand.fps:g} frames/s")
    if found.fps is not None:
        carried.append(f"{_channels(demand.channels)} at {found.fps:g} frames/s")
    if carried:
        yield f"It carries {', or '.join(carried)}."
    else:
        yield "It does not carry a single channel, nor all at one frame a second."


def _channels(count: int) -> str:
    return f"{count} channel" if count == 1 else f"{count} channels"


def figures(found: Proposal, outcome: Outcome, asked: Asked, clock: Clock) -> CalibratedSettings:
    """The figures of the set that was `found`, for the configuration."""
    demand = outcome.demand
    return CalibratedSettings(
        at=to_datetime(clock.now_ms()).replace(microsecond=0),
        processor=read_processor().name,
        cores=asked.machine.cores,
        share=asked.machine.share,
        load=round(found.load, 3),
        channels=demand.channels,
        fps=demand.fps,
        people=demand.people,
        vehicles=demand.vehicles,
        decoding=round(demand.decoding, 3),
        roles={timed.candidate.role: _figures(timed) for timed in found.choice},
    )


def _figures(timed: Timed) -> RoleFigures:
    return RoleFigures(
        model=timed.candidate.settings.name,
        cpu_ms=round(timed.cpu_ms, 2),
        wall_ms=round(timed.wall_ms, 2),
        p90_ms=round(timed.p90_ms, 2),
        calls=timed.calls,
        quality=timed.candidate.quality,
    )


def as_json(outcome: Outcome, asked: Asked) -> dict[str, Any]:
    """All of it as plain tables."""
    found = outcome.found
    return {
        "asked": {**asdict(outcome.demand), **asdict(asked.machine), "seconds": asked.seconds},
        "candidates": [_row(timed) for timed in outcome.timings],
        "refused": [
            {
                **one.candidate.settings.model_dump(),
                "role": one.candidate.role,
                "reason": one.reason,
            }
            for one in outcome.refused
        ],
        "fits": isinstance(found, Proposal),
        "load": found.load,
        "set": {timed.candidate.role: _row(timed) for timed in found.choice},
        **({} if isinstance(found, Proposal) else {"channels": found.channels, "fps": found.fps}),
    }


def _row(timed: Timed) -> dict[str, Any]:
    return {
        "role": timed.candidate.role,
        **timed.candidate.settings.model_dump(),
        **_figures(timed).model_dump(exclude={"model"}),
    }
