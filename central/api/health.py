"""Whether the process lives, whether it can do its work, and its metrics."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import Engine, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from central.api.common import TheServices
from central.services import PartHealth, Services
from central.values import Model

router = APIRouter(tags=["health"])


class PartAnswer(Model):
    """How one part of the process is."""

    ready: bool
    detail: str
    figures: Mapping[str, float]


class Ready(Model):
    """Whether all parts work."""

    ready: bool
    parts: dict[str, PartAnswer]


@router.get("/health/live")
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get(
    "/health/ready",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "not ready"}},
)
def ready(services: TheServices) -> Ready | JSONResponse:
    """200 when the database, ingest and the index work, 503 with the same body when not."""
    parts = {"database": _answer(_database(services.engine)), **parts_of(services)}
    answer = Ready(ready=all(part.ready for part in parts.values()), parts=parts)
    if answer.ready:
        return answer
    return JSONResponse(answer.model_dump(mode="json"), HTTPStatus.SERVICE_UNAVAILABLE)


@router.get("/metrics", response_class=Response)
def metrics(services: TheServices) -> Response:
    """Metrics in Prometheus' text format."""
    return Response(generate_latest(services.registry), media_type=CONTENT_TYPE_LATEST)


def parts_of(services: Services) -> dict[str, PartAnswer]:
    """How the other parts of the process are, by name."""
    return {name: _answer(health()) for name, health in services.parts.items()}


def _answer(health: PartHealth) -> PartAnswer:
    return PartAnswer(**health._asdict())


def _database(engine: Engine) -> PartHealth:
    try:
        with engine.connect() as connection:
            connection.execute(select(1))
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        return PartHealth(ready=False, detail=f"cannot be reached: {type(error).__name__}")
    return PartHealth(ready=True, detail="answers")
