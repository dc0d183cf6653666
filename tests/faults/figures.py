"""What the long proofs measured, gathered into `bench-out/faults.json`."""

import json
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[2] / "bench-out/faults.json"
Figures = dict[str, float]


class FaultFigures:
    """Figures by name. What is not measured this time stays as it was measured last."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, **figures: float) -> None:
        """Keep `figures`, at once: the proof that comes after may take long, or be ended."""
        known: Figures = json.loads(self._path.read_text()) if self._path.exists() else {}
        self._path.parent.mkdir(exist_ok=True)
        merged = dict(sorted((known | figures).items()))
        self._path.write_text(json.dumps(merged, indent=2) + "\n")


@pytest.fixture(scope="session")
def fault_figures() -> FaultFigures:
    """For tests marked `faults` alone: short versions prove the same and measure nothing."""
    return FaultFigures(FILE)
