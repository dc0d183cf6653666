"""A whole centre without its threads: database, crops, index, and the API over them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine

from central.api.app import create_app
from central.db.engine import make_engine
from central.index.flat.index import FlatIndex
from central.index.follower import IndexFollower
from central.index.port import VectorIndex
from central.index.standing import StandingIndex
from central.services import FoundObject, PartHealth, Query, Services
from central.settings import CentralSettings
from shared.attributes import AttributeValue
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.messages import Embedding
from shared.pictures import Picture
from shared.vectors import Vector, quantise
from tests.central.keeping import NOON_MS, Keeping, open_keeping, received
from tests.factories import SPACE, make_sighting, unit_vector
from tests.waiting import LONG_S

FOUND = Rect(10.0, 20.0, 74.0, 148.0)


@dataclass
class FixedReader:
    """Answers every picture with `vector`, as if it had found `box` in it."""

    vector: Vector
    box: Rect | None = FOUND
    asked: list[tuple[tuple[int, ...], ObjectClass]] = field(default_factory=list)

    def read(self, picture: Picture, object_class: ObjectClass) -> Query:
        self.asked.append((picture.shape, object_class))
        return Query(SPACE, self.vector, self.box)

    def objects(self, picture: Picture) -> list[FoundObject]:
        self.asked.append((picture.shape, ObjectClass.PERSON))
        said = {"upper_colour": AttributeValue("red", 0.9)}
        person = FoundObject(ObjectClass.PERSON, FOUND, 0.9, SPACE, self.vector, said, None)
        other = unit_vector(np.random.default_rng(100))
        car = Rect(100.0, 50.0, 300.0, 200.0)
        return [
            person,
            FoundObject(ObjectClass.VEHICLE, car, 0.5, SPACE, other, {}, "12가3456"),
        ]


@dataclass
class Centre:
    """The API with everything behind it, and shorthand for what tests put in."""

    services: Services
    keeping: Keeping
    client: httpx.Client
    reader: FixedReader
    parts: dict[str, PartHealth]
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))
    seq: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def engine(self) -> Engine:
        return self.services.engine

    def camera(self, identifier: str, lon: float | None = None, lat: float = 0.0) -> None:
        """Register a camera, placed when a longitude is given."""
        place = None if lon is None else {"lon": lon, "lat": lat}
        asked = {"id": identifier, "name": f"name of {identifier}", "position": place}
        assert self.client.post("/api/v1/cameras", json=asked).status_code == 201

    def sighting(
        self,
        camera: str = "cam-1",
        at_s: float = 0,
        lasts_s: float = 5,
        vector: Vector | None = None,
        **fields: object,
    ) -> UUID:
        """Commit a sighting seen `at_s` seconds after noon, through ingest."""
        first = NOON_MS + round(at_s * 1000)
        times = {
            "first_seen_ms": first,
            "shot_ms": first,
            "last_seen_ms": first + round(lasts_s * 1000),
        }
        if vector is not None:
            values, scale = quantise(vector)
            fields["embedding"] = Embedding(space=SPACE, values=values, scale=scale)
        sender = str(fields.pop("sender", "box-1"))
        made = make_sighting(self.rng, camera=camera, **{**times, **fields})
        (verdict,) = self.keeping.send(received(made, next(self.seq), box=sender))
        assert verdict.refusal is None, verdict.refusal
        return made.id

    def follow(self) -> None:
        """Let the index catch up with the database."""
        follower = IndexFollower(self.engine, self.services.index)
        while follower.step():
            pass

    def get(self, path: str, status: int = 200, **params: object) -> dict[str, Any]:
        """The answer of a GET below /api/v1."""
        answer = self.client.get(f"/api/v1{path}", params={k: str(v) for k, v in params.items()})
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def post(self, path: str, body: object, status: int = 200) -> dict[str, Any]:
        """The answer of a POST of JSON below /api/v1."""
        answer = self.client.post(f"/api/v1{path}", json=body)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def index(tmp_path: Path) -> Iterator[VectorIndex]:
    index = StandingIndex(lambda: FlatIndex(tmp_path / "index"))
    yield index
    index.close()


@pytest.fixture
def centre(central_database_url: str, index: VectorIndex, tmp_path: Path) -> Iterator[Centre]:
    with open_centre(central_database_url, index, tmp_path) as opened:
        yield opened


@contextmanager
def open_centre(database_url: str, index: VectorIndex, folder: Path) -> Iterator[Centre]:
    """A centre on a database with its schema; crops and whatever else it keeps in `folder`."""
    engine = make_engine(database_url)
    keeping = open_keeping(engine, folder)
    reader = FixedReader(unit_vector(np.random.default_rng(99)))
    parts = {"ingest": PartHealth(ready=True, detail="connected", figures={"per_s": 2.5})}
    services = Services(
        settings=CentralSettings(database_url=database_url, data_dir=folder),
        engine=engine,
        crops=keeping.crops,
        index=index,
        pictures=reader,
        clock=keeping.clock,
        parts={"ingest": lambda: parts["ingest"]},
    )
    with serve(create_app(services, console=folder / "console")) as client:
        yield Centre(services, keeping, client, reader, parts)
    keeping.crops.close()
    engine.dispose()


@contextmanager
def serve(app: FastAPI) -> Iterator[httpx.Client]:
    """`app` on a free port of this machine, and a client for it."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_config=None))
    # The socket listens already, so a request that comes before the server does waits for it.
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        port = listening.getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=LONG_S) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
