"""Where clips, crops and registers that are not in the repository lie."""

import os
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]


def shared_data() -> Path:
    """The folder named in DONGSEON_SHARED_DATA, else the one beside the repository."""
    return Path(os.environ.get("DONGSEON_SHARED_DATA") or _REPOSITORY.parent / "shared/data")
