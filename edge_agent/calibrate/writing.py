"""The proposal written into the box's configuration, of which all else stays: comments too."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable, InlineTable, Item

from edge_agent.calibrate.proposal import Choice
from edge_agent.calibrated import CalibratedSettings
from edge_agent.config import load_config
from shared.errors import ConfigError, StorageError

BACKUP = ".before-calibration"
"""What the name of the copy that is kept ends with."""


def write(path: Path, choice: Choice, figures: CalibratedSettings) -> Path:
    """Put the models of `choice` and the `figures` into the file at `path`, all at once.

    Only the keys of their roles in `[models]` and the table `[calibrated]` change. Returns the copy
    that is kept of the file as it was.

    Raises:
        ConfigError: the file is not TOML any more, or would no longer be a configuration.
        StorageError: it cannot be written.
    """
    path = path.resolve()
    document = _read(path)
    models = document.setdefault("models", tomlkit.table())
    for timed in choice:
        chosen = timed.candidate.settings.model_dump(exclude_none=True)
        _put(models, timed.candidate.role, chosen)
    document["calibrated"] = _tables(figures.model_dump(mode="json", exclude_none=True))
    document["calibrated"]["at"] = figures.at
    return _replaced(path, tomlkit.dumps(document))


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error


def _put(models: Any, role: str, chosen: Mapping[str, Any]) -> None:  # noqa: ANN401 - untyped parts
    """Let `role` be played by `chosen`; a comment beside or inside it stays."""
    before = models.get(role)
    if isinstance(before, AbstractTable):
        before.update(chosen)
        return
    table = _inline(chosen)
    if isinstance(before, Item):
        table.trivia.comment_ws = before.trivia.comment_ws
        table.trivia.comment = before.trivia.comment
    models[role] = table


def _inline(values: Mapping[str, Any]) -> InlineTable:
    table = tomlkit.inline_table()
    table.update(values)
    return table


def _tables(values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - untyped parts
    """`values` as a table, the roles' in a line each."""
    table = tomlkit.table()
    table.update({key: value for key, value in values.items() if key != "roles"})
    roles = tomlkit.table()
    for role, figures in values["roles"].items():
        roles[role] = _inline(figures)
    table["roles"] = roles
    return table


def _replaced(path: Path, text: str) -> Path:
    """Replace the file at `path` by `text`, if that is a configuration."""
    new, kept = path.with_name(f".{path.name}.new"), path.with_name(path.name + BACKUP)
    try:
        shutil.copy2(path, kept)
        shutil.copy2(path, new)  # its mode: the file may hold passwords of cameras
        owner = path.stat()
        for copy in (kept, new):
            os.chown(copy, owner.st_uid, owner.st_gid)
        with new.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        load_config(new)
        new.replace(path)
    except ConfigError as error:
        raise ConfigError(str(error).replace(str(new), str(path))) from error
    except OSError as error:
        raise StorageError(f"{path}: cannot be replaced: {error}") from error
    finally:
        new.unlink(missing_ok=True)
    return kept
