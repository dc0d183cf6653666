"""A small HTTP server on loopback that can misbehave as real ones do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class FileServer:
    """Serves `body` at any path."""

    body: bytes
    cut_after: int | None = None
    ignores_ranges: bool = False
    status: int | None = None
    ranges: list[str | None] = field(default_factory=list)
    url: str = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        start = 0
        if asked and not self.ignores_ranges:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        rest = self.body[start:]
        request.send_response(self.status or (206 if start else 200))
        request.send_header("Content-Length", str(len(rest)))
        request.end_headers()
        with suppress(ConnectionError):  # the client may have had enough
            request.wfile.write(rest if self.cut_after is None else rest[: self.cut_after])

    @contextmanager
    def running(self) -> Iterator["FileServer"]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.answer(self)

            def log_message(self, *_args: object) -> None:
                return

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            self.url = f"http://127.0.0.1:{server.server_port}/weights.bin"
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()
