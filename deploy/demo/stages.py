"""Wall and CPU seconds of each stage, across all the programs of the demo."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stages:
    """A stopwatch with named laps.

    Args:
        cpu_s: CPU seconds used so far by everything the demo runs.
        announce: called with a line when a stage begins.
    """

    cpu_s: Callable[[], float]
    announce: Callable[[str], None]
    laps: dict[str, dict[str, float]] = field(default_factory=dict)

    @contextmanager
    def __call__(self, name: str, line: str) -> Iterator[None]:
        """Time the block as stage `name`."""
        self.announce(line)
        wall, cpu = time.monotonic(), self.cpu_s()
        yield
        self.laps[name] = {
            "wall_s": round(time.monotonic() - wall, 2),
            "cpu_s": round(self.cpu_s() - cpu, 2),
        }


def process_cpu_s(pid: int) -> float:
    """CPU seconds process `pid` and its ended children have used, 0 when it is gone (proc(5))."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    # Fields after the command's closing parenthesis start at field 3; 14 to 17 are user, system,
    # children's user and children's system time in clock ticks of 1/100 s.
    values = stat.rpartition(")")[2].split()
    return sum(int(ticks) for ticks in values[11:15]) / 100
