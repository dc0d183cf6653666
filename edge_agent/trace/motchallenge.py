"""Tracks as text, in MOTChallenge's layout (Leal-Taixé et al., arXiv:1504.01942, 3.3)."""

from collections.abc import Iterable
from pathlib import Path

from edge_agent.trace.trace import Placed
from shared.errors import StorageError


def write_mot(path: Path, places: Iterable[Placed]) -> None:
    """Write a line `frame,id,left,top,width,height,confidence,-1,-1,-1` for each place.

    Frames and ids count from 1; pixels of the source picture.

    Raises:
        StorageError: the file cannot be written.
    """
    try:
        path.write_text("".join(map(_line, places)), encoding="ascii")
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}; name a file that can be written") from error


def _line(place: Placed) -> str:
    left, top, right, bottom = place.rect
    sides = f"{left:.2f},{top:.2f},{right - left:.2f},{bottom - top:.2f}"
    return f"{place.frame + 1},{place.number},{sides},{place.confidence:.4f},-1,-1,-1\n"
