"""How soon the watch list alerts, and how often it is wrong: `make bench-watch`.

Latency: a message published to the broker until the event is with a subscriber of a running
centre, with entries on the list and other sightings coming in. False alerts: sightings that the
starter models make of the real clips, against people and vehicles that are not in them; what is
found: identities that are known, from one camera to another. JSON goes to standard output, tables
to standard error.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.watching import alarms, latency
from tests.bench.watching.clips import sightings_of_clips
from tests.bench.watching.known import known_sets


def main() -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp())
    # The servers run as other users, who must be able to enter.
    home.chmod(0o755)
    try:
        soon = latency.measure(home)
    finally:
        shutil.rmtree(home)
    _show(soon)
    clips, sets = sightings_of_clips(), known_sets()
    wrong = alarms.measure(clips, sets)
    _show(wrong)
    figures = {
        "latency": soon,
        "alerts": wrong,
        "sightings": {name: len(found) for name, found in clips.items()},
        "tracklets": {known.name: len(known.tracklets) for known in sets},
    }
    json.dump(figures, sys.stdout, indent=1)


def _show(rows: Sequence[dict[str, Any]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = Table(*columns)
    for row in rows:
        table.add_row(*(str(row.get(name, "")) for name in columns))
    Console(stderr=True, width=200).print(table)


if __name__ == "__main__":
    main()
