"""Which cameras are known not to have worked when somebody passed them."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

QUIET_S = 900
"""How long before and after the moment a camera must have sent nothing."""

USUAL = 10
"""...although at the same hour of the day before and the day after it sent so many sightings in
all: five are expected then, and a camera that works sends none with a probability of 0.7 %
(Poisson). One that usually sees less is not known to be silent."""

MAX_ASKED = 5_000

_QUERY = text(
    """
    SELECT asked.camera, asked.at
    FROM unnest(CAST(:cameras AS text[]), CAST(:moments AS timestamptz[])) AS asked (camera, at)
    CROSS JOIN LATERAL (
        SELECT count(*) AS seen FROM (
            SELECT FROM sightings AS s
            WHERE s.camera = asked.camera
                AND s.day BETWEEN ((asked.at - :quiet) AT TIME ZONE 'UTC')::date
                    AND ((asked.at + :quiet) AT TIME ZONE 'UTC')::date
                AND s.first_seen BETWEEN asked.at - :quiet AND asked.at + :quiet
            LIMIT 1
        ) AS any_then
    ) AS then_seen
    CROSS JOIN LATERAL (
        SELECT count(*) AS seen FROM (
            SELECT FROM (VALUES (interval '-1 day'), (interval '1 day')) AS other (shift)
            JOIN sightings AS s ON s.camera = asked.camera
                AND s.day BETWEEN ((asked.at + shift - :quiet) AT TIME ZONE 'UTC')::date
                    AND ((asked.at + shift + :quiet) AT TIME ZONE 'UTC')::date
                AND s.first_seen BETWEEN asked.at + shift - :quiet AND asked.at + shift + :quiet
            LIMIT :usual
        ) AS some_usually
    ) AS usually_seen
    WHERE then_seen.seen = 0 AND usually_seen.seen >= :usual
    """
)


def silent(
    connection: Connection, asked: Collection[tuple[str, datetime]]
) -> set[tuple[str, datetime]]:
    """Those of `asked`, cameras at moments, that sent nothing around it though usually busy.

    One query. Of more than `MAX_ASKED` the rest counts as working.
    """
    if not asked:
        return set()
    some = sorted(asked)[:MAX_ASKED]
    values = {
        "cameras": [camera for camera, _ in some],
        "moments": [moment for _, moment in some],
        "quiet": timedelta(seconds=QUIET_S),
        "usual": USUAL,
    }
    return {(camera, at) for camera, at in connection.execute(_QUERY, values)}
