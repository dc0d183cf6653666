"""What the command line asks, as a request; what the centre answers, as a table."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from central.asking.parsed import ParsedQuestion, Question
from central.client.client import CentralClient
from central.search.model import Candidate, SearchAnswer, SearchRequest
from central.sightings.attributes import read_pairs
from shared.attributes import ATTRIBUTES
from shared.errors import ConfigError
from shared.settings import explain

_RADIUS = re.compile(r"(?P<lat>-?[0-9.]+),(?P<lon>-?[0-9.]+),(?P<metres>[0-9.]+)")
_SURE = 0.5


@dataclass(frozen=True)
class Asked:
    """The options of `dongseon central search`, as they were written; None or empty: not given."""

    like: tuple[UUID, ...] = ()
    picture: Path | None = None
    plate: str | None = None
    attributes: tuple[str, ...] = ()
    text: str | None = None
    cameras: tuple[str, ...] = ()
    radius: str | None = None
    groups: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    limit: int = 20
    purpose: str | None = None


@dataclass(frozen=True)
class Composed:
    """The request, and what came of a sentence, if there was one."""

    request: SearchRequest
    parsed: ParsedQuestion | None


def ask(url: str, asked: Asked, console: Console, *, as_json: bool) -> None:
    """Ask the centre at `url`, and show what it answers.

    Raises:
        ConfigError, CentreError: see `compose`.
    """
    with CentralClient(url) as client:
        composed = compose(client, asked)
        answer = client.search(composed.request)
    if as_json:
        console.print(
            answer.model_dump_json(indent=2), markup=False, highlight=False, soft_wrap=True
        )
    else:
        _show(console, composed.parsed, answer)


def compose(client: CentralClient, asked: Asked) -> Composed:
    """The request of `asked`; what an option says goes before what the sentence says.

    Raises:
        ConfigError: an option cannot be read, or nothing is asked for.
        CentreError: the centre was needed for the picture or the sentence, and did not do it.
    """
    parsed = None if asked.text is None else client.parse(Question(text=asked.text))
    fields = {} if parsed is None else _plain(parsed.request)
    try:
        fields |= _options(asked)
        if asked.like or asked.picture is not None:
            fields["by"] = _looks(client, asked)
        return Composed(SearchRequest.model_validate(fields), parsed)
    except ValidationError as error:
        raise ConfigError(f"this cannot be asked: {explain(error)}") from error
    except ValueError as error:
        raise ConfigError(f"this cannot be asked: {error}") from error


def _show(console: Console, parsed: ParsedQuestion | None, answer: SearchAnswer) -> None:
    if parsed is not None:
        understood = ", ".join(piece.means for piece in parsed.understood)
        console.print(f"understood: {understood or 'nothing'}", markup=False)
        if wider := [
            f"{piece.text} as {piece.means}" for piece in parsed.understood if piece.wider
        ]:
            console.print(f"taken more widely: {', '.join(wider)}", markup=False)
        if parsed.not_understood:
            console.print(f"not understood: {', '.join(parsed.not_understood)}", markup=False)
    console.print(answer_table(answer) if answer.candidates else "nothing fits")


def answer_table(answer: SearchAnswer) -> Table:
    """The candidates, best first: how sure, where, when, and why."""
    table = Table("#", "band", "camera", "time", "why", "sighting", box=None)
    for each in answer.candidates:
        table.add_row(*(Text(cell) for cell in _row(each)))
    return table


def _options(asked: Asked) -> dict[str, Any]:
    given = {
        "plate": asked.plate,
        "attributes": read_pairs(asked.attributes),
        "cameras": _scope(asked),
        "from": asked.start,
        "to": asked.end,
        "purpose": asked.purpose,
    }
    return {"limit": asked.limit} | {name: value for name, value in given.items() if value}


def _scope(asked: Asked) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    if asked.cameras:
        scope["ids"] = list(asked.cameras)
    if asked.groups:
        scope["groups"] = list(asked.groups)
    if asked.radius is not None:
        found = _RADIUS.fullmatch(asked.radius)
        if found is None:
            raise ConfigError("write a radius as LAT,LON,METRES, e.g. 37.4979,127.0276,500")
        center = {"lat": found["lat"], "lon": found["lon"]}
        scope["radius"] = {"center": center, "metres": found["metres"]}
    return scope


def _looks(client: CentralClient, asked: Asked) -> dict[str, Any]:
    by: dict[str, Any] = {}
    if asked.like:
        by["sighting_ids"] = list(asked.like)
    if asked.picture is not None:
        offered = client.upload_picture(asked.picture)
        if not offered.objects:
            raise ConfigError(f"the centre finds neither a person nor a vehicle in {asked.picture}")
        largest = max(offered.objects, key=lambda each: _area(each.rect))
        by["pictures"] = [{"picture": offered.id, "object": largest.number}]
    return by


def _area(rect: tuple[float, float, float, float]) -> float:
    left, top, right, bottom = rect
    return (right - left) * (bottom - top)


def _row(found: Candidate) -> tuple[str, ...]:
    sighting = found.sighting
    local = sighting.first_seen.astimezone()
    return (
        str(found.rank),
        found.band or "–",  # noqa: RUF001 - an empty cell
        sighting.camera,
        f"{local:%Y-%m-%d %H:%M:%S}",
        ", ".join(_reasons(found)),
        str(sighting.id),
    )


def _reasons(found: Candidate) -> list[str]:
    reasons = []
    if found.score is not None and found.band is None:
        reasons.append("by looks, how likely is not known")
    if found.reach is not None:
        reasons.append(found.reach.text)
    if found.plate is not None:
        reasons.append(f"plate {found.sighting.plate} ({found.plate.how})")
    reasons += [
        f"{name}={said['value']}"
        for name, said in found.sighting.attributes.items()
        if name in ATTRIBUTES and said["confidence"] >= _SURE and said["value"] != "no"
    ]
    return reasons


def _plain(request: SearchRequest) -> dict[str, Any]:
    return request.model_dump(mode="json", by_alias=True, exclude_unset=True)
