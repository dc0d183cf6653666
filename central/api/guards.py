"""What every request passes before an endpoint sees it: who asks, how much, and what is let out.

Plain ASGI, so that streams stay streams.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.api.problems import problem

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})

# MapLibre draws in workers made from blobs and decodes images from data; it and React set styles
# through the DOM, which needs no exception. Nothing is loaded from anywhere else.
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


class HostGuard:
    """Answers only under known names, and changes nothing for pages of other origins.

    There are no accounts, so being asked from this machine is all the trust there is. A page on
    the Internet may point its own name at 127.0.0.1 (DNS rebinding), or send a form there.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._names = LOOPBACK_NAMES | {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await problem(*refusal, scope["path"])(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if not self._is_known(f"//{headers.get('host', '')}"):
            return (
                HTTPStatus.MISDIRECTED_REQUEST,
                "this name is not served here; name it in DONGSEON_CENTRAL_HTTP_NAMES",
            )
        origin = headers.get("origin")
        if origin is not None and scope["method"] not in _READING and not self._is_known(origin):
            return HTTPStatus.FORBIDDEN, "pages of other origins may not change anything here"
        return None

    def _is_known(self, url: str) -> bool:
        try:
            return (urlsplit(url).hostname or "") in self._names
        except ValueError:
            return False


class BodyCap:
    """Counts what comes in and stops at a cap: `larger` for the paths named in it."""

    def __init__(self, app: ASGIApp, cap: int, larger: Mapping[str, int]) -> None:
        self._app = app
        self._cap = cap
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; its body ends in an error where it passes the cap."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cap = self._larger.get(scope["path"], self._cap)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > cap:
            await problem(*_too_large(cap), scope["path"])(scope, receive, send)
        else:
            await self._app(scope, _counted(receive, cap), send)


class SafeHeaders:
    """Adds the headers that keep browsers from doing more than the console needs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                # Answers tell of people: nothing is kept unless an endpoint says so.
                if scope["path"].startswith("/api/"):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_safely if scope["type"] == "http" else send)


class _TooLarge(NamedTuple):
    status: int
    detail: str


def _too_large(cap: int) -> _TooLarge:
    return _TooLarge(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is over {cap} bytes, the most taken here"
    )


def _counted(receive: Receive, cap: int) -> Receive:
    taken = 0

    async def receive_counted() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > cap:
                raise HTTPException(*_too_large(cap))
        return message

    return receive_counted
