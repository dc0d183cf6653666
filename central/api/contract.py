"""What the contract says of every operation: what is done before any endpoint is reached."""

from typing import Any

from fastapi import FastAPI

from central.api.common import PREFIX

_JSON = "application/json"
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "sent again with the same key and body, the work is done once",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETags that the caller has; 304 where one is right",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}
_SAME = {"description": "The one you have is right."}


class Api(FastAPI):
    """FastAPI, whose contract also tells of keys and ETags."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            for path, methods in document["paths"].items():
                if path.startswith(PREFIX):
                    _complete(methods)
        return self.openapi_schema or {}


def _complete(methods: dict[str, Any]) -> None:
    if "post" in methods:
        methods["post"].setdefault("parameters", []).append(_KEY)
    get = methods.get("get", {})
    if _JSON in get.get("responses", {}).get("200", {}).get("content", {}):
        get.setdefault("parameters", []).append(_IF_NONE_MATCH)
        get["responses"].setdefault("304", _SAME)
