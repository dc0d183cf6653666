"""Ways that differ from the fastest one.

Yen's k shortest paths (pgr_KSP) of a street network are the fastest one with a block walked
around. What people take for another way is found by making the streets of the ways known so far
slower, and asking again: the penalty method (Bader, Dees, Geisberger, Sanders: Alternative Route
Graphs in Road Networks, TAPAS 2011).
"""

from collections.abc import Callable, Mapping, Sequence

from central.roads.drawing import Step

MOST_SHARED = 0.8
"""A way that shares more of its length with one already known is no other one."""

SLOWEST = 2.0
"""A way that takes more than so many times the fastest is nobody's."""

MOST = 10
"""Ways of one trip at most, whatever is asked."""

_SLOWER = 1.4
_ROUNDS_A_WAY = 3

Ask = Callable[[Mapping[int, float]], list[Step] | None]
"""The fastest way where some edges take so many times as long; None: there is none."""


def others(ask: Ask, fastest: list[Step], wanted: int) -> list[list[Step]]:
    """Up to `wanted` ways that differ from `fastest` and from each other, the fastest first."""
    wanted = min(wanted, MOST - 1)
    known, limit = [fastest], SLOWEST * seconds(fastest)
    slower: dict[int, float] = {}
    newest = fastest
    for _ in range(_ROUNDS_A_WAY * wanted):
        for step in newest:
            slower[step.edge] = slower.get(step.edge, 1.0) * _SLOWER
        found = ask(slower)
        if found is None:
            break
        newest = found
        if seconds(found) <= limit and all(shared(found, each) <= MOST_SHARED for each in known):
            known.append(found)
        if len(known) > wanted:
            break
    return sorted(known[1:], key=seconds)


def seconds(steps: Sequence[Step]) -> float:
    """What a way truly takes, without the pieces beside its ends' streets."""
    return sum(step.seconds * (step.high - step.low) for step in steps)


def shared(steps: Sequence[Step], other: Sequence[Step]) -> float:
    """The part of the length of `steps` that is on edges of `other`."""
    edges = {step.edge for step in other}
    total = sum(step.length for step in steps)
    return sum(step.length for step in steps if step.edge in edges) / total if total else 1.0
