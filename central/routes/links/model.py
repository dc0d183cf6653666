"""Links as they are shown."""

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from central.values import Model
from shared.classes import ObjectClass

_EXAMPLE: JsonDict = {
    "from": "city-001",
    "to": "city-002",
    "object_class": "person",
    "samples": 14,
    "weight": 9.1,
    "p05_s": 71.0,
    "p50_s": 96.5,
    "p95_s": 160.2,
    "newest": "2026-07-20",
    "trusted": True,
    "network_s": 92.0,
}


class Link(Model):
    """How long those of a class took from one camera to another, as learnt.

    Seconds are from the middle of one view to that of the next: the 5th, 50th and 95th percentile.
    `samples` are the trips it was learnt from, `weight` what is left of them by now, since older
    trips count less, `newest` the day of the last one. Of one trip or two the seconds are
    rounded to tens: they may be a single vehicle's. `trusted`: it is used; until then the street
    network's time stands for it, `network_s` (null: not known).
    """

    from_: Annotated[str, Field(alias="from")]
    to: str
    object_class: ObjectClass
    samples: int
    weight: float
    p05_s: float
    p50_s: float
    p95_s: float
    newest: date
    trusted: bool
    network_s: float | None

    model_config = ConfigDict(
        serialize_by_alias=True,
        validate_by_name=True,
        json_schema_extra={"examples": [_EXAMPLE]},
    )
