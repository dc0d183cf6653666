"""Who asks: what the proxy in front says, or the address."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from central.audit import asked_by

_MAX_NAME = 200


def caller(scope: Scope, header: str | None) -> str:
    """Who sent the request. `header` names the one in which a proxy that knows says so.

    Without it, all who come by one address are one: behind a proxy, everybody.
    """
    named = Headers(scope=scope).get(header, "") if header else ""
    if named:
        return f"named:{named[:_MAX_NAME]}"
    client = scope.get("client")
    return f"from:{client[0] if client else 'nowhere'}"


class Askers:
    """Has every line that a request writes to the log say who sent it."""

    def __init__(self, app: ASGIApp, header: str | None) -> None:
        self._app = app
        self._header = header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with asked_by(caller(scope, self._header)):
            await self._app(scope, receive, send)
