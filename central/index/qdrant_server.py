"""The index on a Qdrant server or cluster: a collection a day and embedding space."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID, uuid4

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, UnexpectedResponse

from central.index.identity import is_day
from central.index.port import (
    UNDATED,
    IndexHit,
    IndexPoint,
    IndexQuery,
    LackingDays,
    PartScope,
    best,
    hit,
    scope_of,
)
from shared.errors import StorageError

_OVERSAMPLING = 2.0
_IDENTITY_POINT = 1
# Others search what one program writes: a new day is found by them after so long.
_LOOK_AGAIN_S = 2.0
_Indexed = models.KeywordIndexParams | models.IntegerIndexParams
_NAMES = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, on_disk=True)
_TIMES = models.IntegerIndexParams(
    type=models.IntegerIndexType.INTEGER, range=True, lookup=False, on_disk=True
)
_INDEXED: dict[str, _Indexed] = {
    "camera": _NAMES,
    "object_class": _NAMES,
    "first_seen": _TIMES,
    "last_seen": _TIMES,
}


class _Part(NamedTuple):
    day: date
    space: str


class QdrantServerIndex(LackingDays):
    """The port `VectorIndex` over a Qdrant server.

    Collections are called `{prefix}_{day}_{space}`; `{prefix}_identity` holds the index's id, so
    that a server that lost everything is seen to be new. One program writes to a prefix.
    """

    def __init__(self, client: QdrantClient, prefix: str) -> None:
        super().__init__()
        self._client = client
        self._prefix = f"{prefix}_"
        self._identity = f"{prefix}_identity"
        with _server_errors("the vector server cannot be opened"):
            self._id = self._read_identity()
            self._known = self._list_parts()
        self._looked = time.monotonic()

    @property
    def index_id(self) -> UUID:
        """Made with the identity collection; a lost one comes back with another."""
        return self._id

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Keep `points`; one with a known id replaces it, in whatever part that was."""
        groups: dict[_Part, dict[UUID, IndexPoint]] = defaultdict(dict)
        for point in points:
            groups[_Part(point.day, point.space)][point.id] = point
        with self._errors("the vector server refused points"):
            for part, group in groups.items():
                rows = list(group.values())
                self._ensure(part, rows[0].vector.size)
                self._client.upsert(self._name(part), [_row(point) for point in rows], wait=True)
                self._forget_elsewhere(part, list(group))

    def search(self, query: IndexQuery) -> list[IndexHit]:
        """The `query.limit` best in scope, best first, exactly."""
        hits: list[IndexHit] = []
        if query.cameras is not None and not query.cameras:
            return hits
        with self._errors("the vector server cannot search"):
            self._look_again()
            for part in sorted(self._known):
                scope = scope_of(part.day, query)
                if scope and part.space == query.space:
                    hits += self._search_if_there(part, query, scope)
        return best(hits, query.limit)

    def count(self, day: date | None = None) -> int:
        """Points kept, or those of one part."""
        with self._errors("the vector server cannot count"):
            self._known = self._list_parts()
            return sum(map(self._count, [part for part in self._known if day in {None, part.day}]))

    def days(self) -> list[date]:
        """The parts there are, oldest first."""
        with self._errors("the vector server cannot list its parts"):
            self._known = self._list_parts()
            return sorted({part.day for part in self._known})

    def drop_day(self, day: date) -> None:
        """Forget a part; nothing happens if there is none."""
        with self._errors("the vector server cannot drop a day"):
            for part in [part for part in self._known if part.day == day]:
                self._client.delete_collection(self._name(part))
                self._known.discard(part)

    def forget(self, day: date, ids: Sequence[UUID]) -> None:
        """Remove the points with `ids` from the part `day`; those that are not there are fine."""
        selector = models.PointIdsList(points=[str(identifier) for identifier in ids])
        with self._errors("the vector server cannot forget points"):
            for part in [part for part in self._known if part.day == day and ids]:
                self._client.delete(self._name(part), selector, wait=True)

    def flush(self) -> None:
        """Nothing to do: each upsert waits until it is in the server's write-ahead log."""

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _read_identity(self) -> UUID:
        if not self._client.collection_exists(self._identity):
            size = models.VectorParams(size=1, distance=models.Distance.DOT)
            self._client.create_collection(self._identity, vectors_config=size)
        found = self._client.retrieve(self._identity, [_IDENTITY_POINT])
        if found and found[0].payload:
            return UUID(str(found[0].payload["index_id"]))
        fresh = uuid4()
        payload = {"index_id": str(fresh)}
        row = models.PointStruct(id=_IDENTITY_POINT, vector=[1.0], payload=payload)
        self._client.upsert(self._identity, [row], wait=True)
        return fresh

    def _list_parts(self) -> set[_Part]:
        # The identity collection has no underscore after the prefix, so it is no part.
        parts = set()
        for found in self._client.get_collections().collections:
            day, _, space = found.name.removeprefix(self._prefix).partition("_")
            if found.name.startswith(self._prefix) and space and is_day(day):
                parts.add(_Part(date.fromisoformat(day), space))
        return parts

    def _count(self, part: _Part) -> int:
        try:
            return self._client.count(self._name(part), exact=True).count
        except UnexpectedResponse as error:
            if error.status_code != HTTPStatus.NOT_FOUND:
                raise
            # Dropped meanwhile.
            return 0

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        """What fails may be another server by now: who it is, is asked anew."""
        try:
            yield
        except ApiException as error:
            with suppress(ApiException):
                self._id, self._known = self._read_identity(), self._list_parts()
            raise StorageError(f"{what}: {error}") from error

    def _look_again(self) -> None:
        """Take notice of parts that the program which writes has made or dropped since."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_AGAIN_S:
            self._known, self._looked = self._list_parts(), now

    def _name(self, part: _Part) -> str:
        return f"{self._prefix}{part.day.isoformat()}_{part.space}"

    def _ensure(self, part: _Part, dimensions: int) -> None:
        if part in self._known:
            return
        name = self._name(part)
        if not self._client.collection_exists(name):
            self._client.create_collection(
                name,
                vectors_config=models.VectorParams(
                    size=dimensions, distance=models.Distance.COSINE, on_disk=True
                ),
                # Exact search needs no graph: m = 0 builds none.
                hnsw_config=models.HnswConfigDiff(m=0),
                quantization_config=models.ScalarQuantization(
                    # Mapped as well: all of a city's days are more than memory.
                    scalar=models.ScalarQuantizationConfig(
                        type=models.ScalarType.INT8, always_ram=False
                    )
                ),
            )
            for field, kind in _INDEXED.items():
                self._client.create_payload_index(name, field, kind)
        self._known.add(part)

    def _forget_elsewhere(self, part: _Part, ids: list[UUID]) -> None:
        selector = models.PointIdsList(points=[str(identifier) for identifier in ids])
        for other in list(self._known):
            if other != part and other.day in {part.day, UNDATED}:
                self._client.delete(self._name(other), selector, wait=True)

    def _search_if_there(self, part: _Part, query: IndexQuery, scope: PartScope) -> list[IndexHit]:
        """The answers of `part`; none if another program has dropped it meanwhile."""
        try:
            return self._search_part(part, query, scope)
        except ApiException:
            self._id, self._known = self._read_identity(), self._list_parts()
            if part in self._known:
                raise
            return []

    def _search_part(self, part: _Part, query: IndexQuery, scope: PartScope) -> list[IndexHit]:
        answer = self._client.query_points(
            self._name(part),
            query=query.vector.tolist(),
            query_filter=_filter(query, scope),
            search_params=models.SearchParams(
                exact=True,
                quantization=models.QuantizationSearchParams(
                    rescore=True, oversampling=_OVERSAMPLING
                ),
            ),
            limit=query.limit,
            with_payload=False,
        )
        return [hit(UUID(str(point.id)), point.score) for point in answer.points]


@contextmanager
def _server_errors(what: str) -> Iterator[None]:
    try:
        yield
    except ApiException as error:
        raise StorageError(f"{what}: {error}") from error


def _row(point: IndexPoint) -> models.PointStruct:
    payload = {
        "camera": point.camera,
        "object_class": point.object_class,
        "first_seen": point.first_seen_ms,
        "last_seen": point.last_seen_ms,
    }
    vector = point.vector.astype(np.float32).tolist()
    return models.PointStruct(id=str(point.id), vector=vector, payload=payload)


def _filter(query: IndexQuery, scope: PartScope) -> models.Filter | None:
    must: list[models.Condition] = []
    if query.cameras is not None:
        cameras = models.MatchAny(any=sorted(query.cameras))
        must.append(models.FieldCondition(key="camera", match=cameras))
    if query.object_class is not None:
        value = models.MatchValue(value=query.object_class)
        must.append(models.FieldCondition(key="object_class", match=value))
    if scope.from_ms is not None:
        after = models.Range(gte=scope.from_ms)
        must.append(models.FieldCondition(key="last_seen", range=after))
    if scope.to_ms is not None:
        before = models.Range(lte=scope.to_ms)
        must.append(models.FieldCondition(key="first_seen", range=before))
    must_not: list[models.Condition] = []
    if query.exclude:
        must_not.append(models.HasIdCondition(has_id=[str(one) for one in query.exclude]))
    return models.Filter(must=must, must_not=must_not) if must or must_not else None
