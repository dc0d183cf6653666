"""The centre's API as typed calls."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar
from uuid import UUID, uuid4

import httpx
from pydantic import BaseModel, ValidationError

from central.api.common import PREFIX
from central.api.routers.cameras import Selected
from central.api.routers.fleet import Status
from central.asking.parsed import ParsedQuestion, Question
from central.asking.pictures import OfferedPicture
from central.asking.saved import NewSavedSearch, SavedSearch, SavedSummary
from central.cameras.model import Camera, CameraChange, NewCamera
from central.cameras.selection import CameraScope
from central.client.errors import CentreFault
from central.client.transport import Retries, Sender
from central.routes.model import Route, RouteRequest
from central.search.model import SearchAnswer, SearchRequest
from central.sightings.model import Sighting
from central.values import Model, Page

DEFAULT_URL = "http://127.0.0.1:8480"
_PAGE = 500

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T", bound=Model)


class Tagged(NamedTuple):
    """Something and the ETag it had, for a change that must not overwrite another's."""

    camera: Camera
    etag: str


class CentralClient:
    """Asks a centre; use it in a `with`. All calls raise `CentreError` (see there) and its kinds.

    Args:
        url: of the centre, without `/api/v1`.
        headers: for a proxy in front that wants to know who asks.
        retries: how patiently what is safe to repeat is repeated.
        transport: httpx's, for tests.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        headers: Mapping[str, str] | None = None,
        retries: Retries | None = None,
        timeout_s: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(
            base_url=url.rstrip("/") + PREFIX,
            headers=dict(headers or {}),
            timeout=timeout_s,
            transport=transport,
        )
        self._sender = Sender(self._http, retries or Retries())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    # Asking

    def search(self, request: SearchRequest) -> SearchAnswer:
        """What fits `request`, the best first."""
        return self._ask("/search", request, SearchAnswer)

    def parse(self, question: Question) -> ParsedQuestion:
        """A sentence as a request, and the words that were not understood."""
        return self._ask("/ask/parse", question, ParsedQuestion)

    def upload_picture(self, data: bytes | Path) -> OfferedPicture:
        """What the centre finds in a picture (JPEG, PNG or WebP)."""
        content = data.read_bytes() if isinstance(data, Path) else data
        return self._make("/pictures", OfferedPicture, content=content)

    def save_search(self, new: NewSavedSearch) -> SavedSearch:
        """Keep a search under a name."""
        return self._make("/saved-searches", SavedSearch, json=_plain(new))

    def saved_searches(self) -> Iterator[SavedSummary]:
        """All saved searches, newest first."""
        return self._every("/saved-searches", SavedSummary)

    def run_saved_search(self, identifier: UUID) -> SearchAnswer:
        """Ask a saved search again."""
        answer = self._sender.send("POST", f"/saved-searches/{identifier}/run", safe=True)
        return _read(answer, SearchAnswer)

    # What is there

    def sighting(self, identifier: UUID) -> Sighting:
        """One sighting at its newest revision."""
        return _read(self._sender.send("GET", f"/sightings/{identifier}"), Sighting)

    def sightings(self, **wanted: object) -> Iterator[Sighting]:
        """Sightings, newest first; `wanted` are the parameters of `GET /sightings`."""
        return self._every("/sightings", Sighting, wanted)

    def crop(self, identifier: UUID) -> bytes:
        """The picture of a sighting, WebP."""
        return self._sender.send("GET", f"/sightings/{identifier}/crop").content

    def cameras(self, **wanted: object) -> Iterator[Camera]:
        """Cameras by id; `wanted` are the parameters of `GET /cameras`."""
        return self._every("/cameras", Camera, wanted)

    def camera(self, identifier: str) -> Tagged:
        """One camera, and its ETag."""
        answer = self._sender.send("GET", f"/cameras/{identifier}")
        return Tagged(_read(answer, Camera), answer.headers.get("etag", ""))

    def create_camera(self, new: NewCamera) -> Camera:
        """Register a camera."""
        return self._make("/cameras", Camera, json=_plain(new))

    def change_camera(
        self, identifier: str, change: CameraChange, etag: str | None = None
    ) -> Camera:
        """Change a camera; with `etag`, only if nobody has since."""
        headers = {} if etag is None else {"if-match": etag}
        answer = self._sender.send(
            "PATCH", f"/cameras/{identifier}", json=_plain(change), headers=headers
        )
        return _read(answer, Camera)

    def select(self, scope: CameraScope) -> Selected:
        """The cameras in `scope`."""
        return self._ask("/cameras/select", scope, Selected)

    def create_route(self, request: RouteRequest) -> Route:
        """Put confirmed sightings in order, and keep the route."""
        return self._make("/routes", Route, json=_plain(request))

    def status(self) -> Status:
        """What the centre holds and how it is."""
        return _read(self._sender.send("GET", "/status"), Status)

    def _ask(self, path: str, body: BaseModel, kind: type[M]) -> M:
        """A POST that changes nothing."""
        return _read(self._sender.send("POST", path, safe=True, json=_plain(body)), kind)

    def _make(self, path: str, kind: type[M], **content: Any) -> M:  # noqa: ANN401 - httpx's own
        """A POST that makes something, once, however often it is sent."""
        key = {"idempotency-key": str(uuid4())}
        return _read(self._sender.send("POST", path, safe=True, headers=key, **content), kind)

    def _every(
        self, path: str, kind: type[T], wanted: Mapping[str, object] | None = None
    ) -> Iterator[T]:
        """A whole list, page after page, asked for as it is consumed."""
        parameters: dict[str, Any] = {"limit": _PAGE, **(wanted or {})}
        while True:
            answer = self._sender.send("GET", path, params=parameters)
            page = _read(answer, Page[kind])  # type: ignore[valid-type]
            yield from page.items
            if page.next_cursor is None:
                return
            parameters["cursor"] = page.next_cursor


def _plain(body: BaseModel) -> dict[str, Any]:
    plain: dict[str, Any] = body.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return plain


def _read(answer: httpx.Response, kind: type[M]) -> M:
    """The answer as `kind`. What a newer centre says besides is left out."""
    try:
        return kind.model_validate_json(answer.content, extra="ignore")
    except ValidationError as error:
        raise CentreFault(
            f"{answer.url} answered what this program cannot read ({error.error_count()} errors); "
            "are both of one version?"
        ) from error
