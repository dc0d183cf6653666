"""The table of clips: what was asked for, of whom, and how far it is."""

import secrets
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, RowMapping, and_, or_, select
from sqlalchemy.dialects.postgresql import insert

from central.audit import audit
from central.clips.model import MAX_LENGTH, Clip, ClipRequest, Kind, SnapshotRequest, State
from central.clips.orders import check_order
from central.clips.store import ClipStore, Place
from central.db.tables import boxes, cameras, clips
from central.errors import ConflictError, InputError, NotFoundError
from central.sightings import repository as sightings
from shared.clock import Clock, to_datetime
from shared.errors import WireError
from shared.ids import uuid7

_TOKEN_BYTES = 32
_BEGINNING = to_datetime(0)


class _Shown(NamedTuple):
    """What a clip is to show. `start` and `end` are None for a snapshot."""

    box: str
    channel: str
    camera: str
    sighting: UUID | None = None
    start: datetime | None = None
    end: datetime | None = None


class Asker(NamedTuple):
    """Whose clips: the database, the files, and the time it is."""

    engine: Engine
    store: ClipStore
    clock: Clock

    def clip(self, request: ClipRequest) -> Clip:
        """Ask for a clip, or give the one that was asked for already.

        Raises:
            NotFoundError: no such sighting, or no box has a channel of the camera.
            InputError: it is over `MAX_LENGTH`, ends before it begins, or cannot be asked for.
        """
        if request.sighting_id is not None:
            shown = self._of_sighting(request.sighting_id, request.margin_s)
        else:
            shown = self._of_camera(str(request.camera))
            shown = shown._replace(start=request.from_, end=request.to)
        _check_length(shown)
        return self._ask(Kind.CLIP, shown, request.purpose)

    def snapshot(self, request: SnapshotRequest) -> Clip:
        """Ask for the latest picture of a camera.

        Raises:
            NotFoundError: no box has a channel of it.
        """
        return self._ask(Kind.SNAPSHOT, self._of_camera(request.camera), request.purpose)

    def get(self, identifier: UUID) -> Clip:
        """A clip as it is now.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self.engine.connect() as connection:
            return self._to_clip(row_of(connection, identifier))

    def file(self, identifier: UUID) -> tuple[Clip, Path]:
        """A clip and where its file is.

        Raises:
            NotFoundError: there is none of that id, or its file is gone: then it has failed, and
                may be asked for anew.
            ConflictError: it is not ready.
        """
        with self.engine.connect() as connection:
            row = row_of(connection, identifier)
        clip, path = self._to_clip(row), self.store.path(Place(row["day"], row["id"]))
        if clip.state is not State.READY:
            raise ConflictError(f"the {clip.kind} is {clip.state}, not ready")
        if not path.is_file():
            reason = f"the file of {clip.kind} {identifier} is not in the clip store"
            self._lost(identifier, reason)
            raise NotFoundError(f"{reason}; ask for it again")
        return clip, path

    def _lost(self, identifier: UUID, reason: str) -> None:
        mine = and_(clips.c.id == identifier, clips.c.state == State.READY.value)
        failed = {"state": State.FAILED.value, "reason": reason}
        with self.engine.begin() as connection:
            connection.execute(clips.update().where(mine).values(failed))

    def _of_sighting(self, identifier: UUID, margin_s: float) -> _Shown:
        found = sightings.get(self.engine, identifier)
        margin = timedelta(seconds=margin_s)
        # A box whose clock is wrong may see somebody at the very beginning of time.
        start = max(found.first_seen - margin, _BEGINNING)
        return _Shown(
            found.box,
            found.channel,
            found.camera,
            identifier,
            start,
            # Cut rather than refused: who stays for an hour is seen in the first minutes.
            min(found.last_seen + margin, start + MAX_LENGTH),
        )

    def _of_camera(self, camera: str) -> _Shown:
        # A box says itself whose cameras it has; those registered to another are not its own.
        query = (
            select(boxes.c.box, boxes.c.channels)
            .join(cameras, cameras.c.id == camera, isouter=True)
            .where(
                boxes.c.channels.contains([{"camera": camera}]),
                or_(cameras.c.box.is_(None), cameras.c.box == boxes.c.box),
            )
        )
        with self.engine.connect() as connection:
            found = connection.execute(
                query.order_by((boxes.c.status == "online").desc(), boxes.c.last_heard.desc())
            ).first()
        if found is None:
            raise NotFoundError(f"no box has a channel of camera {camera}")
        channel = next(each["name"] for each in found.channels if each["camera"] == camera)
        return _Shown(found.box, channel, camera)

    def _ask(self, kind: Kind, asked: _Shown, purpose: str | None) -> Clip:
        # As the table keeps them, and boxes are told.
        shown = asked._replace(start=_whole_ms(asked.start), end=_whole_ms(asked.end))
        now = to_datetime(self.clock.now_ms())
        values = {
            "id": uuid7(self.clock.now_ms()),
            "day": (shown.start or now).date(),
            "kind": kind.value,
            "box": shown.box,
            "channel": shown.channel,
            "camera": shown.camera,
            "sighting": shown.sighting,
            "from_at": shown.start,
            "to_at": shown.end,
            "purpose": purpose,
            "asked_at": now,
            "token": secrets.token_urlsafe(_TOKEN_BYTES),
        }
        try:
            check_order(values)
        except WireError as error:
            raise InputError(f"no box can be asked for this: {error}") from error
        with self.engine.begin() as connection:
            made = insert(clips).values(values).on_conflict_do_nothing().returning(clips.c.id)
            identifier = (
                connection.execute(made).scalar()
                or _same(connection, shown)
                # The one that was in the way has failed since.
                or connection.execute(made).scalar_one()
            )
            clip = self._to_clip(row_of(connection, identifier))
        audit(
            kind.value,
            purpose=purpose,
            clip=str(identifier),
            camera=shown.camera,
            sighting=None if shown.sighting is None else str(shown.sighting),
        )
        return clip

    def _to_clip(self, row: RowMapping) -> Clip:
        state = State(row["state"])
        ready = state is State.READY
        held = self.store.held(Place(row["day"], row["id"])) if row["size"] and not ready else 0
        return Clip(
            id=row["id"],
            kind=Kind(row["kind"]),
            state=state,
            reason=row["reason"],
            progress=1.0 if ready else round(held / (row["size"] or 1), 3),
            size=row["size"],
            box=row["box"],
            channel=row["channel"],
            camera=row["camera"],
            sighting_id=row["sighting"],
            from_=row["from_at"],
            to=row["to_at"],
            starts=row["starts_at"],
            ends=row["ends_at"],
            purpose=row["purpose"],
            asked_at=row["asked_at"],
            file_url=f"/api/v1/clips/{row['id']}/file" if ready else None,
        )


def row_of(connection: Connection, identifier: UUID, *, lock: bool = False) -> RowMapping:
    """The row of a clip; with `lock`, nobody else changes it until the transaction ends.

    Raises:
        NotFoundError: there is none of that id.
    """
    query = select(clips).where(clips.c.id == identifier)
    found = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if found is None:
        raise NotFoundError(f"there is no clip {identifier}; it may have expired")
    return found


def drop_day(engine: Engine, store: ClipStore, day: date) -> None:
    """Forget every clip of `day`."""
    with engine.begin() as connection:
        connection.execute(clips.delete().where(clips.c.day == day))
    store.drop_day(day)


def expire(engine: Engine, store: ClipStore, before: datetime) -> int:
    """Delete the files of clips that were asked for before then; give how many these were.

    Their rows stay and say so.

    Raises:
        StorageError: the disk refuses.
    """
    live = clips.c.state != State.FAILED.value
    expired = (
        clips.update()
        .where(live, clips.c.asked_at < before)
        .values(state=State.FAILED.value, reason="it was kept long enough, and deleted")
        .returning(clips.c.day, clips.c.id)
    )
    with engine.begin() as connection:
        gone = [Place(*row) for row in connection.execute(expired)]
    for place in gone:
        store.forget(place)
    # And what a crash has left of them. What an old day shows may have been asked for just now.
    old = [day for day in store.days() if day < before.date()]
    with engine.connect() as connection:
        needed = set(
            connection.execute(select(clips.c.day).where(live, clips.c.day.in_(old))).scalars()
        )
    for day in set(old) - needed:
        store.drop_day(day)
    return len(gone)


def _check_length(shown: _Shown) -> None:
    length = shown.end - shown.start if shown.start and shown.end else timedelta()
    if length <= timedelta():
        raise InputError("the clip ends before it begins: from must be before to")
    if length > MAX_LENGTH:
        raise InputError(f"a clip of {length}; the longest that is fetched is {MAX_LENGTH}")


def _whole_ms(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _same(connection: Connection, shown: _Shown) -> UUID | None:
    """The clip that shows the same already."""
    query = select(clips.c.id).where(
        clips.c.box == shown.box,
        clips.c.channel == shown.channel,
        clips.c.from_at == shown.start,
        clips.c.to_at == shown.end,
        clips.c.state != State.FAILED.value,
    )
    found: UUID | None = connection.execute(query).scalar_one_or_none()
    return found
