"""False alerts and found ones, at each sensitivity, by the product's own comparison."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np

from central.errors import InputError
from central.sightings.attributes import AttributeFilter
from central.watch.changes import Seen
from central.watch.likeness import Likeness, catalogue_likeness
from central.watch.matching import Roster, Target
from shared.classes import ObjectClass
from shared.clock import to_datetime
from shared.messages import Sighting
from shared.vectors import Vector, quantise
from tests.bench.watching.known import KnownSet

LEVELS = (0.05, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
A_DAY = 5_000
"""Objects that a busy camera sees a day."""

_NOW = to_datetime(1_784_505_600_000)


def measure(clips: dict[str, list[Sighting]], sets: Sequence[KnownSet]) -> list[dict[str, Any]]:
    """A row for each class and level."""
    likeness = catalogue_likeness()
    return [
        row
        for object_class in (ObjectClass.PERSON, ObjectClass.VEHICLE)
        for level in LEVELS
        if (
            row := _row(clips, [s for s in sets if s.object_class is object_class], likeness, level)
        )
    ]


def _row(
    clips: dict[str, list[Sighting]], sets: Sequence[KnownSet], likeness: Likeness, level: float
) -> dict[str, Any] | None:
    if not sets:
        return None
    space, object_class = sets[0].space, sets[0].object_class
    try:
        least = likeness.least_cosine(space, object_class, level)
    except InputError as error:
        return {"class": object_class.value, "least_probability": level, "refused": str(error)}
    strangers, compared = _strangers(clips, sets, likeness, least)
    row: dict[str, Any] = {
        "class": object_class.value,
        "least_probability": level,
        "cosine": round(least, 3),
        "compared": compared,
        "false_hits": strangers,
        "false_alerts_a_target_and_5000_sightings": round(A_DAY * strangers / compared, 2),
    }
    for known in sets:
        found, asked, false, others = _known(known, likeness, least)
        row[f"found, {known.name}"] = round(100 * found / asked, 1)
        row[f"false of 5,000, {known.name}"] = round(A_DAY * false / others, 1)
    return row


def _strangers(
    clips: dict[str, list[Sighting]], sets: Sequence[KnownSet], likeness: Likeness, least: float
) -> tuple[int, int]:
    """Hits of targets that cannot be in a clip, and how many pairs were compared.

    Who is in another clip, and who is in the sets, is not in this one.
    """
    shows = sets[0].object_class
    vectors = {
        name: [s.embedding.vector() for s in found if s.object_class is shows]
        for name, found in clips.items()
    }
    elsewhere = [tracklet.vector for known in sets for tracklet in known.tracklets]
    hits = compared = 0
    for name, seen in vectors.items():
        others = [v for other, found in vectors.items() if other != name for v in found]
        targets = [_target(sets[0], vector, least) for vector in (*elsewhere, *others)]
        matches = _match(targets, [_seen(sets[0], vector) for vector in seen], likeness)
        hits += len(matches)
        compared += len(targets) * len(seen)
    return hits, compared


def _known(known: KnownSet, likeness: Likeness, least: float) -> tuple[int, int, int, int]:
    """Right pairs found and asked, wrong pairs found and compared; across cameras."""
    targets = [_target(known, tracklet.vector, least) for tracklet in known.tracklets]
    seen = [_seen(known, tracklet.vector) for tracklet in known.tracklets]
    place = {one.id: number for number, one in enumerate(seen)}
    row = {target.id: number for number, target in enumerate(targets)}
    people = np.array([tracklet.identity for tracklet in known.tracklets])
    cameras = np.array([tracklet.camera for tracklet in known.tracklets])
    apart = cameras[:, None] != cameras[None, :]
    same = people[:, None] == people[None, :]
    hit = np.zeros_like(same)
    for target, sighting in _match(targets, seen, likeness):
        hit[row[target], place[sighting]] = True
    right, wrong = same & apart, ~same & apart
    return int((hit & right).sum()), int(right.sum()), int((hit & wrong).sum()), int(wrong.sum())


def _match(targets: list[Target], seen: list[Seen], likeness: Likeness) -> list[tuple[UUID, UUID]]:
    if not seen or not targets:
        return []
    return [
        (match.target.id, match.seen.id) for match in Roster(targets, likeness).match(seen, _NOW)
    ]


def _target(known: KnownSet, vector: Vector, least: float) -> Target:
    return Target(
        id=uuid4(),
        name="",
        until=_NOW + timedelta(days=1),
        quiet=timedelta(minutes=5),
        object_class=known.object_class.value,
        cameras=None,
        attributes=AttributeFilter(),
        plate=None,
        space=known.space,
        vector=vector,
        least_cosine=least,
    )


def _seen(known: KnownSet, vector: Vector) -> Seen:
    values, scale = quantise(vector)
    return Seen(
        xid="0",
        day=_NOW.date(),
        id=uuid4(),
        revision=1,
        camera="cam",
        object_class=known.object_class.value,
        first_seen=_NOW,
        last_seen=_NOW,
        space=known.space,
        vector=values,
        vector_scale=scale,
        attributes={},
        plate=None,
        clock_offset_ms=None,
    )
