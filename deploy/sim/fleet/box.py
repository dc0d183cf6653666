"""One make-believe box: an outbox, and a connection while it has one."""

from typing import NamedTuple
from uuid import UUID

import mqtt5

from deploy.sim.fleet.connection import Connect, Connection, LineError
from deploy.sim.fleet.messages import Messages, camera_name
from deploy.sim.fleet.options import FleetOptions
from deploy.sim.fleet.outbox import SimOutbox
from deploy.sim.fleet.tally import Tally
from shared.clock import Clock
from shared.errors import WireError
from shared.ids import uuid7
from shared.messages import Ack, BoxState, ChannelState, Telemetry, decode, encode
from shared.outbox_id import OutboxId
from shared.topics import Lane, Topic


class Surroundings(NamedTuple):
    """What all boxes of a fleet share."""

    options: FleetOptions
    messages: Messages
    tally: Tally
    clock: Clock
    connect: Connect


class FleetBox:
    """Keeps rows, and sends them whenever it has a connection that the broker has accepted."""

    def __init__(self, number: int, cameras: int, epoch: UUID, around: Surroundings) -> None:
        options = around.options
        self.name = f"{options.prefix}-{number:04d}"
        self.epoch = epoch
        self.outbox = SimOutbox(options.window, options.revisions)
        self.ready = False
        self._number = number
        self._cameras = cameras
        self._around = around
        self._connection: Connection | None = None
        self._session = UUID(int=0)
        self._started_ms = around.clock.now_ms()
        self._topics = {lane: str(Topic(self.name, lane)) for lane in Lane}

    def connect(self) -> None:
        """Begin a connection; a session of its own, so that an old will is known as old.

        Raises:
            LineError: there is no broker.
        """
        if self._connection is not None:
            return
        self._session = uuid7(self._around.clock.now_ms())
        self._connection = self._around.connect(self)
        self._connection.hello(self.name, self._state("offline"))

    def lose_line(self) -> None:
        """Without a word, as when the power or the line goes."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self.ready = False
        self.outbox.lost_line()

    def leave(self) -> None:
        """In good order."""
        if self._connection is not None and self.ready:
            connection = self._connection
            connection.publish(self._topics[Lane.STATE], self._state("offline"), retain=True)
            connection.bye()
            connection.flush()

    def turn(self, *, readable: bool) -> None:
        """Take what has arrived and send what is due.

        Raises:
            LineError: the connection broke.
        """
        if self._connection is None:
            return
        for packet in self._connection.packets() if readable else ():
            self._take(self._connection, packet)
        self.send()

    def make_row(self) -> None:
        """Append a row to the outbox."""
        clock = self._around.clock
        self.outbox.append(clock.now_ms(), clock.monotonic())

    def send(self) -> None:
        """Publish what is due.

        Raises:
            LineError: the connection broke.
        """
        if self._connection is None:
            return
        for row in self.outbox.due(self._around.clock.monotonic()) if self.ready else ():
            camera = row.number % self._cameras
            payload = self._around.messages.payload(self._number, camera, row)
            self._around.tally.note_sent(len(payload))
            self._connection.publish(
                self._topics[Lane.SIGHTING], payload, row=OutboxId(self.epoch, row.seq)
            )
        self._connection.flush()

    def look_after(self, *, tell: bool) -> None:
        """Send again what nobody answered for; tell counters if `tell`.

        Raises:
            LineError: the connection broke.
        """
        if self._connection is None or not self.ready:
            return
        self.outbox.overdue(self._around.clock.monotonic() - self._around.options.silence_s)
        if tell:
            self._connection.publish(self._topics[Lane.TELEMETRY], self._telemetry())
        self.send()

    def _take(self, connection: Connection, packet: mqtt5.Packet) -> None:
        if isinstance(packet, mqtt5.PublishPacket):
            self._answered(packet.payload)
        elif isinstance(packet, mqtt5.ConnAckPacket):
            if packet.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
                raise LineError(f"the broker refused {self.name}: {packet.reason_code!r}")
            connection.listen(self._topics[Lane.ACK])
        elif isinstance(packet, mqtt5.SubAckPacket):
            connection.publish(self._topics[Lane.STATE], self._state("online"), retain=True)
            self.ready = True
        elif isinstance(packet, mqtt5.DisconnectPacket):
            raise LineError(f"the broker sent {self.name} away: {packet.reason_code!r}")

    def _answered(self, payload: bytes) -> None:
        tally, now = self._around.tally, self._around.clock.monotonic()
        try:
            ack = decode(Ack, payload)
        except WireError:
            tally.bad_acks += 1
            return
        if ack.epoch != self.epoch:
            return
        tally.note_answers(self.outbox.answered(ack.accepted), now, len(ack.accepted))
        for refusal in ack.refused:
            if self.outbox.answered([refusal.seq]):
                tally.note_refused(refusal.reason)

    def _state(self, status: str) -> bytes:
        cameras = range(self._cameras)
        fields = {
            "status": status,
            "session": self._session,
            "epoch": self.epoch,
            "started_ms": self._started_ms,
            "software": "dongseon-sim",
            "profile": "sim",
            "channels": [
                ChannelState(name=f"channel-{camera}", camera=camera_name(self._number, camera))
                for camera in cameras
            ],
        }
        return encode(BoxState.model_validate(fields))

    def _telemetry(self) -> bytes:
        rows = self.outbox.open
        return encode(
            Telemetry(
                epoch=self.epoch,
                sent_ms=self._around.clock.now_ms(),
                outbox_rows=rows,
                outbox_bytes=rows * 2_500,
                evicted=0,
            )
        )
