"""What the demo asks the centre, over its public API."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict

from shared.errors import StorageError

_PAGE = 500
_PURPOSE = "demonstration"

_Params = dict[str, str]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Sighting(_Answer):
    """A sighting as the API gives it; rectangles in pixels of the source clip."""

    id: UUID
    revision: int
    ended: bool
    box: str
    camera: str
    object_class: str
    first_seen: datetime
    last_seen: datetime
    shot: datetime
    rect: tuple[float, float, float, float]
    message_bytes: int
    crop_url: str


class Reach(_Answer):
    """Whether the one seen in the query can be this one, in words."""

    text: str


class Candidate(_Answer):
    """One answer of a search. `score` is the cosine with the query, by which the demo confirms.

    People are shown `band` and `reach`; null: nothing is known.
    """

    rank: int
    score: float
    band: str | None = None
    reach: Reach | None = None
    sighting: Sighting


class Centre:
    """The API of a running centre.

    Args:
        url: e.g. `http://127.0.0.1:8480`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=30)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def is_ready(self) -> bool:
        """Whether it answers and all its parts work."""
        try:
            return self._http.get("/health/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def status(self) -> dict[str, Any]:
        """Counts of what it holds."""
        return self._ask("GET", "/api/v1/status")

    def import_cameras(self, geojson: dict[str, object]) -> dict[str, Any]:
        """Register cameras; gives the counts and the rejected rows."""
        return self._ask("POST", "/api/v1/cameras/import/geojson", json=geojson)

    def sightings(self) -> Iterator[Sighting]:
        """Every sighting, highest revision."""
        cursor: str | None = None
        while True:
            asked = {"limit": str(_PAGE)} | ({"cursor": cursor} if cursor else {})
            page = self._ask("GET", "/api/v1/sightings", params=asked)
            yield from (Sighting.model_validate(item) for item in page["items"])
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def search(self, sighting: UUID, limit: int = 100) -> list[Candidate]:
        """What looks like `sighting`, best first."""
        asked = {"by": {"sighting_id": str(sighting)}, "limit": limit, "purpose": _PURPOSE}
        found = self._ask("POST", "/api/v1/search", json=asked)
        return [Candidate.model_validate(item) for item in found["candidates"]]

    def route(self, name: str, stops: list[UUID], searched: str) -> dict[str, Any]:
        """Store the route through confirmed sightings, found as `searched` says; give it back."""
        asked = {
            "name": name,
            "stops": [{"sighting_id": str(stop)} for stop in stops],
            "purpose": _PURPOSE,
            "searched": searched,
        }
        return self._ask("POST", "/api/v1/routes", json=asked)

    def next(self, route: str, now: datetime) -> dict[str, Any]:
        """Where who took the route can be at `now`, on foot, and which cameras may see them."""
        asked = {"now": now.isoformat(), "modes": ["walk"], "minutes": [0, 5]}
        return self._ask("POST", f"/api/v1/routes/{route}/next", json=asked)

    def crop(self, sighting: Sighting) -> bytes:
        """The picture of `sighting`, WebP."""
        return self._send("GET", sighting.crop_url).content

    def _ask(
        self, method: str, path: str, json: object = None, params: _Params | None = None
    ) -> dict[str, Any]:
        answer: dict[str, Any] = self._send(method, path, json, params).json()
        return answer

    def _send(
        self, method: str, path: str, json: object = None, params: _Params | None = None
    ) -> httpx.Response:
        try:
            response = self._http.request(method, path, json=json, params=params)
        except httpx.TransportError as error:
            raise StorageError(f"{method} {self.url}{path}: no answer: {error}") from error
        if response.is_error:
            raise StorageError(f"{method} {path}: {response.status_code}: {response.text[:500]}")
        return response
