from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from tests.central.asking import centre, index
from tests.central.roads.town import bring

__all__ = ["centre", "connection", "index", "town"]


@pytest.fixture
def town(engine: Engine) -> Engine:
    """A database with the made-up town's streets."""
    bring(engine)
    return engine


@pytest.fixture
def connection(town: Engine) -> Iterator[Connection]:
    with town.connect() as connection:
        yield connection
