"""No two parts of the centre wait for each other by mistake."""

import re
from pathlib import Path

from central.db import locks

CENTRAL = Path(__file__).parents[3] / "central"


def test_every_lock_has_a_number_of_its_own_and_none_is_made_elsewhere() -> None:
    numbers = [value for name, value in vars(locks).items() if name.isupper()]
    assert len(set(numbers)) == len(numbers) >= 6
    sources = [path for path in CENTRAL.rglob("*.py") if "node_modules" not in path.parts]
    made = [path.name for path in sources if re.search(r"7_?201_?944_?012", path.read_text())]
    assert made == ["locks.py"]
