"""A purge's report as a table."""

from rich.console import Console
from rich.table import Table

from central.retention.report import Part, Purge


def print_purge(console: Console, purge: Purge) -> None:
    """Print `purge`, a line a place."""
    verdict = "ok" if purge.ok else "NOT PROVED"
    what = "a dry run: nothing was removed" if purge.dry_run else verdict
    title = f"purge as of {purge.as_of} (UTC), {purge.seconds:.1f} s: {what}"
    table = Table("place", "removed", "outlived", "oldest", "kept from", "", title=title)
    for part in purge.parts:
        table.add_row(*_cells(part))
    console.print(table)


def _cells(part: Part) -> tuple[str, ...]:
    removed = ", ".join(f"{number:,} {kind}" for kind, number in part.removed.items())
    return (
        part.name,
        removed or "-",
        f"{part.outlived:,}",
        str(part.oldest or "-"),
        str(part.kept_from),
        "ok" if part.ok else part.detail,
    )
