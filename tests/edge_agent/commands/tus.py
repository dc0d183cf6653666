"""A centre that takes uploads in memory and does what a test tells it to."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class TinyUploads:
    """What came, by path. `answers` are given, one a request, before it does as it should.

    `says` is a status and an offset to be given always, `body` the rest of an answer to `PATCH`.
    """

    port: int = 0
    scheme: str = "http"
    files: dict[str, bytes] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    pieces: list[tuple[str, int]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    encodings: set[str] = field(default_factory=set)
    says: tuple[int, str | None] | None = None
    body: bytes = b""

    def url(self, name: str) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/{name}"

    def keep(self, path: str, headers: Message, piece: bytes) -> int:
        """Take `piece` if that is to be, and give the status of a centre that is well."""
        if self.answers or self.says:
            return 200
        held = self.files.get(path, b"")
        self.sizes[path] = int(headers["upload-length"])
        if int(headers["upload-offset"]) != len(held):
            return 409
        self.files[path] = held + piece
        self.pieces.append((path, len(piece)))
        return 204

    def answer(self, path: str, status: int) -> tuple[int, str | None]:
        """What is said instead of `status`, and of what is there."""
        if self.says:
            return self.says
        status = self.answers.pop(0) if self.answers else status
        return status, str(len(self.files.get(path, b"")))


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
            self._say(uploads.keep(self.path, self.headers, piece), uploads.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def _say(self, status: int, body: bytes = b"") -> None:
            uploads.tokens.add(self.headers["authorization"])
            uploads.encodings.add(self.headers["accept-encoding"])
            status, offset = uploads.answer(self.path, status)
            self.send_response(status)
            if offset is not None:
                self.send_header("upload-offset", offset)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            # Whoever has read enough hangs up.
            self.close_connection = bool(body)
            with suppress(ConnectionError):
                self.wfile.write(body)

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
