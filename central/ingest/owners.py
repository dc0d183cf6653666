"""Whose camera it is: a box may speak only for its own."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, text

# FOR KEY SHARE: nobody deletes one of these until this transaction ends.
_SELECT = text("SELECT id, box FROM cameras WHERE id = ANY(:ids) ORDER BY id FOR KEY SHARE")
_PLACEHOLDERS = text(
    "INSERT INTO cameras (id, name, box) "
    "SELECT id, id, box FROM unnest(CAST(:ids AS text[]), CAST(:boxes AS text[])) AS r(id, box) "
    "ORDER BY id ON CONFLICT DO NOTHING"
)


def take_cameras(
    connection: Connection, pairs: Iterable[tuple[str, str]]
) -> Mapping[str, str | None]:
    """The box each camera of `pairs` (camera, sender) belongs to; None: any box may send for it.

    A camera nobody registered is made for its first sender, without a place on the map, so that
    nothing is lost when a box is set up before the centre knows its cameras.
    """
    senders: dict[str, str] = {}
    for camera, box in pairs:
        senders.setdefault(camera, box)
    owners = _select(connection, list(senders))
    missing = sorted(set(senders) - set(owners))
    if missing:
        boxes = [senders[camera] for camera in missing]
        connection.execute(_PLACEHOLDERS, {"ids": missing, "boxes": boxes})
        owners |= _select(connection, missing)
    return owners


def _select(connection: Connection, ids: list[str]) -> dict[str, str | None]:
    if not ids:
        return {}
    return {row.id: row.box for row in connection.execute(_SELECT, {"ids": ids})}
