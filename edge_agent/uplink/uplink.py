"""The network thread: connects, sends what is due, listens for acks, comes back."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import structlog

from edge_agent.config import UplinkSettings
from edge_agent.outbox import Outbox
from edge_agent.uplink.broker import Broker
from edge_agent.uplink.delivery import Delivery
from edge_agent.uplink.identity import Identity
from edge_agent.uplink.link import Link, LinkError, Outgoing
from edge_agent.uplink.pace import BackOff
from edge_agent.uplink.waker import Waker
from shared.clock import Clock
from shared.errors import StorageError
from shared.ids import uuid7
from shared.messages import ClockOffset, Gap, Telemetry, encode
from shared.messages.crop import COMMAND as CROPS_COMMAND
from shared.topics import Lane

_FIRST_BACK_OFF_S = 1.0
# A connection that held this long was a good one.
_HELD_S = 30.0
_FAREWELL_S = 2.0
_TURN_S = 1.0
# A backlog may hold telemetry back, but not for ever: the centre must see that a box lives.
_TELEMETRY_PATIENCE = 5
_MAX_REPLIES = 256

log: structlog.stdlib.BoundLogger = structlog.get_logger()

Compose = Callable[[list[Gap]], Telemetry]


@dataclass(frozen=True, slots=True)
class UplinkStatus:
    """For `status.json`. `bytes_published` are payload bytes, of repeated sendings too."""

    connected: bool
    published: int
    repeated: int
    acked: int
    refused: int
    bad_acks: int
    bytes_published: int
    in_flight: int
    connections: int


class Uplink:
    """Delivers the outbox to the centre; `run` in a thread of its own.

    Args:
        identity: what the box says of itself.
        settings: broker, window, rate.
        outbox: the rows.
        clock: wall time and stopwatch.
        source: randomness for the back-off.
        telemetry: composes the counters of the moment, with the gaps it is given.

    Raises:
        ConfigError: a certificate cannot be read.
    """

    def __init__(
        self,
        identity: Identity,
        settings: UplinkSettings,
        outbox: Outbox,
        clock: Clock,
        source: random.Random,
        telemetry: Compose,
    ) -> None:
        self._identity = identity
        self._settings = settings
        self._broker = Broker.of(settings)
        self._outbox = outbox
        self._clock = clock
        self._telemetry = telemetry
        self._delivery = Delivery(outbox, settings, clock)
        self._back_off = BackOff(_FIRST_BACK_OFF_S, settings.reconnect_max_s, source)
        self._waker = Waker()
        self._stop_at: float | None = None
        self._connected = False
        self._connections = 0
        self._telemetry_due = clock.monotonic()
        self._obey: dict[str, Callable[[bytes], None]] = {CROPS_COMMAND: self._delivery.wanted}
        self._replies: deque[bytes] = deque(maxlen=_MAX_REPLIES)
        outbox.on_append(self._waker.wake)

    def on_command(self, name: str, obey: Callable[[bytes], None]) -> None:
        """Call `obey` with the payload of each command `name`, from the network thread.

        It must not block, and deals itself with a payload that is none.
        """
        self._obey[name] = obey

    def reply(self, payload: bytes) -> None:
        """Publish `payload` in the lane `reply` as soon as there is a connection.

        It is not kept on disk: the centre asks again for what it has heard nothing of.
        """
        self._replies.append(payload)
        self._waker.wake()

    def spare(self, size: int) -> float:
        """Ask to send `size` bytes beside the outbox, on a line that has nothing better to do.

        Returns:
            0.0: send them now, they are counted; otherwise seconds after which to ask again.

        Raises:
            StorageError: the outbox cannot be read.
        """
        due = self._clock.monotonic() >= self._telemetry_due
        if not self._connected or self._replies or due:
            return _TURN_S
        return self._delivery.spare(size)

    def run(self) -> None:
        """Deliver until `stop`."""
        while self._stop_at is None:
            began = self._clock.monotonic()
            try:
                self._session()
            except (LinkError, StorageError) as error:
                log.warning("uplink down", error=str(error))
            if self._clock.monotonic() - began >= _HELD_S:
                self._back_off.reset()
            self._pause(self._back_off.next_s())

    def stop(self, drain_s: float = 0.0) -> None:
        """Let `run` end: at once when offline, else when all is acknowledged or after `drain_s`."""
        self._stop_at = self._clock.monotonic() + drain_s
        self._waker.wake()

    def close(self) -> None:
        """Let go of the wake-up sockets; after `run` has ended."""
        self._outbox.on_append(lambda: None)
        self._waker.close()

    def status(self) -> UplinkStatus:
        """Its counters."""
        counts: dict[str, Any] = asdict(self._delivery.count)
        return UplinkStatus(
            connected=self._connected,
            in_flight=self._delivery.in_flight,
            connections=self._connections,
            **counts,
        )

    def clock_offset(self) -> ClockOffset | None:
        """Centre's clock minus the box's, as best known; None before the first ack."""
        return self._delivery.clock_offset()

    def _pause(self, seconds: float) -> None:
        until = self._clock.monotonic() + seconds
        while self._stop_at is None and (left := until - self._clock.monotonic()) > 0:
            self._waker.wait(left)

    def _session(self) -> None:
        """One connection, from birth to its end.

        The session number is the connection's, not the process's: the will of a connection that
        is found dead late must not pass for news of the present one.
        """
        session = uuid7(self._clock.now_ms())
        epoch = self._outbox.epoch
        offline = encode(self._identity.state("offline", session, epoch))
        online = encode(self._identity.state("online", session, epoch))
        link = Link(self._identity.box, self._broker, offline, self._clock, self._waker)
        try:
            link.open()
            self._delivery.reconnect()
            self._connected = True
            self._connections += 1
            log.info("uplink up", broker=str(self._broker))
            link.publish(Outgoing(Lane.STATE, online, retain=True))
            while not self._finished() and self._outbox.epoch == epoch:
                self._step(link)
            self._farewell(link, offline)
            link.close(politely=True)
        finally:
            self._connected = False
            link.close()

    def _step(self, link: Link) -> None:
        for row in self._delivery.due(link.room):
            link.publish(Outgoing(row.lane, row.payload, row=row.id))
        while self._replies and link.room > 0:
            payload = self._replies.popleft()
            link.publish(Outgoing(Lane.REPLY, payload))
            self._delivery.spent(len(payload))
        self._report(link)
        link.turn(self._delivery.bucket.wait_s() or _TURN_S)
        acks, link.acks = link.acks, []
        self._delivery.answered(acks)
        if acks:
            # A line that comes and goes may never hold long, and is still worth trying at once.
            self._back_off.reset()
        commands, link.commands = link.commands, []
        for name, payload in commands:
            self._obey.get(name, _unknown)(payload)
        silent_s = self._clock.monotonic() - link.heard
        if link.unconfirmed and silent_s >= self._settings.ack_silence_s:
            raise LinkError(f"the broker has confirmed nothing for {silent_s:.0f} s")

    def _report(self, link: Link) -> None:
        """Send telemetry when it is due and the line is free.

        The counters themselves are never kept: only the latest are worth sending. Gaps are, so
        they go through the outbox, in a telemetry row of their own.
        """
        late_s = self._clock.monotonic() - self._telemetry_due
        patient = late_s < _TELEMETRY_PATIENCE * self._settings.telemetry_s
        if late_s < 0 or (patient and self._delivery.bucket.wait_s() > 0):
            return
        self._telemetry_due = self._clock.monotonic() + self._settings.telemetry_s
        self._delivery.tell_gaps(lambda gaps: encode(self._telemetry(gaps)))
        payload = encode(self._telemetry([]))
        link.publish(Outgoing(Lane.TELEMETRY, payload))
        self._delivery.spent(len(payload))

    def _finished(self) -> bool:
        if self._stop_at is None:
            return False
        return self._clock.monotonic() >= self._stop_at or self._outbox.count().rows == 0

    def _farewell(self, link: Link, offline: bytes) -> None:
        link.publish(Outgoing(Lane.STATE, offline, retain=True))
        until = self._clock.monotonic() + _FAREWELL_S
        while link.unconfirmed and (left := until - self._clock.monotonic()) > 0:
            link.turn(left)


def _unknown(payload: bytes) -> None:
    log.warning("a command that this program does not know is ignored", bytes=len(payload))
