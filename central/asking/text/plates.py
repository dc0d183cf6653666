"""Plates in a sentence."""

import re

from pydantic import TypeAdapter, ValidationError

from central.asking.text.reading import Sentence
from central.plates.folding import normalise_plate
from central.plates.matching import AskedPlate
from models.plates.layouts import LETTERS, REGIONS

_ASKED: TypeAdapter[str] = TypeAdapter(AskedPlate)
_LEAST_DIGITS = 2
_REGION = f"(?:{'|'.join(REGIONS)})"
# Two or three digits, a letter, and as much of the four as is known.
_WHOLE = re.compile(
    rf"(?<![0-9a-z가-힣])(?:{_REGION}\s?)?[0-9?*]{{2,3}}\s?[{LETTERS}?*]\s?[0-9?*]{{2,4}}"
    r"(?![0-9가-힣]|\s*(?:시|분|일|월|m\b|미터))"
)
_NAMED = re.compile(
    r"(?:차량\s*번호|번호판|차\s*번호|번호|number\s*plate|licen[cs]e\s*plate|plate)"
    r"(?:\s*(?:number|no\.?|가|는|이|은|ending|ends|끝|끝자리|뒷자리|in|with))*\s*[:#]?\s*"
    rf"(?P<plate>{_REGION}?\s?[0-9?*]{{0,3}}\s?[{LETTERS}]?\s?[0-9?*]{{2,4}}|[a-z0-9?*-]*[0-9][a-z0-9?*-]+)"
)


def _is_plate(text: str) -> bool:
    try:
        _ASKED.validate_python(text)
    except ValidationError:
        return False
    return True


def read_plate(sentence: Sentence) -> str | None:
    """The plate that the sentence names, whole or in part; None: none."""
    for pattern in (_NAMED, _WHOLE):
        found = sentence.find(pattern)
        if found is None:
            continue
        named = found["plate"] if "plate" in pattern.groupindex else found[0]
        plate = normalise_plate(named)
        if sum(character.isdigit() for character in plate) >= _LEAST_DIGITS and _is_plate(plate):
            sentence.take(*found.span(), f"plate={plate}")
            return plate
    return None
