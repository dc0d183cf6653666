"""Addresses that are told what happens on the watch list."""

import secrets
from collections.abc import Collection
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from pydantic import Field, StringConstraints
from sqlalchemy import Engine, func, select

from central.audit import asker
from central.db.tables import watch_deliveries, watch_webhooks
from central.errors import ConflictError, InputError, NotFoundError
from central.settings import is_loopback
from central.values import Instant, Model, Page, bad_cursor, cut_page, read_cursor
from central.watch import events
from central.watch.model import EventKind
from central.watch.signing import SECRET_BYTES, shown_secret
from shared.clock import Clock, to_datetime
from shared.ids import uuid7

MAX_WEBHOOKS = 20
_MAX_EVENT = (1 << 63) - 1

Url = Annotated[
    str,
    StringConstraints(max_length=500, pattern=r"^https?://[!-~]+$"),
    Field(examples=["https://alerts.example/dongseon"]),
]
DeliveryState = Literal["waiting", "delivered", "failed"]

_log = structlog.get_logger(__name__)


class WebhookRequest(Model):
    """Where to send events, and which; all but `updated` unless said."""

    url: Url
    events: Annotated[list[EventKind], Field(min_length=1, max_length=len(EventKind))] = [
        kind for kind in EventKind if kind is not EventKind.UPDATED
    ]


class Webhook(Model):
    """An address, and how deliveries to it stand. `disabled`: why it is sent nothing any more."""

    id: UUID
    url: str
    events: list[EventKind]
    created_at: Instant
    disabled: str | None
    waiting: int
    failed: int
    last_error: str | None


class NewWebhook(Webhook):
    """A new address, and its secret, which is not shown again."""

    secret: str


class Webhooks(Model):
    """All addresses."""

    items: list[Webhook]


class Delivery(Model):
    """One event for one address. `event` is the CloudEvent's id."""

    event: int
    state: DeliveryState
    attempts: int
    made_at: Instant
    next_at: Instant
    error: str | None


class Hooks(NamedTuple):
    """The addresses: the database, the time, and the hosts that may be sent to."""

    engine: Engine
    clock: Clock
    hosts: Collection[str]

    def add(self, request: WebhookRequest) -> NewWebhook:
        """Send the events of `request` to its address from now on.

        Raises:
            InputError: the address is none that may be sent to.
            ConflictError: there are too many.
        """
        check_url(request.url, self.hosts)
        secret = secrets.token_bytes(SECRET_BYTES)
        values = {
            "id": uuid7(self.clock.now_ms()),
            "url": request.url,
            "secret": secret,
            "events": sorted({kind.value for kind in request.events}),
            "created_at": to_datetime(self.clock.now_ms()),
        }
        with self.engine.begin() as connection:
            events.take_turn(connection)
            held = connection.execute(select(func.count()).select_from(watch_webhooks))
            if held.scalar_one() >= MAX_WEBHOOKS:
                raise ConflictError(f"there are {MAX_WEBHOOKS} webhooks already; delete one")
            connection.execute(watch_webhooks.insert().values(values))
        _log.info("webhook", who=asker(), what="added", webhook=str(values["id"]))
        (made,) = (each for each in self.all().items if each.id == values["id"])
        return NewWebhook(**dict(made), secret=shown_secret(secret))

    def all(self) -> Webhooks:
        """Every address."""
        mine = watch_deliveries.c.webhook == watch_webhooks.c.id
        counts = [
            select(func.count())
            .select_from(watch_deliveries)
            .where(mine, watch_deliveries.c.state == state)
            .scalar_subquery()
            .label(state)
            for state in ("waiting", "failed")
        ]
        last = (
            select(watch_deliveries.c.error)
            .where(mine, watch_deliveries.c.error.is_not(None))
            .order_by(watch_deliveries.c.event.desc())
            .limit(1)
            .scalar_subquery()
            .label("last_error")
        )
        query = select(watch_webhooks, *counts, last).order_by(watch_webhooks.c.id)
        with self.engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return Webhooks(
            items=[Webhook(**{name: row[name] for name in Webhook.model_fields}) for row in rows]
        )

    def remove(self, identifier: UUID) -> None:
        """Send nothing there any more, and forget the address.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self.engine.begin() as connection:
            events.take_turn(connection)
            gone = connection.execute(
                watch_webhooks.delete()
                .where(watch_webhooks.c.id == identifier)
                .returning(watch_webhooks.c.id)
            )
            if gone.first() is None:
                raise _missing(identifier)
        _log.info("webhook", who=asker(), what="removed", webhook=str(identifier))

    def deliveries(
        self, identifier: UUID, state: DeliveryState | None, limit: int, cursor: str | None
    ) -> Page[Delivery]:
        """What was or is to be sent to an address, newest first.

        Raises:
            NotFoundError: there is no such address.
            InputError: `cursor` is not one of ours.
        """
        query = select(watch_deliveries).where(watch_deliveries.c.webhook == identifier)
        if state is not None:
            query = query.where(watch_deliveries.c.state == state)
        if cursor is not None:
            query = query.where(watch_deliveries.c.event < _number(cursor))
        query = query.order_by(watch_deliveries.c.event.desc()).limit(limit + 1)
        there = select(watch_webhooks.c.id).where(watch_webhooks.c.id == identifier)
        with self.engine.connect() as connection:
            if connection.execute(there).first() is None:
                raise _missing(identifier)
            rows = connection.execute(query).mappings().all()
        found = [_delivery(dict(row)) for row in rows]
        return cut_page(found, limit, lambda delivery: str(delivery.event))


def check_url(url: str, hosts: Collection[str]) -> None:
    """Do nothing if events may be sent to `url`: to named hosts alone, and in the open to none.

    Raises:
        InputError: they may not.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InputError(f"the address cannot be read: {error}") from error
    named = {name.lower() for name in hosts}
    if host not in named and f"{host}:{port}" not in named:
        raise InputError(
            f"webhooks to {host[:100]!r} are not allowed: name the host in "
            "DONGSEON_CENTRAL_WEBHOOK_HOSTS; unless one is named, none is"
        )
    if parts.username is not None or parts.password is not None:
        raise InputError("the address must not hold a name or a password")
    if parts.scheme != "https" and not is_loopback(host):
        raise InputError("events tell of people: use https, or http on this machine")


def _delivery(row: dict[str, Any]) -> Delivery:
    return Delivery(**{name: row[name] for name in Delivery.model_fields})


def _missing(identifier: UUID) -> NotFoundError:
    return NotFoundError(f"there is no webhook {identifier}")


def _number(cursor: str) -> int:
    (written,) = read_cursor(cursor, 1)
    if not written.isdecimal() or int(written) > _MAX_EVENT:
        raise bad_cursor()
    return int(written)
