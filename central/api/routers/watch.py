"""The watch list: put someone on it, change it, listen to it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, File, Form, Header, Query, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from central.api.common import PREFIX, ThePage, TheServices
from central.api.etags import TheCondition, digest, quoted
from central.api.routers import watch_alerts, webhooks
from central.audit import audit
from central.services import Services
from central.values import Page
from central.watch import events
from central.watch.entries import Entries
from central.watch.hub import Hub, follow
from central.watch.model import Entry, WatchChange, WatchOptions, WatchRequest
from central.watch.showing import Shown
from shared.classes import ObjectClass
from shared.errors import StorageError
from shared.pictures import UPLOAD_CAPS, decode_picture

router = APIRouter(prefix=f"{PREFIX}/watch", tags=["watch"])
# Before `/{entry}`, which any word would fit.
router.include_router(watch_alerts.router)
router.include_router(webhooks.router)

_OPTIONS = '{"name": "red jacket", "purpose": "report 2026-0131", "until": "2026-02-07T00:00:00Z"}'
_STREAM = "text/event-stream"
_RECONNECT_MS = 2_000
_MAX_NUMBER = (1 << 63) - 1

_log = structlog.get_logger(__name__)


@router.post("", status_code=201)
def enrol(services: TheServices, request: WatchRequest) -> Entry:
    """Look out for someone: every sighting that comes in from now on is compared.

    Sightings of one space and class make one entry, their mean is looked for. A plate that is read
    alike is found whatever it looks like.
    """
    return _entries(services).enrol(request)


@router.post("/picture", status_code=201)
def enrol_picture(
    services: TheServices,
    file: Annotated[UploadFile, File(description="JPEG, PNG or WebP, up to 20 MB")],
    request: Annotated[
        str, Form(description="an entry without `by`, as JSON", examples=[_OPTIONS])
    ],
) -> Entry:
    """Look out for the largest person (or `object_class`) in a picture."""
    options = _options(request)
    picture = decode_picture(file.file.read(UPLOAD_CAPS.max_bytes + 1), UPLOAD_CAPS)
    shows = options.object_class or ObjectClass.PERSON
    return _entries(services).enrol_picture(options, services.pictures.read(picture, shows), shows)


@router.get("")
def list_watched(services: TheServices, page: ThePage) -> Page[Entry]:
    """The entries, newest first. Those that were over 30 days ago are forgotten."""
    found = _shown(services).page(page.limit, page.cursor)
    audit("watch list read", found=len(found.items))
    return found


@router.get(
    "/events",
    response_class=EventSourceResponse,
    responses={200: {"content": {_STREAM: {"schema": {"type": "string"}}}}},
)
async def stream_events(
    services: TheServices,
    target: Annotated[UUID | None, Query(description="of this entry alone")] = None,
    last_event_id: Annotated[
        int | None,
        Header(ge=0, le=_MAX_NUMBER, description="go on after this event, as browsers do"),
    ] = None,
) -> EventSourceResponse:
    """What happens on the watch list, as it happens, as Server-Sent Events.

    Each is a CloudEvent (`hit`, `late`, `updated`, `withdrawn`, `confirmed`, `dismissed`). Events
    are kept for 7 days; `missed` says that some after `Last-Event-ID` are gone. Who takes nothing
    for half a minute is dropped and may come back with the number of the last event it had.
    """
    audit("watch events followed", entry=None if target is None else str(target))
    return _Stream(services, target, last_event_id)


@router.get("/{entry}")
def get_watched(services: TheServices, response: Response, entry: UUID) -> Entry:
    """One entry; its ETag is what `If-Match` of a change names.

    `notes` say what keeps it from being found.
    """
    found = _shown(services).get(entry)
    audit("watch list read", entry=str(entry))
    return _tagged(response, found)


@router.patch("/{entry}")
def change_watched(
    services: TheServices,
    response: Response,
    entry: UUID,
    change: WatchChange,
    condition: TheCondition,
) -> Entry:
    """Change an entry, pause it, or move its end on; 412 when it was changed since (`If-Match`).

    What it found meanwhile changes nothing of it.
    """
    changed = _entries(services).change(entry, change, lambda found: condition.check(_tag(found)))
    return _tagged(response, changed)


@router.delete("/{entry}", status_code=204)
def remove_watched(services: TheServices, entry: UUID) -> None:
    """Take an entry off the list, with its vectors and all its alerts."""
    _entries(services).remove(entry)


class _Stream(EventSourceResponse):
    """The stream of one subscriber."""

    def __init__(self, services: Services, target: UUID | None, number: int | None) -> None:
        hub: Hub = services.hub
        super().__init__(iter(()), send_timeout=hub.patience_s)
        self._services = services
        self._target = target
        self._number = number

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the subscriber leaves, or does not read."""
        with self._services.hub.joined() as waking:
            self.body_iterator = self._events(waking)
            try:
                await super().__call__(scope, receive, send)
            except SendTimeoutError:
                _log.warning(
                    "a subscriber is dropped",
                    reason=f"it took nothing for {self._services.hub.patience_s} s",
                    last_event=self._number,
                    client=scope.get("client"),
                )

    async def _events(self, waking: asyncio.Event) -> AsyncIterator[ServerSentEvent]:
        engine, hub = self._services.engine, self._services.hub
        try:
            if self._number is None:
                self._number = await run_in_threadpool(events.newest, engine)
            oldest = await run_in_threadpool(events.oldest, engine)
            yield ServerSentEvent(retry=_RECONNECT_MS, comment="listening")
            if oldest is not None and 0 < self._number < oldest - 1:
                yield ServerSentEvent(event="missed", data=str(oldest - 1), id=str(oldest - 1))
            async for event in follow(hub, engine, self._number, waking):
                self._number = event.id
                if self._target in {None, event.target}:
                    yield ServerSentEvent(id=str(event.id), event=event.kind, data=event.text)
        except StorageError as error:
            # It comes back with the number of its last event.
            _log.warning("a stream ends", error=str(error))


_FOUND = frozenset({"state", "vectors", "confirmed", "negatives", "new_alerts", "notes"})
"""What of an entry changes by itself: with time, and by what is found and judged. That somebody
paused it tells `updated_at`."""


def _tag(entry: Entry) -> str:
    own = entry.model_dump_json(exclude=set(_FOUND))
    found = entry.model_dump_json(include=set(_FOUND))
    return f"{digest(own.encode())}+{digest(found.encode())}"


def _tagged(response: Response, entry: Entry) -> Entry:
    response.headers.update(quoted(_tag(entry)))
    return entry


def _options(request: str) -> WatchOptions:
    try:
        return WatchOptions.model_validate_json(request)
    except ValidationError as error:
        wrong = [
            {**item, "loc": ("body", "request", *item["loc"])}
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise RequestValidationError(wrong) from error


def _entries(services: Services) -> Entries:
    return Entries(services.engine, services.likeness, services.clock)


def _shown(services: Services) -> Shown:
    return Shown(services.engine, services.likeness, services.clock)
