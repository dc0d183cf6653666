"""Who on the list do these sightings show? One matrix product for each embedding space."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from central.plates.folding import fold_plate
from central.plates.matching import PlatePattern
from central.sightings.attributes import AttributeFilter
from central.watch.changes import Seen
from central.watch.likeness import Likeness
from shared.classes import ObjectClass
from shared.vectors import Vector

LIKENESS, PLATE, ATTRIBUTES = "likeness", "plate", "attributes"
_SHORTEST = 1e-6

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """One entry as it is compared.

    `vector` is its unit mean in `space`, float32; `negatives` (K, D) unit vectors of look-alikes.
    `cameras` None: all. `plate` is folded and may have gaps (? and *). The sightings it is
    `made_of` are no news.
    """

    id: UUID
    name: str
    until: datetime
    quiet: timedelta
    object_class: str | None
    cameras: frozenset[str] | None
    attributes: AttributeFilter
    plate: str | None
    space: str | None = None
    vector: Vector | None = None
    negatives: Matrix | None = None
    least_cosine: float = 1.0
    made_of: frozenset[UUID] = frozenset()


class Match(NamedTuple):
    """A sighting that shows a target; `probability` None: no vectors were compared."""

    target: Target
    seen: Seen
    found_by: list[str]
    probability: float | None


class _Space(NamedTuple):
    """The targets of one space: row i of `vectors` (T, D) is that of `targets[i]`."""

    targets: list[Target]
    vectors: Matrix
    least: NDArray[np.float32]


@dataclass
class Roster:
    """All that is looked for now."""

    targets: Sequence[Target]
    likeness: Likeness
    ids: frozenset[UUID] = field(init=False)
    _spaces: dict[str, _Space] = field(init=False)
    _plates: Mapping[str, list[Target]] = field(init=False)
    _patterns: list[tuple[PlatePattern, Target]] = field(init=False)
    _others: list[Target] = field(init=False)

    def __post_init__(self) -> None:
        self.ids = frozenset(target.id for target in self.targets)
        by_space, plates = defaultdict(list), defaultdict(list)
        self._patterns = []
        for target in self.targets:
            if target.space is not None:
                by_space[target.space].append(target)
            if target.plate is None:
                continue
            pattern = PlatePattern(target.plate, similar=False)
            if pattern.has_gaps:
                self._patterns.append((pattern, target))
            else:
                plates[target.plate].append(target)
        self._spaces = {space: _stacked(found) for space, found in by_space.items()}
        self._plates = plates
        self._others = [t for t in self.targets if t.space is None and t.plate is None]

    def match(self, seen: Sequence[Seen], now: datetime) -> list[Match]:
        """Every pair of a target and a sighting that shows it.

        A plate says more than looks, so one that matches needs no likeness; class, cameras and
        attributes must fit all the same.
        """
        found: dict[tuple[UUID, int], Match] = {}
        for match in (*self._alike(seen), *self._plated(seen), *self._described(seen)):
            target, one = match.target, match.seen
            if now < target.until and _fits(target, one):
                key = (target.id, id(one))
                known = found.get(key)
                found[key] = match if known is None else _joined(known, match)
        return list(found.values())

    def _alike(self, seen: Sequence[Seen]) -> Iterator[Match]:
        by_space = defaultdict(list)
        for one in seen:
            if one.space in self._spaces:
                by_space[one.space].append(one)
        for name, sightings in by_space.items():
            space = self._spaces[name]
            fitting = [s for s in sightings if len(s.vector) == space.vectors.shape[1]]
            if not fitting:
                continue
            vectors = unit_rows(fitting)
            cosines = vectors @ space.vectors.T
            for row, column in np.argwhere(cosines >= space.least):
                target, cosine = space.targets[column], float(cosines[row, column])
                if not _nearer_to_another(target, vectors[row], cosine):
                    yield self._match(target, fitting[row], cosine)

    def _match(self, target: Target, one: Seen, cosine: float) -> Match:
        object_class = ObjectClass(one.object_class)
        probability = self.likeness.probability(one.space, object_class, cosine)
        return Match(target, one, [LIKENESS], probability)

    def _plated(self, seen: Iterable[Seen]) -> Iterator[Match]:
        for one in seen:
            if one.plate:
                for target in self._with_plate(fold_plate(one.plate)):
                    yield Match(target, one, [PLATE], None)

    def _with_plate(self, folded: str) -> Iterator[Target]:
        yield from self._plates.get(folded, ())
        for pattern, target in self._patterns:
            if pattern.is_whole(folded):
                yield target

    def _described(self, seen: Iterable[Seen]) -> Iterator[Match]:
        for one in seen:
            for target in self._others:
                yield Match(target, one, [ATTRIBUTES], None)


def unit_rows(seen: Sequence[Seen]) -> Matrix:
    """The vectors of `seen`, all of one length D, as unit rows (N, D); a damaged one is zeros.

    The scale falls out: a row is brought to unit length whatever it is.
    """
    raw = np.frombuffer(b"".join(bytes(one.vector) for one in seen), dtype=np.int8)
    rows = raw.reshape(len(seen), -1).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, _SHORTEST), dtype=np.float32)


def _stacked(targets: list[Target]) -> _Space:
    vectors = np.stack([target.vector for target in targets if target.vector is not None])
    least = np.array([target.least_cosine for target in targets], dtype=np.float32)
    return _Space(targets, vectors, least)


def _nearer_to_another(target: Target, vector: Vector, cosine: float) -> bool:
    """Whether it is more like one that was dismissed than like the target."""
    if target.negatives is None:
        return False
    return bool((target.negatives @ vector).max() > cosine)


def _joined(one: Match, other: Match) -> Match:
    known = [p for p in (one.probability, other.probability) if p is not None]
    found_by = sorted({*one.found_by, *other.found_by})
    return Match(one.target, one.seen, found_by, max(known, default=None))


def _fits(target: Target, one: Seen) -> bool:
    if one.id in target.made_of:
        return False
    if target.object_class is not None and one.object_class != target.object_class:
        return False
    if target.cameras is not None and one.camera not in target.cameras:
        return False
    return all(
        _says(one, name, values, target.attributes.least)
        for name, values in target.attributes.wanted.items()
    )


def _says(one: Seen, name: str, values: Iterable[str], least: float) -> bool:
    said = one.attributes.get(name)
    return said is not None and said["value"] in values and said["confidence"] >= least
