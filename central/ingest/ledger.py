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


_KNOWN = text(
    "SELECT r.n FROM unnest(CAST(:box AS text[]), CAST(:epoch AS uuid[]), "
    "CAST(:seq AS bigint[])) WITH ORDINALITY AS r(box, epoch, seq, n) "
    "JOIN outbox_ledger l USING (box, epoch) WHERE l.received @> r.seq"
)
# Sorted, so that two writers never wait for each other in a ring.
_ADD = text(
    "INSERT INTO outbox_ledger AS l (box, epoch, received) "
    "SELECT box, epoch, range_agg(int8range(seq, seq, '[]')) "
    "FROM unnest(CAST(:box AS text[]), CAST(:epoch AS uuid[]), CAST(:seq AS bigint[])) "
    "AS r(box, epoch, seq) GROUP BY box, epoch ORDER BY box, epoch "
    "ON CONFLICT (box, epoch) DO UPDATE SET received = l.received + excluded.received "
    "WHERE NOT l.received && excluded.received RETURNING 1"
)
_EVICT = text(
    "INSERT INTO outbox_ledger AS l (box, epoch, evicted) "
    "SELECT :box, :epoch, range_agg(int8range(r.first, r.last, '[]')) "
    "FROM unnest(CAST(:first AS bigint[]), CAST(:last AS bigint[])) AS r(first, last) "
    "ON CONFLICT (box, epoch) DO UPDATE SET evicted = l.evicted + excluded.evicted"
)


class KeptMeanwhile(Exception):  # noqa: N818 - no error: the batch is looked at again
    """Another writer has kept one of these rows since `find_known` looked."""


def find_known(connection: Connection, keys: Sequence[LedgerKey]) -> set[LedgerKey]:
    """Those of `keys` that were kept before."""
    if not keys:
        return set()
    found = connection.execute(_KNOWN, _columns(keys))
    return {keys[ordinal - 1] for ordinal in found.scalars()}


def add(connection: Connection, keys: Iterable[LedgerKey]) -> None:
    """Remember that `keys`, which `find_known` did not know, are kept.

    From here to the commit another writer with rows of the same boxes waits, so this comes late
    in a transaction.

    Raises:
        KeptMeanwhile: nothing of the transaction may be committed.
    """
    listed = list(keys)
    if not listed:
        return
    added = connection.execute(_ADD, _columns(listed)).rowcount
    if added < len({(key.box, key.outbox.epoch) for key in listed}):
        raise KeptMeanwhile


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
