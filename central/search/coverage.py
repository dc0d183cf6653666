"""How many sightings in scope a search by looks could not compare: those of other spaces.

Persons and vehicles have different embedders, so a database nearly always holds several spaces; a
class, nearly always, one. Which spaces a class has is told by the ends of an index and by the
cameras' means, and rows are only read where a class does have others.
"""

from collections.abc import Collection

from sqlalchemy import Connection, func, literal, select, text, tuple_

from central.cameras.selection import Selection
from central.db.tables import camera_means, sightings
from central.search.asking import Sought
from central.search.means import ALL_CAMERAS, ALL_HOURS
from central.search.model import SearchOptions
from central.sightings.repository import Window
from shared.classes import ObjectClass

MAX_OTHER_SPACES = 1_000

# From each space to the next one in the index: a step a space, however many sightings there are.
_SPACES = text(
    "WITH RECURSIVE found AS (SELECT min(space) AS space FROM sightings UNION ALL "
    "SELECT (SELECT min(s.space) FROM sightings s WHERE s.space > found.space) "
    "FROM found WHERE found.space IS NOT NULL) SELECT space FROM found WHERE space IS NOT NULL"
)


def other_spaces(
    connection: Connection, options: SearchOptions, sought: Sought, chosen: Selection | None
) -> int:
    """Sightings in scope, of the class looked for, of other spaces; up to `MAX_OTHER_SPACES`."""
    shows = options.object_class or sought.object_class
    others = set(connection.execute(_SPACES).scalars()) - {sought.space}
    others -= _without(connection, others, shows)
    if not others:
        return 0
    query = (
        select(literal(1))
        .where(sightings.c.space == func.any(sorted(others)))
        .where(sightings.c.object_class == shows)
        .where(*Window(options.from_, options.to).conditions())
        .limit(MAX_OTHER_SPACES)
    )
    if chosen is not None:
        query = query.where(sightings.c.camera == func.any(chosen.ids))
    return connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()


def _without(connection: Connection, spaces: Collection[str], shows: ObjectClass) -> set[str]:
    """Those of `spaces` whose sightings are known to be of other classes than `shows`.

    Nothing is known of a space before its first tracklet has ended and was added to the means.
    """
    if not spaces:
        return set()
    table = camera_means.c
    keys = [
        (space, kind.value, ALL_CAMERAS, ALL_HOURS)
        for space in sorted(spaces)
        for kind in ObjectClass
    ]
    query = select(table.space, table.object_class).where(
        tuple_(table.space, table.object_class, table.camera, table.hour).in_(keys)
    )
    known: dict[str, set[str]] = {}
    for space, kind in connection.execute(query):
        known.setdefault(space, set()).add(kind)
    return {space for space, kinds in known.items() if shows.value not in kinds}
