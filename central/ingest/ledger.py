"""Which rows of which outbox are kept: what makes ingest idempotent.

One multirange a (box, epoch), changed in the transaction that keeps the rows. What is missing in
it between two numbers never arrived; a second one says which of these the box had to evict.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from central.db.arrays import plain, quoted
from shared.messages import Gap
from shared.outbox_id import OutboxId


class LedgerKey(NamedTuple):
    """One row of one box's outbox."""

    box: str
    outbox: OutboxId


# Rows are made and locked in one order, so that two writers never wait for each other in a ring.
_MAKE = text(
    "INSERT INTO outbox_ledger (box, epoch) "
    "SELECT DISTINCT * FROM unnest(CAST(:box AS text[]), CAST(:epoch AS uuid[])) AS r(box, epoch) "
    "ORDER BY box, epoch ON CONFLICT DO NOTHING"
)
_LOCK = text(
    "SELECT 1 FROM outbox_ledger l WHERE (l.box, l.epoch) IN "
    "(SELECT * FROM unnest(CAST(:box AS text[]), CAST(:epoch AS uuid[]))) "
    "ORDER BY l.box, l.epoch FOR UPDATE"
)
_KNOWN = text(
    "SELECT r.n FROM unnest(CAST(:box AS text[]), CAST(:epoch AS uuid[]), "
    "CAST(:seq AS bigint[])) WITH ORDINALITY AS r(box, epoch, seq, n) "
    "JOIN outbox_ledger l USING (box, epoch) WHERE l.received @> r.seq"
)
_ADD = text(
    "UPDATE outbox_ledger l SET received = l.received + a.added FROM "
    "(SELECT box, epoch, range_agg(int8range(seq, seq, '[]')) AS added "
    "FROM unnest(CAST(:box AS text[]), CAST(:epoch AS uuid[]), CAST(:seq AS bigint[])) "
    "AS r(box, epoch, seq) GROUP BY box, epoch) a "
    "WHERE l.box = a.box AND l.epoch = a.epoch"
)
_EVICT = text(
    "INSERT INTO outbox_ledger AS l (box, epoch, evicted) "
    "SELECT :box, :epoch, range_agg(int8range(r.first, r.last, '[]')) "
    "FROM unnest(CAST(:first AS bigint[]), CAST(:last AS bigint[])) AS r(first, last) "
    "ON CONFLICT (box, epoch) DO UPDATE SET evicted = l.evicted + excluded.evicted"
)


def take_known(connection: Connection, keys: Sequence[LedgerKey]) -> set[LedgerKey]:
    """Those of `keys` that were kept before; the ledger of their outboxes is locked until commit.

    The lock makes a second writer with the same rows wait and then find them known.
    """
    if not keys:
        return set()
    outboxes = sorted({(key.box, key.outbox.epoch) for key in keys})
    names = {
        "box": quoted(box for box, _ in outboxes),
        "epoch": plain(epoch for _, epoch in outboxes),
    }
    connection.execute(_MAKE, names)
    connection.execute(_LOCK, names)
    found = connection.execute(_KNOWN, _columns(keys))
    return {keys[ordinal - 1] for ordinal in found.scalars()}


def add(connection: Connection, keys: Iterable[LedgerKey]) -> None:
    """Remember that `keys` are kept; `take_known` was called for them in this transaction."""
    listed = list(keys)
    if listed:
        connection.execute(_ADD, _columns(listed))


def add_evicted(connection: Connection, box: str, epoch: UUID, gaps: Sequence[Gap]) -> None:
    """Remember that `box` evicted `gaps` at its disk cap, whatever it reports later."""
    values = {
        "box": box,
        "epoch": epoch,
        "first": [gap.first for gap in gaps],
        "last": [gap.last for gap in gaps],
    }
    connection.execute(_EVICT, values)


def _columns(keys: Sequence[LedgerKey]) -> dict[str, str]:
    return {
        "box": quoted(key.box for key in keys),
        "epoch": plain(key.outbox.epoch for key in keys),
        "seq": plain(key.outbox.seq for key in keys),
    }
