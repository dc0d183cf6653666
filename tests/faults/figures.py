"""What the long proofs measured, gathered into `bench-out/faults.json`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[2] / "bench-out/faults.json"
Figures = dict[str, float]


class FaultFigures:
    """Figures by name. What is not measured this time stays as it was measured last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._measured: Figures = {}

    def note(self, **figures: float) -> None:
        """Remember `figures`; the last word of a name counts."""
        self._measured |= figures

    def write(self) -> None:
        """Merge what was measured into the file; nothing measured, nothing written."""
        if not self._measured:
            return
        known: Figures = json.loads(self._path.read_text()) if self._path.exists() else {}
        self._path.parent.mkdir(exist_ok=True)
        merged = dict(sorted((known | self._measured).items()))
        self._path.write_text(json.dumps(merged, indent=2) + "\n")


@pytest.fixture(scope="session")
def fault_figures() -> Iterator[FaultFigures]:
    """For tests marked `faults` alone: short versions prove the same and measure nothing."""
    figures = FaultFigures(FILE)
    yield figures
    figures.write()
