"""The list as it is compared, from the database."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np
import structlog
from sqlalchemy import Connection, Engine, RowMapping, func, select
from sqlalchemy.exc import DBAPIError

from central.cameras.selection import CameraScope, resolve
from central.db.tables import watch_targets, watch_vectors
from central.errors import InputError, NotFoundError
from central.plates.folding import fold_plate
from central.sightings.attributes import AttributeFilter
from central.watch.likeness import Likeness
from central.watch.matching import Roster, Target
from shared.classes import ObjectClass
from shared.clock import Clock, to_datetime
from shared.errors import StorageError, VectorError
from shared.vectors import QuantisedVector, Vector, dequantise, mean_direction

# A camera that is new on the map is watched this soon.
_CAMERAS_FOR_S = 60.0
_AT_ONCE = 16
_MAX_SHOWN = 200

_log = structlog.get_logger(__name__)


class _Scope(NamedTuple):
    cameras: frozenset[str]
    asked_s: float


class Loader:
    """Reads the list; remembers which cameras a scope means, and asks anew now and then."""

    def __init__(self, engine: Engine, likeness: Likeness, clock: Clock) -> None:
        self._engine = engine
        self._likeness = likeness
        self._clock = clock
        self._scopes: dict[str, _Scope] = {}

    def load(self, connection: Connection) -> Roster:
        """All entries that are neither paused nor over."""
        now = to_datetime(self._clock.now_ms())
        live = (watch_targets.c.paused.is_(False), watch_targets.c.until > now)
        rows = connection.execute(select(watch_targets).where(*live)).mappings().all()
        vectors = _vectors(connection, [row["id"] for row in rows])
        scopes = {_key(row["cameras"]) for row in rows if row["cameras"] is not None}
        self._scopes = {key: found for key, found in self._scopes.items() if key in scopes}
        made = (self._target(row, vectors.get(row["id"], _Vectors([], [], set()))) for row in rows)
        return Roster([target for target in made if target is not None], self._likeness)

    def renew_cameras(self) -> bool:
        """Ask again for the cameras of the oldest scopes; whether any of them changed."""
        old = self._clock.monotonic() - _CAMERAS_FOR_S
        stale = [key for key, found in self._scopes.items() if found.asked_s < old]
        changed = False
        for key in stale[:_AT_ONCE]:
            before = self._scopes.pop(key).cameras
            changed |= self._cameras(key) != before
        return changed

    def _target(self, row: RowMapping, vectors: "_Vectors") -> Target | None:
        space, object_class = row["space"], row["object_class"]
        try:
            vector = mean_direction(vectors.positive) if space is not None else None
            least = 1.0
            if space is not None:
                least = self._likeness.least_cosine(
                    space, ObjectClass(object_class), row["least_probability"]
                )
        except (VectorError, InputError) as error:
            # The curves may have changed since it was enrolled.
            _log.error("an entry cannot be compared", entry=str(row["id"]), error=str(error))
            return None
        asked, plate = row["cameras"], row["plate"]
        return Target(
            id=row["id"],
            name=row["name"],
            until=row["until"],
            quiet=timedelta(minutes=row["quiet_minutes"]),
            object_class=object_class,
            cameras=None if asked is None else self._cameras(_key(asked)),
            attributes=AttributeFilter(row["attributes"], row["least_confidence"]),
            plate=None if plate is None else fold_plate(plate),
            space=space,
            vector=vector,
            negatives=np.stack(vectors.negative) if vectors.negative else None,
            least_cosine=least,
            made_of=frozenset(vectors.made_of),
        )

    def _cameras(self, key: str) -> frozenset[str]:
        if key not in self._scopes:
            self._scopes[key] = _Scope(self._resolved(key), self._clock.monotonic())
        return self._scopes[key].cameras

    def _resolved(self, key: str) -> frozenset[str]:
        """No cameras where the scope means none any more: the other entries are compared."""
        try:
            return frozenset(resolve(self._engine, CameraScope.model_validate_json(key)).ids)
        except (NotFoundError, InputError) as error:
            _log.warning("an entry has no cameras", cameras=key[:_MAX_SHOWN], error=str(error))
            return frozenset()
        except DBAPIError as error:
            raise StorageError(f"the watch list has no database: {error.orig}") from error


class _Vectors(NamedTuple):
    positive: list[Vector]
    negative: list[Vector]
    made_of: set[UUID]


def _vectors(connection: Connection, targets: Iterable[UUID]) -> dict[UUID, _Vectors]:
    query = select(watch_vectors).where(watch_vectors.c.target == func.any(list(targets)))
    found: dict[UUID, _Vectors] = {}
    for row in connection.execute(query):
        vector = dequantise(QuantisedVector(bytes(row.vector), row.vector_scale))
        kept = found.setdefault(row.target, _Vectors([], [], set()))
        (kept.negative if row.negative else kept.positive).append(vector)
        if row.source == "sighting":
            kept.made_of.add(row.sighting)
    return found


def _key(asked: object) -> str:
    return json.dumps(asked, ensure_ascii=False, sort_keys=True)
