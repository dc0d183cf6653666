"""Places in a sentence: cameras and groups by name, and how far around them."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from central.asking.text.reading import Sentence, Word
from central.asking.text.vocabulary import PARTICLES, STOPWORDS
from central.cameras.selection import CameraScope, Radius
from central.values import LonLat

_NEAR_M: Final = 300.0
_MOST_WORDS: Final = 4
_LEAST_LETTERS: Final = 2
_KILO: Final = 1000
_UNIT: Final = r"(?P<unit>km|킬로미터|킬로|kilomet(?:er|re)s?|m|미터|met(?:er|re)s?)(?![a-z])"
_DISTANCE: Final = re.compile(
    rf"(?:within\s+|in\s+a\s+radius\s+of\s+|반경\s*)?(?P<number>\d{{1,5}}(?:\.\d{{1,3}})?)\s*{_UNIT}"
    r"(?:\s*(?:이내|내|안|반경|근처|주변|부근|around|of|from|away))*(?:에서|의|에)?"
)
_NEAR: Final = re.compile(
    r"(?:near|close\s+to|nearby|around)\b|(?:근처|부근|주변|인근|일대)(?:에서|의|에)?"
)
_ENDINGS: Final = (*PARTICLES, "쪽", "앞", "뒤", "옆")


class Place(NamedTuple):
    """What a name stands for: a group, or cameras; the middle of those that are placed."""

    group: str | None
    cameras: tuple[str, ...]
    middle: LonLat | None


Gazetteer = Callable[[Sequence[str]], Mapping[str, Place]]
"""Names that may be places, in lower case, the likeliest first, to the first that is one."""


class PlaceReader:
    """Takes places from what is left of a sentence; `known` is asked once."""

    def __init__(self, sentence: Sentence, known: Gazetteer) -> None:
        self._sentence = sentence
        self._known = known

    def read(self) -> CameraScope | None:
        """Where; None: nowhere that is known."""
        metres = self._metres()
        spans = _spans(self._sentence.words(), self._sentence.free)
        names = list(dict.fromkeys(name for span in spans for name in span.names))
        places = self._known(names) if names else {}
        for span in spans:
            place = next((places[name] for name in span.names if name in places), None)
            if place is not None:
                scope = _scope(place, metres)
                self._sentence.take(span.start, span.end, _means(place))
                return scope
        return None

    def _metres(self) -> float | None:
        found = self._sentence.find(_DISTANCE)
        if found is not None:
            scale = _KILO if found["unit"].startswith(("k", "킬")) else 1
            metres = float(found["number"]) * scale
            if metres > 0:
                self._sentence.take(*found.span(), f"metres={metres:g}")
                self._near()
                return metres
        return _NEAR_M if self._near() else None

    def _near(self) -> bool:
        found = self._sentence.find(_NEAR)
        if found is None:
            return False
        self._sentence.take(*found.span(), None)
        return True


class _Span(NamedTuple):
    """Some words in a row, and what name they may be, without endings too."""

    start: int
    end: int
    names: tuple[str, ...]


def _spans(words: list[Word], free: str) -> list[_Span]:
    """Up to four words that stand together, the longest first."""
    found = []
    for _, together in groupby(enumerate(words), lambda item: _run(item[1], free)):
        row = [word for _, word in together]
        for length in range(min(_MOST_WORDS, len(row)), 0, -1):
            for first in range(len(row) - length + 1):
                some = row[first : first + length]
                names = _names(some)
                if names:
                    end = some[-1].start + len(some[-1].text)
                    found.append(_Span(some[0].start, end, names))
    return sorted(found, key=lambda span: (span.start - span.end, span.start))


def _run(word: Word, free: str) -> int:
    """Words between which something was taken do not belong together."""
    return free.count("\x00", 0, word.start)


def _names(words: list[Word]) -> tuple[str, ...]:
    if any(words[place].text.lower() in STOPWORDS for place in (0, -1)):
        return ()
    whole = " ".join(word.text for word in words).lower()
    names = [whole]
    names += [
        whole.removesuffix(ending).strip()
        for ending in _ENDINGS
        if whole.endswith(ending) and not ending.isascii()
    ]
    return tuple(dict.fromkeys(name for name in names if len(name) >= _LEAST_LETTERS))


def _scope(place: Place, metres: float | None) -> CameraScope:
    if metres is not None and place.middle is not None:
        return CameraScope(radius=Radius(center=place.middle, metres=metres))
    if place.group is not None:
        return CameraScope(groups=[place.group])
    return CameraScope(ids=list(place.cameras))


def _means(place: Place) -> str:
    if place.group is not None:
        return f"group={place.group}"
    return f"cameras={len(place.cameras)}"
