"""A sentence as a request: plate, times, looks and places, in this order, and what is left."""

from datetime import datetime
from typing import Any

from pydantic import ValidationError

from central.asking.parsed import ParsedQuestion, Understood
from central.asking.text.looks import LooksReader
from central.asking.text.places import Gazetteer, PlaceReader
from central.asking.text.plates import read_plate
from central.asking.text.reading import Sentence
from central.asking.text.times import TimeReader
from central.asking.text.vocabulary import PARTICLES, STOPWORDS
from central.errors import InputError
from central.search.model import SearchRequest
from shared.classes import ObjectClass
from shared.settings import explain


def parse(text: str, now: datetime, zone: str, known: Gazetteer) -> ParsedQuestion:
    """What `text` asks for, if it is said at `now` by the clock of `zone`.

    Numbers of plates come before times, times before looks (밤 is a night, not a chestnut), and
    places are looked for in what is left, by `known`.

    Raises:
        InputError: it is said at a time so early that what it names lies before all calendars.
    """
    sentence = Sentence(text)
    fields: dict[str, Any] = {}
    plate = read_plate(sentence)
    if plate is not None:
        fields["plate"] = plate
    when = TimeReader(sentence, now, zone).read()
    fields |= {"from_": when.start, "to": when.end, "hours": when.hours}
    said = LooksReader(sentence, ObjectClass.VEHICLE if plate else None).read()
    fields |= {"object_class": said.object_class, "attributes": said.attributes}
    fields["cameras"] = PlaceReader(sentence, known).read()
    request = _request({name: value for name, value in fields.items() if value})
    return ParsedQuestion(
        request=request,
        understood=[
            Understood(text=piece.text, means=piece.means, wider=piece.wider)
            for piece in sorted(sentence.pieces)
        ],
        not_understood=_left(sentence),
    )


def _request(fields: dict[str, Any]) -> SearchRequest:
    try:
        return SearchRequest.model_validate(fields, by_name=True, by_alias=True)
    except ValidationError as error:
        raise InputError(
            f"the sentence asks for what no search can: {explain(error)}; say it in other words"
        ) from error


def _left(sentence: Sentence) -> list[str]:
    silent = STOPWORDS | set(PARTICLES)
    return [word.text for word in sentence.words() if word.text.lower() not in silent]
