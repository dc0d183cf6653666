"""What a demo prints: the ranked candidates, the route's stops and legs, and where next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.demo.contact_sheet import leg_text
from deploy.demo.follow import Crossing
from deploy.demo.summary import Outcome

_SHOWN_CANDIDATES = 12
_SHOWN_CAMERAS = 5


def print_results(outcome: Outcome, console: Console) -> None:
    """All of it as tables."""
    crossing = outcome.crossing
    if crossing is None:
        console.print("Nobody was seen at two cameras: there is no route to show.")
        return
    console.print(_candidate_table(outcome, crossing))
    console.print(_route_table(outcome, crossing))
    if outcome.route is not None:
        console.print(_leg_table(outcome.route["legs"]))
    if outcome.next is not None:
        console.print(_next_table(outcome, outcome.next))
        for area in outcome.next["areas"]:
            console.print(_area_text(area))


def _candidate_table(outcome: Outcome, crossing: Crossing) -> Table:
    where = f"{crossing.query.camera} at {outcome.seconds(crossing.query.shot):.1f} s"
    table = Table(
        *("rank", "camera", "time in clip", "band", "reach", "stop"),
        title=f"Who looks like {where}",
    )
    confirmed = {found.sighting.id for found in crossing.confirmed}
    for found in crossing.candidates[:_SHOWN_CANDIDATES]:
        table.add_row(
            str(found.rank),
            found.sighting.camera,
            f"{outcome.seconds(found.sighting.shot):.1f} s",
            found.band or "not known",
            "" if found.reach is None else found.reach.text,
            "confirmed" if found.sighting.id in confirmed else "",
        )
    return table


def _route_table(outcome: Outcome, crossing: Crossing) -> Table:
    table = Table("stop", "camera", "seen", "next leg", title="The way taken")
    legs: Sequence[dict[str, Any]] = outcome.route["legs"] if outcome.route else []
    for i, stop in enumerate(crossing.stops):
        leg = legs[i] if i < len(legs) else None
        seen = f"{outcome.seconds(stop.first_seen):.1f} to {outcome.seconds(stop.last_seen):.1f} s"
        table.add_row(str(i + 1), stop.camera, seen, leg_text(leg) if leg else "")
    return table


def _leg_table(legs: Sequence[dict[str, Any]]) -> Table:
    """Each leg's type, and why it is that."""
    table = Table("leg", "type", "why", title="What is known between the stops")
    for leg in legs:
        table.add_row(f"{leg['from']} to {leg['to']}", leg["type"], leg["reason"])
    return table


def _next_table(outcome: Outcome, onward: dict[str, Any]) -> Table:
    gone = onward["elapsed_s"]
    table = Table(
        *("rank", "camera", "chance", "look at", "why"),
        title=f"Who may see them next, {gone:.0f} s after the last stop",
    )
    for camera in onward["cameras"][:_SHOWN_CAMERAS]:
        first, last = (_seconds(outcome, camera[end]) for end in ("from", "to"))
        table.add_row(
            str(camera["rank"]),
            camera["camera_name"],
            f"{camera['chance']:.0%}",
            f"{first:.0f} to {last:.0f} s",
            camera["text"],
        )
    return table


def _area_text(area: dict[str, Any]) -> str:
    by = "in a straight line" if area["straight"] else f"on {area['edges']} pieces of street"
    after = f"{area['seconds']:.0f} s after the last stop"
    return f"On foot they can be anywhere {by} {after}."


def _seconds(outcome: Outcome, moment: str) -> float:
    return outcome.seconds(datetime.fromisoformat(moment))
