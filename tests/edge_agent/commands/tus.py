"""A centre that takes uploads in memory and does what a test tells it to."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class TinyUploads:
    """What came, by path. `answers` are given, one a request, before it does as it should."""

    port: int = 0
    scheme: str = "http"
    files: dict[str, bytes] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    pieces: list[tuple[str, int]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def url(self, name: str) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/{name}"


@contextmanager
def tiny_uploads(tls: ssl.SSLContext | None = None) -> Iterator[TinyUploads]:
    """A running one."""
    uploads = TinyUploads(scheme="http" if tls is None else "https")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._say(200)

        def do_PATCH(self) -> None:
            length = int(self.headers["content-length"])
            piece = self.rfile.read(length)
            if uploads.answers:
                self._say(200)
                return
            held = uploads.files.get(self.path, b"")
            uploads.sizes[self.path] = int(self.headers["upload-length"])
            if int(self.headers["upload-offset"]) != len(held):
                self._say(409)
                return
            uploads.files[self.path] = held + piece
            uploads.pieces.append((self.path, length))
            self._say(204)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def _say(self, status: int) -> None:
            uploads.tokens.add(self.headers["authorization"])
            self.send_response(uploads.answers.pop(0) if uploads.answers else status)
            self.send_header("upload-offset", str(len(uploads.files.get(self.path, b""))))
            self.send_header("content-length", "0")
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        uploads.port = server.server_port
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield uploads
        finally:
            server.shutdown()
            thread.join()
