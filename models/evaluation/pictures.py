"""Pictures of an evaluation set: read one by one, damaged ones named and counted."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from shared.errors import ConfigError, PictureError
from shared.pictures import UPLOAD_CAPS, Picture, decode_picture

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})

Tell = Callable[[int], None]
"""Told how many more pictures are done."""


def silent(_done: int) -> None:
    """Tells nobody."""


def find_pictures(folder: Path) -> list[Path]:
    """Every picture below `folder`, in the order of their paths.

    Raises:
        ConfigError: no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder; name the one with the data in --data")
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise ConfigError(
            f"{folder} has no picture ({', '.join(sorted(SUFFIXES))}); is it the right folder?"
        )
    return found


def read_pictures(paths: Iterable[Path], damaged: list[str]) -> Iterator[tuple[int, Picture]]:
    """Each readable picture with its place in `paths`; the others are named in `damaged`."""
    for place, path in enumerate(paths):
        try:
            yield place, decode_picture(path.read_bytes(), UPLOAD_CAPS)
        except (OSError, PictureError) as error:
            damaged.append(f"{path}: {error}")
