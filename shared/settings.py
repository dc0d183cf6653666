"""TOML files that people write, read into typed models with errors that help."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.errors import ConfigError

MAX_CONFIG_BYTES = 1024 * 1024

S = TypeVar("S", bound=BaseModel)


class Settings(BaseModel):
    """Base of every section of a configuration file: frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def load_toml(kind: type[S], path: Path) -> S:
    """The `kind` written in the TOML file at `path`.

    Raises:
        ConfigError: no such file, too large, not TOML, or a wrong, missing or unknown key; the
            message names the file, the key and what was expected.
    """
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise ConfigError(f"{path}: over {MAX_CONFIG_BYTES} bytes; is it the right file?")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    try:
        return kind.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError(f"{path}: {explain(error)}") from error


def explain(error: ValidationError) -> str:
    """One line an error, each naming the key and what was expected."""
    return "\n".join(
        f"[{'.'.join(str(part) for part in item['loc']) or 'file'}] {item['msg']}"
        for item in error.errors(include_url=False)
    )
