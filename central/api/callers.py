"""Who asks: what the proxy in front says, or the address."""

from starlette.datastructures import Headers
from starlette.types import Scope

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
