"""The state of a run on disk, so that one that was cut off goes on from there."""

import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch

from models.errors import ModelError
from shared.errors import StorageError

CHECKPOINT = "checkpoint.pt"
_MEND = "delete it to train from the start"


def write_checkpoint(folder: Path, state: dict[str, Any]) -> None:
    """Put `state` (tensors and plain values) into `folder`, whole or not at all.

    Raises:
        StorageError: it cannot be written.
    """
    path = folder / CHECKPOINT
    part = path.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        torch.save(state, part)
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error}") from error


def read_checkpoint(folder: Path) -> dict[str, Any] | None:
    """What was put into `folder` last, on the CPU; None when nothing was.

    Raises:
        ModelError: the file is damaged.
    """
    path = folder / CHECKPOINT
    if not path.is_file():
        return None
    if not zipfile.is_zipfile(path):
        raise ModelError(f"{path}: not a checkpoint, or torn; {_MEND}")
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        raise ModelError(f"{path}: a damaged checkpoint ({error}); {_MEND}") from error
    return state
