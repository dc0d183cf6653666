"""A clip that was asked for, and a box that uploads it as it likes."""

import base64
import hashlib
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from shared.messages import BoxState, ChannelState
from shared.topics import Lane
from tests.central.asking import Centre
from tests.central.keeping import EPOCH, NOON_MS, received

FILE = bytes(range(256)) * 40


def announce(centre: Centre) -> None:
    """A box with a channel of camera cam-1 is there."""
    state = BoxState(
        status="online",
        session=uuid4(),
        epoch=EPOCH,
        started_ms=NOON_MS,
        software="dongseon 0.1",
        channels=[ChannelState(name="north", camera="cam-1")],
    )
    centre.keeping.send(received(state, None, lane=Lane.STATE))


def ask(centre: Centre, **more: object) -> dict[str, Any]:
    """Ask for half a minute of camera cam-1."""
    announce(centre)
    window = {"from": "2026-07-20T11:00:00Z", "to": "2026-07-20T11:00:30Z"}
    return centre.post("/clips", {"camera": "cam-1", **window, **more}, 202)


class Upload:
    """What a box does with a clip's upload, right or wrong."""

    def __init__(self, centre: Centre, clip: dict[str, Any], file: bytes = FILE) -> None:
        self.file = file
        self._client = centre.client
        self._url = f"/api/v1/uploads/{clip['id']}"
        with centre.engine.connect() as connection:
            query = text("SELECT token FROM clips WHERE id = :id")
            self.token = connection.execute(query, {"id": UUID(clip["id"])}).scalar_one()

    def held(self) -> httpx.Response:
        """How much the centre has."""
        return self._client.head(self._url, headers=self._bearer())

    def send(self, start: int, end: int, **headers: str) -> httpx.Response:
        """Send these bytes of the file."""
        said = {
            "upload-offset": str(start),
            "upload-length": str(len(self.file)),
            "repr-digest": digest(self.file),
        }
        return self._client.patch(
            self._url, headers=self._bearer() | said | headers, content=self.file[start:end]
        )

    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


def digest(file: bytes) -> str:
    """What `Repr-Digest` says of `file`."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(file).digest()).decode()}:"
