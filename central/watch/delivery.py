"""Sends events to webhooks, again and again for a day, from a queue in the database.

Each address has a thread while it has something to get, so a slow one holds up no other; it gets
its events in order, each when the one before was taken or given up. No transaction is open while
something is sent. What was sent may be sent twice, after a crash in between; its `webhook-id` is
the same.
"""

import asyncio
import random
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import httpx
import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from central.errors import InputError
from central.services import PartHealth
from central.watch import events
from central.watch.signing import headers
from central.watch.wake import EVENTS, Listener, listening
from central.watch.webhooks import MAX_WEBHOOKS, check_url
from shared.clock import Clock, to_datetime
from shared.errors import StorageError

GIVE_UP = timedelta(days=1)
FIRST_RETRY = timedelta(seconds=5)
# All that came since waits behind it.
_LONGEST_RETRY = timedelta(minutes=5)
_TIMEOUT_S = 10.0
_MOST_DOUBLINGS = 20
_MAX_ERROR = 200
_GONE = 410
_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 10.0

_DUE = text(
    "SELECT w.id FROM watch_webhooks w CROSS JOIN LATERAL (SELECT d.next_at "
    "FROM watch_deliveries d WHERE d.webhook = w.id AND d.state = 'waiting' "
    "ORDER BY d.event LIMIT 1) AS first WHERE w.disabled IS NULL AND first.next_at <= :now"
)
# Counted before it is sent, and not due again at once, whatever happens to this process.
_TAKE = text(
    "UPDATE watch_deliveries d SET attempts = d.attempts + 1, next_at = :again "
    "FROM watch_webhooks w, watch_events e WHERE w.id = d.webhook AND e.id = d.event "
    "AND w.disabled IS NULL AND (d.webhook, d.event) = (SELECT first.webhook, first.event "
    "FROM (SELECT webhook, event, next_at FROM watch_deliveries WHERE webhook = :webhook "
    "AND state = 'waiting' ORDER BY event LIMIT 1 FOR UPDATE) AS first "
    "WHERE first.next_at <= :now) "
    "RETURNING d.webhook, d.event, d.attempts, d.made_at, w.url, w.secret, e.id, e.at, e.kind, "
    "e.data"
)
_SETTLE = text(
    "UPDATE watch_deliveries SET state = :state, next_at = :next_at, error = :error "
    "WHERE webhook = :webhook AND event = :event"
)
_DISABLE = text("UPDATE watch_webhooks SET disabled = :why WHERE id = :webhook")

_log = structlog.get_logger(__name__)


class _Taken(NamedTuple):
    """One event on its way."""

    webhook: UUID
    event: int
    attempts: int
    made_at: datetime
    url: str
    secret: bytes
    body: bytes


@dataclass(frozen=True)
class DeliveryParts:
    """What it works with. `hosts`: those that may be sent to, as in `check_url`.

    `longest_s`: an answer's head must be there after so long, however it trickles in.
    """

    engine: Engine
    clock: Clock
    hosts: Collection[str]
    rng: random.Random
    first_retry: timedelta = FIRST_RETRY
    longest_s: float = 15.0


class Deliverer:
    """The loop."""

    def __init__(self, parts: DeliveryParts) -> None:
        self._parts = parts
        self._busy: dict[UUID, Future[None]] = {}
        self._trouble: str | None = "not started"
        self._delivered = 0
        self._trusted = httpx.create_ssl_context(trust_env=False)

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set; a database that is away is waited for, with back-off."""
        delay = _FIRST_DELAY_S
        with ThreadPoolExecutor(MAX_WEBHOOKS, "webhook") as pool:
            while not stop.is_set():
                try:
                    with listening(self._parts.engine, EVENTS) as listener:
                        self._trouble, delay = None, _FIRST_DELAY_S
                        self._hand_out(pool, listener, stop)
                except StorageError as error:
                    self._trouble = str(error)
                    _log.warning("webhooks wait", error=str(error))
                    stop.wait(delay)
                    delay = min(delay * 2, _LONGEST_DELAY_S)

    def health(self) -> PartHealth:
        """Whether webhooks are sent to, not whether they answer."""
        detail = self._trouble or "webhooks are sent to"
        return PartHealth(self._trouble is None, detail, {"delivered": self._delivered})

    def deliver(self, webhook: UUID, stop: threading.Event) -> int:
        """Send what is due to `webhook`, in order, until something fails; gives how many went.

        Raises:
            StorageError: the database is away.
        """
        sent = 0
        while not stop.is_set() and (taken := self._take(webhook)) is not None:
            error = self._send(taken)
            self._settle(taken, error)
            if error is not None:
                break
            sent += 1
            self._delivered += 1
        return sent

    def _hand_out(
        self, pool: ThreadPoolExecutor, listener: Listener, stop: threading.Event
    ) -> None:
        while not stop.is_set():
            for webhook in self._due():
                if webhook not in self._busy:
                    self._busy[webhook] = pool.submit(self._deliver_all, webhook, stop)
            listener.wait(stop)
            for webhook, future in list(self._busy.items()):
                if future.done():
                    del self._busy[webhook]
                    future.result()

    def _deliver_all(self, webhook: UUID, stop: threading.Event) -> None:
        self.deliver(webhook, stop)

    def _due(self) -> list[UUID]:
        with self._begin() as connection:
            return list(connection.execute(_DUE, {"now": self._now()}).scalars())

    def _take(self, webhook: UUID) -> _Taken | None:
        now = self._now()
        values = {"webhook": webhook, "now": now, "again": now + self._parts.first_retry * 6}
        with self._begin() as connection:
            row = connection.execute(_TAKE, values).one_or_none()
        if row is None:
            return None
        (event,) = events.written([row])
        body = event.model_dump_json().encode()
        return _Taken(
            row.webhook, row.event, row.attempts, row.made_at, row.url, bytes(row.secret), body
        )

    def _send(self, taken: _Taken) -> str | None:
        """Why it was not taken, None when it was. The answer's body is not read."""
        signed = headers(
            taken.secret, str(taken.event), self._parts.clock.now_ms() // 1000, taken.body
        )
        signed["content-type"] = "application/cloudevents+json"
        try:
            check_url(taken.url, self._parts.hosts)
            status = asyncio.run(self._post(taken, signed))
        except TimeoutError:
            return f"it did not answer within {self._parts.longest_s:g} s"
        except (InputError, httpx.HTTPError, httpx.InvalidURL) as error:
            return f"{type(error).__name__}: {error}"[:_MAX_ERROR]
        if status == _GONE:
            self._disable(taken.webhook)
        return None if httpx.codes.is_success(status) else f"it answered {status}"

    async def _post(self, taken: _Taken, signed: dict[str, str]) -> int:
        """The status it answers. Goes where it is sent and nowhere else.

        A loop of its own, as a thread's own read can be given no end: httpx counts from byte to
        byte.
        """
        client = httpx.AsyncClient(
            timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False, verify=self._trusted
        )
        async with asyncio.timeout(self._parts.longest_s), client:
            asked = client.stream("POST", taken.url, content=taken.body, headers=signed)
            async with asked as answer:
                return answer.status_code

    def _settle(self, taken: _Taken, error: str | None) -> None:
        now = self._now()
        next_at, state = now, "delivered"
        if error is not None:
            next_at = now + self._pause(taken.attempts)
            state = "failed" if next_at > taken.made_at + GIVE_UP else "waiting"
            _log.warning(
                "webhook",
                what=state,
                webhook=str(taken.webhook),
                number=taken.event,
                attempts=taken.attempts,
                error=error,
            )
        values = {
            "webhook": taken.webhook,
            "event": taken.event,
            "state": state,
            "next_at": next_at,
            "error": error,
        }
        with self._begin() as connection:
            connection.execute(_SETTLE, values)

    def _pause(self, attempts: int) -> timedelta:
        doubled = self._parts.first_retry * 2.0 ** min(attempts - 1, _MOST_DOUBLINGS)
        return min(doubled, _LONGEST_RETRY) * self._parts.rng.uniform(0.5, 1.0)

    def _disable(self, webhook: UUID) -> None:
        with self._begin() as connection:
            connection.execute(_DISABLE, {"webhook": webhook, "why": "it answered 410 Gone"})

    def _now(self) -> datetime:
        return to_datetime(self._parts.clock.now_ms())

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        try:
            with self._parts.engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise StorageError(f"webhooks have no database: {error.orig}") from error
