"""A plate that is asked for, whole, in part, with gaps, or nearly: which plates fit, and how."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints

from central.plates.folding import ALIKE, fold_plate, normalise_plate

MAX_PLATE = 32
"""Characters of what may be asked; a plate on the wire has 16 at most."""

_ANY_ONE, _ANY_MANY = "?", "*"
_MOST_STARS = 4
_LEAST_KNOWN = 3
"""Characters side by side: fewer are in no trigram, and every plate would have to be read."""

_LEAST_SIMILAR = 5
"""Shorter texts are like too many plates."""

_MOST_EDITS = 2.0
_ALIKE_EDIT = 0.5


class How(StrEnum):
    """How a plate fits what was asked, the best first."""

    EXACT = "exact"
    FOLDED = "folded"
    WILDCARD = "wildcard"
    PART = "part"
    SIMILAR = "similar"


class PlateMatch(NamedTuple):
    """How a plate fits. `edits`: characters that differ, a half for digits that look alike."""

    how: How
    edits: float = 0.0

    @property
    def order(self) -> tuple[int, float]:
        """The smaller, the better it fits."""
        return (list(How).index(self.how), self.edits)


def _check(text: str) -> str:
    plain = normalise_plate(text)
    if max(map(len, re.split(r"[?*]", plain))) < _LEAST_KNOWN:
        raise ValueError(
            f"a plate needs {_LEAST_KNOWN} characters side by side that are known, besides ? for "
            "one that is not and * for any number"
        )
    if plain.count(_ANY_MANY) > _MOST_STARS:
        raise ValueError(f"a plate may have {_MOST_STARS} stars; one stands for any number already")
    return text


AskedPlate = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=_LEAST_KNOWN,
        max_length=MAX_PLATE,
        pattern=r"^[^\x00-\x1f\x7f]+$",
    ),
    AfterValidator(_check),
    Field(
        description="whole or a part; ? stands for one character, * for any number; spaces, "
        "hyphens and what looks alike (0/O, 1/I, 가/거) do not matter",
        examples=["12?3456"],
    ),
]


class PlatePattern:
    """What is asked for. `similar`: plates with up to two other characters fit too."""

    def __init__(self, text: str, *, similar: bool = True) -> None:
        self.exact = normalise_plate(text)
        self.folded = fold_plate(text)
        self.has_gaps = any(gap in self.folded for gap in (_ANY_ONE, _ANY_MANY))
        self.similar = similar and not self.has_gaps and len(self.folded) >= _LEAST_SIMILAR
        self._whole = re.compile(_regular(self.folded))

    @property
    def like(self) -> str:
        """A LIKE pattern (escaped by a backslash) for every folded plate that this is a part of."""
        return f"%{self.like_whole}%"

    @property
    def like_whole(self) -> str:
        """The same for every folded plate that this is the whole of."""
        escaped = re.sub(r"([\\%_])", r"\\\1", self.folded)
        return escaped.replace(_ANY_ONE, "_").replace(_ANY_MANY, "%")

    def match(self, plate: str) -> PlateMatch | None:
        """How `plate`, as it was read, fits; None: it does not."""
        folded = fold_plate(plate)
        if normalise_plate(plate) == self.exact:
            return PlateMatch(How.EXACT)
        if self.is_whole(folded):
            return PlateMatch(How.WILDCARD if self.has_gaps else How.FOLDED)
        if self._whole.search(folded):
            return PlateMatch(How.PART)
        if not self.similar:
            return None
        edits = edit_distance(self.folded, folded)
        return PlateMatch(How.SIMILAR, edits) if edits <= _MOST_EDITS else None

    def is_whole(self, folded: str) -> bool:
        """Whether a plate that is `folded` already fits from end to end."""
        return self._whole.fullmatch(folded) is not None

    def rank(self, plates: Iterable[str]) -> dict[str, PlateMatch]:
        """Those of `plates` that fit, the best first."""
        found = {plate: match for plate in plates if (match := self.match(plate)) is not None}
        return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))


def edit_distance(one: str, other: str) -> float:
    """Characters to insert, delete or change (Levenshtein), a half for digits that look alike.

    Which digits do is measured, see `central.plates.folding`.
    """
    row = [float(place) for place in range(len(other) + 1)]
    for above, character in enumerate(one, start=1):
        diagonal, row[0] = row[0], float(above)
        for place, against in enumerate(other, start=1):
            changed = diagonal + _cost(character, against)
            diagonal = row[place]
            row[place] = min(changed, row[place] + 1, row[place - 1] + 1)
    return row[-1]


def _cost(one: str, other: str) -> float:
    if one == other:
        return 0.0
    return _ALIKE_EDIT if "".join(sorted((one, other))) in ALIKE else 1.0


def _regular(folded: str) -> str:
    gaps = {_ANY_ONE: ".", _ANY_MANY: ".*"}
    # Stars in a row are one: each more would cost a try of every length.
    once = re.sub(r"\*+", _ANY_MANY, folded)
    return "".join(gaps.get(character, re.escape(character)) for character in once)
