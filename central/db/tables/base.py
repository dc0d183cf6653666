"""What tables are made of."""

from sqlalchemy import ARRAY, DateTime, MetaData, text
from sqlalchemy.dialects.postgresql import REAL, TIMESTAMP
from sqlalchemy.types import UserDefinedType


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id (`xid8`); it never wraps. Read and bound as text."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in SQL."""
        return "xid8"


metadata = MetaData()

NOW = text("now()")
EMPTY_MAP = text("'{}'::jsonb")
EMPTY_LIST = text("'[]'::jsonb")
Rect = ARRAY(REAL, dimensions=1)
Moment = DateTime(timezone=True)
Millisecond = TIMESTAMP(timezone=True, precision=3)
