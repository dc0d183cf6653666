"""Columns of many rows as PostgreSQL array literals.

psycopg writes a list element by element in Python, about 1 us each; a batch of sightings has ten
thousand. Text that is joined in one go costs a tenth of that. Syntax: PostgreSQL's manual,
section "Array Input and Output Syntax".
"""

from collections.abc import Iterable


def plain(values: Iterable[object]) -> str:
    """Numbers, booleans, dates, UUIDs: whatever is written without quotes. None is NULL."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def quoted(values: Iterable[str | None]) -> str:
    """Any texts. None is NULL."""
    return "{" + ",".join(["NULL" if value is None else _quote(value) for value in values]) + "}"


def _quote(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
