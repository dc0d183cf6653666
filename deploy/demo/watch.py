"""Progress while the boxes work through their clips and the centre catches up."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from deploy.demo.centre import Centre
from deploy.demo.programs import Program
from shared.errors import StorageError

_POLL_S = 0.25
_CATCH_UP_S = 60.0


def read_status(path: Path) -> dict[str, Any]:
    """A box's `status.json`; empty until the box has written it."""
    try:
        status: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return status


class BoxesProgress:
    """One bar a channel: frames, sightings, and what waits in its box's outbox."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("  {task.description:<18}"),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TextColumn("frames, {task.fields[note]}"),
            console=console,
        )
        self._tasks: dict[tuple[str, str], TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def show(self, box: str, status: dict[str, Any]) -> None:
        """Draw what `box` last wrote of itself."""
        waiting = status.get("outbox", {}).get("rows", 0)
        for channel in status.get("channels", []):
            key = (box, channel["name"])
            if key not in self._tasks:
                self._tasks[key] = self._bars.add_task(f"{box}/{channel['name']}", note="")
            self._bars.update(
                self._tasks[key],
                completed=channel["decoded"],
                total=channel["total_frames"],
                note=f"{channel['sightings']} seen, {waiting} to send",
            )


def wait_for_boxes(boxes: dict[str, Program], home: Path, console: Console) -> dict[str, Any]:
    """Wait until every box has sent everything and ended; give the last status of each.

    Raises:
        StorageError: a box ended with an error.
    """
    statuses: dict[str, Any] = {}
    with BoxesProgress(console) as progress:
        running = dict(boxes)
        while running:
            for name, program in list(running.items()):
                if not program.check():
                    del running[name]
                statuses[name] = read_status(home / name / "status.json")
                progress.show(name, statuses[name])
            for program in list(running.values())[:1]:
                program.wait(_POLL_S)
    return statuses


def wait_until(
    done: Callable[[], bool], programs: Sequence[Program], what: str, deadline_s: float
) -> None:
    """Wait until `done()`, as long as the programs run.

    Raises:
        StorageError: a program ended, or it took longer than `deadline_s`.
    """
    end = time.monotonic() + deadline_s
    while not done():
        if not all(program.check() for program in programs):
            raise StorageError(f"a program ended before {what}")
        if time.monotonic() > end:
            logs = ", ".join(str(program.log) for program in programs)
            raise StorageError(f"{what}: not within {deadline_s:.0f} s; see {logs}")
        programs[0].wait(_POLL_S)


def wait_for_index(centre: Centre, program: Program) -> None:
    """Wait until everything the centre has committed can be searched."""

    def caught_up() -> bool:
        return bool(centre.status()["indexed_lag"] == 0)

    wait_until(caught_up, [program], "every sighting can be searched", _CATCH_UP_S)
