"""`summary.json`: what a demo saw, asked and found, for anyone to check against the clip."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from deploy.demo.centre import Candidate, Sighting
from deploy.demo.follow import Crossing
from deploy.demo.programs import Show

_LIBRARIES = ("dongseon", "onnxruntime", "openvino", "paho-mqtt", "qdrant-edge-py", "sqlalchemy")


@dataclass(frozen=True)
class Outcome:
    """Everything a demo came to. `starts_at` is the instant of the clips' first frame.

    `next`: where they can be a minute after the route's end, and who may see them then.
    """

    show: Show
    starts_at: datetime
    boxes: dict[str, Any]
    sightings: Sequence[Sighting]
    crossing: Crossing | None
    route: dict[str, Any] | None
    next: dict[str, Any] | None
    laps: dict[str, dict[str, float]]

    def seconds(self, moment: datetime) -> float:
        """`moment` in seconds of the clip."""
        return round((moment - self.starts_at).total_seconds(), 3)


def summary(outcome: Outcome) -> dict[str, Any]:
    """The outcome as JSON; times in seconds of the clip, rectangles in its pixels."""
    crossing = outcome.crossing
    return {
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in _LIBRARIES},
        "models": outcome.show.cast.for_boxes,
        "starts_at": outcome.starts_at.isoformat(),
        "cameras": outcome.show.scene.geojson()["features"],
        "boxes": [_box(name, status) for name, status in outcome.boxes.items()],
        "sightings": [_sighting(outcome, sighting) for sighting in outcome.sightings],
        "bytes_published": sum(
            status["uplink"]["bytes_published"] for status in outcome.boxes.values()
        ),
        "query": _sighting(outcome, crossing.query) if crossing else None,
        "candidates": [_candidate(outcome, found) for found in crossing.candidates]
        if crossing
        else [],
        "route": outcome.route,
        "next": outcome.next,
        "stages": outcome.laps,
    }


def _box(name: str, status: dict[str, Any]) -> dict[str, Any]:
    return {"name": name} | {
        key: status[key] for key in ("channels", "outbox", "uplink", "cpu_s", "stage_s")
    }


def _sighting(outcome: Outcome, sighting: Sighting) -> dict[str, Any]:
    return {
        "id": str(sighting.id),
        "camera": sighting.camera,
        "revision": sighting.revision,
        "first_s": outcome.seconds(sighting.first_seen),
        "last_s": outcome.seconds(sighting.last_seen),
        "shot_s": outcome.seconds(sighting.shot),
        "box": list(sighting.rect),
        "bytes": sighting.message_bytes,
        "object_class": sighting.object_class,
    }


def _candidate(outcome: Outcome, candidate: Candidate) -> dict[str, Any]:
    return {
        "rank": candidate.rank,
        "sighting": str(candidate.sighting.id),
        "camera": candidate.sighting.camera,
        "time_s": outcome.seconds(candidate.sighting.shot),
        "score": round(candidate.score, 4),
    }
