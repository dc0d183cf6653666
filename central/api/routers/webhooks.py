"""Webhooks of the watch list."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from central.api.common import PageQuery, TheServices
from central.services import Services
from central.values import Page
from central.watch.webhooks import (
    Delivery,
    DeliveryState,
    Hooks,
    NewWebhook,
    WebhookRequest,
    Webhooks,
)

router = APIRouter(prefix="/webhooks")


class DeliveryQuery(PageQuery):
    """Which deliveries to list."""

    state: DeliveryState | None = None


@router.post("", status_code=201)
def add_webhook(services: TheServices, request: WebhookRequest) -> NewWebhook:
    """Have events sent to an address, as CloudEvents signed as Standard Webhooks has it.

    `secret` is shown this once. Only hosts named in DONGSEON_CENTRAL_WEBHOOK_HOSTS are sent to.
    What is not answered with 2xx is sent again for a day, then it has failed.
    """
    return _hooks(services).add(request)


@router.get("")
def list_webhooks(services: TheServices) -> Webhooks:
    """Every address, and how deliveries to it stand."""
    return _hooks(services).all()


@router.delete("/{webhook}", status_code=204)
def remove_webhook(services: TheServices, webhook: UUID) -> None:
    """Send nothing there any more."""
    _hooks(services).remove(webhook)


@router.get("/{webhook}/deliveries")
def list_deliveries(
    services: TheServices, webhook: UUID, asked: Annotated[DeliveryQuery, Query()]
) -> Page[Delivery]:
    """What was or is to be sent to an address in the last 7 days, newest first."""
    return _hooks(services).deliveries(webhook, asked.state, asked.limit, asked.cursor)


def _hooks(services: Services) -> Hooks:
    return Hooks(services.engine, services.clock, services.settings.webhook_hosts)
