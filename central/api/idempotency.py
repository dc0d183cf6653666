"""A POST that is sent again does its work once: the header `Idempotency-Key`.

After draft-ietf-httpapi-idempotency-key-header: the same key with the same body is answered as the
first time, with another body it is refused (422), and while the first is at work, too (409).
What changes nothing takes no keys: what searches found of people is not kept for them.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import NamedTuple

from python_multipart.multipart import parse_options_header
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.api import kept_answers
from central.api.callers import caller
from central.api.common import PREFIX
from central.api.kept_answers import Answer, InProgress, KeyName, OtherBody
from central.api.problems import problem
from shared.clock import Clock

_HEADER = "idempotency-key"
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_MAX_ANSWER = 1 << 20
_KEPT_HEADERS = ("etag", "location")
# Their answers tell of people, and asking twice does no harm.
_ONLY_ASKING = re.compile(
    rf"{PREFIX}/(search(/.*)?|saved-searches/[^/]+/run|ask/parse|cameras/select)"
)
# Their answers hold a secret that is shown once.
_SECRET = frozenset({f"{PREFIX}/watch/webhooks"})
_AWAY = (OperationalError, InterfaceError, PoolTimeout)


class _Request(NamedTuple):
    name: KeyName
    fingerprint: bytes
    body: bytes
    began_ms: int


class IdempotencyKeys:
    """Keeps what POSTs with a key were answered, for a day.

    Only what succeeded is kept, and no answer over 1 MiB: the rest is asked anew. Of answers with a
    secret only the status is kept, and who sends such a request again is told so (409).
    """

    def __init__(self, app: ASGIApp, engine: Engine, clock: Clock, header: str | None) -> None:
        self._app = app
        self._engine = engine
        self._clock = clock
        self._caller_header = header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, unless it was answered before."""
        key = _key_of(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        if not _KEY.fullmatch(key):
            detail = "Idempotency-Key must be 1 to 200 visible ASCII characters"
            await problem(HTTPStatus.BAD_REQUEST, detail, scope["path"])(scope, receive, send)
            return
        try:
            request = await self._read(key, scope, receive)
            before = await run_in_threadpool(self._begin, request)
        except (HTTPException, OtherBody, InProgress, *_AWAY) as error:
            await _refusal(error, scope["path"])(scope, receive, send)
            return
        if before is None:
            await self._first(request, scope, receive, send)
        else:
            await _again(before, scope["path"])(scope, receive, send)

    async def _read(self, key: str, scope: Scope, receive: Receive) -> _Request:
        body = b"".join([chunk async for chunk in _chunks(receive)])
        kind = Headers(scope=scope).get("content-type", "").encode()
        query = bytes(scope.get("query_string", b""))
        parts = (kind.split(b";")[0], query, _without_boundary(kind, body))
        fingerprint = hashlib.sha256(b"\0".join(parts)).digest()
        name = KeyName(caller(scope, self._caller_header), scope["path"], key)
        return _Request(name, fingerprint, body, self._clock.now_ms())

    def _begin(self, request: _Request) -> Answer | None:
        return kept_answers.begin(self._engine, request.name, request.fingerprint, request.began_ms)

    async def _first(self, request: _Request, scope: Scope, receive: Receive, send: Send) -> None:
        heard = _Heard(send)
        try:
            await self._app(scope, _replayed(request.body, receive), heard)
        finally:
            await run_in_threadpool(self._end, request, heard.answer)

    def _end(self, request: _Request, answer: Answer | None) -> None:
        if answer is not None and request.name.path in _SECRET:
            answer = answer._replace(body=b"")
        try:
            kept_answers.end(self._engine, request.name, request.began_ms, answer)
        except _AWAY:
            # It stays in progress; after a while it counts as broken off.
            return


class _Heard:
    """Passes an answer on and remembers it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status = 0
        self._headers: Mapping[str, str] = {}
        self._body = bytearray()
        self._whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = dict(Headers(raw=message["headers"]))
        elif message["type"] == "http.response.body":
            if len(self._body) <= _MAX_ANSWER:
                self._body += message.get("body", b"")
            self._whole = not message.get("more_body", False)
        await self._send(message)

    @property
    def answer(self) -> Answer | None:
        """What is worth keeping: a success that is whole and not too large."""
        good = HTTPStatus.OK <= self._status < HTTPStatus.MULTIPLE_CHOICES
        if not good or not self._whole or len(self._body) > _MAX_ANSWER:
            return None
        kept = {name: self._headers[name] for name in _KEPT_HEADERS if name in self._headers}
        kind = self._headers.get("content-type")
        return Answer(self._status, kind, kept, bytes(self._body))


def _key_of(scope: Scope) -> str | None:
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    if not scope["path"].startswith(f"{PREFIX}/") or _ONLY_ASKING.fullmatch(scope["path"]):
        return None
    return Headers(scope=scope).get(_HEADER)


def _without_boundary(kind: bytes, body: bytes) -> bytes:
    """The body with what differs each time a form is sent, its boundary, made the same."""
    media, options = parse_options_header(kind)
    boundary = options.get(b"boundary")
    if media != b"multipart/form-data" or not boundary:
        return body
    return body.replace(b"--" + boundary, b"--boundary")


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise HTTPException(HTTPStatus.BAD_REQUEST, "the request broke off")
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


def _replayed(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def receive_again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _again(answer: Answer, path: str) -> Response:
    if path in _SECRET:
        detail = (
            "the first request with this Idempotency-Key has made it, and its answer had the "
            "secret, which is shown once: list what is there, delete it, and make it anew with "
            "another key"
        )
        return problem(HTTPStatus.CONFLICT, detail, path)
    headers = {**answer.headers, "idempotency-replayed": "true"}
    return Response(answer.body, answer.status, headers=headers, media_type=answer.media_type)


def _refusal(error: Exception, path: str) -> Response:
    if isinstance(error, HTTPException):
        return problem(error.status_code, str(error.detail), path)
    if isinstance(error, OtherBody):
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), path)
    if isinstance(error, InProgress):
        return problem(HTTPStatus.CONFLICT, str(error), path, headers={"retry-after": "1"})
    detail = "the database cannot be reached; ask again when it is back"
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, path)
