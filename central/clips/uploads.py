"""What boxes upload: bytes in order, from wherever the last try broke off, until it is whole."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, RowMapping

from central.clips.model import State
from central.clips.repository import row_of
from central.clips.store import ClipStore, OutOfPlace, Place
from central.db.tables import clips
from central.errors import ConflictError, InputError
from shared.clock import Clock, to_datetime
from shared.errors import DongseonError

_DAMAGED = "it arrived other than it was sent; ask for it again"


class TokenRefused(DongseonError):  # noqa: N818 - reads as the statement it is
    """An upload without its token."""


class UploadOver(DongseonError):  # noqa: N818
    """An upload nobody waits for any more."""


class UploadTooLarge(DongseonError):  # noqa: N818
    """An upload over the cap."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What an uploader says: where its bytes begin, how long the whole is, and its SHA-256."""

    offset: int
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """An upload that may go on: `append` bytes, then `finish` when all are there."""

    uploads: "Uploads"
    place: Place
    declared: Declared

    def append(self, offset: int, data: bytes) -> int:
        """Add `data`; give how many bytes are here then.

        Raises:
            OutOfPlace: another request has overtaken this one, or it is over its own size.
            StorageError: the disk refuses; `NoRoom`: it is too full.
        """
        self.uploads.store.check_room(len(data), self.uploads.min_free)
        return self.uploads.store.append(self.place, offset, data, self.declared.size)

    def finish(self) -> None:
        """All bytes are here.

        Raises:
            InputError: they are not what was announced; the clip has failed.
            StorageError: the disk refuses.
        """
        uploads, place = self.uploads, self.place
        if hmac.compare_digest(uploads.store.finish(place), self.declared.digest):
            uploads.set(place.id, state=State.READY.value, reason=None)
            return
        uploads.store.forget(place)
        uploads.set(place.id, state=State.FAILED.value, reason=_DAMAGED)
        raise InputError(_DAMAGED)


@dataclass(frozen=True, slots=True)
class Uploads:
    """Uploads into `store`, none over `max_bytes`; `min_free` bytes of the disk are left alone."""

    engine: Engine
    store: ClipStore
    clock: Clock
    max_bytes: int
    min_free: int

    def held(self, identifier: UUID, token: str) -> int:
        """How many bytes of an upload are here.

        Raises:
            NotFoundError, TokenRefused, UploadOver: it is none that may go on.
            StorageError: the disk refuses.
        """
        with self.engine.connect() as connection:
            row = _allowed(row_of(connection, identifier), token)
        if row["state"] == State.READY.value:
            return int(row["size"])
        place = Place(row["day"], row["id"])
        held = self.store.held(place)
        if held and held == row["size"]:  # all was here when something failed
            Incoming(self, place, Declared(held, held, row["digest"])).finish()
        return held

    def begin(self, identifier: UUID, token: str, declared: Declared) -> Incoming:
        """Go on with an upload.

        Raises:
            NotFoundError, TokenRefused, UploadOver: it is none that may go on.
            UploadTooLarge: it is announced to be over the cap.
            OutOfPlace: its bytes do not follow those that are here.
            ConflictError: it is whole already, or another file than the one begun: that one is
                forgotten, and the upload begins anew.
        """
        if declared.size > self.max_bytes:
            raise UploadTooLarge(f"{declared.size} bytes; at most {self.max_bytes} are taken")
        with self.engine.begin() as connection:
            row = _allowed(row_of(connection, identifier, lock=True), token)
            if row["state"] == State.READY.value:
                raise ConflictError("the upload is whole already")
            place = Place(row["day"], row["id"])
            changed = row["digest"] not in {None, declared.digest}
            if changed:
                self.store.forget(place)
            values = {"state": State.UPLOADING.value, "size": declared.size}
            connection.execute(
                clips.update()
                .where(clips.c.id == identifier)
                .values(digest=declared.digest, heard_at=self._now(), **values)
            )
        if changed:
            raise ConflictError("this is another file than was begun; begin anew")
        if (held := self.store.held(place)) != declared.offset:
            raise OutOfPlace(held)
        return Incoming(self, place, declared)

    def set(self, identifier: UUID, **values: str | None) -> None:
        """Write how an upload has ended."""
        with self.engine.begin() as connection:
            connection.execute(
                clips.update()
                .where(clips.c.id == identifier)
                .values(heard_at=self._now(), **values)
            )

    def _now(self) -> datetime:
        return to_datetime(self.clock.now_ms())


def _allowed(row: RowMapping, token: str) -> RowMapping:
    if not hmac.compare_digest(row["token"].encode(), token.encode()):
        raise TokenRefused("the token of this upload is another")
    if row["state"] == State.FAILED.value:
        raise UploadOver(f"nobody waits for this upload any more: {row['reason']}")
    return row
