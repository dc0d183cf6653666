"""A plate's text without what people and readers of pictures take for one another.

Latin letters are what people type, and other readers give, for digits. Hangul letters are folded
into ten groups by what our own reader takes for one another: of 1,500 drawn plates (`dongseon
models synth plates --kind unseen --seed 73001`) starter-plate-reader got 123 wrong, and where it
was a letter, the two were mostly alike in all but the side of the vowel's stroke (나 너) or the
consonant, which was one of ㄴ ㄷ ㄹ (노 도), of ㅁ ㅂ ㅇ (머 어) or of ㅅ ㅈ (서 저).
Digits are not folded: those it mistakes (`ALIKE`) form one chain, and would all become one.

The database folds in the same way (`fold_plate` of migration 0007; a test compares the two).
"""

import unicodedata
from typing import Final

from models.plates.layouts import LETTERS

_LATIN: Final = ("OQDILZSBG", "000112586")
_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_IGNORED: Final = " \t\n\r\v\f.-_\u00b7\u2010\u2011\u2013\u2014"
"""White space, dots and dashes."""


# Hangul syllables are numbered by leading consonant, vowel and final one (Unicode, 3.12).
_FIRST, _VOWELS, _FINALS = 0xAC00, 21, 28
_CONSONANTS: Final = {"나": "나다라", "마": "마바아", "사": "사자"}
_STROKE_OF: Final = {"가": "가거개", "고": "고구"}

ALIKE: Final = frozenset({"56", "38", "09", "14", "39", "68", "58", "08", "35"})
"""Digits that our reader takes for one another, the most frequent in the same 1,500 plates."""


def _parts(syllable: str) -> tuple[int, int]:
    leading, rest = divmod(ord(syllable) - _FIRST, _VOWELS * _FINALS)
    return leading, rest // _FINALS


def _hangul() -> dict[int, str]:
    consonants = {
        _parts(each)[0]: _parts(group)[0] for group, alike in _CONSONANTS.items() for each in alike
    }
    strokes = {
        _parts(each)[1]: _parts(group)[1] for group, alike in _STROKE_OF.items() for each in alike
    }
    folded: dict[int, str] = {}
    for letter in LETTERS:
        leading, vowel = _parts(letter)
        place = consonants.get(leading, leading) * _VOWELS + strokes.get(vowel, vowel)
        folded[ord(letter)] = chr(_FIRST + place * _FINALS)
    return folded


_PLAIN: Final[dict[int, str | int | None]] = {
    **str.maketrans(_LOWER, _LOWER.upper()),
    **dict.fromkeys(map(ord, _IGNORED)),
}
_FOLD: Final[dict[int, str | int | None]] = {
    **_PLAIN,
    **str.maketrans(*_LATIN),
    **str.maketrans(_LATIN[0].lower(), _LATIN[1]),
    **_hangul(),
}


def normalise_plate(text: str) -> str:
    """`text` as plates are written: full width made plain, no spaces or hyphens, upper case."""
    return unicodedata.normalize("NFKC", text).translate(_PLAIN)


def fold_plate(text: str) -> str:
    """`text` normalised, and what is easily taken for one another made the same."""
    return unicodedata.normalize("NFKC", text).translate(_FOLD)
