"""Alerts of the watch list: see them, say which are right."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from central.api.common import PageQuery, TheServices
from central.audit import audit
from central.services import Services
from central.values import Page
from central.watch.judging import AlertFilter, Judge
from central.watch.model import Alert, AlertDetail, AlertState, EventKind, Judgement
from shared.ids import CameraId

router = APIRouter(prefix="/alerts")


class AlertQuery(PageQuery):
    """Which alerts to list."""

    target: UUID | None = None
    camera: CameraId | None = None
    state: AlertState | None = None


@router.get("")
def list_alerts(services: TheServices, asked: Annotated[AlertQuery, Query()]) -> Page[Alert]:
    """Alerts, newest first."""
    wanted = AlertFilter(asked.target, asked.camera, asked.state)
    page = _judge(services).page(wanted, asked.limit, asked.cursor)
    filters = asked.model_dump(mode="json", exclude_defaults=True)
    audit("alerts read", filters=filters, found=len(page.items))
    return page


@router.get("/{alert}")
def get_alert(services: TheServices, alert: UUID) -> AlertDetail:
    """One alert and its sightings."""
    found = _judge(services).get(alert)
    audit("alerts read", alert=str(alert), entry=str(found.target))
    return found


@router.post("/{alert}/confirm")
def confirm_alert(services: TheServices, alert: UUID, said: Judgement) -> Alert:
    """Say that an alert is right; its best vectors join the entry unless `learn` is false."""
    return _judge(services).judge(alert, EventKind.CONFIRMED, said)


@router.post("/{alert}/dismiss")
def dismiss_alert(services: TheServices, alert: UUID, said: Judgement) -> Alert:
    """Say that an alert is wrong.

    Unless `learn` is false, sightings that are more like this one than like the entry are let
    pass from now on. What was said of an alert before no longer counts.
    """
    return _judge(services).judge(alert, EventKind.DISMISSED, said)


def _judge(services: Services) -> Judge:
    return Judge(services.engine, services.clock)
