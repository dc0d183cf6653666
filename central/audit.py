"""The trail of who looked at what: one line in the log for each time someone sees people."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError
from structlog.contextvars import bound_contextvars, get_contextvars

from shared.errors import DongseonError

_KEY = "who"
_NOBODY = "centre"


def asker() -> str:
    """Who sent the request that is being answered; `centre` where nobody did."""
    return str(get_contextvars().get(_KEY, _NOBODY))


@contextmanager
def asked_by(who: str) -> Iterator[None]:
    """Meanwhile, in this request and the threads that work for it, `who` asks."""
    with bound_contextvars(**{_KEY: who}):
        yield


@contextmanager
def failing(event: str, **facts: object) -> Iterator[None]:
    """Write an `event` that fails, too: who asked is no less of interest."""
    try:
        yield
    except (DongseonError, SQLAlchemyError) as error:
        audit(f"{event} failed", **facts, error=type(error).__name__)
        raise


def audit(event: str, **facts: object) -> None:
    """Write that the asker did `event`, and what is known of it."""
    structlog.get_logger().info(event, who=asker(), **facts)
