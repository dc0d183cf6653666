"""What a worker shows to whoever watches it: /metrics, /health/live, /health/ready."""

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from central.services import PartHealth
from shared.errors import ConfigError


class StatusPage:
    """Serves while it is entered; nothing, when there is no port.

    On every address: a machine that watches is another one, and no page tells of any sighting.

    Raises:
        ConfigError: the port is taken.
    """

    def __init__(
        self, port: int | None, registry: CollectorRegistry, health: Callable[[], PartHealth]
    ) -> None:
        self._server: ThreadingHTTPServer | None = None
        if port is None:
            return

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self, registry, health)

            def log_message(self, *_: object) -> None:
                """Say nothing: it is asked every few seconds."""

        try:
            self._server = ThreadingHTTPServer(("", port), Handler)
        except OSError as error:
            raise ConfigError(
                f"cannot listen on port {port}: {error}; choose a free one"
            ) from error

    @property
    def port(self) -> int | None:
        """Where it listens."""
        return None if self._server is None else self._server.server_port

    def __enter__(self) -> Self:
        if self._server is not None:
            threading.Thread(target=self._server.serve_forever, name="status", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


def answer(
    request: BaseHTTPRequestHandler,
    registry: CollectorRegistry,
    health: Callable[[], PartHealth],
) -> None:
    """Answer one GET."""
    ready, detail, _ = health()
    told = json.dumps({"ready": ready, "detail": detail}).encode()
    status, kind, body = HTTPStatus.OK, "application/json", told
    if request.path == "/metrics":
        kind, body = CONTENT_TYPE_LATEST, generate_latest(registry)
    elif request.path == "/health/ready":
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    elif request.path != "/health/live":
        status = HTTPStatus.NOT_FOUND
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
