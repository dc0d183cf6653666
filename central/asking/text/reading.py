"""A sentence while it is read: rules take pieces of it, and what nobody took is left."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

# Neither a space nor part of a word: no pattern matches across what was taken.
_TAKEN = "\x00"
_QUOTES = "\u2018\u2019\u201c\u201d\u2013\u2014"
_WORD = re.compile(rf"[^\s\x00,.;:!~/()'\"{_QUOTES}\u00b7\u2026=+&|<>\[\]{{}}-]+")


class Piece(NamedTuple):
    """A part of the sentence that a rule took, and what it became.

    `wider`: that fits more than the part names.
    """

    start: int
    text: str
    means: str
    wider: bool = False


class Word(NamedTuple):
    """A word that nobody took."""

    start: int
    text: str


class Sentence:
    """The text (full width made plain), and which of it has been taken."""

    def __init__(self, text: str) -> None:
        self.text = unicodedata.normalize("NFKC", text)
        # Lower case of one character is not always one; positions must stay.
        self._free = [c.lower() if len(c.lower()) == 1 else c for c in self.text]
        self.pieces: list[Piece] = []

    @property
    def free(self) -> str:
        """The text in lower case, with what was taken blanked out."""
        return "".join(self._free)

    def take(self, start: int, end: int, means: str | None, *, wider: bool = False) -> None:
        """Take a part; `means` None: it says nothing by itself; `wider`: see `Piece`."""
        if means is not None:
            self.pieces.append(Piece(start, self.text[start:end].strip(), means, wider))
        self._free[start:end] = _TAKEN * (end - start)

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The first place in what is left that `pattern` fits."""
        return pattern.search(self.free)

    def each(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Every place in what is left that `pattern` fits."""
        return pattern.finditer(self.free)

    def words(self) -> list[Word]:
        """The words that are left."""
        return [
            Word(found.start(), self.text[found.start() : found.end()])
            for found in self.each(_WORD)
        ]
