"""A TCP line that is slow, far, lossy, and at times not there: a proxy, where netem cannot be had.

What it models, in each direction of the line, all connections together:
- *rate*: segments of 1448 bytes leave one after another at `kbit_per_s`, each 52 bytes longer on
  the wire (IPv4 20, TCP 32 with time stamps);
- *distance*: each arrives `delay_s` later;
- *loss*: of a TCP stream nothing is missing at the end, it only waits. A lost segment is sent
  again after one round trip (fast retransmit, RFC 5681), or if it was the last of a burst after a
  time-out of twice that (RFC 6298), twice as long for each further loss; it takes its place on the
  line again, and all after it waits for it;
- *a buffer*: `BUFFER` bytes wait at the narrow place, more stay with the sender;
- *no line*: while it is down nothing passes, and connections from before never come back, for a
  modem that was away has another address; nobody is told (half-open). New ones made meanwhile are
  accepted and dead as well, as a SYN that nobody answers looks a few seconds later.

What it does not: congestion windows (at 128 kbit/s, 0.6 s and 3 % loss Mathis et al., 1997, allow
136 kbit/s, so the line itself is the limit), reordering, jitter, loss of acknowledgements.
"""

import asyncio
import random
import socket
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import NamedTuple, Self

SEGMENT = 1448
HEADERS = 52
BUFFER = 32 * 1024
_KBIT = 1000 / 8


class Quality(NamedTuple):
    """How good a line is. `loss` is the share of segments, `delay_s` one way."""

    kbit_per_s: float = 1e6
    delay_s: float = 0.0
    loss: float = 0.0


@dataclass
class Counted:
    """What went one way: bytes of the streams, and the segments they made at least."""

    payload: int = 0
    segments: int = 0

    @property
    def wire(self) -> int:
        """Bytes with the headers of IP and TCP."""
        return self.payload + HEADERS * self.segments


class ThinLine:
    """A port of this machine that leads over such a line to `target`.

    `up_stream` and `down_stream` count what was put on the line.
    """

    def __init__(self, target: tuple[str, int], quality: Quality, seed: int = 1) -> None:
        self.up_stream, self.down_stream = Counted(), Counted()
        self._target = target
        self._quality = quality
        self._fate = random.Random(seed)  # noqa: S311 - losses are no secrets
        self._free_at = {id(self.up_stream): 0.0, id(self.down_stream): 0.0}
        self._down = False
        self._alive: set[_Connection] = set()
        self._all: set[_Connection] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Inherited by what is accepted: what waits, waits with the sender.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> None:
        """Every connection there is dies without a word; new ones are well."""
        self._loop.call_soon_threadsafe(self._cut)

    def go(self, *, down: bool) -> None:
        """Take the line away, or bring it back."""

        def change() -> None:
            self._down = down
            self._cut()

        self._loop.call_soon_threadsafe(change)

    def _cut(self) -> None:
        for connection in self._alive:
            connection.dead = True
        self._alive.clear()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        opening = asyncio.start_server(self._accept, sock=self._listener, limit=SEGMENT)
        self._server = self._loop.run_until_complete(opening)
        self._loop.run_forever()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(reader, writer, dead=self._down)
        self._all.add(connection)
        if not self._down:
            self._alive.add(connection)
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        connection.far = far_writer
        await asyncio.gather(
            self._carry(connection, reader, far_writer, self.up_stream),
            self._carry(connection, far_reader, writer, self.down_stream),
        )

    async def _carry(
        self,
        connection: "_Connection",
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        counted: Counted,
    ) -> None:
        """Take segments as the buffer has room, and deliver each in its time and in order."""
        arriving: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(BUFFER // SEGMENT)
        delivery = asyncio.create_task(self._deliver(connection, arriving, writer))
        arrived = 0.0
        with suppress(OSError):
            while data := await reader.read(SEGMENT):
                arrived = max(arrived, self._arrival(len(data), counted))
                if not connection.dead:
                    await arriving.put((arrived, data))
        await arriving.put((arrived, b""))
        await delivery

    async def _deliver(
        self,
        connection: "_Connection",
        arriving: asyncio.Queue[tuple[float, bytes]],
        writer: asyncio.StreamWriter,
    ) -> None:
        while True:
            at, data = await arriving.get()
            await asyncio.sleep(at - self._loop.time())
            if connection.dead:
                continue
            with suppress(OSError):
                if not data:
                    writer.close()
                    return
                writer.write(data)
                await writer.drain()

    def _arrival(self, size: int, counted: Counted) -> float:
        """When a segment that is put on the line now arrives, losses and all."""
        quality, now = self._quality, self._loop.time()
        began = max(now, self._free_at[id(counted)])
        took = (size + HEADERS) / (quality.kbit_per_s * _KBIT)
        waited, round_trip = 0.0, 2 * quality.delay_s
        times = 1
        while self._fate.random() < quality.loss:
            last_of_burst = size < SEGMENT
            waited += (2 * round_trip if last_of_burst else round_trip) * 2 ** (times - 1)
            times += 1
        self._free_at[id(counted)] = began + took * times
        counted.payload += size * times
        counted.segments += times
        return began + took * times + waited + quality.delay_s

    async def _close(self) -> None:
        self._server.close()
        for connection in self._all:
            connection.near.close()
            if connection.far is not None:
                connection.far.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(eq=False)
class _Connection:
    """One connection through the line, to the near side and to the far one."""

    reader: asyncio.StreamReader
    near: asyncio.StreamWriter
    far: asyncio.StreamWriter | None = None
    dead: bool = False
