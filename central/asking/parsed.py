"""A question in words, and what was understood of it."""

from typing import Annotated

from pydantic import ConfigDict, StringConstraints

from central.search.model import SearchRequest
from central.sightings.hours import Zone
from central.values import Instant, Model

MAX_QUESTION = 500


class Question(Model):
    """A sentence in Korean or English. `zone` null: that of the centre; `now` null: the present."""

    text: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=1, max_length=MAX_QUESTION, pattern=r"^[^\x00]+$"
        ),
    ]
    zone: Zone | None = None
    now: Instant | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "빨간 상의 배낭 여자 어제 오후 3시~5시 강남역 500m"},
                {"text": "red SUV near city hall yesterday evening", "zone": "Asia/Seoul"},
            ]
        }
    )


class Understood(Model):
    """A piece of the sentence, and the filter it became.

    `wider`: the filter fits more than the piece names, as `vehicle_type=car` does for an SUV.
    """

    text: str
    means: str
    wider: bool = False


class ParsedQuestion(Model):
    """The request to send to `/search`, what it is made of, and the words that are not in it."""

    request: SearchRequest
    understood: list[Understood]
    not_understood: list[str]
