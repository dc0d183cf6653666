"""Answers that the caller has already are not sent again (RFC 9110, section 13)."""

from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.api import etags
from central.api.common import PREFIX

_MAX_BODY = 1 << 20


class EntityTags:
    """Gives every JSON answer to a GET of the API an ETag, and 304 to whoever names it.

    The tag is the endpoint's own where it sets one, else the digest of the answer. Answers that
    come in pieces, or are larger than 1 MiB, pass as they are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and scope["method"] == "GET" and _is_api(scope["path"]):
            wanted = Headers(scope=scope).get("if-none-match")
            await self._app(scope, receive, _Tagging(send, wanted))
        else:
            await self._app(scope, receive, send)


class _Tagging:
    """Holds the head of an answer back until its body is there."""

    def __init__(self, send: Send, wanted: str | None) -> None:
        self._send = send
        self._wanted = wanted
        self._head: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_taggable(message):
            self._head = message
        elif self._head is None:
            await self._send(message)
        else:
            head, self._head = self._head, None
            await self._finish(head, message)

    async def _finish(self, head: Message, body: Message) -> None:
        data = body.get("body", b"")
        headers = MutableHeaders(scope=head)
        if not body.get("more_body", False) and "etag" not in headers:
            headers.update(etags.quoted(etags.digest(data)))
        if "etag" in headers and etags.names(self._wanted, headers["etag"]):
            head["status"] = HTTPStatus.NOT_MODIFIED
            for name in ("content-length", "content-type"):
                del headers[name]
            body = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(head)
        await self._send(body)


def _is_api(path: str) -> bool:
    return path.startswith(f"{PREFIX}/")


def _is_taggable(head: Message) -> bool:
    headers = Headers(raw=head["headers"])
    length = headers.get("content-length", "")
    return (
        head["status"] == HTTPStatus.OK
        and "json" in headers.get("content-type", "")
        and length.isdecimal()
        and int(length) <= _MAX_BODY
    )
