"""Trips that plates told, and transit times were learnt from: times stay, nobody's way does."""

from sqlalchemy import text

from central.retention.keepers import PAGE, Census, Look, Run, Stores
from central.retention.policy import KEPT, OUTLIVED_DAY, Rule

# Ids of sightings carry their times. Trips of routes stay: they are records of a case, as these.
_NAMED = (
    "SELECT l.id, c.camera, (l.at AT TIME ZONE 'UTC')::date AS seen FROM link_samples l "
    "CROSS JOIN LATERAL unnest(ARRAY[l.from_camera, l.to_camera]) AS c (camera) "
    "WHERE l.route IS NULL AND l.from_sighting IS NOT NULL "
    "AND l.at < CAST(:before AS date)::timestamp AT TIME ZONE 'UTC'"
)
# S608: made of constants.
_SOME = text(
    f"SELECT DISTINCT f.id FROM ({_NAMED}) AS f {KEPT} "  # noqa: S608
    f"WHERE f.seen < {OUTLIVED_DAY} LIMIT :page"
)
# What a route tells as well would count twice once it has no name.
_DROP_TWINS = text(
    "DELETE FROM link_samples l USING link_samples r WHERE l.id = ANY(:ids) "
    "AND r.route IS NOT NULL AND r.from_sighting = l.from_sighting "
    "AND r.to_sighting = l.to_sighting"
)
_CUT = text("UPDATE link_samples SET from_sighting = NULL, to_sighting = NULL WHERE id = ANY(:ids)")
_LEFT = text(
    f"SELECT count(DISTINCT f.id) AS outlived FROM ({_NAMED}) AS f {KEPT} "  # noqa: S608
    f"WHERE f.seen < {OUTLIVED_DAY}"
)
_OLDEST = text(
    "SELECT (min(at) AT TIME ZONE 'UTC')::date FROM link_samples "
    "WHERE route IS NULL AND from_sighting IS NOT NULL"
)


class Learnt:
    """Trips forget which sightings they were of when either camera's are over."""

    name = "links"

    def __init__(self, stores: Stores) -> None:
        self._engine = stores.engine

    def remove(self, run: Run) -> None:
        """Take the sightings' ids from what must go, page by page."""
        binds = {**run.rule.binds(), "before": run.rule.all_kept_from, "page": PAGE}
        while True:
            run.check()
            with self._engine.begin() as connection:
                ids = connection.execute(_SOME, binds).scalars().all()
                if not ids:
                    return
                connection.execute(_DROP_TWINS, {"ids": ids})
                connection.execute(_CUT, {"ids": ids})
            run.count(self.name, trips=len(ids))

    def look(self, rule: Rule, census: Census) -> Look:  # noqa: ARG002 - they have no census
        """Trips that still name what must go, and the oldest day that has any."""
        binds = {**rule.binds(), "before": rule.all_kept_from}
        with self._engine.connect() as connection:
            outlived = connection.execute(_LEFT, binds).scalar_one()
            return Look(outlived, connection.execute(_OLDEST).scalar_one())
