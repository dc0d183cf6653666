"""One transaction a batch: rows, ledger, quarantine; crops made durable just before the commit."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, insert
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from central.crops.store import CropStore, StoredCrop
from central.days import day_of
from central.db.partitions import ensure_partitions, hold_default, missing_partitions
from central.db.tables import quarantine
from central.ingest import crops, ledger, owners, rows
from central.ingest.boxes import update_boxes
from central.ingest.ledger import LedgerKey
from central.ingest.reading import CropsRead, Reading, Refused, SightingRead, refuse
from central.ingest.received import Received
from central.watch.wake import SIGHTINGS, notify
from shared.clock import Clock, to_datetime
from shared.errors import StorageError

_FOREIGN = "the sighting's id belongs to another box"
# A try is spoiled by another writer that has just committed the same row, or by a new day.
_TRIES = 20
_PARTITIONS_AGAIN_S = 10.0
_TOO_MANY = f"over {crops.MAX_WAITING} pictures of this box wait for their sightings already"

_log = structlog.get_logger(__name__)


class Verdict(NamedTuple):
    """What became of a message that is now committed. `refusal` is None when it was taken."""

    received: Received
    refusal: str | None = None
    duplicate: bool = False


@dataclass
class _Batch:
    """What a transaction has decided so far. `fresh`: not known to the ledger."""

    fresh: list[Reading] = field(default_factory=list)
    duplicates: list[Reading] = field(default_factory=list)
    refusals: dict[Reading, Refused] = field(default_factory=dict)

    def refuse(self, reading: Reading, reason: str) -> None:
        self.refusals.setdefault(reading, refuse(reading.received, reason))

    def taken(self) -> list[Reading]:
        return [reading for reading in self.fresh if reading not in self.refusals]

    def verdicts(self) -> list[Verdict]:
        return [
            *(Verdict(reading.received) for reading in self.taken()),
            *(Verdict(refused.received, refused.reason) for refused in self.refusals.values()),
            *(Verdict(reading.received, duplicate=True) for reading in self.duplicates),
        ]


class _PartitionsMissing(Exception):  # noqa: N818 - said to ourselves, and mended at once
    """A day of the batch has no partition yet, and one cannot be made within its transaction."""


class BatchWriter:
    """Keeps what was read. Several may write to one database at the same time."""

    def __init__(self, engine: Engine, crops: CropStore, clock: Clock) -> None:
        self._engine = engine
        self._crops = crops
        self._clock = clock
        self._no_partitions_before = float("-inf")

    def write(self, readings: Sequence[Reading]) -> list[Verdict]:
        """Commit `readings` and say what became of each, in no particular order.

        A message that the database itself will not have is found by halving and refused alone.

        Raises:
            StorageError: database or disk are not there or full; nothing may be acknowledged,
                and the same readings can be written again.
        """
        try:
            return self._write(readings)
        except (DataError, IntegrityError) as error:
            if len(readings) == 1:
                return self._refuse_alone(readings[0], str(error.orig))
        except DBAPIError as error:
            raise StorageError(f"the database did not take a batch: {error.orig}") from error
        middle = len(readings) // 2
        return self.write(readings[:middle]) + self.write(readings[middle:])

    def _refuse_alone(self, reading: Reading, reason: str) -> list[Verdict]:
        if isinstance(reading, Refused):
            raise StorageError(f"the database refuses even a quarantine row: {reason}")
        return self.write([refuse(reading.received, reason)])

    def _write(self, readings: Sequence[Reading]) -> list[Verdict]:
        days = {
            day_of(reading.sighting.first_seen_ms)
            for reading in readings
            if isinstance(reading, SightingRead)
        }
        for _ in range(_TRIES):
            try:
                return self._keep(readings, days)
            except _PartitionsMissing:
                self._make_partitions(days)
            except ledger.KeptMeanwhile:
                continue
        raise StorageError(f"a batch found no quiet moment in {_TRIES} tries")

    def _make_partitions(self, days: Iterable[date]) -> None:
        if not ensure_partitions(self._engine, days, self._clock.now_ms()):
            _log.warning("a day has no table yet: somebody uses the default one all the time")
            self._no_partitions_before = self._clock.monotonic() + _PARTITIONS_AGAIN_S

    def _keep(self, readings: Sequence[Reading], days: Iterable[date]) -> list[Verdict]:
        with self._engine.begin() as connection:
            if missing_partitions(connection, days, self._clock.now_ms()):
                if self._clock.monotonic() >= self._no_partitions_before:
                    raise _PartitionsMissing
                hold_default(connection)
            batch = _sort_out(connection, readings)
            applied = _keep_sightings(connection, batch)
            late = _keep_crops(connection, batch, applied)
            # Durable before the row is: after a crash in between, the row comes again and finds
            # its own picture there.
            self._crops.put_many([*_crops(applied), *late])
            ledger.add(connection, _keys(batch.fresh).values())
            _keep_refused(connection, batch.refusals.values())
            update_boxes(connection, batch.taken())
        if applied:
            # Not in the transaction above: notifications commit one after the other.
            with self._engine.begin() as connection:
                notify(connection, SIGHTINGS)
        return batch.verdicts()


def _keys(readings: Sequence[Reading]) -> dict[int, LedgerKey]:
    return {
        place: LedgerKey(reading.received.box, reading.received.outbox)
        for place, reading in enumerate(readings)
        if reading.received.outbox is not None
    }


def _sort_out(connection: Connection, readings: Sequence[Reading]) -> _Batch:
    """Set aside what is known already, within the batch too, and what was refused on reading."""
    batch = _Batch()
    keys = _keys(readings)
    known = ledger.find_known(connection, list(keys.values()))
    for place, reading in enumerate(readings):
        key = keys.get(place)
        if key is not None and key in known:
            batch.duplicates.append(reading)
            continue
        if key is not None:
            known.add(key)
        batch.fresh.append(reading)
        if isinstance(reading, Refused):
            batch.refusals[reading] = reading
    return batch


def _keep_sightings(connection: Connection, batch: _Batch) -> list[SightingRead]:
    """Write the sightings of `batch`; give those that were new or newer.

    Those for another box's camera, or with another box's id, are refused.
    """
    sightings = [reading for reading in batch.fresh if isinstance(reading, SightingRead)]
    cameras = owners.take_cameras(
        connection, ((r.sighting.camera, r.received.box) for r in sightings)
    )
    allowed = []
    for reading in sightings:
        camera = reading.sighting.camera
        if cameras[camera] in {None, reading.received.box}:
            allowed.append(reading)
        else:
            batch.refuse(reading, f"camera {camera} is registered to another box")
    newest = _newest(batch, allowed)
    upserted = rows.upsert(connection, list(newest.values()))
    for reading in allowed:
        if upserted.owners.get(reading.sighting.id, reading.received.box) != reading.received.box:
            batch.refuse(reading, _FOREIGN)
    return [reading for key, reading in newest.items() if key in upserted.applied]


def _keep_crops(
    connection: Connection, batch: _Batch, applied: Sequence[SightingRead]
) -> list[StoredCrop]:
    """Keep pictures that came apart, and those that waited for `applied`; give those to store."""
    pictures = crops.claim(connection, applied)
    arrived = {
        reading: crops.arrived_in(reading)
        for reading in batch.fresh
        if isinstance(reading, CropsRead)
    }
    owned = crops.owners(connection, [*pictures, *chain.from_iterable(arrived.values())])
    early = [one.box for found in arrived.values() for one in found if one.id not in owned]
    waiting = Counter(crops.waiting(connection, early))
    for reading, found in arrived.items():
        box, more = reading.received.box, sum(one.id not in owned for one in found)
        if any(owned.get(one.id, box) != box for one in found):
            batch.refuse(reading, _FOREIGN)
        elif more and waiting[box] + more > crops.MAX_WAITING:
            batch.refuse(reading, _TOO_MANY)
        else:
            waiting[box] += more
            pictures += found
    return crops.keep(connection, pictures, owned)


def _newest(batch: _Batch, readings: Sequence[SightingRead]) -> dict[UUID, SightingRead]:
    """The highest revision of each sighting; an id belongs to the first box that used it."""
    newest: dict[UUID, SightingRead] = {}
    for reading in readings:
        best = newest.setdefault(reading.sighting.id, reading)
        if best.received.box != reading.received.box:
            batch.refuse(reading, _FOREIGN)
        elif reading.sighting.revision > best.sighting.revision:
            newest[reading.sighting.id] = reading
    return newest


def _keep_refused(connection: Connection, refused: Collection[Refused]) -> None:
    if refused:
        connection.execute(insert(quarantine), [_quarantine_row(one) for one in refused])


def _quarantine_row(refused: Refused) -> dict[str, object]:
    received = refused.received
    return {
        "box": received.box,
        "lane": received.lane.value,
        "epoch": received.outbox.epoch if received.outbox else None,
        "seq": received.outbox.seq if received.outbox else None,
        "reason": refused.reason,
        "payload": received.payload,
        "received_at": to_datetime(received.received_ms),
    }


def _crops(applied: Iterable[SightingRead]) -> list[StoredCrop]:
    found = ((reading.sighting, reading.sighting.crop) for reading in applied)
    return [
        StoredCrop(day_of(sighting.first_seen_ms), sighting.id, sighting.revision, crop.data)
        for sighting, crop in found
        if crop is not None
    ]
