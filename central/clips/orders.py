"""The command that a box gets for a row of the table of clips."""

from collections.abc import Mapping
from typing import Any

from central.clips.model import Kind
from shared.clock import to_ms
from shared.messages import ClipCommand, SnapshotCommand
from shared.messages.command import CLIP, SNAPSHOT

_ANYWHERE = {"url": "https://centre.example", "token": "-" * 16, "max_bytes": 1}


def make_order(
    row: Mapping[Any, Any], upload: Mapping[str, object]
) -> tuple[str, ClipCommand | SnapshotCommand]:
    """The name of the command and what it says; `upload` are the fields of its `Upload`.

    Raises:
        MalformedPayload: no command can say this.
    """
    fields = {
        "v": ClipCommand.VERSION,
        "id": row["id"],
        "channel": row["channel"],
        "upload": dict(upload),
    }
    if row["kind"] == Kind.SNAPSHOT.value:
        return SNAPSHOT, SnapshotCommand.from_wire(fields)
    span = {"from_ms": to_ms(row["from_at"]), "to_ms": to_ms(row["to_at"])}
    return CLIP, ClipCommand.from_wire(fields | span)


def check_order(row: Mapping[Any, Any]) -> None:
    """Whether a box can be told to send this.

    Raises:
        MalformedPayload: it cannot.
    """
    make_order(row, _ANYWHERE)
